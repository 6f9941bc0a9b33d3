// Layers of more records than a page can hold begin off; when one is on, its records about what is looked at are read.

import { readLayer } from "../../api/content";
import type { CatalogLayer } from "../../api/schema";
import { contentLayer } from "../../layers/content";
import { LAT_M, LON_M } from "../../state/plane";
import type { Store } from "../../state/store";
import type { View } from "../../state/url";
import type { Parts } from "./actions";
import type { ViewerState } from "./state";

/** A layer of more records is large. */
const LARGE = 2000;
export const isLarge = ({ count }: CatalogLayer) => count > LARGE;

/** So far before the eye is looked at most, and so far about it records are read at least and at most, metres. */
const [AHEAD_M, LEAST_M, MOST_M] = [2000, 350, 2800];
/** Pages of records that are read at most. */
const PAGES = 2;

export type Box = [number, number, number, number];

/** West, south, east and north of the square about what an eye looks at; it stays while the eye moves a little. */
export function boxAbout({ lon, lat, height, heading, tilt }: View): Box {
  const radians = Math.PI / 180;
  const ahead = Math.min(Math.max(height, 0) * Math.tan(Math.min(tilt, 80) * radians), AHEAD_M);
  const around = LEAST_M * 2 ** Math.round(Math.log2(Math.min(Math.max(height, LEAST_M), MOST_M) / LEAST_M));
  const middle = (degrees: number, off: number, metres: number) => {
    const step = around / 2 / metres;
    return Math.round((degrees + off / metres) / step) * step;
  };
  const x = middle(lon, ahead * Math.sin(heading * radians), LON_M);
  const y = middle(lat, ahead * Math.cos(heading * radians), LAT_M);
  const [wide, high] = [around / LON_M, around / LAT_M];
  const fixed = (degrees: number) => Number(degrees.toFixed(5));
  return [fixed(x - wide), fixed(y - high), fixed(x + wide), fixed(y + high)];
}

export class Nearby {
  readonly #asked = new Map<string, { key: string; stop: AbortController }>();

  constructor(
    readonly store: Store<ViewerState>,
    readonly parts: Parts,
    readonly view: () => View,
  ) {}

  /** Read what the layers that are on show about the view of now, where it is another than before. */
  update(): void {
    for (const layer of this.parts.catalog?.layers ?? []) {
      const row = this.store.get().layers.find(({ id }) => id === layer.id);
      const before = this.#asked.get(layer.id);
      if (!isLarge(layer) || !row) continue;
      if (!row.on) {
        before?.stop.abort();
        this.#asked.delete(layer.id);
        continue;
      }
      const box = boxAbout(this.view());
      if (before?.key === box.join()) continue;
      before?.stop.abort();
      const stop = new AbortController();
      this.#asked.set(layer.id, { key: box.join(), stop });
      void this.#read(layer, box, stop.signal);
    }
  }

  async #read(layer: CatalogLayer, box: Box, signal: AbortSignal): Promise<void> {
    try {
      const features = await readLayer(layer.id, { box, signal, pages: PAGES });
      const here = contentLayer(layer, features);
      this.parts.layers = this.parts.layers.map((other) => (other.id === layer.id ? here : other));
      this.#tell(layer.id, { places: here.places, failed: false });
    } catch {
      // it is asked for again where the eye has moved on, or with the switch
      if (!signal.aborted) this.#tell(layer.id, { failed: true });
    }
  }

  #tell(id: string, news: Partial<ViewerState["layers"][number]>): void {
    const layers = this.store.get().layers.map((row) => (row.id === id ? { ...row, ...news } : row));
    this.store.change({ layers });
  }
}
