import { describe, expect, it } from "vitest";

import { densify, type LonLat, partsOff } from "../../src/engine/path";

// 0.004° of longitude at Seoul are 352 m.
const LINE: LonLat[] = [[126.97, 37.56], [126.974, 37.56]];
const GATE: LonLat = [126.972, 37.56];

describe("a line that leads to a gate", () => {
  it("ends before it and goes on behind it", () => {
    const parts = partsOff(densify(LINE), [GATE]);
    expect(parts).toHaveLength(2);
    for (const [lon] of parts.flat()) expect(Math.abs(lon - GATE[0]) * 88_000).toBeGreaterThanOrEqual(40);
    expect(parts[0]?.[0]).toEqual(LINE[0]);
    expect(parts[1]?.at(-1)).toEqual(LINE[1]);
  });

  it("is whole where no gate is near, and nothing where all of it is", () => {
    expect(partsOff(densify(LINE), [[126.972, 37.57]])).toEqual([densify(LINE)]);
    expect(partsOff([GATE, GATE], [GATE])).toEqual([]);
  });
});
