// Reading the catalog, the layers and the search.

import { request } from "./client";
import type { Catalog, FeaturePage, PlaceFeature } from "./schema";

const MAX_PAGES = 200;

export async function readCatalog(): Promise<Catalog> {
  return (await request<Catalog>("/catalog.json")).body;
}

/** All records of a layer, page by page through the `next` links. */
export async function readLayer(layer: string, onPage?: (features: PlaceFeature[]) => void): Promise<PlaceFeature[]> {
  const all: PlaceFeature[] = [];
  let url: string | undefined = `/api/collections/${encodeURIComponent(layer)}/items?limit=500`;
  for (let page = 0; url && page < MAX_PAGES; page += 1) {
    const { body }: { body: FeaturePage } = await request<FeaturePage>(url);
    all.push(...body.features);
    onPage?.(body.features);
    const next = body.links.find((link) => link.rel === "next");
    url = next ? sameOrigin(next.href) : undefined;
  }
  return all;
}

/** A link of the server as a path of this page, so that a proxy's other host name does no harm. */
function sameOrigin(href: string): string {
  const url = new URL(href, location.href);
  return url.pathname + url.search;
}

/** What a field holds, as the content's model calls it. */
export type FieldKind =
  | "line" | "text" | "date" | "when" | "moment" | "url" | "path" | "number" | "count" | "truth" | "choice" | "choices" | "outline"
  | "items";

/** A JSON Schema of a record or of an entry of a list, as far as a form reads it. */
export interface ObjectSchema {
  properties?: Record<string, FieldSchema>;
  required?: string[];
}

export interface FieldSchema {
  "x-smap-kind": FieldKind;
  "x-smap-label"?: Record<string, string>;
  "x-ogc-unit"?: string;
  enum?: string[];
  items?: ObjectSchema & { enum?: string[] };
}

export interface LayerSchema extends ObjectSchema {
  /** The kinds of geometry of all records; none: any. */
  "x-smap-geometry"?: string[];
  /** The kinds of geometry of those categories that are not free in it. */
  "x-smap-drawn"?: Record<string, string[]>;
}

/** The fields of a layer's records. */
export async function readSchema(layer: string): Promise<LayerSchema> {
  return (await request<LayerSchema>(`/api/collections/${encodeURIComponent(layer)}/schema`)).body;
}

export interface SearchHit extends PlaceFeature {
  layer: string;
}

/** Places whose name holds the words, best first. */
export async function searchPlaces(words: string, signal?: AbortSignal): Promise<SearchHit[]> {
  const url = `/api/search?q=${encodeURIComponent(words)}`;
  const { body } = await request<FeaturePage>(url, signal ? { signal } : {});
  return body.features.map((feature) => ({ ...feature, layer: String(feature.properties["layer"] ?? "") }));
}
