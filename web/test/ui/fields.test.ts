import { describe, expect, it } from "vitest";

import type { FieldKind, FieldSchema, LayerSchema } from "../../src/api/content";
import type { PlaceFeature, Position } from "../../src/api/schema";
import { blank, categoriesFor, differing, draftOf, fieldsOf, missing, valuesOf } from "../../src/ui/editor/fields";

const field = (kind: FieldKind, more: Partial<FieldSchema> = {}): FieldSchema => ({ "x-smap-kind": kind, ...more });

const NEEDED = {
  name_ko: field("line"),
  name_en: field("line"),
  category: field("choice", { enum: ["gate", "walk"] }),
  text_ko: field("text"),
  text_en: field("text"),
  source: field("line"),
  source_date: field("date"),
  position_source: field("line"),
  position_date: field("date"),
  position_accuracy_m: field("number"),
  position_means: field("choice", { enum: ["gate_centre", "line"] }),
};
const FACT = { about: field("choice", { enum: ["built", "lost"] }), ko: field("line"), length_m: field("number") };
const SCHEMA: LayerSchema = {
  required: Object.keys(NEEDED),
  properties: {
    ...NEEDED,
    source_url: field("url"),
    movable: field("truth"),
    steps: field("count"),
    eras: field("choices", { items: { enum: ["today", "old Hanyang"] } }),
    outline: field("outline"),
    facts: field("items", { items: { properties: FACT, required: ["about", "ko"] } }),
    vertices: field("items"),
    position_approximate: field("truth"),
  },
  "x-smap-drawn": { walk: ["LineString"] },
};
const FIELDS = fieldsOf(SCHEMA);
const RICH = {
  movable: false,
  steps: 0,
  eras: ["today", "old Hanyang"],
  outline: [[126.97, 37.57], [126.98, 37.57], [126.98, 37.58], [126.97, 37.57]] as Position[],
  facts: [{ about: "built", ko: "1398년에 지었다.", length_m: 12.5 }, { about: "lost", ko: "불탔다." }],
  vertices: [{ name_ko: "점" }],
};

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
    expect(draftOf(valuesOf("heritage", GATE, FIELDS), GATE, FIELDS)).toEqual({
      type: "Feature",
      id: GATE.id,
      geometry: GATE.geometry,
      properties: GATE.properties,
    });
  });

  it("gives lists, outlines and truths back as they were, and never the point of a line that it does not show", () => {
    const rich: PlaceFeature = { ...GATE, properties: { ...GATE.properties, ...RICH } };
    expect(draftOf(valuesOf("heritage", rich, FIELDS), rich, FIELDS).properties).toEqual(rich.properties);
  });

  it("leaves an emptied list out and sends an entry as it stands", () => {
    const values = valuesOf("heritage", GATE, FIELDS);
    expect(draftOf({ ...values, facts: [] }, GATE, FIELDS).properties.facts).toBeUndefined();
    const [entry] = draftOf({ ...values, facts: [{ about: "lost", ko: " " }] }, GATE, FIELDS).properties.facts ?? [];
    expect(entry).toEqual({ about: "lost" });
  });

  it("offers the categories that its geometry can stand for", () => {
    expect(categoriesFor(SCHEMA, "Point")).toEqual(["gate"]);
    expect(categoriesFor(SCHEMA, "LineString")).toEqual(["gate", "walk"]);
  });

  it("changes what was typed, with numbers as numbers", () => {
    const values = { ...valuesOf("heritage", GATE, FIELDS), position_accuracy_m: "12.5", lon: "126.9", source_url: " " };
    const draft = draftOf(values, GATE, FIELDS);
    expect(draft.properties.position_accuracy_m).toBe(12.5);
    expect(draft.properties.source_url).toBeUndefined();
    expect(draft.geometry).toEqual({ type: "Point", coordinates: [126.9, 37.55997] });
  });

  it("leaves the course of a line alone", () => {
    const line: PlaceFeature = { ...GATE, geometry: { type: "LineString", coordinates: [[126, 37], [127, 38]] } };
    expect(draftOf(valuesOf("wall", line, FIELDS), line, FIELDS).geometry).toEqual(line.geometry);
    expect(missing(valuesOf("wall", line, FIELDS), line, FIELDS)).toEqual([]);
  });

  it("names what is still missing in a new record: the place, the names, what it is, the texts, the source and what the point means", () => {
    const fresh = blank("heritage", "2026-11-22", "point chosen on the map");
    const words = ["name_ko", "name_en", "category", "text_ko", "text_en", "source", "position_means"];
    expect(missing(fresh, null, FIELDS)).toEqual(["geometry", ...words]);
  });

  it("tells in which fields two texts differ", () => {
    const mine = valuesOf("heritage", GATE, FIELDS);
    expect(differing(mine, { ...mine, text_ko: "남대문.", name_en: "Sungnyemun Gate " }, FIELDS)).toEqual(["text_ko"]);
  });
});
