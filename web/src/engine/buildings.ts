// Buildings as blocks of limewood: colour by what is known about the height, storeys faintly scored into the walls,
// darker where a wall meets the ground. The hovered and the chosen building are lit by their feature id.

import { BufferAttribute, Color, Matrix4, type Mesh, MeshLambertMaterial, Vector3 } from "three";

import type { FeatureTable } from "./features";
import { HAZE_GLSL, type Air } from "./sky";

const WOOD = {
  known: new Color("#efdfc2"),
  floors: new Color("#eee3cf"),
  estimated: new Color("#eeeae2"),
  tall: new Color("#d5dde1"),
  // Between the valley's paper and the wood: many low houses as one block, seen from far away.
  quarter: new Color("#d9d1c1"),
};

/** Height of a storey for the scored lines, metres; the same as the tiles' ladder assumes. */
const STOREY_M = 3.0;
/** So high above its ground a wall is no longer darkened by it (see `foot` below). */
const FOOTLESS_M = 13.0;

const VERTEX = /* glsl */ `
attribute float rise;
attribute float feature;
varying vec3 vPoint;
varying vec3 vLean;
varying float vRise;
varying float vFeature;
`;

const FRAGMENT = /* glsl */ `
varying vec3 vPoint;
varying vec3 vLean;
varying float vRise;
varying float vFeature;
uniform float uChosen, uHovered;
uniform vec3 uChosenColour;
${HAZE_GLSL}
`;

const COLOUR = /* glsl */ `
vec3 lean = normalize(vLean);
float wall = 1.0 - smoothstep(0.3, 0.7, lean.y);
float foot = mix(0.74, 1.0, smoothstep(-2.0, 13.0, vRise));
diffuseColor.rgb *= mix(1.0, 0.95 * foot, wall);
float storey = vRise / ${STOREY_M.toFixed(1)};
float wide = fwidth(storey);
float score = 1.0 - smoothstep(0.0, 1.5, abs(fract(storey - 0.5) - 0.5) / max(wide, 1e-4));
score *= (1.0 - smoothstep(0.10, 0.34, wide)) * step(0.4, storey);
diffuseColor.rgb *= 1.0 - 0.09 * score * wall;
float chosen = 1.0 - step(0.5, abs(vFeature - uChosen));
float hovered = (1.0 - step(0.5, abs(vFeature - uHovered))) * (1.0 - chosen);
diffuseColor.rgb = mix(diffuseColor.rgb, uChosenColour, chosen * 0.82);
diffuseColor.rgb = mix(diffuseColor.rgb, uChosenColour * 1.15 + 0.1, hovered * 0.35);
`;

export interface BuildingMaterial {
  material: MeshLambertMaterial;
  chosen: { value: number };
  hovered: { value: number };
}

const NOBODY = -1;

/** A material for buildings; with its own pair of lit feature ids. */
export function createBuildingMaterial(air: Air): BuildingMaterial {
  const chosen = { value: NOBODY };
  const hovered = { value: NOBODY };
  const material = new MeshLambertMaterial({ vertexColors: true, fog: false });
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air, {
      uChosen: chosen,
      uHovered: hovered,
      uChosenColour: { value: new Color("#e2572f") },
    });
    shader.vertexShader = shader.vertexShader.replace("#include <common>", `#include <common>\n${VERTEX}`).replace(
      "#include <project_vertex>",
      `#include <project_vertex>
        vPoint = (modelMatrix * vec4(transformed, 1.0)).xyz;
        vLean = mat3(modelMatrix) * objectNormal;
        vRise = rise;
        vFeature = feature;`,
    );
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${FRAGMENT}`)
      .replace("#include <color_fragment>", `#include <color_fragment>\n${COLOUR}`)
      .replace(
        "#include <opaque_fragment>",
        `outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);\n#include <opaque_fragment>`,
      );
  };
  material.customProgramCacheKey = () => "smap-buildings";
  return { material, chosen, hovered };
}

/** The colour of one building: warm wood, paler the less is known, cooler the taller. */
export function woodColour(height: number | null, source: string | null, target: Color): Color {
  if (source === "height" || source === "measured") target.copy(WOOD.known);
  else if (source === "floors") target.copy(WOOD.floors);
  else target.copy(WOOD.estimated);
  const tall = Math.min(Math.max(((height ?? 0) - 24) / 110, 0), 1);
  return target.lerp(WOOD.tall, tall * 0.85);
}

/** Give a loaded mesh its colours, the height of each vertex above its building's ground, and its material. */
export function dressBuildings(
  mesh: Mesh,
  table: FeatureTable | null,
  material: MeshLambertMaterial,
  toFrame: Matrix4,
): void {
  const geometry = mesh.geometry;
  const count = geometry.getAttribute("position").count;
  const ids = geometry.getAttribute("_feature_id_0") as BufferAttribute | undefined;
  const feature = new Float32Array(count);
  for (let i = 0; i < count; i += 1) feature[i] = ids ? ids.getX(i) : NOBODY;
  geometry.setAttribute("feature", new BufferAttribute(feature, 1));
  geometry.setAttribute("color", colours(feature, table));
  geometry.setAttribute("rise", rises(mesh, feature, table, toFrame));
  mesh.material = material;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
}

/** Coarse tiles stand many small houses in for by blocks, which are nobody's building. */
const isQuarter = (table: FeatureTable | null, id: number) => table !== null && table.text(id, "smap_id") === null;

function colours(feature: Float32Array, table: FeatureTable | null): BufferAttribute {
  const palette = new Map<number, [number, number, number]>();
  const colour = new Color();
  const out = new Uint8Array(feature.length * 3);
  feature.forEach((id, vertex) => {
    let rgb = palette.get(id);
    if (!rgb) {
      if (isQuarter(table, id)) colour.copy(WOOD.quarter);
      else woodColour(table?.number(id, "height") ?? null, table?.text(id, "height_source") ?? null, colour);
      // Neighbours differ by a breath, as blocks cut from one plank do.
      const breath = 0.985 + 0.03 * ((Math.sin(id * 127.1) * 43758.5453) % 1);
      rgb = [colour.r, colour.g, colour.b].map((part) => Math.round(255 * Math.min(part * breath, 1))) as [number, number, number];
      palette.set(id, rgb);
    }
    out.set(rgb, vertex * 3);
  });
  return new BufferAttribute(out, 3, true);
}

/** Height of each vertex above its building's ground: below the roof's top by the building's own height. */
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
  for (let i = 0; i < up.length; i += 1) {
    const id = feature[i] as number;
    const height = table?.number(id, "height") ?? 10;
    // The blocks of a quarter stand at many heights: none of them is scored or darkened at its foot.
    up[i] = isQuarter(table, id) ? FOOTLESS_M : (up[i] as number) - (top.get(id) as number) + height;
  }
  return new BufferAttribute(up, 1);
}
