import { describe, expect, it } from "vitest";

import { boxAbout } from "../../src/ui/viewer/nearby";

const EYE = { lon: 126.98, lat: 37.57, height: 600, heading: 0, tilt: 0 };
const middle = ([west, south, east, north]: readonly number[]) => [((west ?? 0) + (east ?? 0)) / 2, ((south ?? 0) + (north ?? 0)) / 2];

describe("the square in which a large layer is read", () => {
  it("lies about what the eye looks at, ahead of an eye that is inclined", () => {
    const [lon, lat] = middle(boxAbout(EYE));
    expect(Math.abs((lon ?? 0) - EYE.lon) * 88_000).toBeLessThan(200);
    expect(Math.abs((lat ?? 0) - EYE.lat) * 111_000).toBeLessThan(200);
    const [, ahead] = middle(boxAbout({ ...EYE, tilt: 60 }));
    expect(((ahead ?? 0) - EYE.lat) * 111_000).toBeGreaterThan(800);
    const [east] = middle(boxAbout({ ...EYE, tilt: 60, heading: 90 }));
    expect(((east ?? 0) - EYE.lon) * 88_000).toBeGreaterThan(800);
    // toward the horizon no farther than 2 km
    const [, far] = middle(boxAbout({ ...EYE, tilt: 89 }));
    expect(((far ?? 0) - EYE.lat) * 111_000).toBeLessThan(2300);
  });

  it("stays the same while the eye moves a little, and grows with its height up to a limit", () => {
    expect(boxAbout({ ...EYE, lon: EYE.lon + 0.0001, height: 620 })).toEqual(boxAbout(EYE));
    expect(boxAbout({ ...EYE, lon: EYE.lon + 0.02 })).not.toEqual(boxAbout(EYE));
    const span = (height: number) => {
      const [, south, , north] = boxAbout({ ...EYE, height });
      return (north - south) * 111_000;
    };
    expect(span(100)).toBeCloseTo(700, -1);
    expect(span(1400)).toBeCloseTo(2800, -1);
    expect(span(90_000)).toBeCloseTo(5600, -1);
  });
});
