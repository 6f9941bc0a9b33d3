import { describe, expect, it } from "vitest";

import { cellOf, cellsUnder } from "../../src/engine/seating";

const RAD = Math.PI / 180;
const size = Math.PI / 2 ** 13;

describe("the grid of quantized-mesh", () => {
  it("knows a tile by its rectangle", () => {
    // Level 13 tile of Gwanghwamun, as the terrain of Seoul names it.
    const [x, y] = [13971, 5806];
    const west = x * size - Math.PI;
    const south = y * size - Math.PI / 2;
    expect(cellOf(west, south, south + size)).toEqual({ z: 13, x, y });
    expect(west / RAD).toBeLessThan(126.99);
    expect((west + size) / RAD).toBeGreaterThan(126.99);
  });

  it("names every tile that a rectangle touches", () => {
    const west = 13971 * size - Math.PI;
    const south = 5806 * size - Math.PI / 2;
    const one = cellsUnder([west + size * 0.2, south + size * 0.2, west + size * 0.8, south + size * 0.8], 13);
    expect(one).toEqual([{ z: 13, x: 13971, y: 5806 }]);
    const four = cellsUnder([west - size * 0.1, south - size * 0.1, west + size * 0.1, south + size * 0.1], 13);
    expect(four).toHaveLength(4);
  });
});
