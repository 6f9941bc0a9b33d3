// What is shown, in the words of the catalog and the content: the record of a model, the sources, what is a sketch.

import type { Catalog } from "../../api/schema";
import type { Found } from "../../engine/map";
import type { Layer, PlaceRef } from "../../layers/layer";
import { inEra, isReconstruction } from "../../state/era";
import type { ViewerState } from "./state";

/**
 * The record of what was clicked: the one that a model names as its own ("layer/id"), else the one that names the
 * model by its id, or the building by its smap_id.
 */
export function recordOf(hit: Pick<Found, "layer" | "properties">, layers: readonly Layer[]): PlaceRef | null {
  const { content, id, smap_id } = hit.properties ?? {};
  const places = layers.flatMap((layer) => layer.places);
  const where = (holds: (place: PlaceRef) => boolean) => places.find(holds) ?? null;
  return (
    where(({ layer, feature }) => content === `${layer}/${feature.id}`) ??
    where(({ feature }) => hit.layer === "models" && isSame(feature.properties["model"], id)) ??
    where(({ feature }) => isSame(feature.properties["building"], smap_id))
  );
}

const isSame = (told: unknown, is: unknown) => typeof told === "string" && told !== "" && told === is;

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
