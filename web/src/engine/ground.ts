// The ground as of paper and limewood: pale valley floor, green-grey hills, granite where it is high and steep, and
// water where the tile's mask says so. Shaded by height, slope and aspect; where there is a base map, it takes the
// place of these colours.

import { Color, MeshLambertMaterial, Vector4, type Mesh, type Texture } from "three";

import { MAP_FRAGMENT_GLSL, MAP_VERTEX_GLSL, type MapUniforms } from "./basemap";
import { CONTACT_GLSL, type ContactUniforms } from "./contact";
import type { Frame } from "./frame";
import { grainTexture } from "./grain";
import type { Bbox } from "./home";
import { PALETTE } from "./palette";
import { ASKS_AT_GLSL } from "./shade";
import { HAZE_GLSL, type Air } from "./sky";

const EARTH = {
  uValley: PALETTE.valley,
  uMeadow: PALETTE.meadow,
  uForest: PALETTE.forest,
  uDeep: PALETTE.deep,
  uRock: PALETTE.rock,
  uWater: PALETTE.water,
};

/** Slopes look flat from afar: their lean is drawn this much stronger, as shaded maps do. */
const RELIEF = 1.9;
/** Over such a width the ground fades away beyond its source's edge, metres. */
const EDGE_M = 2500;

/** The paper of a base map lies in the light like this share of itself: as the valley that is drawn without one. */
const MAP_LIGHT = 0.84;
/** There it sinks by so much a metre, so that it hides no mountain that stands behind. */
const SINKS = 0.25;

const KNOWN_GLSL = /* glsl */ `
uniform vec4 uKnown;
vec2 beyondKnown(vec3 point) {
  return max(max(uKnown.xy - point.xz, point.xz - uKnown.zw), 0.0);
}
`;

const VERTEX = /* glsl */ `
varying vec3 vPoint;
varying vec3 vLean;
varying vec2 vTile;
${ASKS_AT_GLSL}
${KNOWN_GLSL}
#ifdef BASE_MAP
${MAP_VERTEX_GLSL}
#endif
`;

const FRAGMENT = /* glsl */ `
varying vec3 vPoint;
varying vec3 vLean;
varying vec2 vTile;
uniform vec3 uValley, uMeadow, uForest, uDeep, uRock, uWater;
uniform float uHasWater;
uniform sampler2D uMask;
uniform float uSeaLevel;
${KNOWN_GLSL}
uniform float uNight;
uniform vec3 uLantern;
${HAZE_GLSL}
${CONTACT_GLSL}
uniform sampler2D uGrain;
#ifdef BASE_MAP
${MAP_FRAGMENT_GLSL}
#endif
float contour(float height, float step_m) {
  float c = height / step_m;
  float wide = fwidth(c);
  float line = 1.0 - smoothstep(0.6, 1.6, abs(fract(c - 0.5) - 0.5) / max(wide, 1e-5));
  return line * (1.0 - smoothstep(0.10, 0.30, wide));
}
`;

/** What the map shows as water shines as that of the masks does; near the eye its shore is a line. */
const MAP_WATER_GLSL = /* glsl */ `
float blue = map.b - map.r;
wet = max(wet, map.a * smoothstep(mix(0.08, 0.025, uNightMap), mix(0.15, 0.05, uNightMap), blue));
if (nearWet >= 0.0) wet = mix(wet * (1.0 - edges.a), nearWet, 1.0 - smoothstep(80.0, 140.0, toEye));
`;

