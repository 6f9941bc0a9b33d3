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
  /** 0 by day, 1 when the lanterns burn in full. */
  night: number;
}

// Chosen by eye against pictures of Seoul at these heights of the sun (degrees); sRGB.
const STEPS: { altitude: number; sun: string; sunStrength: number; sky: string; ground: string; skyStrength: number;
  zenith: string; horizon: string; glow: string; night: number }[] = [
  { altitude: -12, sun: "#a9b8d8", sunStrength: 0.55, sky: "#7d8db4", ground: "#5d6079", skyStrength: 1.35,
    zenith: "#1b2746", horizon: "#56648a", glow: "#62698c", night: 1 },
  { altitude: -4, sun: "#c9a9ae", sunStrength: 0.45, sky: "#8f9abb", ground: "#746f7f", skyStrength: 1.4,
    zenith: "#33497a", horizon: "#c4a4a4", glow: "#e6a98a", night: 0.8 },
  { altitude: 0, sun: "#ffab7a", sunStrength: 1.4, sky: "#a9b3d2", ground: "#8b8390", skyStrength: 1.7,
    zenith: "#4d6a9b", horizon: "#e6c3ae", glow: "#ffc596", night: 0.4 },
  { altitude: 6, sun: "#ffc28d", sunStrength: 3.1, sky: "#c6cde4", ground: "#bfb3ac", skyStrength: 2.5,
    zenith: "#6d93c1", horizon: "#eedac4", glow: "#ffdca8", night: 0.22 },
  { altitude: 12, sun: "#ffce9f", sunStrength: 3, sky: "#cdd5e6", ground: "#c6b9a8", skyStrength: 2.2,
    zenith: "#6894c4", horizon: "#e7ded1", glow: "#ffe3b8", night: 0 },
  { altitude: 22, sun: "#ffe2bf", sunStrength: 2.6, sky: "#d3dcea", ground: "#c9baa6", skyStrength: 1.8,
    zenith: "#5f95ca", horizon: "#dbe4e6", glow: "#fff0d2", night: 0 },
  { altitude: 45, sun: "#fff0dc", sunStrength: 2.2, sky: "#d6dfec", ground: "#cfc1ab", skyStrength: 1.55,
    zenith: "#5290cf", horizon: "#d3e1ea", glow: "#fdf5e6", night: 0 },
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
    night: number(low.night, high.night),
  };
}
