import { describe, expect, it } from "vitest";

import { daylight } from "../../src/engine/daylight";

describe("daylight", () => {
  it("changes without a jump from night to noon", () => {
    for (let altitude = -30; altitude < 90; altitude += 0.1) {
      const [now, next] = [daylight(altitude), daylight(altitude + 0.1)];
      expect(Math.abs(next.sunStrength - now.sunStrength)).toBeLessThan(0.05);
      for (const colour of ["sun", "sky", "zenith", "horizon"] as const) {
        expect(Math.abs(next[colour].r - now[colour].r)).toBeLessThan(0.03);
      }
    }
  });

  it("is darker at night than by day", () => {
    expect(daylight(-20).sunStrength).toBeLessThan(daylight(40).sunStrength / 4);
  });
});
