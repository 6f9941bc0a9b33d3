// Light reckoned at the corners of faces that are many and small: what is lit without gloss is as good as the same so. A
// pixel asks for its shadow alone, or for nothing; it is even spared the way from light to the screen's numbers.

import { CONTACT_GLSL } from "./contact";
import { HAZE_GLSL } from "./sky";

/** GLSL for vertices: the city's light on wood, haze before it, as numbers of the screen. Directions are the frame's, as the sun's
 * is: nothing is turned into the view and back. */
export const CORNER_GLSL = /* glsl */ `
#include <lights_pars_begin>
${HAZE_GLSL}
// The curve of sRGB by roots, off by 0.001 where it is not black: powers are dear where the processor draws.
vec3 onScreen(vec3 light) {
  vec3 root = sqrt(light), fourth = sqrt(root);
  return 0.662003 * root + 0.684122 * fourth - 0.323584 * sqrt(fourth) - 0.022541 * light;
}
vec3 lightOfSky(vec3 facing) {
  return mix(hemisphereLights[0].groundColor, hemisphereLights[0].skyColor, 0.5 * facing.y + 0.5) * RECIPROCAL_PI;
}
vec3 lightOfSun(vec3 facing) {
  return sunLights[0].color * (max(dot(facing, uSun), 0.0) * RECIPROCAL_PI);
}
`;

/** The pixels of what throws and takes shadows: `vDark` where the sun does not reach, `vLit` where it does. */
export const SHADOWED_FRAGMENT = /* glsl */ `
uniform float opacity;
varying vec3 vPoint, vDark, vLit;
#ifdef CONTACT
varying float vFloor;
${CONTACT_GLSL}
#endif
#include <common>
#include <packing>
#include <lights_pars_begin>
#include <shadowmap_pars_fragment>
void main() {
  vec3 shown = vLit;
#if defined( USE_SHADOWMAP ) && NUM_SUN_LIGHT_SHADOWS > 0
  float taken = 1.0 - getSunShadow(sunShadowMap[0], sunLightShadows[0], 0);
  shown = mix(shown, vDark, taken / max(sunLightShadows[0].shadowIntensity, 0.001));
#endif
#ifdef CONTACT
  shown *= 1.0 - 0.38 * vFloor * contact(vPoint.xz);
#endif
  gl_FragColor = vec4(shown, opacity);
}
`;

/** The pixels of what takes no shadow. */
export const SHOWN_FRAGMENT = /* glsl */ `
varying vec3 vShown;
void main() {
  gl_FragColor = vec4(vShown, 1.0);
}
`;
