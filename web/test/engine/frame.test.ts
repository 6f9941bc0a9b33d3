import { Vector3 } from "three";
import { describe, expect, it } from "vitest";

import { Frame } from "../../src/engine/frame";

const CITY_HALL = { lon: 126.9779, lat: 37.5663, height: 0 };
const frame = new Frame(CITY_HALL);

describe("Frame", () => {
  it("has its origin at the anchor, x to the east, y up, z to the south", () => {
    expect(frame.place(CITY_HALL.lon, CITY_HALL.lat, 0).length()).toBeLessThan(1e-6);
    const near = (point: Vector3, x: number, y: number, z: number) =>
      expect(point.distanceTo(new Vector3(x, y, z))).toBeLessThan(0.02);
    near(frame.place(CITY_HALL.lon, CITY_HALL.lat, 100), 0, 100, 0);
    // One arc second along meridian and parallel at this latitude on WGS84: 30.83 m and 24.55 m.
    near(frame.place(CITY_HALL.lon, CITY_HALL.lat + 1 / 3600, 0), 0, 0, -30.83);
    near(frame.place(CITY_HALL.lon + 1 / 3600, CITY_HALL.lat, 0), 24.55, 0, 0);
  });

  it("gives a place back within a tenth of a millimetre, 40 km away too", () => {
    for (const [lon, lat, height] of [[126.9779, 37.5663, 50], [127.4, 37.8, 836], [126.6, 37.3, -20]] as const) {
      const back = frame.geodetic(frame.place(lon, lat, height));
      expect(Math.abs(back.lon - lon) * 88_000).toBeLessThan(1e-4);
      expect(Math.abs(back.lat - lat) * 111_000).toBeLessThan(1e-4);
      expect(Math.abs(back.height - height)).toBeLessThan(1e-4);
    }
  });

  it("has axes at right angles that turn with the Earth", () => {
    const { east, north, up } = frame.axes(frame.place(127.4, 37.8, 0));
    expect(Math.abs(east.dot(north)) + Math.abs(north.dot(up)) + Math.abs(up.dot(east))).toBeLessThan(1e-9);
    // 27 km to the north the Earth has fallen off by 0.24°.
    expect(Math.acos(up.y)).toBeGreaterThan(0.004);
  });
});
