// What every layer of the page is, whether it lies in tiles or in the content.

import type { LonLat, PathStyle } from "../engine/path";
import type { PlaceFeature, Words } from "../api/schema";

export type LayerState = "loading" | "ready" | "failed";

/** A name on the map. Degrees; `weight` decides who yields where two do not fit. */
export interface LabelSpec {
  id: string;
  place: PlaceRef;
  /** What the sign says, where it is not the name of the place. */
  names?: Readonly<Record<string, unknown>>;
  lon: number;
  lat: number;
  glyph: string;
  /** Of a layer that an operator declared; drawn instead of the glyph. */
  letter?: string;
  weight: number;
  /** The point stands for an area, or is known only roughly. */
  soft: boolean;
  /** Whether a model or a building may be meant, over whose roof the name then stands. */
  thing: boolean;
}

export interface PlaceRef {
  layer: string;
  feature: PlaceFeature;
}

export interface Layer {
  readonly id: string;
  readonly title: Words;
  readonly places: readonly PlaceRef[];
  readonly labels: readonly LabelSpec[];
  readonly lines: readonly (readonly LonLat[])[];
  /** Lines of what stands no more. */
  readonly lost: readonly (readonly LonLat[])[];
  readonly lineStyle: PathStyle | null;
  /** Gates that the lines lead to and do not cross, degrees. */
  readonly gates: readonly LonLat[];
}
