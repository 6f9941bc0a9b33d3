// What an alley tells: stories, each at its place along the way, as marks on the map and as a list in its card.

import type { PlaceFeature, Position } from "../api/schema";
import { metresBetween } from "../state/plane";
import { linesOf } from "./content";
import type { LabelSpec } from "./layer";

/** A story's mark yields to no other name but that of what is chosen. */
const WEIGHT = 110;

export interface Story {
  /** From 1. */
  number: number;
  /** Its title, as the names of a record. */
  names: Readonly<Record<string, unknown>>;
  /** Its words (`said_ko` and so on), and where they are from. */
  said: Readonly<Record<string, unknown>>;
  source: string;
  at: Position | null;
}

export function storiesOf({ geometry, properties }: PlaceFeature): Story[] {
  return (properties.stories ?? []).map((story, k) => ({
    number: k + 1,
    names: { name_ko: story["title_ko"], name_en: story["title_en"] },
    said: { said_ko: story["ko"], said_en: story["en"] },
    source: typeof story["source"] === "string" ? story["source"] : "",
    at: placeOf(story, linesOf(geometry)[0] ?? []),
  }));
}

function placeOf({ lon, lat, along_m }: Record<string, unknown>, line: readonly Position[]): Position | null {
  if (typeof lon === "number" && typeof lat === "number") return [lon, lat];
  return typeof along_m === "number" ? along(line, along_m) : null;
}

/** The point of a line so many metres from its beginning; its end where it is shorter. */
export function along(line: readonly Position[], metres: number): Position | null {
  let left = metres;
  for (const [k, end] of line.entries()) {
    const start = line[k - 1];
    if (!start) continue;
    const long = metresBetween(start, end);
    const part = left / (long || 1);
    if (left <= long) return [start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part];
    left -= long;
  }
  return line.at(-1) ?? null;
}

/** Titles with their numbers over the places of the stories. */
export function storyMarks(layer: string, feature: PlaceFeature): LabelSpec[] {
  return storiesOf(feature).flatMap(({ number, names, at }) => {
    if (!at) return [];
    const [lon, lat] = at;
    const id = `story/${String(number)}/${layer}/${feature.id}`;
    const place = { layer, feature };
    return [{ id, place, names, lon, lat, glyph: "dot", letter: String(number), weight: WEIGHT, soft: false, thing: false }];
  });
}
