import { describe, expect, it } from "vitest";

import { sunPosition } from "../../src/engine/sun";

describe("sunPosition", () => {
  it("agrees with the worked example of NREL's Solar Position Algorithm", () => {
    // Reda and Andreas, NREL/TP-560-34302, table A5.1: zenith 50.11162°, azimuth 194.34024° (with refraction at 820
    // mbar; ours is for sea level, which differs by 0.004° at this height).
    const { azimuth, altitude } = sunPosition(new Date("2003-10-17T12:30:30-07:00"), -105.1786, 39.742476);
    expect(Math.abs(azimuth - 194.34024)).toBeLessThan(0.03);
    expect(Math.abs(90 - altitude - 50.11162)).toBeLessThan(0.03);
  });

  it("stands in the south of Seoul at its highest, and as high as latitude and season say", () => {
    // At the June solstice the declination is 23.44°: 90° − 37.57° + 23.44° = 75.87°.
    const times = Array.from({ length: 24 * 60 }, (_, minute) => new Date(Date.UTC(2026, 5, 21, 0, minute)));
    const positions = times.map((time) => sunPosition(time, 126.9769, 37.566));
    const highest = positions.reduce((best, now) => (now.altitude > best.altitude ? now : best));
    expect(highest.altitude).toBeCloseTo(75.87, 1);
    expect(Math.abs(highest.azimuth - 180)).toBeLessThan(1);
  });
});
