// The time of the picture, as people in Seoul read it: Korean time (UTC+9, no summer time since 1988).

const ZONE_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;

/** A spring morning over Seoul: the light from the right, shadows to the left, when no time is asked for. */
export const MORNING = new Date("2026-04-22T10:00:00+09:00");

export interface Clock {
  /** YYYY-MM-DD */
  day: string;
  /** Minutes since midnight. */
  minute: number;
}

export function clockOf(time: Date): Clock {
  const local = new Date(time.getTime() + ZONE_MS);
  return { day: local.toISOString().slice(0, 10), minute: local.getUTCHours() * 60 + local.getUTCMinutes() };
}

/** Null when the day is none. */
export function timeOf({ day, minute }: Clock): Date | null {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(midnight) ? null : new Date(midnight - ZONE_MS + minute * MINUTE_MS);
}

/** HH:MM */
export function hourText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** For the address: Korean time without a zone, as the address is read. */
export function formatTime(time: Date): string {
  const { day, minute } = clockOf(time);
  return `${day}T${hourText(minute)}`;
}
