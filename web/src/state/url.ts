// What the address of the page says, and back.

import { type Lang, LANGUAGES } from "../text/words";

/** Where the eye stands: degrees, metres above the WGS84 ellipsoid; heading clockwise from north; tilt 0 looks
 * straight down, 90 at the horizon, more than that up. */
export interface View {
  lon: number;
  lat: number;
  height: number;
  heading: number;
  tilt: number;
}

/** Plain: as low, without shadows and trees. */
export type Quality = "plain" | "low" | "medium" | "high";

export interface UrlState {
  lang: Lang | null;
  embed: boolean;
  at: View | null;
  time: Date | null;
  era: string | null;
  quality: Quality | null;
  place: { layer: string; id: string } | null;
}

const inside = (value: number, low: number, high: number) => Number.isFinite(value) && value >= low && value <= high;

/** So far up may an address look: to the eaves of a gate one stands before, degrees. */
const MOST_TILT = 110;

/** `lon,lat,height,heading,tilt`; the last two may be left out. Null when it names no place on Earth. */
export function parseView(text: string | null): View | null {
  if (!text) return null;
  const [lon = NaN, lat = NaN, height = NaN, heading = 0, tilt = 60] = text.split(",").map(Number);
  const fits =
    inside(lon, -180, 180) &&
    inside(lat, -90, 90) &&
    inside(height, -500, 100_000) &&
    Number.isFinite(heading) &&
    inside(tilt, 0, MOST_TILT);
  return fits ? { lon, lat, height, heading: ((heading % 360) + 360) % 360, tilt } : null;
}

export function formatView(view: View): string {
  const { lon, lat, height, heading, tilt } = view;
  return [lon.toFixed(6), lat.toFixed(6), height.toFixed(1), heading.toFixed(1), tilt.toFixed(1)].join(",");
}

/** An ISO time; one without a zone is Korean time (UTC+9). */
export function parseTime(text: string | null): Date | null {
  if (!text) return null;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.includes("T") ? text : `${text}T12:00`}+09:00`;
  const time = new Date(zoned.replace(" ", "+"));
  return Number.isNaN(time.getTime()) ? null : time;
}

function parsePlace(text: string | null): UrlState["place"] {
  const [layer, ...rest] = (text ?? "").split("/");
  const id = rest.join("/");
  return layer && id ? { layer, id } : null;
}

const oneOf = <Word extends string>(text: string | null, words: readonly Word[]): Word | null =>
  words.find((word) => word === text) ?? null;

export function parseUrl(search: string): UrlState {
  const query = new URLSearchParams(search);
  return {
    lang: oneOf(query.get("lang"), LANGUAGES),
    embed: query.has("embed") && query.get("embed") !== "0",
    at: parseView(query.get("at")),
    time: parseTime(query.get("time")),
    era: /^[a-z0-9-]+$/.exec(query.get("era") ?? "")?.[0] ?? null,
    quality: oneOf(query.get("quality"), ["plain", "low", "medium", "high"] as const),
    place: parsePlace(query.get("place")),
  };
}

/** The query with some words changed; null takes a word away. All other words stay as they were. */
export function withUrl(search: string, change: Record<string, string | null>): string {
  const query = new URLSearchParams(search);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");
  return text ? `?${text}` : "";
}
