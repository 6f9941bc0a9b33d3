// The fields of the form, as the server tells them, and how a record becomes their texts and comes back.

import type { FieldKind, FieldSchema, LayerSchema, ObjectSchema } from "../../api/content";
import type { Draft } from "../../api/editing";
import type { Geometry, PlaceFeature, PlaceProperties } from "../../api/schema";
import type { Value, Values } from "../../state/words_kept";

export interface FieldSpec {
  name: string;
  kind: FieldKind;
  required: boolean;
  choices: readonly string[];
  unit: string;
  /** What an operator calls it; empty where the words are ours. */
  label: Readonly<Record<string, string>>;
  /** Of an entry of a list. */
  fields: readonly FieldSpec[];
}

/** A line's control points come with its positions, and whether a position is approximate follows from its accuracy. */
const NOT_IN_FORM = new Set(["vertices", "position_approximate"]);
const PLACES = 7;

const specOf = (name: string, schema: FieldSchema, required: boolean): FieldSpec => ({
  name,
  kind: schema["x-smap-kind"],
  required,
  choices: schema.enum ?? schema.items?.enum ?? [],
  unit: schema["x-ogc-unit"] ?? "",
  label: schema["x-smap-label"] ?? {},
  fields: schema["x-smap-kind"] === "items" && schema.items ? specsOf(schema.items) : [],
});

function specsOf({ properties = {}, required = [] }: ObjectSchema): FieldSpec[] {
  return Object.entries(properties).map(([name, schema]) => specOf(name, schema, required.includes(name)));
}

/** The fields of a layer's form, in the order of its model. */
export const fieldsOf = (schema: LayerSchema | undefined): FieldSpec[] =>
  schema ? specsOf(schema).filter(({ name }) => !NOT_IN_FORM.has(name)) : [];

/** The categories that a geometry can stand for. */
export function categoriesFor(schema: LayerSchema | undefined, kind: Geometry["type"]): string[] {
  const drawn = schema?.["x-smap-drawn"] ?? {};
  return (schema?.properties?.["category"]?.enum ?? []).filter((word) => drawn[word]?.includes(kind) ?? true);
}

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

/** An empty entry of a list; what is read is read today. */
export const blankEntry = (fields: readonly FieldSpec[], today: string): Values =>
  Object.fromEntries(fields.filter(({ kind, required }) => kind === "date" && required).map(({ name }) => [name, today]));

/** What stands in a field of the form, as text. */
export const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** The entries of a list. */
export const entriesOf = (value: Value | undefined): readonly Values[] => (value === undefined || typeof value === "string" ? [] : value);

export function valuesOf(layer: string, feature: PlaceFeature, fields: readonly FieldSpec[]): Values {
  const values: Values = { layer, lon: "", lat: "", ...shown(feature.properties, fields) };
  if (feature.geometry.type === "Point") {
    const [lon, lat] = feature.geometry.coordinates;
    [values["lon"], values["lat"]] = [String(lon), String(lat)];
  }
  return values;
}

function shown(record: Readonly<Record<string, unknown>>, fields: readonly FieldSpec[]): Values {
  const given = fields.filter(({ name }) => record[name] !== undefined && record[name] !== null);
  return Object.fromEntries(given.map((field) => [field.name, shownValue(record[field.name], field)]));
}

function shownValue(value: unknown, { kind, fields }: FieldSpec): Value {
  if (!Array.isArray(value)) return String(value);
  if (kind === "items") return value.map((entry: Record<string, unknown>) => shown(entry, fields));
  return kind === "outline" ? value.map((at) => (at as number[]).join(", ")).join("\n") : value.join("\n");
}

const numberOf = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);

function positionOf(line: string): (number | string)[] {
  return line.split(",").map((part) => numberOf(part.trim() || "?"));
}

function written(values: Values, fields: readonly FieldSpec[]): Record<string, unknown> {
  const all = fields.map((field): [string, unknown] => [field.name, writtenValue(values[field.name], field)]);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function writtenValue(value: Value | undefined, { kind, fields }: FieldSpec): unknown {
  if (kind === "items") {
    const entries = entriesOf(value).map((entry) => written(entry, fields));
    return entries.length > 0 ? entries : undefined;
  }
  const text = textOf(value).trim();
  if (text === "") return undefined;
  if (kind === "number" || kind === "count") return numberOf(text);
  if (kind === "truth") return text === "true";
  if (kind === "choices") return text.split("\n");
  if (kind === "outline") return text.split(/\n+/).map(positionOf);
  return text;
}

function geometryOf(values: Values, base: PlaceFeature | null): Geometry {
  if (base && base.geometry.type !== "Point") return base.geometry;
  const round = (name: string) => Number(Number(textOf(values[name]) || NaN).toFixed(PLACES));
  return { type: "Point", coordinates: [round("lon"), round("lat")] };
}

/** The record that the form says; what the form does not show stays as it was. */
export function draftOf(values: Values, base: PlaceFeature | null, fields: readonly FieldSpec[]): Draft {
  const inForm = new Set(fields.map(({ name }) => name));
  // Whether a position counts as approximate follows from its accuracy: the server says it anew.
  const kept = Object.entries(base?.properties ?? {}).filter(
    ([name]) => !inForm.has(name) && name !== "position_approximate",
  );
  const draft: Draft = {
    type: "Feature",
    geometry: geometryOf(values, base),
    properties: { ...Object.fromEntries(kept), ...written(values, fields) } as PlaceProperties,
  };
  return base ? { ...draft, id: base.id } : draft;
}

/** Required fields that are empty, with the name of the point as "geometry". */
export function missing(values: Values, base: PlaceFeature | null, fields: readonly FieldSpec[]): string[] {
  const empty = fields.filter(({ name, required }) => required && !textOf(values[name]).trim()).map(({ name }) => name);
  const isPoint = !base || base.geometry.type === "Point";
  const hasPoint = ["lon", "lat"].every((name) => {
    const text = textOf(values[name]);
    return text.trim() && Number.isFinite(Number(text));
  });
  return isPoint && !hasPoint ? ["geometry", ...empty] : empty;
}

/** The fields in which two sets of texts differ. */
export function differing(mine: Values, theirs: Values, fields: readonly FieldSpec[]): string[] {
  const names = ["lon", "lat", ...fields.map(({ name }) => name)];
  return names.filter((name) => plainOf(mine[name]) !== plainOf(theirs[name]));
}

/** What a field says, for reading: a list entry by entry. */
export function plainOf(value: Value | undefined): string {
  if (typeof value === "string" || value === undefined) return textOf(value).trim();
  return value.map((entry) => Object.values(entry).map(plainOf).filter(Boolean).join(" · ")).join("\n");
}
