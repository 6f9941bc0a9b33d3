import { expect, test } from "vitest";

import { groundPixel, levelsFor, RINGS } from "../../src/engine/basemap";

const LEVEL_0_M = 124_000;
const SEOUL = { minzoom: 9, maxzoom: 18 };

test("an eye in the street asks for the finest level and those above it", () => {
  expect(levelsFor(0.05, LEVEL_0_M, SEOUL)).toEqual([18, 17, 16, 15, 14, 13, 12]);
});

test("each level shows about what a pixel shows", () => {
  for (const pixel of [1, 2, 5, 20, 60]) {
    const [finest = 0] = levelsFor(pixel, LEVEL_0_M, SEOUL);
    expect(Math.abs(Math.log2(LEVEL_0_M / 2 ** finest / pixel))).toBeLessThanOrEqual(0.5);
  }
});

test("from far above there are no levels below the coarsest", () => {
  expect(levelsFor(1e6, LEVEL_0_M, SEOUL)).toEqual([9]);
  expect(levelsFor(100, LEVEL_0_M, SEOUL).length).toBeLessThan(RINGS);
});

test("straight down a pixel shows what the height and the lens say", () => {
  expect(groundPixel(1000, 0, 60, 720)).toBeCloseTo((2 * 1000 * Math.tan(Math.PI / 6)) / 720, 6);
});

test("the flatter the sight, the farther the nearest ground, but never without end", () => {
  expect(groundPixel(100, 80, 40, 720)).toBeGreaterThan(groundPixel(100, 40, 40, 720));
  expect(groundPixel(100, 180, 40, 720)).toBeLessThan(6);
});
