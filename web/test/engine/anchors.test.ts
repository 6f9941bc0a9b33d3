import { describe, expect, it } from "vitest";

import { behindHouses } from "../../src/engine/anchors";

describe("a name from near the street", () => {
  it("is hidden when its place is far and level, and shown when it is near or a summit", () => {
    expect(behindHouses(70, 50, 3200)).toBe(true);
    expect(behindHouses(70, 50, 600)).toBe(false);
    expect(behindHouses(70, 340, 3200)).toBe(false);
  });

  it("is shown from a hill and from high above", () => {
    expect(behindHouses(385, 60, 3500)).toBe(false);
    expect(behindHouses(14_000, 50, 30_000)).toBe(false);
  });
});
