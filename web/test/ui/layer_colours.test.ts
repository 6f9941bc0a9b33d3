import { describe, expect, it } from "vitest";

import { coloursOf } from "../../src/ui/layer_colours";

describe("the colours of declared layers", () => {
  it("become rules, and nothing that is no colour does", () => {
    const layer = (id: string, colour?: string) => ({ id, title: {}, count: 0, ...(colour ? { style: { colour } } : {}) });
    const layers = [layer("wifi", "#1f6f8b"), layer("heritage"), layer("odd", "red; } body { x: y"), layer("a b", "#000000")];
    expect(coloursOf(layers)).toEqual([".kind-wifi { --kind: #1f6f8b; }"]);
  });
});
