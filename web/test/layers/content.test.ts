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

  it("draws the sections of the wall and not their segments beside them, but segments where there is nothing else", () => {
    const line = (category: string, lat: number) => ({
      type: "Feature" as const,
      id: category,
      geometry: { type: "LineString" as const, coordinates: [[127, lat], [127.1, lat]] as [number, number][] },
      properties: { category, position_accuracy_m: 50 } as PlaceFeature["properties"],
    });
    const layer = { id: "wall", title: { ko: "한양도성", en: "City Wall" }, count: 2 } as CatalogLayer;
    const latitudes = (features: PlaceFeature[]) => contentLayer(layer, features).lines.map((points) => points[0]?.[1]);
    expect(latitudes([line("section", 37.1), line("segment", 37.2), line("walk", 37.3)])).toEqual([37.1]);
    expect(latitudes([line("segment", 37.2)])).toEqual([37.2]);
  });

  it("has a word and a sign of its own for every category", () => {
    expect(Object.keys(GLYPHS).sort()).toEqual(Object.keys(CATEGORIES).sort());
    for (const sign of Object.values(GLYPHS)) expect(sign === "dot" || glyphPath(sign) !== glyphPath("dot")).toBe(true);
  });
});
