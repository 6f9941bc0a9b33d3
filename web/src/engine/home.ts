// The first view: from over Sejong-daero north to Gwanghwamun and Bugaksan, or the whole of a city elsewhere.

import type { View } from "../state/url";
import { viewOf } from "./camera";
import type { Geodetic } from "./frame";
import { metresBetween } from "../state/plane";

/** Degrees: west, south, east, north. */
export type Bbox = readonly [number, number, number, number];

const SEJONG_DAERO = { lon: 126.9769, lat: 37.566 };
/** Before Gwanghwamun, as high as its arches' crowns: the gate large in the middle, Bugaksan beside its roof. */
const FIRST_VIEW: View = { lon: 126.97681, lat: 37.57503, height: 70, heading: 358.2, tilt: 88 };

const holds = ([west, south, east, north]: Bbox, { lon, lat }: { lon: number; lat: number }) =>
  lon >= west && lon <= east && lat >= south && lat <= north;

export interface Home {
  view: View;
  anchor: Geodetic;
  /** Whether it is the view of Gwanghwamun. */
  seoul: boolean;
}

/** Where the picture begins, and the anchor of its frame, for tilesets with these boxes. */
export function homeView(boxes: readonly Bbox[]): Home {
  // The smallest box says best where the city is: terrain may reach far beyond it.
  const area = ([west, south, east, north]: Bbox) => (east - west) * (north - south);
  const city = [...boxes].sort((a, b) => area(a) - area(b))[0];
  if (!city || holds(city, SEJONG_DAERO)) {
    return { view: FIRST_VIEW, anchor: { ...SEJONG_DAERO, height: 0 }, seoul: true };
  }
  const [west, south, east, north] = city;
  const middle = { lon: (west + east) / 2, lat: (south + north) / 2, height: 40 };
  const span = metresBetween([west, south], [east, north]);
  const view = viewOf(middle, { distance: Math.min(Math.max(span * 0.85, 300), 20_000), heading: 0, tilt: 56 });
  return { view, anchor: { ...middle, height: 0 }, seoul: false };
}
