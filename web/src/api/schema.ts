// The shapes of the wire, as smap.server speaks them. Degrees, metres, UTF-8 JSON.

export type Words = Record<string, string>;

export interface CatalogTileset {
  name: string;
  kind: "buildings" | "models" | "pointcloud" | "terrain" | "basemap" | "wall" | "alleys" | "paths";
  title: Words | string;
  attribution: string;
  version: string;
  url: string;
  bbox: [number, number, number, number];
}

export interface CatalogLayer {
  id: string;
  title: Words | string;
  count: number;
}

export interface Catalog {
  release: string | null;
  tilesets: CatalogTileset[];
  layers: CatalogLayer[];
}

export type Position = [number, number];

export type Geometry =
  | { type: "Point"; coordinates: Position }
  | { type: "LineString"; coordinates: Position[] }
  | { type: "MultiLineString"; coordinates: Position[][] }
  | { type: "Polygon"; coordinates: Position[][] };

/** One content record: flat properties, id unique within its layer. */
export interface PlaceProperties {
  name_ko: string;
  name_en: string;
  name_hanja?: string;
  text_ko: string;
  text_en: string;
  category: string;
  source: string;
  source_url?: string;
  source_date: string;
  licence?: string;
  position_source: string;
  position_date: string;
  position_accuracy_m: number;
  position_means: string;
  position_approximate?: boolean;
  designation_ko?: string;
  designation_en?: string;
  designated?: string;
  built?: string;
  khs_id?: string;
  length_m?: number;
  [other: string]: unknown;
}

export interface PlaceFeature {
  type: "Feature";
  id: string;
  geometry: Geometry;
  properties: PlaceProperties;
}

export interface FeaturePage {
  type: "FeatureCollection";
  features: PlaceFeature[];
  numberMatched?: number;
  numberReturned?: number;
  links?: { rel: string; href: string; type?: string }[];
}

export interface Session {
  name: string | null;
  role: string | null;
  csrf: string | null;
}

/** Field name → what is wrong with it, from a 422 answer. */
export type Faults = Record<string, string>;
