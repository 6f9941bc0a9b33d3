// What the page shows, and what its parts may ask for.

import type { PlaceFeature, Words } from "../../api/schema";
import type { PlaceRef } from "../../layers/layer";
import type { Door } from "./doors";
import type { FoundRow } from "./found";
import type { Lang } from "../../text/words";

export interface LayerRow {
  id: string;
  title: Words;
  on: boolean;
  failed: boolean;
  /** Whether it has more records than are shown at once: those about what is looked at. */
  large: boolean;
  places: readonly PlaceRef[];
}

export interface BuildingCardData {
  kind: "building";
  smapId: string;
  /** What the search found, before the building's tile has told the rest. */
  waiting?: boolean;
  properties: Record<string, string | number | boolean | null>;
  tileset: { title: Words; attribution: string } | null;
  lon: number;
  lat: number;
}

export interface PlaceCardData {
  kind: "place";
  layer: string;
  feature: PlaceFeature;
}

export type CardData = BuildingCardData | PlaceCardData;

export type Notice = "gone" | "no_catalog" | "no_tiles" | "tiles_failed" | "context_lost" | "no_webgl" | "place_failed";

export interface ViewerState {
  lang: Lang;
  embed: boolean;
  map: boolean;
  panel: boolean;
  clock: boolean;
  /** The doors of the first picture, and whether they are shown. */
  doors: readonly Door[];
  greeting: boolean;
  /** The eras that the catalog has, and the one that is shown. */
  eras: readonly string[];
  era: string | null;
  /** Whether what is shown is a sketch or a reconstruction. */
  sketch: boolean;
  /** The time of the light; null for the usual one. */
  time: Date | null;
  layers: readonly LayerRow[];
  card: CardData | null;
  /** Share loaded, 0 to 1; 1 hides the bar. */
  progress: number;
  /** Whether the first picture is there. */
  begun: boolean;
  notice: Notice | null;
  heading: number;
  attributions: readonly string[];
}

export interface Actions {
  language(lang: Lang): void;
  panel(open: boolean): void;
  clock(open: boolean): void;
  time(time: Date | null): void;
  era(era: string): void;
  enter(door: Door): void;
  greet(on: boolean): void;
  toggle(layer: string): void;
  open(place: PlaceRef, options?: { fly?: boolean; atOnce?: boolean }): void;
  close(): void;
  flyTo(card: CardData): void;
  /** Suggestions for words that are being typed, or all that the `whole` search finds. */
  search(asked: { words: string; lang: Lang; whole: boolean }, signal: AbortSignal): Promise<FoundRow[]>;
  openFound(row: FoundRow): void;
  zoom(factor: number): void;
  turn(degrees: number): void;
  north(): void;
  home(): void;
  retry(): void;
}
