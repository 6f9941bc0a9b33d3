import { describe, expect, it } from "vitest";

import { distanceOf } from "../../src/engine/sight";

describe("a pixel of the picture of distances", () => {
  it("tells metres by its three bytes, and that nothing stands where it is white", () => {
    // 65,536 m in 256 × 256 × 256 steps: one of the second byte is a metre, one of the first 256
    expect(distanceOf(Uint8Array.of(1, 2, 0, 255), 0)).toBe(258);
    expect(distanceOf(Uint8Array.of(9, 9, 9, 9, 0, 40, 128, 255), 4)).toBe(40.5);
    expect(distanceOf(Uint8Array.of(255, 255, 255, 255), 0)).toBe(Infinity);
  });
});
