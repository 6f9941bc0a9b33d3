// The fields of the form, and how a record becomes their texts and comes back.

import type { Draft } from "../../api/editing";
import type { Geometry, PlaceFeature, PlaceProperties } from "../../api/schema";
import type { Values } from "../../state/words_kept";
import type { Key } from "../../text/words";

export interface FieldSpec {
  name: string;
  label: Key;
  kind: "line" | "text" | "date" | "number" | "url" | "category" | "means";
  required: boolean;
}

const field = (name: string, label: Key, kind: FieldSpec["kind"], required = true): FieldSpec => ({
  name,
  label,
  kind,
  required,
});

export const FIELDS: readonly FieldSpec[] = [
  field("name_ko", "name_ko", "line"),
  field("name_en", "name_en", "line"),
  field("category", "category", "category"),
  field("text_ko", "text_ko", "text"),
  field("text_en", "text_en", "text"),
  field("source", "source", "line"),
  field("source_url", "source_url", "url", false),
  field("source_date", "source_date", "date"),
  field("position_source", "position_source", "line"),
  field("position_date", "position_date", "date"),
  field("position_accuracy_m", "position_accuracy_m", "number"),
  field("position_means", "position_means", "means"),
];

const NUMBERS = new Set(FIELDS.filter(({ kind }) => kind === "number").map(({ name }) => name));
const PLACES = 7;

/** An empty record of a layer. A point set by hand on the map is told as such, good to about a house's width; what it
 * is and who says so is for the editor. */
export function blank(layer: string, today: string, drawnPoint: string): Values {
  return {
    layer,
    lon: "",
    lat: "",
    source_date: today,
    position_source: drawnPoint,
    position_date: today,
    position_accuracy_m: "10",
  };
}

export function valuesOf(layer: string, feature: PlaceFeature): Values {
  const values: Values = { layer, lon: "", lat: "" };
  if (feature.geometry.type === "Point") {
    const [lon, lat] = feature.geometry.coordinates;
    [values["lon"], values["lat"]] = [String(lon), String(lat)];
  }
  for (const { name } of FIELDS) {
    const value = feature.properties[name];
    if (value !== undefined && value !== null) values[name] = String(value);
  }
  return values;
}

const numberOf = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);

function geometryOf(values: Values, base: PlaceFeature | null): Geometry {
  if (base && base.geometry.type !== "Point") return base.geometry;
  const round = (text: string | undefined) => Number(Number(text ?? NaN).toFixed(PLACES));
  return { type: "Point", coordinates: [round(values["lon"]), round(values["lat"])] };
}

/** The record that the form says; what the form does not show stays as it was. */
export function draftOf(values: Values, base: PlaceFeature | null): Draft {
  const shown = new Set(FIELDS.map(({ name }) => name));
  // Whether a position counts as approximate follows from its accuracy: the server says it anew.
  const kept = Object.entries(base?.properties ?? {}).filter(
    ([name]) => !shown.has(name) && name !== "position_approximate",
  );
  const written = FIELDS.flatMap(({ name }): [string, string | number][] => {
    const text = (values[name] ?? "").trim();
    return text === "" ? [] : [[name, NUMBERS.has(name) ? numberOf(text) : text]];
  });
  const draft: Draft = {
    type: "Feature",
    geometry: geometryOf(values, base),
    properties: Object.fromEntries([...kept, ...written]) as PlaceProperties,
  };
  return base ? { ...draft, id: base.id } : draft;
}

/** Required fields that are empty, with the name of the point as "geometry". */
export function missing(values: Values, base: PlaceFeature | null): string[] {
  const empty = FIELDS.filter(({ name, required }) => required && !(values[name] ?? "").trim()).map(({ name }) => name);
  const isPoint = !base || base.geometry.type === "Point";
  const hasPoint = [values["lon"], values["lat"]].every((text) => text?.trim() && Number.isFinite(Number(text)));
  return isPoint && !hasPoint ? ["geometry", ...empty] : empty;
}

/** The fields in which two sets of texts differ. */
export function differing(mine: Values, theirs: Values): string[] {
  const names = ["lon", "lat", ...FIELDS.map(({ name }) => name)];
  return names.filter((name) => (mine[name] ?? "").trim() !== (theirs[name] ?? "").trim());
}
