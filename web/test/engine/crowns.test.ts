import { describe, expect, it } from "vitest";

import { clumpGeometry, farClumpGeometry, treeGeometry } from "../../src/engine/crowns";

/** Sum of the outward parts of the triangles' areas, for each of the three forms. */
function outward(geometry: ReturnType<typeof treeGeometry>, form: number): number[] {
  const at = (vertex: number) => {
    const [x, z, ring, rise] = [
      geometry.getAttribute("position").getX(vertex),
      geometry.getAttribute("position").getY(vertex),
      geometry.getAttribute("aRing").getComponent(vertex, form),
      geometry.getAttribute("aRise").getComponent(vertex, form),
    ];
    return [x * ring, rise, z * ring] as const;
  };
  const index = Array.from(geometry.index?.array ?? []);
  return Array.from({ length: index.length / 3 }, (_, k) => {
    const [a, b, c] = [0, 1, 2].map((n) => at(index[3 * k + n] as number)) as [Point, Point, Point];
    // six times the volume over the axis' origin: what is wound outward counts positive
    return a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  });
}
type Point = readonly [number, number, number];

describe("the forms of trees", () => {
  it("are closed solids seen from outside, in every form", () => {
    for (const form of [0, 1, 2]) {
      const volume = outward(treeGeometry(1), form).reduce((sum, part) => sum + part, 0) / 6;
      expect(volume).toBeGreaterThan(0.05);
      expect(volume).toBeLessThan(0.6);
    }
  });

  it("are closed toward the sky where they are specks", () => {
    for (const form of [0, 1, 2]) {
      const parts = outward(farClumpGeometry(1), form);
      // the triangle of each of the three lids looks up, whatever the form
      const geometry = farClumpGeometry(1);
      const lids = [6, 13, 20].map((k) => parts[k] as number);
      expect(parts).toHaveLength((geometry.index?.count ?? 0) / 3);
      for (const lid of lids) expect(lid).toBeGreaterThan(0);
    }
  });

  it("cost few triangles: 72 for a tree, 48 for a clump, 21 for one far away", () => {
    expect((farClumpGeometry(1).index?.count ?? 0) / 3).toBe(21);
    expect((treeGeometry(1).index?.count ?? 0) / 3).toBe(72);
    expect((clumpGeometry(1).index?.count ?? 0) / 3).toBe(48);
  });
});
