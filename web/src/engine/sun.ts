// Where the sun stands. Source: J. Meeus, Astronomical Algorithms, 2nd ed., ch. 25 (low accuracy, 0.01°), sidereal
// time ch. 12; refraction by Bennett's formula as in NOAA's solar calculator. Checked against NOAA to 0.1°.

const RAD = Math.PI / 180;
const J2000_MS = Date.UTC(2000, 0, 1, 12);
const DAY_MS = 86_400_000;

export interface SunPosition {
  /** Degrees clockwise from north. */
  azimuth: number;
  /** Degrees above the horizon, with refraction. */
  altitude: number;
}

export function sunPosition(time: Date, lon: number, lat: number): SunPosition {
  const days = (time.getTime() - J2000_MS) / DAY_MS;
  const century = days / 36_525;
  const anomaly = (357.529_11 + 35_999.050_29 * century) * RAD;
  const centre = (1.914_602 - 0.004_817 * century) * Math.sin(anomaly) + 0.019_993 * Math.sin(2 * anomaly);
  const omega = (125.04 - 1934.136 * century) * RAD;
  const longitude = (280.466_46 + 36_000.769_83 * century + centre - 0.005_69 - 0.004_78 * Math.sin(omega)) * RAD;
  const obliquity = (23.439_291 - 0.013_004 * century + 0.002_56 * Math.cos(omega)) * RAD;
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude));
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude));
  const sidereal = (280.460_618_37 + 360.985_647_366_29 * days) * RAD;
  return horizontal(sidereal + lon * RAD - ascension, declination, lat * RAD);
}

function horizontal(hour: number, declination: number, lat: number): SunPosition {
  const sine = Math.sin(lat) * Math.sin(declination) + Math.cos(lat) * Math.cos(declination) * Math.cos(hour);
  const altitude = Math.asin(sine) / RAD;
  const south = Math.atan2(Math.sin(hour), Math.cos(hour) * Math.sin(lat) - Math.tan(declination) * Math.cos(lat));
  return { azimuth: (south / RAD + 180 + 360) % 360, altitude: altitude + refraction(altitude) };
}

function refraction(altitude: number): number {
  if (altitude < -1) return 0;
  return 1.02 / 60 / Math.tan((altitude + 10.3 / (altitude + 5.11)) * RAD);
}
