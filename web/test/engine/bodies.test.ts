import { Vector3 } from "three";
import { describe, expect, it } from "vitest";

import { type Body, carrierOf } from "../../src/engine/bodies";

const body = (content: string | null, x: number, z: number, half: number, top: number): Body => ({
  content,
  area: [x - half, z - half, x + half, z + half],
  foot: 0,
  top: new Vector3(x, top, z),
  radius: half * Math.SQRT2,
});

describe("the body that carries a name", () => {
  it("is the record's own model, though a higher house stands over the place", () => {
    const [gate, tower] = [body("wall/gate", 20, 0, 10, 18), body(null, 0, 0, 5, 90)];
    expect(carrierOf([tower, gate], "wall/gate", 0, 0)).toBe(gate);
  });

  it("is the highest of what stands over the place, where no model is the record's", () => {
    const [terrace, hall, beside] = [body(null, 0, 0, 20, 2), body(null, 0, 0, 12, 25), body(null, 60, 0, 9, 99)];
    expect(carrierOf([terrace, hall, beside], "heritage/hall", 3, 3)).toBe(hall);
  });

  it("is no wall and no corridor, whose ridge has no middle, nor a model far from the place", () => {
    expect(carrierOf([body("heritage/palace", 0, 0, 90, 8)], "heritage/palace", 0, 0)).toBeNull();
    expect(carrierOf([body("heritage/palace", 400, 0, 9, 8)], "heritage/palace", 0, 0)).toBeNull();
  });
});
