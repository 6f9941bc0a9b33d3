import { describe, expect, it } from "vitest";

import { errorFrom } from "../../src/engine/city";
import { hazeFrom } from "../../src/engine/sky";
import { reach } from "../../src/ui/label_view";

/** The share of a colour that the haze takes, as in the shader, for an eye above the haze. */
const taken = (height: number, distance: number) => 1 - Math.exp(-((distance * 0.62 * hazeFrom(height)) ** 2));

describe("the far view", () => {
  it("is clear over the whole city from 14 km, while the streets keep their haze", () => {
    expect(taken(14_000, 22_000)).toBeLessThan(0.1);
    expect(taken(14_000, 40_000)).toBeLessThan(0.3);
    expect(hazeFrom(760)).toBe(hazeFrom(0));
  });

  it("asks for finer tiles the higher the eye is, down to a bound", () => {
    expect(errorFrom(800, 10)).toBe(10);
    for (const quality of [10, 16, 24]) expect(errorFrom(14_000, quality)).toBe(6);
    expect(errorFrom(60_000, 10)).toBe(4);
  });

  it("names the great places of the city from its edge", () => {
    expect(reach(60, 14_000)).toBeGreaterThan(30_000);
    expect(reach(60, 700)).toBe(reach(60));
  });
});
