// Reading the catalog, the layers and the search.

import { request } from "./client";
import type {
  BuildingHit,
  Catalog,
  FeaturePage,
  PlaceFeature,
  PlaceHit,
  SearchPage,
  Suggestion,
  Suggestions,
} from "./schema";

const MAX_PAGES = 200;

/** What of a layer is read: in a box (west, south, east, north in degrees), so many pages at most. */
interface Part {
  box?: readonly number[];
  pages?: number;
  signal?: AbortSignal;
}

export async function readCatalog(): Promise<Catalog> {
  return (await request<Catalog>("/catalog.json")).body;
}

/** A line of a course, degrees; of a wall whether it stands no more. */
export interface CourseLine {
  points: [number, number][];
  lost: boolean;
}

interface Course {
  features: { properties: { state?: string }; geometry: { coordinates: [number, number][] } }[];
}

/** The lines that a tileset of a wall, of alleys or of paths draws; url: of its tileset.json. */
export async function readCourse(url: string): Promise<CourseLine[]> {
  const { body } = await request<Course>(url.replace(/[^/]*$/, "course.geojson"));
  return body.features.map(({ properties, geometry }) => ({ points: geometry.coordinates, lost: properties.state === "lost" }));
}

/** Of our own layers the map, the list and a click need only this; the rest of a record comes when it is opened. */
const NEEDED = "name_ko,name_en,name_ja,name_zh,category,position_accuracy_m,built,building";
const SHOWN: Record<string, string> = {
  heritage: `${NEEDED},model`,
  tourism: NEEDED,
  wall: `${NEEDED},state,section`,
  alleys: NEEDED,
};

/** All records of a layer, page by page through the `next` links; of our own layers what is shown of each. */
export async function readLayer(layer: string, { box, pages = MAX_PAGES, signal }: Part = {}): Promise<PlaceFeature[]> {
  const all: PlaceFeature[] = [];
  const some = (SHOWN[layer] ? `&properties=${SHOWN[layer]}` : "") + (box ? `&bbox=${box.join()}` : "");
  let url: string | undefined = `/api/collections/${encodeURIComponent(layer)}/items?limit=500${some}`;
  for (let page = 0; url && page < pages; page += 1) {
    const { body }: { body: FeaturePage } = await request<FeaturePage>(url, signal ? { signal } : {});
    all.push(...body.features);
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

/** What is looked for: words, the reader's language, and the place from which near things come first (degrees). */
export interface Wanted {
  words: string;
  lang: string;
  near: readonly [number, number] | null;
}

function asQuery({ words, lang, near }: Wanted): string {
  const query = new URLSearchParams({ q: words, lang });
  if (near) query.set("near", near.map((degrees) => degrees.toFixed(5)).join(","));
  return query.toString();
}

/** Names for words that are being typed, best first. */
export async function suggest(wanted: Wanted, signal: AbortSignal): Promise<Suggestion[]> {
  const { body } = await request<Suggestions>(`/api/search/suggest?${asQuery(wanted)}`, { signal });
  return body.suggestions;
}

/** Places and buildings whose names fit the words, best first. */
export async function search(wanted: Wanted, signal: AbortSignal): Promise<(PlaceHit | BuildingHit)[]> {
  const { body } = await request<SearchPage>(`/api/search?${asQuery(wanted)}`, { signal });
  return body.features;
}

/** One record as the public sees it. */
export async function readPlace(layer: string, id: string): Promise<PlaceFeature> {
  const url = `/api/collections/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}`;
  return (await request<PlaceFeature>(url)).body;
}
