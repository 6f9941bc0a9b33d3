// Which era of the city is shown. A tileset without an era belongs to every one of them.

/** The era that is shown first where the catalog has it. */
const TODAY = "today";

interface OfEra {
  era?: string | null;
}

/** The eras that tilesets name, today first, then in the catalog's order. */
export function erasOf(tilesets: readonly OfEra[]): string[] {
  const named = [...new Set(tilesets.map(({ era }) => era ?? null).filter((era) => era !== null))];
  return [...named.filter((era) => era === TODAY), ...named.filter((era) => era !== TODAY)];
}

/** The wanted era if the catalog has it, else the first; null where none is named. */
export function chooseEra(eras: readonly string[], wanted: string | null): string | null {
  return eras.find((era) => era === wanted) ?? eras[0] ?? null;
}

export const inEra = (tileset: OfEra, era: string | null): boolean => (tileset.era ?? null) === null || tileset.era === era;

/** The first year that no longer belongs to an era of the past. */
const ENDS: Record<string, number> = { hanyang: 1900 };

/** Whether what was built (a text that begins with a year, or tells none) may stand in an era. */
export function standsIn(era: string | null, built: string | undefined): boolean {
  const end = era === null ? undefined : ENDS[era];
  const year = /^\s*(\d{4})/.exec(built ?? "")?.[1];
  return end === undefined || year === undefined || Number(year) < end;
}

/** Whether an era is a picture of the past, put together anew. */
export const isReconstruction = (era: string | null): boolean => era !== null && era in ENDS;