// 12 742 000 m: twice the mean radius of the Earth; the frame's y axis falls below the level surface by d²/2R.
const COLOUR = /* glsl */ `
vec3 lean = normalize(vLean);
float slope = length(lean.xz) / max(lean.y, 0.05);
float high = vPoint.y + dot(vPoint.xz, vPoint.xz) / 12742000.0 - uSeaLevel;
// Fields of 190 and 47 m; mottle of 16 m, tufts of 4 m and fibre of 1 m. The mean of each is a half, where it fades.
vec3 fields = texture2D(uGrain, vPoint.xz / 1520.0).rgb;
vec3 fibre = texture2D(uGrain, vPoint.xz / 131.0).rgb;
float canopy = fibre.r;
float grain = fields.g * 0.6 + canopy * 0.4;
float hill = clamp(smoothstep(0.07, 0.24, slope + 0.05 * (grain - 0.5)) * smoothstep(18.0, 60.0, high)
  + smoothstep(75.0, 150.0, high + 20.0 * (grain - 0.5)), 0.0, 1.0);
vec3 earth = mix(uValley, uMeadow, smoothstep(0.0, 0.45, hill));
earth = mix(earth, uForest, smoothstep(0.3, 0.9, hill));
earth = mix(earth, uDeep, smoothstep(120.0, 420.0, high) * hill * 0.7);
earth = mix(earth, uRock, smoothstep(0.34, 0.6, slope + 0.2 * (grain - 0.5)) * smoothstep(110.0, 260.0, high) * 0.85);
float south = dot(normalize(lean.xz + 1e-5), vec2(0.35, 0.94));
earth *= 1.0 + 0.07 * south * hill;
// The valley is laid of large sheets, warmer and cooler by a breath; near the eye their fibre shows.
float bare = 1.0 - hill;
earth *= 1.0 + bare * (0.13 * (fields.r - 0.5) + 0.09 * (fields.g - 0.5) + 0.05 * (fibre.r - 0.5) + 0.05 * (fibre.g - 0.5));
earth *= mix(vec3(1.0), vec3(1.025, 1.0, 0.955), bare * smoothstep(0.3, 0.7, fields.g));
earth *= 1.0 + 0.07 * (fibre.b - 0.5);
// Crowns seen from afar: a mottled wood where no single tree is drawn any more.
earth *= 1.0 + (0.34 * (canopy - 0.5) + 0.26 * (fields.g - 0.5) + 0.18 * (fibre.g - 0.5)) * smoothstep(0.5, 1.0, hill);
// Near the eye the triangles of the ground show in the lines: there the light alone tells the shape.
float away = smoothstep(800.0, 2000.0, distance(vPoint, cameraPosition));
earth *= 1.0 - 0.10 * away * hill * max(contour(high, 20.0), 0.8 * contour(high, 100.0));
#ifdef BASE_MAP
float toEye = distance(vPoint, cameraPosition);
vec4 map = mapAt(toEye);
float nearWet;
vec4 edges = nearAt(toEye, nearWet);
// Woods and rock are drawn more richly here; of the map only what is brighter than them shows, its roads.
float bright = smoothstep(0.56, 0.70, dot(map.rgb, vec3(0.2126, 0.7152, 0.0722)));
map.a *= mix(1.0, bright, 0.8 * hill * (1.0 - uNightMap));
// Near the eye roads are lines: they lie on the picture in its own colours.
map.rgb = mix(map.rgb, edges.rgb, edges.a);
map.a = mix(map.a, 1.0, edges.a);
// By day the map is the ground's colour, as light as the drawn valley; by night it is what is lit.
vec3 printed = map.rgb * MAP_LIGHT * (1.0 + 0.05 * (fields.r - 0.5) + 0.06 * (fibre.r - 0.5));
earth = mix(earth, printed, map.a * (1.0 - uNightMap));
#endif
float wet = uHasWater * smoothstep(0.35, 0.65, 1.0 - texture2D(uMask, vTile).g);
#ifdef BASE_MAP
${MAP_WATER_GLSL}
#endif
float near_houses = contact(vPoint.xz) * (1.0 - wet);
earth *= 1.0 - 0.34 * near_houses;
vec3 ray = normalize(vPoint - cameraPosition);
float grazing = 1.0 - clamp(-ray.y, 0.0, 1.0);
grazing *= grazing;
grazing *= grazing;
diffuseColor.rgb = mix(earth, uWater * (0.97 + 0.06 * fields.g), wet);
`;

const NORMAL = /* glsl */ `
vec3 strong = normalize(vec3(lean.x * RELIEF, lean.y, lean.z * RELIEF));
strong = normalize(mix(strong, vec3(0.0, 1.0, 0.0), wet));
vec3 normal = normalize((viewMatrix * vec4(strong, 0.0)).xyz);
vec3 nonPerturbedNormal = normal;
`;

