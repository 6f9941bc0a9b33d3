import { describe, expect, it } from "vitest";

import type { PlaceFeature } from "../../src/api/schema";
import { marksOf, stopsOf } from "../../src/layers/course";

const place = (layer: string, id: string, lon: number) => ({
  layer,
  feature: {
    id,
    geometry: { type: "Point", coordinates: [lon, 37.57] },
    properties: { name_ko: `${id}의 이름`, name_en: id },
  } as unknown as PlaceFeature,
});

const course = {
  id: "course-one",
  geometry: { type: "MultiPoint", coordinates: [] },
  properties: {
    stops: [
      { layer: "wall", id: "gate" },
      { name_ko: "이름만 있는 곳", name_en: "A name alone" },
      { layer: "heritage", id: "hall", name_ko: "달리 부르는 전각" },
      { layer: "heritage", id: "gone" },
    ],
  },
} as unknown as PlaceFeature;

describe("a course", () => {
  const stops = stopsOf(course, [place("heritage", "hall", 126.98), place("wall", "gate", 126.97), place("heritage", "gate", 1)]);

  it("tells its stops in order, those with a record by its names where it has no own", () => {
    expect(stops.map(({ number, names, place: at }) => [number, names["name_ko"], at?.layer])).toEqual([
      [1, "gate의 이름", "wall"],
      [2, "이름만 있는 곳", undefined],
      [3, "달리 부르는 전각", "heritage"],
      [4, "gone", undefined],
    ]);
  });

  it("marks those whose place is known by their numbers", () => {
    expect(marksOf(stops).map(({ letter, lon }) => [letter, lon])).toEqual([["1", 126.97], ["3", 126.98]]);
  });

  it("is none where a record has no stops", () => {
    expect(stopsOf(place("heritage", "hall", 126.98).feature, [])).toEqual([]);
  });
});
