import { describe, expect, it } from "vitest";

import { chanceOf, forestCover, plant, type Ground } from "../../src/engine/forest";
import { isWet } from "../../src/engine/trees";

const HILL: Ground = () => ({ height: 160, slope: 0.3, wet: false });
const RECT = [126.97, 37.59, 126.976, 37.594];

describe("trees", () => {
  it("stand where the ground's colour is that of a forest, not in the valley nor on steep high rock", () => {
    expect(forestCover(0.3, 160)).toBeGreaterThan(0.5);
    for (let slope = 0; slope < 0.06; slope += 0.01) expect(forestCover(slope, 40)).toBe(0);
    for (let slope = 0.75; slope < 2; slope += 0.1) expect(forestCover(slope, 340)).toBe(0);
  });

  it("never stand on water, on rock or where the ground is not known", () => {
    expect(plant(RECT, 1, () => ({ height: 160, slope: 0.3, wet: true }))).toEqual([]);
    expect(plant(RECT, 1, () => ({ height: 340, slope: 0.9, wet: false }))).toEqual([]);
    expect(plant(RECT, 1, () => null)).toEqual([]);
  });

  it("are the same each time, and the same whichever rectangle they are met in", () => {
    const whole = plant(RECT, 1, HILL);
    expect(whole.length).toBeGreaterThan(500);
    expect(plant(RECT, 1, HILL)).toEqual(whole);
    const [west = 0, south = 0, east = 0, north = 0] = RECT;
    const middle = (west + east) / 2;
    const halves = [...plant([west, south, middle, north], 1, HILL), ...plant([middle, south, east, north], 1, HILL)];
    expect(new Set(halves.map(({ lon, lat }) => `${lon},${lat}`))).toEqual(
      new Set(whole.map(({ lon, lat }) => `${lon},${lat}`)),
    );
  });

  it("stand in fewer places with a stride, each of them one of the full forest's", () => {
    const full = new Set(plant(RECT, 1, HILL).map(({ lon, lat }) => `${lon},${lat}`));
    const few = plant(RECT, 4, HILL);
    expect(few.length).toBeLessThan(full.size / 10);
    for (const { lon, lat } of few) expect(full.has(`${lon},${lat}`)).toBe(true);
  });

  it("are spread by even chances", () => {
    const chances = Array.from({ length: 4000 }, (_, k) => chanceOf(k % 63, Math.floor(k / 63), 0));
    expect(Math.min(...chances)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...chances)).toBeLessThan(1);
    // The mean of 4,000 even chances errs by 0.0046 (one sigma).
    expect(Math.abs(chances.reduce((sum, chance) => sum + chance, 0) / 4000 - 0.5)).toBeLessThan(0.02);
  });
});

describe("isWet", () => {
  it("reads the mask with north up, and keeps a point's breadth from water", () => {
    const data = new Uint8Array(2 * 8 * 8).fill(255);
    data[2 * (0 * 8 + 7)] = 0;
    const water = { data, width: 8, height: 8 };
    expect(isWet(water, 0.95, 0.95)).toBe(true);
    expect(isWet(water, 0.8, 0.8)).toBe(true);
    expect(isWet(water, 0.95, 0.05)).toBe(false);
    expect(isWet(water, 0.5, 0.95)).toBe(false);
  });
});
