// The three doors of the first picture: walk the wall, visit a palace, enter an alley. Each leads to a view and opens
// the record it is about, or the list where that record is not there.

import type { Layer, PlaceRef } from "../../layers/layer";
import type { UrlState } from "../../state/url";
import type { Key } from "../../text/words";

/** Where a door leads: what is looked at (degrees), from how far, which way, and how steeply (degrees from down). */
interface DoorAim {
  lon: number;
  lat: number;
  distance: number;
  heading: number;
  tilt: number;
}

interface DoorPlan {
  layer: string;
  /** Records that fit, the best first. */
  records: readonly string[];
  word: Key;
  glyph: string;
  aim: DoorAim;
}

export interface Door extends DoorPlan {
  place: PlaceRef | null;
}

const PLANS: readonly DoorPlan[] = [
  {
    layer: "wall",
    records: ["inwangsan-section", "hanyangdoseong"],
    word: "door_wall",
    glyph: "wall",
    // Along the ridge of Inwangsan to its summit, the old city on the right.
    aim: { lon: 126.9589, lat: 37.5828, distance: 760, heading: 338, tilt: 71 },
  },
  {
    layer: "heritage",
    records: ["geunjeongjeon", "gyeongbokgung"],
    word: "door_palace",
    glyph: "roof",
    // Geunjeongjeon over the gates before it.
    aim: { lon: 126.977, lat: 37.5785, distance: 430, heading: 0, tilt: 68 },
  },
  {
    layer: "alleys",
    records: ["bukchon", "ikseon-dong"],
    word: "door_alley",
    glyph: "path",
    // Low between the roofs of Gahoe-dong, up the slope.
    aim: { lon: 126.9848, lat: 37.5805, distance: 210, heading: 335, tilt: 70 },
  },
];

/** The doors that the content of a page opens: those whose layer has records. */
export function doorsOf(layers: readonly Layer[]): Door[] {
  return PLANS.flatMap((plan) => {
    const places = layers.find(({ id }) => id === plan.layer)?.places ?? [];
    if (places.length === 0) return [];
    const fitting = plan.records.map((record) => places.find(({ feature }) => feature.id === record));
    return [{ ...plan, place: fitting.find((place) => place !== undefined) ?? null }];
  });
}

/** Whether a page greets with its doors: not within another page, nor where the address already says what to see. */
export const greets = ({ embed, at, place }: Pick<UrlState, "embed" | "at" | "place">): boolean =>
  !embed && at === null && place === null;
