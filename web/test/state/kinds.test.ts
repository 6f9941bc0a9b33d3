import { expect, test } from "vitest";

import { drawnLayerOf, layerOf } from "../../src/state/kinds";

test("stone and paving are shown and hidden with the layer they are made of", () => {
  expect(["wall", "alleys", "paths"].map(layerOf)).toEqual(["wall", "alleys", "tourism"]);
  expect(["buildings", "models"].map(layerOf)).toEqual(["buildings", "models"]);
});

test("what lies flat or is not known belongs to no layer", () => {
  expect(["terrain", "basemap", "pointcloud"].map(layerOf)).toEqual([null, null, null]);
});

test("only lines have a layer of the content that they draw", () => {
  expect(["buildings", "models", "terrain"].map(drawnLayerOf)).toEqual([null, null, null]);
  expect(drawnLayerOf("paths")).toBe("tourism");
});
