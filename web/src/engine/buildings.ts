// Buildings as blocks of limewood under paper roofs: walls coloured by what is known about the height, storeys faintly
// scored into them, a fine edge below the eaves, darker where a wall meets the ground, and at night lit from within
// like a paper lantern. The hovered and the chosen building are lit by their feature id.

import { BufferAttribute, Color, Matrix4, type Mesh, MeshLambertMaterial, Vector3 } from "three";

import { CONTACT_LAYER } from "./contact";
import type { FeatureTable } from "./features";
import { NOBODY, type LitMaterial } from "./lit";
import { PALETTE } from "./palette";
import { ASKS_AT_GLSL } from "./shade";
import { HAZE_GLSL, LANTERN_GLSL, type Air } from "./sky";

const WOOD = {
  known: new Color(PALETTE.limewood),
  floors: new Color(PALETTE.birch),
  estimated: new Color(PALETTE.ash),
  tall: new Color(PALETTE.maple),
};

/** Height of a storey for the scored lines, metres; the same as the tiles' ladder assumes. */
const STOREY_M = 3.0;
/** So high above its ground a wall is no longer darkened by it (see `foot` below). */
const FOOTLESS_M = 13.0;
const [STOREY, FOOTLESS] = [STOREY_M.toFixed(1), FOOTLESS_M.toFixed(1)];

const VERTEX = /* glsl */ `
attribute vec2 rise;
attribute float feature;
varying vec3 vPoint;
varying vec3 vLean;
varying vec2 vRise;
varying float vFeature;
${ASKS_AT_GLSL}
`;

const FRAGMENT = /* glsl */ `
varying vec3 vPoint;
varying vec3 vLean;
varying vec2 vRise;
varying float vFeature;
uniform float uChosen, uHovered;
uniform vec3 uChosenColour, uPaper;
${HAZE_GLSL}
${LANTERN_GLSL}
`;

/** GLSL: lights the hovered and the chosen feature; both materials of the city use it. */
export const CHOSEN_GLSL = /* glsl */ `
float chosen = 1.0 - step(0.5, abs(vFeature - uChosen));
float hovered = (1.0 - step(0.5, abs(vFeature - uHovered))) * (1.0 - chosen);
diffuseColor.rgb = mix(diffuseColor.rgb, uChosenColour, chosen * 0.82);
diffuseColor.rgb = mix(diffuseColor.rgb, uChosenColour * 1.15 + 0.1, hovered * 0.35);
`;

// vRise: metres above the building's ground, and metres below its roof.
const COLOUR = /* glsl */ `
vec3 lean = normalize(vLean);
float wall = 1.0 - smoothstep(0.3, 0.7, lean.y);
float foot = mix(0.66, 1.0, smoothstep(-2.0, ${FOOTLESS}, vRise.x));
float metre = fwidth(vRise.x);
// Low houses of a few pixels are told by their roofs, which blocks of them have lost: their walls turn to paper.
float merged = smoothstep(0.15, 0.6, metre) * smoothstep(10.0, 6.0, vRise.x + vRise.y);
diffuseColor.rgb = mix(diffuseColor.rgb, uPaper, mix(0.66, 0.6 * merged, wall)) * mix(1.0, mix(foot, 1.3, merged), wall);
float storey = vRise.x / ${STOREY};
float wide = metre / ${STOREY};
float score = 1.0 - smoothstep(0.0, 1.5, abs(fract(storey - 0.5) - 0.5) / max(wide, 1e-4));
score *= (1.0 - smoothstep(0.10, 0.34, wide)) * step(0.4, storey);
float eaves = (1.0 - smoothstep(0.4, 1.6, vRise.y / max(metre, 1e-4))) * (1.0 - smoothstep(0.5, 2.5, metre));
diffuseColor.rgb *= 1.0 - max(0.09 * score, 0.16 * eaves) * wall;
${CHOSEN_GLSL}`;

const FINISH = /* glsl */ `
outgoingLight += lantern(vRise.x, fract(sin(floor(vFeature + 0.5) * 12.9898) * 43758.5453)) * wall;
outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);
#include <opaque_fragment>`;

/** A material for buildings; with its own pair of lit feature ids. */
export function createBuildingMaterial(air: Air): LitMaterial {
  const chosen = { value: NOBODY };
  const hovered = { value: NOBODY };
  const material = new MeshLambertMaterial({ vertexColors: true, fog: false });
  material.defines = { ...material.defines, GRAZED: "" };
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air, {
      uChosen: chosen,
      uHovered: hovered,
      uChosenColour: { value: new Color(PALETTE.cinnabar) },
      uPaper: { value: new Color(PALETTE.paper) },
    });
    shader.vertexShader = shader.vertexShader.replace("#include <common>", `#include <common>\n${VERTEX}`).replace(
      "#include <project_vertex>",
      `#include <project_vertex>
        vLean = mat3(modelMatrix) * objectNormal;
        vPoint = asksAt((modelMatrix * vec4(transformed, 1.0)).xyz, vLean);
        vRise = rise;
        vFeature = feature;`,
    );
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${FRAGMENT}`)
      .replace("#include <color_fragment>", `#include <color_fragment>\n${COLOUR}`)
      .replace("#include <opaque_fragment>", FINISH);
  };
  material.customProgramCacheKey = () => "smap-buildings";
  return { material, chosen, hovered };
}

