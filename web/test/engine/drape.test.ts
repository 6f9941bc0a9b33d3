import { describe, expect, it } from "vitest";

import { barycentric } from "../../src/engine/drape";
import { densify } from "../../src/engine/path";

describe("barycentric", () => {
  it("gives weights that make the point again", () => {
    const [first, second, third] = barycentric(0.4, 0.3, [0, 0], [1, 0.1], [0.2, 0.9]) ?? [0, 0, 0];
    expect(first + second + third).toBeCloseTo(1, 12);
    expect(second + third * 0.2).toBeCloseTo(0.4, 12);
    expect(second * 0.1 + third * 0.9).toBeCloseTo(0.3, 12);
  });

  it("knows what lies outside, and no point of a triangle without area", () => {
    expect(barycentric(0.9, 0.9, [0, 0], [1, 0], [0, 1])).toBeNull();
    expect(barycentric(0.5, 0.5, [0, 0], [1, 1], [0.5, 0.5])).toBeNull();
  });
});

describe("densify", () => {
  it("keeps the points of a line and leaves no gap longer than a step", () => {
    const line = [[126.97, 37.57], [126.975, 37.572], [126.975, 37.5721]] as const;
    const dense = densify(line, 12);
    for (const point of line) expect(dense).toContainEqual(point);
    dense.slice(1).forEach((point, k) => {
      const last = dense[k] ?? point;
      expect(Math.hypot((point[1] - last[1]) * 111_000, (point[0] - last[0]) * 88_000)).toBeLessThanOrEqual(12.001);
    });
  });
});
