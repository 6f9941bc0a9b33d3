import { describe, expect, it } from "vitest";

import { anchorOf, GLYPHS } from "../../src/layers/content";
import { CATEGORIES } from "../../src/text/categories";
import { glyphPath } from "../../src/ui/glyphs";

describe("a layer of the content", () => {
  it("hangs a name on the point, on the middle of a line, on the middle of an area", () => {
    expect(anchorOf({ type: "Point", coordinates: [127, 37] })).toEqual([127, 37]);
    expect(anchorOf({ type: "LineString", coordinates: [[0, 0], [1, 1], [2, 0]] })).toEqual([1, 1]);
    expect(anchorOf({ type: "MultiLineString", coordinates: [[[9, 9]], [[0, 0], [1, 1], [2, 0]]] })).toEqual([1, 1]);
    expect(anchorOf({ type: "Polygon", coordinates: [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]] })).toEqual([1, 1]);
  });

  it("has a word and a sign of its own for every category", () => {
    expect(Object.keys(GLYPHS).sort()).toEqual(Object.keys(CATEGORIES).sort());
    for (const sign of Object.values(GLYPHS)) expect(sign === "dot" || glyphPath(sign) !== glyphPath("dot")).toBe(true);
  });
});
