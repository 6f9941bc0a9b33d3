import { describe, expect, it } from "vitest";

import type { CatalogLayer, PlaceFeature } from "../../src/api/schema";
import { anchorOf, contentLayer, GLYPHS } from "../../src/layers/content";
import { CATEGORIES } from "../../src/text/categories";
import { glyphPath } from "../../src/ui/glyphs";

describe("a layer of the content", () => {
  it("hangs a name on the point, on the middle of a line, on the middle of an area", () => {
    expect(anchorOf({ type: "Point", coordinates: [127, 37] })).toEqual([127, 37]);
    expect(anchorOf({ type: "LineString", coordinates: [[0, 0], [1, 1], [2, 0]] })).toEqual([1, 1]);
    expect(anchorOf({ type: "MultiLineString", coordinates: [[[9, 9]], [[0, 0], [1, 1], [2, 0]]] })).toEqual([1, 1]);
    expect(anchorOf({ type: "Polygon", coordinates: [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]] })).toEqual([1, 1]);
  });

  it("lets the centre of a whole wall yield to a palace and marks it softly", () => {
    const record = (id: string, category: string, accuracy: number) => ({
      type: "Feature" as const,
      id,
      geometry: { type: "Point" as const, coordinates: [127, 37.5] as [number, number] },
      properties: { category, position_means: "area_centre", position_accuracy_m: accuracy } as PlaceFeature["properties"],
    });
    const layer = { id: "wall", title: { ko: "한양도성", en: "City Wall" }, count: 2 } as CatalogLayer;
    const labels = contentLayer(layer, [record("wall", "area", 2000), record("palace", "palace", 300)]).labels;
    const [wall, palace] = labels;
    expect(wall?.soft).toBe(true);
    expect(palace?.soft).toBe(false);
    expect((wall?.weight ?? 0) * 2).toBeLessThan(palace?.weight ?? 0);
  });

  const line = (category: string, lat: number, more: object = {}) => ({
    type: "Feature" as const,
    id: `${category}-${lat}`,
    geometry: { type: "LineString" as const, coordinates: [[127, lat], [127.1, lat]] as [number, number][] },
    properties: { category, position_accuracy_m: 50, ...more } as PlaceFeature["properties"],
  });
  const wall = { id: "wall", title: { ko: "한양도성", en: "City Wall" }, count: 2 } as CatalogLayer;
  const latitudes = (lines: readonly (readonly (readonly [number, number])[])[]) => lines.map((points) => points[0]?.[1]);

  it("draws the segments of a section in its stead, and no walk beside the wall", () => {
    const parts = [line("segment", 37.2, { section: "section-37.1" }), line("segment", 37.3, { section: "section-37.1" })];
    const drawn = contentLayer(wall, [line("section", 37.1), line("section", 37.4), ...parts, line("walk", 37.5)]);
    expect(latitudes(drawn.lines)).toEqual([37.4, 37.2, 37.3]);
    expect(latitudes(contentLayer(wall, [line("walk", 37.5)]).lines)).toEqual([37.5]);
  });

  it("tells the lines of what is lost from those of what stands", () => {
    const [standing, lost] = ["standing", "lost"].map((state, k) => line("segment", k ? 37.4 : 37.2, { section: "s", state }));
    const drawn = contentLayer(wall, [standing, lost].filter((one) => one !== undefined));
    expect(latitudes(drawn.lines)).toEqual([37.2]);
    expect(latitudes(drawn.lost)).toEqual([37.4]);
  });

  it("has a word and a sign of its own for every category", () => {
    expect(Object.keys(GLYPHS).sort()).toEqual(Object.keys(CATEGORIES).sort());
    for (const sign of Object.values(GLYPHS)) expect(sign === "dot" || glyphPath(sign) !== glyphPath("dot")).toBe(true);
  });
});
