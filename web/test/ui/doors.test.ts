import { describe, expect, it } from "vitest";

import type { Layer } from "../../src/layers/layer";
import { doorsOf, greets } from "../../src/ui/viewer/doors";
import { footOf, recordOf } from "../../src/ui/viewer/meaning";

const layer = (id: string, ...records: string[]) =>
  ({ id, places: records.map((record) => ({ layer: id, feature: { id: record } })) }) as unknown as Layer;

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

describe("a model's record", () => {
  it("is the one that its property names", () => {
    const layers = [layer("heritage", "gwanghwamun")];
    expect(recordOf("heritage/gwanghwamun", layers)?.feature.id).toBe("gwanghwamun");
    for (const none of ["heritage/none", "wall/gwanghwamun", "", null, 7]) expect(recordOf(none, layers)).toBeNull();
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
