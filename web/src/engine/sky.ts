// The sky behind everything, and the haze that lets far things fade into it. Both use the same colours, so that the
// edge of the world is never seen.

import { BufferAttribute, BufferGeometry, Color, Mesh, ShaderMaterial, Vector3 } from "three";

import type { Daylight } from "./daylight";
import { PALETTE } from "./palette";
import type { ShadeUniforms } from "./shade";

/** Shared by the sky and by every material that fades into it or takes its shadows. */
export interface Air extends ShadeUniforms {
  uHorizon: { value: Color };
  uZenith: { value: Color };
  uGlow: { value: Color };
  uSun: { value: Vector3 };
  /** Share of light lost per metre, as in exp(-(distance · uHaze)²). */
  uHaze: { value: number };
  /** How much of the night is here, 0 to 1: lanterns burn by it. */
  uNight: { value: number };
  uLantern: { value: Color };
}

/** At this distance the haze has taken 1 − 1/e = 63 % of the contrast: a clear spring day over Seoul. */
const CLEAR_DISTANCE_M = 17_000;
/** Below this height of the eye the haze is that of the streets. */
const HAZE_TOP_M = 1000;
/** From above the haze, each metre of height clears so many metres: at 14 km the whole city (40 km) keeps its colour. */
const CLEARED_PER_METRE = 3.2;

/** The share of light lost per metre for an eye so many metres above the ground. */
export function hazeFrom(height: number): number {
  return 1 / (CLEAR_DISTANCE_M + CLEARED_PER_METRE * Math.max(0, height - HAZE_TOP_M));
}

export function createAir(shade: ShadeUniforms): Air {
  return {
    ...shade,
    uHorizon: { value: new Color() },
    uZenith: { value: new Color() },
    uGlow: { value: new Color() },
    uSun: { value: new Vector3(0, 1, 0) },
    uHaze: { value: hazeFrom(0) },
    uNight: { value: 0 },
    uLantern: { value: new Color(PALETTE.lantern) },
  };
}

export function setAir(air: Air, light: Daylight, sun: Vector3): void {
  air.uHorizon.value.copy(light.horizon);
  air.uZenith.value.copy(light.zenith);
  air.uGlow.value.copy(light.glow);
  air.uSun.value.copy(sun);
  air.uNight.value = light.night;
}

/** GLSL: the colour of the sky in a direction of the frame. */
export const SKY_GLSL = /* glsl */ `
uniform vec3 uHorizon;
uniform vec3 uZenith;
uniform vec3 uGlow;
uniform vec3 uSun;
vec3 skyColour(vec3 direction) {
  float up = clamp(direction.y, 0.0, 1.0);
  float down = 1.0 - up;
  vec3 sky = mix(uHorizon, uZenith, 1.0 - down * down * down);
  float near = max(dot(direction, uSun), 0.0);
  float low = 1.0 - smoothstep(0.0, 0.45, up);
  // The 6th and the 48th power by products: pow() is dear where the processor draws.
  float wide = near * near * near;
  wide *= wide;
  float close = wide * wide;
  close *= close;
  close *= close;
  return mix(sky, uGlow, 0.55 * low * wide + 0.35 * close);
}
`;

/** GLSL: fades a colour seen at a point of the frame into the sky behind it. */
export const HAZE_GLSL = /* glsl */ `
${SKY_GLSL}
uniform float uHaze;
// the haze before a point: its colour, and its share of what is seen
vec4 hazeBefore(vec3 point, vec3 eye) {
  vec3 ray = point - eye;
  float far = length(ray);
  // Haze lies low: it thins out with the mean height of the line of sight (scale 900 m).
  float density = uHaze * mix(1.0, 0.62, clamp(0.5 * (eye.y + point.y) / 900.0, 0.0, 1.0));
  float share = 1.0 - exp(-far * density * far * density);
  // What lies below the eye fades into the horizon; steep below it, where this ray is short, it is near and clear.
  vec3 flat_ray = vec3(ray.x, max(ray.y, 0.0), ray.z) / far;
  return vec4(skyColour(flat_ray), share);
}
vec3 hazed(vec3 colour, vec3 point, vec3 eye) {
  vec4 haze = hazeBefore(point, eye);
  return mix(colour, haze.rgb, haze.a);
}
`;

/** GLSL: the light that a wall gives at night, `rise` metres above the street; `chance` 0 to 1 differs by building. */
export const LANTERN_GLSL = /* glsl */ `
uniform float uNight;
uniform vec3 uLantern;
vec3 lantern(float rise, float chance) {
  if (uNight <= 0.0) return vec3(0.0);
  float low = exp(-max(rise, 0.0) / 7.0);
  return uLantern * uNight * (0.06 * chance + low * mix(0.16, 0.62, chance * chance));
}
`;

export function createSky(air: Air): Mesh {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
  const material = new ShaderMaterial({
    uniforms: { ...air },
    depthWrite: false,
    vertexShader: /* glsl */ `
      varying vec3 vRay;
      void main() {
        vec4 far = inverse(projectionMatrix) * vec4(position.xy, 1.0, 1.0);
        vRay = transpose(mat3(viewMatrix)) * (far.xyz / far.w);
        gl_Position = vec4(position.xy, 1.0, 1.0);
      }`,
    fragmentShader: /* glsl */ `
      varying vec3 vRay;
      ${SKY_GLSL}
      void main() {
        gl_FragColor = vec4(skyColour(normalize(vRay)), 1.0);
        #include <colorspace_fragment>
      }`,
  });
  const sky = new Mesh(geometry, material);
  sky.frustumCulled = false;
  // after all that is solid: what that hides is not reckoned
  sky.renderOrder = 3;
  return sky;
}
