// What a search found, as the list shows it: a row for a place or a building, with what is to be marked.

import type { BuildingHit, PlaceFeature, PlaceHit, Suggestion } from "../../api/schema";
import { anchorOf } from "../../layers/content";
import type { Lang } from "../../text/words";

export const BUILDINGS = "buildings";

export interface FoundRow extends Suggestion {
  /** The record itself, where the answer held it. */
  feature?: PlaceFeature;
}

/** A part of a text, and whether it is what was asked for. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** Cut a text at ranges that count characters, not the units of UTF-16. */
export function pieces(text: string, ranges: readonly (readonly [number, number])[]): Piece[] {
  const characters = [...text];
  const cut: Piece[] = [];
  const add = (from: number, to: number, marked: boolean) => {
    if (to > from) cut.push({ text: characters.slice(from, to).join(""), marked });
  };
  let at = 0;
  for (const [from, to] of ranges) {
    add(at, from, false);
    add(from, to, true);
    at = to;
  }
  add(at, characters.length, false);
  return cut;
}

/** The name in a language and the other one that is told beside it: what was meant, else one in another language. */
export function namesOf(row: FoundRow, lang: Lang): { name: Piece[]; other: Piece[] } {
  const { names, match } = row;
  const order = [`name_${lang}`, "name", "name_en", "name_ko", ...Object.keys(names)];
  const own = order.find((field) => names[field]) ?? "";
  const beside = match.field !== own && names[match.field] ? match.field : order.find((f) => f !== own && names[f]);
  const cut = (field: string | undefined) =>
    field ? pieces(names[field] ?? "", field === match.field ? match.ranges : []) : [];
  return { name: cut(own), other: cut(beside) };
}

/** The row of a hit of the search. */
export function rowOf(hit: PlaceHit | BuildingHit): FoundRow {
  const distance = hit.distance_m === undefined ? {} : { distance_m: hit.distance_m };
  if (isBuilding(hit)) {
    const { name, name_en, tileset } = hit.properties;
    const [lon, lat] = hit.geometry.coordinates;
    const names = name_en === undefined ? { name } : { name, name_en };
    return { layer: BUILDINGS, id: hit.id, names, tileset, lon, lat, match: hit.match, ...distance };
  }
  const [lon, lat] = anchorOf(hit.geometry) ?? [0, 0];
  const names: Record<string, string> = {};
  for (const [field, value] of Object.entries(hit.properties)) {
    if (/^(name|address)_/.test(field) && typeof value === "string") names[field] = value;
  }
  const layer = String(hit.properties["layer"]);
  const kind = hit.properties.category === undefined ? {} : { category: hit.properties.category };
  return { layer, id: hit.id, names, lon, lat, match: hit.match, feature: hit, ...kind, ...distance };
}

function isBuilding(hit: PlaceHit | BuildingHit): hit is BuildingHit {
  return hit.properties["layer"] === BUILDINGS;
}