const FINISH = /* glsl */ `
if (wet > 0.0) {
  // ripples lean the mirror by a degree or two near by; from afar their texture has faded to its mean
  vec3 mirror = reflect(ray, normalize(vec3(0.05 * (fibre.r - 0.5), 1.0, 0.05 * (fibre.b - 0.5))));
  mirror.y = abs(mirror.y);
  float glint = pow(max(dot(mirror, uSun), 0.0), 180.0);
  outgoingLight = mix(outgoingLight, skyColour(mirror), wet * (0.12 + 0.6 * grazing)) + wet * glint * uGlow * 0.6;
}
#ifdef BASE_MAP
outgoingLight = mix(outgoingLight, max(outgoingLight * 0.6, map.rgb * 0.62), map.a * uNightMap * (1.0 - wet));
#endif
outgoingLight += uLantern * (0.34 * uNight * near_houses);
outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);
// Beyond the heights' source the tiles only draw its edge on: the map ends there as the haze does.
float unknown = smoothstep(0.0, EDGE_M, length(beyondKnown(vPoint)));
if (unknown > 0.0) {
  outgoingLight = mix(outgoingLight, skyColour(normalize(vec3(ray.x, max(ray.y, 0.0), ray.z))), unknown);
}
#include <opaque_fragment>
`;

/** The rectangle of the frame (west, north, east, south: least x, least z, most x, most z) that a bbox spans, metres. */
export function knownArea(frame: Frame, [west, south, east, north]: Bbox): Vector4 {
  const corners = [west, east].flatMap((lon) => [south, north].map((lat) => frame.place(lon, lat, 0)));
  const [xs, zs] = [corners.map(({ x }) => x), corners.map(({ z }) => z)];
  return new Vector4(Math.min(...xs), Math.min(...zs), Math.max(...xs), Math.max(...zs));
}

/** Whether a point of the frame lies in a rectangle that `knownArea` gave: beyond it the ground sinks away. */
export const isKnown = ({ x: west, y: north, z: east, w: south }: Vector4, x: number, z: number): boolean =>
  x >= west && x <= east && z >= north && z <= south;

/** What all tiles of the ground share: `seaLevel` along the frame's y axis, `known` as from knownArea. */
export interface GroundLook {
  air: Air;
  contact: ContactUniforms;
  seaLevel: number;
  known: Vector4;
  map: MapUniforms | null;
}

/** The material of one terrain tile; `mask` is its water mask (0 = water), if it has one. */
export function createGround(look: GroundLook, mask: Texture | null): MeshLambertMaterial {
  const material = new MeshLambertMaterial({ fog: false });
  const colours = Object.fromEntries(Object.entries(EARTH).map(([name, hex]) => [name, { value: new Color(hex) }]));
  const mapped = look.map ? `#define BASE_MAP\n#define MAP_LIGHT ${MAP_LIGHT.toFixed(2)}\n` : "";
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, look.air, look.contact, look.map, colours, {
      uGrain: { value: grainTexture() },
      uMask: { value: mask },
      uHasWater: { value: mask ? 1 : 0 },
      uSeaLevel: { value: look.seaLevel },
      uKnown: { value: look.known },
    });
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${mapped}${VERTEX}`)
      .replace(
        "#include <project_vertex>",
        `#include <project_vertex>
        vLean = mat3(modelMatrix) * objectNormal;
        vPoint = asksAt((modelMatrix * vec4(transformed, 1.0)).xyz, vLean);
        vTile = uv;
        #ifdef BASE_MAP
        vMap = onMap((modelMatrix * vec4(transformed, 1.0)).xz);
        #endif
        gl_Position += projectionMatrix * viewMatrix * vec4(0.0, -${SINKS.toFixed(2)} * length(beyondKnown(vPoint)), 0.0, 0.0);`,
      );
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n#define RELIEF ${RELIEF.toFixed(2)}\n#define EDGE_M ${EDGE_M.toFixed(1)}\n${mapped}${FRAGMENT}`)
      .replace("#include <color_fragment>", `#include <color_fragment>\n${COLOUR}`)
      .replace("#include <normal_fragment_begin>", NORMAL)
      .replace("#include <opaque_fragment>", FINISH);
  };
  material.customProgramCacheKey = () => `smap-ground${look.map ? "-map" : ""}`;
  return material;
}

/** Dress a loaded terrain tile. */
export function dressGround(mesh: Mesh, look: GroundLook): void {
  const original = mesh.material as { roughnessMap?: Texture | null };
  mesh.material = createGround(look, original.roughnessMap ?? null);
  mesh.userData["water"] = original.roughnessMap?.image ?? null;
  // The loader makes a group per material (surface, skirt); one material draws all.
  mesh.receiveShadow = true;
  mesh.castShadow = false;
  // after what stands on it: of the dearest of all surfaces only that is reckoned which is seen
  mesh.renderOrder = 2;
}
