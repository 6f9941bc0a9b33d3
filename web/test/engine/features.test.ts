import { describe, expect, it } from "vitest";

// @ts-expect-error TS7016: the library's types leave this class out
import { PropertyTableAccessor } from "3d-tiles-renderer/src/three/plugins/gltf/metadata/classes/PropertyTableAccessor.js";

import { FeatureTable } from "../../src/engine/features";

const UNKNOWN = -3.4028234663852886e38;

/** A table of two buildings as 3d-tiles-renderer makes it: the floors of the first are known. */
function table(): FeatureTable {
  const schema = {
    type: "SCALAR", componentType: "FLOAT32", noData: UNKNOWN,
  };
  const definition = { class: "building", count: 2, properties: { floors: { values: 0 } } };
  const classes = { building: { properties: { floors: schema, height: schema } } };
  const buffers = [new Float32Array([7, UNKNOWN]).buffer];
  const Accessor = PropertyTableAccessor as new (...words: unknown[]) => unknown;
  const accessor = new Accessor(definition, classes, {}, buffers);
  return new FeatureTable(accessor as ConstructorParameters<typeof FeatureTable>[0]);
}

describe("a table of features", () => {
  it("tells a number that is known", () => {
    expect(table().number(0, "floors")).toBe(7);
    expect(table().row(0)["floors"]).toBe(7);
  });

  it("never takes an unknown number or a column that is not there for 0", () => {
    expect(table().number(1, "floors")).toBeNull();
    expect(table().row(1)).toEqual({ floors: null, height: null });
    expect(table().number(0, "height")).toBeNull();
  });
});
