import { Vector3 } from "three";
import { describe, expect, it } from "vitest";

import { between, CameraRig, viewOf } from "../../src/engine/camera";
import { Frame } from "../../src/engine/frame";

const PALACE = { lon: 126.977, lat: 37.5796, height: 60 };

function rigAt(view: Parameters<CameraRig["set"]>[0]): CameraRig {
  const rig = new CameraRig(new Frame({ lon: 126.9769, lat: 37.566, height: 0 }));
  rig.resize(1280, 720);
  rig.set(view);
  rig.update(0);
  return rig;
}

describe("viewOf", () => {
  it("puts the point in the middle of the picture, at the distance asked for", () => {
    for (const heading of [0, 77, 200, 359]) {
      for (const tilt of [0, 35, 58, 80]) {
        const rig = rigAt(viewOf(PALACE, { distance: 900, heading, tilt }));
        const point = rig.frame.place(PALACE.lon, PALACE.lat, PALACE.height);
        const seen = point.clone().project(rig.camera);
        expect(Math.hypot(seen.x, seen.y)).toBeLessThan(0.003);
        expect(Math.abs(point.distanceTo(rig.eye) - 900)).toBeLessThan(3);
      }
    }
  });
});

describe("viewOf off the middle", () => {
  it("puts the point where it is asked for, at the distance asked for", () => {
    for (const [right, up] of [[-0.2, 0.1], [0.3, -0.15], [0, 0.21]] as const) {
      const rig = rigAt(viewOf(PALACE, { distance: 900, heading: 130, tilt: 52, right, up }));
      const point = rig.frame.place(PALACE.lon, PALACE.lat, PALACE.height);
      const seen = point.clone().project(rig.camera);
      const half = Math.tan((rig.camera.fov * Math.PI) / 360);
      expect(seen.x).toBeCloseTo(right / half / rig.camera.aspect, 2);
      expect(seen.y).toBeCloseTo(up / half, 2);
      expect(Math.abs(point.distanceTo(rig.eye) - 900)).toBeLessThan(3);
    }
  });
});

describe("CameraRig", () => {
  it("tells the view that it was set to", () => {
    const view = { lon: 127.01, lat: 37.55, height: 480, heading: 312.5, tilt: 64 };
    const told = rigAt(view).view();
    for (const key of ["lon", "lat", "height", "heading", "tilt"] as const) expect(told[key]).toBeCloseTo(view[key], 7);
  });

  it("looks straight down with north up at tilt 0", () => {
    const rig = rigAt({ lon: 126.9769, lat: 37.566, height: 500, heading: 0, tilt: 0 });
    expect(new Vector3(0, 0, -1).applyQuaternion(rig.camera.quaternion).y).toBeCloseTo(-1, 6);
    expect(new Vector3(0, 1, 0).applyQuaternion(rig.camera.quaternion).z).toBeCloseTo(-1, 6);
  });

  it("keeps the point that it turns round where it is on the screen", () => {
    const rig = rigAt(viewOf(PALACE, { distance: 700, heading: 20, tilt: 55 }));
    const point = rig.frame.place(126.979, 37.5805, 55);
    const before = point.clone().project(rig.camera);
    rig.orbit(point, 0, 8);
    rig.update(0);
    const tilted = point.clone().project(rig.camera);
    // A hundredth of a pixel: the eye moves some metres, and the ground's east with it by a hair.
    expect(Math.hypot(tilted.x - before.x, tilted.y - before.y)).toBeLessThan(3e-5);
    rig.orbit(point, 35, 0);
    rig.update(0);
    const turned = point.clone().project(rig.camera);
    expect(Math.hypot(turned.x - before.x, turned.y - before.y)).toBeLessThan(1e-3);
  });

  it("zooms along the line to the point", () => {
    const rig = rigAt(viewOf(PALACE, { distance: 800, heading: 0, tilt: 50 }));
    const point = rig.frame.place(PALACE.lon, PALACE.lat, PALACE.height);
    rig.zoom(point, 0.5);
    expect(rig.eye.distanceTo(point)).toBeCloseTo(400, 0);
  });

  it("stays above the ground", () => {
    const rig = rigAt({ lon: 126.9769, lat: 37.566, height: 30, heading: 0, tilt: 80 });
    rig.groundAt = () => 90;
    rig.update(0);
    expect(rig.eye.y).toBeGreaterThanOrEqual(96);
  });
});

describe("between", () => {
  const from = { lon: 126.97, lat: 37.55, height: 700, heading: 350, tilt: 60 };
  const to = { lon: 127.01, lat: 37.57, height: 300, heading: 10, tilt: 40 };

  it("begins and ends where it should", () => {
    expect(between(from, to, 0)).toEqual(from);
    const end = between(from, to, 1);
    for (const key of ["lon", "lat", "height", "heading", "tilt"] as const) expect(end[key]).toBeCloseTo(to[key], 6);
  });

  it("turns the shorter way, over north", () => {
    const { heading } = between(from, to, 0.5);
    expect(Math.min(heading, 360 - heading)).toBeLessThan(1e-6);
  });
});
