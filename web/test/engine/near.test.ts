import Pbf from "pbf";
import { expect, test } from "vitest";

import { type NearLine, type Segment, segmentsOf, tableOf } from "../../src/engine/near";

const CELL_M = 8;
const SIDE = 46;
const APART_M = 4096;
const HALVES = [0, 1, 6];

const segment = (ax: number, ay: number, bx: number, by: number, kind = 1): Segment => ({ ax, ay, bx, by, kind, cut: false });

/** What the ground's program reads at a point: the lines of its cell, and whether the cell's corner lies in water. */
function cellAt(table: Float32Array, x: number, y: number) {
  const cell = Math.floor(y / CELL_M) * SIDE + Math.floor(x / CELL_M);
  const [first = 0, count = 0, inside = 0] = table.slice(cell * 4, cell * 4 + 3);
  const lines = Array.from({ length: count }, (_, i) => {
    const [ax = 0, ay = 0, bx = 0, by = 0] = table.slice((first + i) * 4, (first + i) * 4 + 4);
    const kind = Math.round(bx / APART_M);
    return { ax, ay, bx: bx - kind * APART_M, by, kind };
  });
  return { lines, inside };
}

const ring = (left: number, top: number, right: number, bottom: number): Segment[] => [
  segment(left, top, right, top, 0),
  segment(right, top, right, bottom, 0),
  segment(right, bottom, left, bottom, 0),
  segment(left, bottom, left, top, 0),
];

test("a point finds every line that it may lie on, the least important first", () => {
  const table = tableOf([segment(0, 100, 300, 130, 2), segment(50, 40, 60, 200)], 0, 0, HALVES);
  for (let k = 0; k <= 20; k += 1) {
    const [x, y] = [15 * k, 100 + 1.5 * k];
    for (const beside of [-6, 0, 6]) {
      const kinds = cellAt(table, Math.min(x, 367), y + beside).lines.map(({ kind }) => kind);
      expect(kinds).toContain(2);
      expect(kinds).toEqual([...kinds].sort());
    }
  }
  expect(cellAt(table, 54, 100).lines.map(({ kind }) => kind)).toEqual([1, 2]);
  expect(cellAt(table, 200, 30).lines).toEqual([]);
});

test("lines are counted from the square's corner, however far the eye is from the anchor", () => {
  const [west, north] = [20_000, -12_000];
  const { lines } = cellAt(tableOf([segment(west + 20, north + 20, west + 30, north + 25)], west, north, HALVES), 22, 21);
  expect(lines[0]).toMatchObject({ ax: 20, ay: 20, bx: 30, by: 25 });
});

test("a cell knows whether its corner lies in water, also where two tiles meet in it", () => {
  const pond = tableOf(ring(50, 50, 150, 150), 0, 0, HALVES);
  expect([cellAt(pond, 100, 100).inside, cellAt(pond, 30, 100).inside, cellAt(pond, 170, 100).inside]).toEqual([1, 0, 0]);
  const river = tableOf([...ring(50, 50, 100, 150), ...ring(100, 50, 150, 150)], 0, 0, HALVES);
  expect([cellAt(river, 80, 100).inside, cellAt(river, 120, 100).inside, cellAt(river, 160, 100).inside]).toEqual([1, 1, 0]);
});

test("where there are more lines than room, those far from the eye are left out", () => {
  const many = Array.from({ length: 4000 }, (_, k) => segment(0, k % 360, 368, k % 360));
  const table = tableOf(many, 0, 0, HALVES);
  const count = (x: number, y: number) => cellAt(table, x, y).lines.length;
  expect(count(184, 184)).toBeGreaterThan(0);
  expect(count(4, 4)).toBe(0);
});

/** A tile with one layer of one line or ring, written by the library's own writer of protocol buffers. */
function tile(name: string, type: number, geometry: number[]): ArrayBuffer {
  const pbf = new Pbf();
  pbf.writeMessage(3, (_, layer: Pbf) => {
    layer.writeVarintField(15, 2);
    layer.writeStringField(1, name);
    layer.writeMessage(2, (__, feature: Pbf) => {
      feature.writeVarintField(3, type);
      feature.writePackedVarint(4, geometry);
    }, null);
    layer.writeVarintField(5, 4096);
  }, null);
  return new Uint8Array(pbf.finish()).buffer;
}

const LINES = [{ name: "alley", width_m: 2 }, { name: "street", width_m: 8 }] as NearLine[];
const zigzag = (...steps: number[]) => steps.map((step) => (step << 1) ^ (step >> 31));

test("a tile's units become metres from the anchor, and its kinds are those of the list", () => {
  const anchor = { x: 0.5, y: 0.5, metres: 100_000 };
  const side = (anchor.metres * 256) / 2 ** 16;
  const data = tile("street", 2, [9, ...zigzag(0, 2048), 10, ...zigzag(4096, 0)]);
  const [found] = segmentsOf(data, [16, 2 ** 15 + 3, 2 ** 15 - 1], anchor, LINES);
  expect(found?.kind).toBe(2);
  expect([found?.ax, found?.ay, found?.bx, found?.by].map((v) => Number(((v ?? 0) / side).toFixed(9)))).toEqual([3, -0.5, 4, -0.5]);
});

test("where a tile's side cuts water there is no shore", () => {
  const data = tile("water", 3, [9, ...zigzag(0, 0), 26, ...zigzag(4096, 0, 0, 100, -4096, 0), 15]);
  const found = segmentsOf(data, [16, 0, 0], { x: 0, y: 0, metres: 1 }, LINES);
  expect(found.map(({ cut }) => cut)).toEqual([true, true, false, true]);
});
