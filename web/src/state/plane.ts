// Distances in the city, where a degree has the same length everywhere: at 37.5 degrees north within half a percent.

/** Metres of a degree of longitude and of latitude. */
export const [LON_M, LAT_M] = [88_000, 111_000];

/** Metres from one place to another, both longitude and latitude. */
export const metresBetween = ([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number =>
  Math.hypot((bx - ax) * LON_M, (by - ay) * LAT_M);
