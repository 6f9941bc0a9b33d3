import { describe, expect, it } from "vitest";

import type { PlaceFeature } from "../../src/api/schema";
import { along, storiesOf, storyMarks } from "../../src/layers/stories";

// 0.001 degrees of latitude are 111 m
const LINE: [number, number][] = [[126.98, 37.57], [126.98, 37.571], [126.98, 37.573]];
const alley = {
  id: "an-alley",
  geometry: { type: "LineString", coordinates: LINE },
  properties: {
    stories: [
      { lon: 126.981, lat: 37.5705, title_ko: "우물", title_en: "A well", ko: "물이 맑았다.", en: "It was clear.", source: "a book" },
      { along_m: 222, title_ko: "집", title_en: "A house", ko: "시인이 살았다.", en: "A poet lived here.", source: "a sign" },
    ],
  },
} as unknown as PlaceFeature;

describe("the stories of an alley", () => {
  it("are told in order, with where they are from", () => {
    expect(storiesOf(alley).map(({ number, names, source }) => [number, names["name_en"], source])).toEqual([
      [1, "A well", "a book"],
      [2, "A house", "a sign"],
    ]);
    expect(storiesOf({ ...alley, properties: {} } as unknown as PlaceFeature)).toEqual([]);
  });

  it("stand where they are placed, or so far along the line", () => {
    const [well, house] = storyMarks("alleys", alley);
    expect([well?.lon, well?.lat, well?.letter]).toEqual([126.981, 37.5705, "1"]);
    expect(house?.lat).toBeCloseTo(37.572, 6);
    expect(house?.id).toBe("story/2/alleys/an-alley");
  });

  it("are at the end of a line that is shorter, and nowhere without one", () => {
    expect(along(LINE, 5000)).toEqual([126.98, 37.573]);
    expect(along([], 10)).toBeNull();
  });
});
