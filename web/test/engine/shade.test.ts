import { PerspectiveCamera, ShaderChunk, Vector3 } from "three";
import { describe, expect, it } from "vitest";

import { between, CityShade, cornersOf, depthsOf, softenShadows } from "../../src/engine/shade";

function look(height: number, tilt: number): PerspectiveCamera {
  const camera = new PerspectiveCamera(42, 16 / 9, 2, 90_000);
  camera.position.set(0, height, 0);
  camera.rotation.x = ((tilt - 90) * Math.PI) / 180;
  camera.updateMatrixWorld();
  return camera;
}

describe("the two maps of shadows", () => {
  it("lie one behind the other, the first ending behind the nearest ground", () => {
    for (const [height, tilt, away] of [[40, 84, 330], [760, 70, 2200], [47, 89, 170]] as const) {
      const [near, middle, far] = depthsOf({ camera: look(height, tilt), away, floor: 30 });
      expect(near).toBeLessThan(middle);
      expect(middle).toBeLessThan(far);
      expect(middle).toBeGreaterThan((height - 30) * 1.2);
    }
  });

  it("cover every point of the ground that is seen", () => {
    const camera = look(60, 84);
    const shade = new CityShade();
    shade.mapSize.set(1024, 1024);
    const sunward = new Vector3(0.6, 0.6, 0.5).normalize();
    shade.aim({ camera, sunward, away: 300, floor: 30 });
    for (let x = -40; x <= 40; x += 20) for (let depth = 90; depth < 1500; depth += 70) {
      const point = new Vector3((x / 100) * depth, 30, -depth);
      const inside = [0, 1].some((k) => shade.getFrustum(k).containsPoint(point));
      expect(inside, `${String(x)} ${String(depth)}`).toBe(true);
    }
  });

  it("reckon with no air above the roofs", () => {
    for (const { y } of cornersOf(look(60, 88), 2, 3000, 15, 230)) {
      expect(y).toBeGreaterThanOrEqual(15);
      expect(y).toBeLessThanOrEqual(230);
    }
  });

  it("of the far map are found from the near one's", () => {
    const shade = new CityShade();
    shade.aim({ camera: look(60, 80), sunward: new Vector3(0, 0.6, 0.8), away: 300, floor: 20 });
    const [near, far] = [shade.getMatrix(0), shade.getMatrix(1)];
    const [scale, offset] = shade.uniforms.uFarShade.value;
    expect([scale, offset]).toEqual(between(near, far));
    for (const point of [new Vector3(10, 25, -200), new Vector3(-400, 80, -900)]) {
      const found = point.clone().applyMatrix4(near).multiply(scale).add(offset);
      expect(found.distanceTo(point.clone().applyMatrix4(far))).toBeLessThan(1e-6);
    }
  });

  it("are filtered by nine even looks, and asked by faces to the sun alone", () => {
    softenShadows();
    softenShadows();
    expect(ShaderChunk.shadowmap_pars_fragment).toContain("/ 144.0");
    const asked = ShaderChunk.lights_fragment_begin.split("\n").find((line) => line.includes("getSunShadow"));
    expect(asked).toContain("receiveShadow && dot( geometryNormal, directLight.direction ) > 0.0");
    expect(ShaderChunk.lights_fragment_begin.split("#ifdef GRAZED")).toHaveLength(2);
  });

  it("send no varyings of their own from the corners to the pixels", () => {
    softenShadows();
    const { shadowmap_pars_vertex, shadowmap_vertex, shadowmap_pars_fragment } = ShaderChunk;
    for (const chunk of [shadowmap_pars_vertex, shadowmap_vertex, shadowmap_pars_fragment]) {
      expect(chunk).not.toContain("vSunShadow");
    }
    expect(shadowmap_pars_fragment).toContain("shadowWorldPosition = vec4( vPoint, 1.0 )");
  });
});
