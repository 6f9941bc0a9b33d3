// Colours of sun, sky and haze for a height of the sun: a soft, slightly warm light as over a model of limewood.

import { Color } from "three";

export interface Daylight {
  sun: Color;
  sunStrength: number;
  sky: Color;
  ground: Color;
  skyStrength: number;
  zenith: Color;
  horizon: Color;
  glow: Color;
}

// Chosen by eye against pictures of Seoul at these heights of the sun (degrees); sRGB.
const STEPS: { altitude: number; sun: string; sunStrength: number; sky: string; ground: string; skyStrength: number;
  zenith: string; horizon: string; glow: string }[] = [
  { altitude: -12, sun: "#8fa3c8", sunStrength: 0.35, sky: "#64769c", ground: "#4a5166", skyStrength: 1.5,
    zenith: "#1d2a48", horizon: "#4a5b7c", glow: "#4a5b7c" },
  { altitude: -2, sun: "#ffb487", sunStrength: 0.4, sky: "#8b97b8", ground: "#6d6872", skyStrength: 1.2,
    zenith: "#3f5580", horizon: "#d0b3a8", glow: "#f3b48c" },
  { altitude: 6, sun: "#ffc28d", sunStrength: 2.6, sky: "#bcc5d8", ground: "#a99d92", skyStrength: 1.6,
    zenith: "#6f93bf", horizon: "#ecd9c4", glow: "#ffdca8" },
  { altitude: 22, sun: "#ffe3c2", sunStrength: 2.9, sky: "#d3dfee", ground: "#c4b6a2", skyStrength: 1.55,
    zenith: "#6a9ccb", horizon: "#e6e8e2", glow: "#fff0d2" },
  { altitude: 45, sun: "#fff2e2", sunStrength: 2.75, sky: "#dbe7f5", ground: "#d2c6b2", skyStrength: 1.6,
    zenith: "#5c97d0", horizon: "#e0eaed", glow: "#fdf5e6" },
];

/** The light for a height of the sun in degrees. */
export function daylight(altitude: number): Daylight {
  const upper = STEPS.findIndex((step) => step.altitude >= altitude);
  const high = STEPS.at(upper);
  const low = STEPS.at(Math.max(0, (upper === -1 ? STEPS.length : upper) - 1));
  if (!high || !low) throw new Error("the table of daylight is empty");
  const span = high.altitude - low.altitude;
  const part = span > 0 ? Math.min(Math.max((altitude - low.altitude) / span, 0), 1) : 0;
  const mix = (a: string, b: string) => new Color(a).lerp(new Color(b), part);
  const number = (a: number, b: number) => a + (b - a) * part;
  return {
    sun: mix(low.sun, high.sun),
    sunStrength: number(low.sunStrength, high.sunStrength),
    sky: mix(low.sky, high.sky),
    ground: mix(low.ground, high.ground),
    skyStrength: number(low.skyStrength, high.skyStrength),
    zenith: mix(low.zenith, high.zenith),
    horizon: mix(low.horizon, high.horizon),
    glow: mix(low.glow, high.glow),
  };
}