/** The colour of one building: warm wood, paler the less is known and the taller. */
export function woodColour(height: number | null, source: string | null, target: Color): Color {
  if (source === "height" || source === "measured") target.copy(WOOD.known);
  else if (source === "floors") target.copy(WOOD.floors);
  else target.copy(WOOD.estimated);
  const tall = Math.min(Math.max(((height ?? 0) - 24) / 110, 0), 1);
  return target.lerp(WOOD.tall, tall * 0.85);
}

/** The feature id of each vertex. */
export function featuresOf(mesh: Mesh): Float32Array {
  const ids = mesh.geometry.getAttribute("_feature_id_0") as BufferAttribute | undefined;
  const feature = new Float32Array(mesh.geometry.getAttribute("position").count);
  for (let i = 0; i < feature.length; i += 1) feature[i] = ids ? ids.getX(i) : NOBODY;
  return feature;
}

/** Give a loaded mesh its colours, the height of each vertex above its building's ground, and its material. */
export function dressBuildings(
  mesh: Mesh,
  table: FeatureTable | null,
  material: MeshLambertMaterial,
  toFrame: Matrix4,
): void {
  const geometry = mesh.geometry;
  const feature = featuresOf(mesh);
  geometry.setAttribute("feature", new BufferAttribute(feature, 1));
  geometry.setAttribute("color", colours(feature, table));
  geometry.setAttribute("rise", rises(mesh, feature, table, toFrame));
  mesh.material = material;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  mesh.layers.enable(CONTACT_LAYER);
}

function colours(feature: Float32Array, table: FeatureTable | null): BufferAttribute {
  const palette = new Map<number, [number, number, number]>();
  const colour = new Color();
  const out = new Uint8Array(feature.length * 3);
  feature.forEach((id, vertex) => {
    let rgb = palette.get(id);
    if (!rgb) {
      woodColour(table?.number(id, "height") ?? null, table?.text(id, "height_source") ?? null, colour);
      // Neighbours differ by a breath, as blocks cut from one plank do.
      const breath = 0.985 + 0.03 * ((Math.sin(id * 127.1) * 43758.5453) % 1);
      rgb = [colour.r, colour.g, colour.b].map((part) => Math.round(255 * Math.min(part * breath, 1))) as [number, number, number];
      palette.set(id, rgb);
    }
    out.set(rgb, vertex * 3);
  });
  return new BufferAttribute(out, 3, true);
}

/** Blocks of several houses have their mean height; what may only be drawn has none. */
function heightOf(table: FeatureTable | null, id: number): number | null {
  const known = table?.number(id, "height") ?? null;
  return known === null && table?.text(id, "smap_id") === null ? null : (known ?? 10);
}

/** Of each vertex: metres above its building's ground, and below its top. The top is its height above the ground. */
function rises(
  mesh: Mesh,
  feature: Float32Array,
  table: FeatureTable | null,
  toFrame: Matrix4,
): BufferAttribute {
  const position = mesh.geometry.getAttribute("position");
  const up = new Float32Array(feature.length);
  const top = new Map<number, number>();
  const point = new Vector3();
  // A tile that has just been loaded is not in the scene yet: its own matrices end in ECEF.
  mesh.updateWorldMatrix(true, false);
  const matrix = new Matrix4().multiplyMatrices(toFrame, mesh.matrixWorld);
  for (let i = 0; i < up.length; i += 1) {
    const y = point.fromBufferAttribute(position, i).applyMatrix4(matrix).y;
    const id = feature[i] as number;
    up[i] = y;
    if (y > (top.get(id) ?? -Infinity)) top.set(id, y);
  }
  const heights = new Map([...top.keys()].map((id) => [id, heightOf(table, id)]));
  const out = new Float32Array(feature.length * 2);
  up.forEach((y, i) => {
    const height = heights.get(feature[i] as number) ?? null;
    const below = (top.get(feature[i] as number) as number) - y;
    // What has no height that anybody knows is not scored, edged or darkened at its foot.
    out.set(height === null ? [FOOTLESS_M, FOOTLESS_M] : [height - below, below], i * 2);
  });
  return new BufferAttribute(out, 2);
}
