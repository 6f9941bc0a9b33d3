import { expect, test } from "vitest";

import { Frame } from "../../src/engine/frame";
import { coefficientsOf, fitted, mercatorFit, onMercator } from "../../src/engine/mercator";

const frame = new Frame({ lon: 126.98, lat: 37.57, height: 40 });
const fit = mercatorFit(frame);
const scale = fit.anchor.metres * 256;

test("City Hall lies in the tile of level 16 that any slippy map gives it", () => {
  const { x, y } = onMercator(126.978, 37.5665);
  expect([Math.floor(x * 2 ** 16), Math.floor(y * 2 ** 16)]).toEqual([55883, 25378]);
});

test("the anchor lies where it is", () => {
  const [east, south] = fitted(fit, 0, 0);
  expect(Math.hypot(east, south)).toBeLessThan(0.05);
});

test.each([
  [126.76, 37.42],
  [127.19, 37.7],
  [126.98, 37.61],
  [127.19, 37.42],
])("a place at %d, %d is met within half a pixel of level 18", (lon, lat) => {
  const point = frame.place(lon, lat, 60);
  const [east, south] = fitted(fit, point.x, point.z);
  const { x, y } = onMercator(lon, lat);
  expect(Math.abs(east - (x - fit.anchor.x) * scale)).toBeLessThan(0.25);
  expect(Math.abs(south - (y - fit.anchor.y) * scale)).toBeLessThan(0.25);
});

test("the shader gets every term once", () => {
  const vectors = coefficientsOf(fit);
  expect(vectors.flatMap((v) => [v.x, v.z])).toEqual(fit.east);
  expect(vectors.flatMap((v) => [v.y, v.w])).toEqual(fit.south);
});
