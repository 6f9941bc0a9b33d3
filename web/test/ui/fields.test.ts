import { describe, expect, it } from "vitest";

import type { PlaceFeature } from "../../src/api/schema";
import { blank, differing, draftOf, missing, valuesOf } from "../../src/ui/editor/fields";

const GATE: PlaceFeature = {
  type: "Feature",
  id: "sungnyemun",
  geometry: { type: "Point", coordinates: [126.97531, 37.55997] },
  properties: {
    name_ko: "숭례문",
    name_en: "Sungnyemun Gate",
    name_hanja: "崇禮門",
    text_ko: "도성의 남문.",
    text_en: "The south gate.",
    category: "gate",
    source: "국가유산청",
    source_date: "2026-01-02",
    position_source: "OpenStreetMap",
    position_date: "2026-01-02",
    position_accuracy_m: 5,
    position_means: "gate_centre",
    built: "1398",
  },
};

describe("the form of a record", () => {
  it("gives a record back as it was, with the fields that it does not show", () => {
    expect(draftOf(valuesOf("heritage", GATE), GATE)).toEqual({
      type: "Feature",
      id: GATE.id,
      geometry: GATE.geometry,
      properties: GATE.properties,
    });
  });

  it("changes what was typed, with numbers as numbers", () => {
    const values = { ...valuesOf("heritage", GATE), position_accuracy_m: "12.5", lon: "126.9", source_url: " " };
    const draft = draftOf(values, GATE);
    expect(draft.properties.position_accuracy_m).toBe(12.5);
    expect(draft.properties.source_url).toBeUndefined();
    expect(draft.geometry).toEqual({ type: "Point", coordinates: [126.9, 37.55997] });
  });

  it("leaves the course of a line alone", () => {
    const line: PlaceFeature = { ...GATE, geometry: { type: "LineString", coordinates: [[126, 37], [127, 38]] } };
    expect(draftOf(valuesOf("wall", line), line).geometry).toEqual(line.geometry);
    expect(missing(valuesOf("wall", line), line)).toEqual([]);
  });

  it("names what is still missing in a new record: the place, the names, what it is, the texts, the source and what the point means", () => {
    const fresh = blank("heritage", "2026-11-22", "point chosen on the map");
    const words = ["name_ko", "name_en", "category", "text_ko", "text_en", "source", "position_means"];
    expect(missing(fresh, null)).toEqual(["geometry", ...words]);
  });

  it("tells in which fields two texts differ", () => {
    const mine = valuesOf("heritage", GATE);
    expect(differing(mine, { ...mine, text_ko: "남대문.", name_en: "Sungnyemun Gate " })).toEqual(["text_ko"]);
  });
});
