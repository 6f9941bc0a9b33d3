// What is shown, in the words of the catalog and the content: the record of a model, the sources, what is a sketch.

import type { Catalog } from "../../api/schema";
import type { Layer, PlaceRef } from "../../layers/layer";
import { inEra, isReconstruction } from "../../state/era";
import type { ViewerState } from "./state";

/** The record that a model names as its own, "layer/id". */
export function recordOf(content: unknown, layers: readonly Layer[]): PlaceRef | null {
  const [layer, id] = typeof content === "string" ? content.split("/") : [];
  const places = layers.find((other) => other.id === layer)?.places ?? [];
  return places.find(({ feature }) => feature.id === id) ?? null;
}

const SKETCH = /\bsketch\b/i;

/** The line of sources of what an era shows, and whether it is a sketch: by its era, its attribution or its name. */
export function footOf(catalog: Catalog, era: string | null): Pick<ViewerState, "attributions" | "sketch"> {
  const shown = catalog.tilesets.filter((tileset) => inEra(tileset, era));
  const sketched = shown.some(({ name, attribution }) => name.startsWith("sample-") || SKETCH.test(attribution));
  return {
    attributions: [...new Set(shown.map(({ attribution }) => attribution).filter((text) => text !== ""))],
    sketch: sketched || isReconstruction(era),
  };
}
