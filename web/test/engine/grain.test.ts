import { describe, expect, it } from "vitest";

import { GRAIN_CELLS, grainAt } from "../../src/engine/grain";

describe("the grain of the ground", () => {
  it("repeats without a seam, and darkens as much as it brightens", () => {
    for (const cells of GRAIN_CELLS) {
      for (let v = 0.05; v < 1; v += 0.1) {
        expect(grainAt(1 - 1e-9, v, cells)).toBeCloseTo(grainAt(0, v, cells), 5);
        expect(grainAt(v, 1 - 1e-9, cells)).toBeCloseTo(grainAt(v, 0, cells), 5);
      }
    }
    const tones = Array.from({ length: 128 * 128 }, (_, k) => grainAt((k % 128) / 128, Math.floor(k / 128) / 128, 32));
    // 1,024 even corners: their mean errs by 0.009 (one sigma)
    expect(Math.abs(tones.reduce((sum, tone) => sum + tone, 0) / tones.length - 0.5)).toBeLessThan(0.04);
  });
});
