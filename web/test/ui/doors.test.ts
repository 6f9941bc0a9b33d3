import { describe, expect, it } from "vitest";

import type { Properties } from "../../src/engine/features";
import type { Layer } from "../../src/layers/layer";
import { doorsOf, greets } from "../../src/ui/viewer/doors";
import { footOf, recordOf } from "../../src/ui/viewer/meaning";

const layer = (id: string, ...records: string[]) =>
  ({ id, places: records.map((record) => ({ layer: id, feature: { id: record, properties: {} } })) }) as unknown as Layer;

describe("the doors", () => {
  it("open the record that fits best, else the list; a layer without records has none", () => {
    const doors = doorsOf([layer("wall", "hanyangdoseong"), layer("heritage", "sungnyemun"), layer("alleys")]);
    expect(doors.map((door) => [door.layer, door.place?.feature.id ?? null])).toEqual([
      ["wall", "hanyangdoseong"],
      ["heritage", null],
    ]);
  });

  it("greet only where the address does not say what to see", () => {
    const view = { lon: 127, lat: 37.5, height: 300, heading: 0, tilt: 60 };
    expect(greets({ embed: false, at: null, place: null })).toBe(true);
    expect(greets({ embed: true, at: null, place: null })).toBe(false);
    expect(greets({ embed: false, at: view, place: null })).toBe(false);
    expect(greets({ embed: false, at: null, place: { layer: "wall", id: "x" } })).toBe(false);
  });
});

describe("the record of what was clicked", () => {
  it("is the one that a model names as its own", () => {
    const layers = [layer("heritage", "gwanghwamun")];
    const of = (content: unknown) => recordOf({ layer: "models", properties: { content } as Properties }, layers);
    expect(of("heritage/gwanghwamun")?.feature.id).toBe("gwanghwamun");
    for (const none of ["heritage/none", "wall/gwanghwamun", "", null, 7]) expect(of(none)).toBeNull();
    expect(recordOf({ layer: "terrain", properties: null }, layers)).toBeNull();
  });

  it("is else the one that names the model by its id or the building by its smap_id", () => {
    const naming = (id: string, properties: object) => ({ layer: "heritage", feature: { id, properties } });
    const places = [naming("hall", { model: "hall-1" }), naming("house", { building: "seoul:7" }), naming("bare", { building: "" })];
    const layers = [{ id: "heritage", places } as unknown as Layer];
    const of = (on: string, properties: Properties) => recordOf({ layer: on, properties }, layers)?.feature.id ?? null;
    expect(of("models", { id: "hall-1", smap_id: "sample:hall-1" })).toBe("hall");
    expect(of("buildings", { id: "hall-1", smap_id: "seoul:8" })).toBeNull();
    expect(of("buildings", { id: "7", smap_id: "seoul:7" })).toBe("house");
    expect(of("models", { smap_id: "seoul:7", content: "heritage/hall" })).toBe("hall");
    expect(of("buildings", { smap_id: "" })).toBeNull();
  });
});

describe("the foot of the page", () => {
  const tileset = (name: string, attribution: string, era: string | null = null) => ({
    depicts: null,
    name, attribution, era, kind: "buildings", title: {}, version: "1", url: "/", bbox: [0, 0, 1, 1] as [number, number, number, number],
  });
  const catalog = (...tilesets: ReturnType<typeof tileset>[]) => ({ release: "1", tilesets, layers: [] });

  it("calls a sketch what its name, its attribution or its era says to be one", () => {
    expect(footOf(catalog(tileset("seoul-buildings", "© somebody")), null).sketch).toBe(false);
    expect(footOf(catalog(tileset("sample-terrain", "")), null).sketch).toBe(true);
    expect(footOf(catalog(tileset("mine", "a sketch, not a survey")), null).sketch).toBe(true);
    expect(footOf(catalog(tileset("mine", "© somebody", "hanyang")), "hanyang").sketch).toBe(true);
  });

  it("names the sources of what the era shows, each once", () => {
    const both = catalog(tileset("a", "A", "today"), tileset("b", "B", "hanyang"), tileset("c", "C"), tileset("d", "C"));
    expect(footOf(both, "today").attributions).toEqual(["A", "C"]);
  });
});
