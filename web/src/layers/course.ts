// A course: its stops in their order, as marks on the map and as a list in its card.

import type { PlaceFeature, Position } from "../api/schema";
import { anchorOf } from "./content";
import type { LabelSpec, PlaceRef } from "./layer";

/** A stop's mark yields to no other name but that of what is chosen. */
const WEIGHT = 110;

export interface Stop {
  /** From 1. */
  number: number;
  /** What says its names: the record, or the course itself. */
  names: Readonly<Record<string, unknown>>;
  /** The record that it is, where it is one that is known. */
  place: PlaceRef | null;
}

/** The stops of a course; none for another record. */
export function stopsOf(feature: PlaceFeature, places: readonly PlaceRef[]): Stop[] {
  return (feature.properties.stops ?? []).map((stop, at) => {
    const place = places.find((one) => one.layer === stop["layer"] && one.feature.id === stop["id"]) ?? null;
    // a record that is gone leaves its id
    return { number: at + 1, names: { name_ko: stop["id"], ...place?.feature.properties, ...namesOf(stop) }, place };
  });
}

/** The names that a stop has of its own, where the course calls it otherwise. */
function namesOf(stop: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(stop).filter(([field, value]) => field.startsWith("name_") && value));
}

/** Numbers over those stops whose place is known. */
export function marksOf(stops: readonly Stop[]): LabelSpec[] {
  return stops.flatMap(({ number, place }) => {
    const anchor: Position | null = place && anchorOf(place.feature.geometry);
    if (!place || !anchor) return [];
    const [lon, lat] = anchor;
    const id = `stop/${String(number)}/${place.layer}/${place.feature.id}`;
    return [{ id, place, lon, lat, glyph: "dot", letter: String(number), weight: WEIGHT, soft: false, thing: true }];
  });
}
