// Models in the colours they came with, under the city's light and haze: full colour says that a thing is as it is
// drawn. At night they are lit from below, as palaces and gates are.

import {
  BufferAttribute,
  Color,
  FrontSide,
  Matrix4,
  type Mesh,
  MeshLambertMaterial,
  type MeshStandardMaterial,
  Vector3,
} from "three";

import { CHOSEN_GLSL, featuresOf } from "./buildings";
import { CONTACT_LAYER, type ContactUniforms } from "./contact";
import { CORNER_GLSL, SHADOWED_FRAGMENT } from "./corner";
import { tableOf } from "./features";
import { NOBODY, type Dress, type LitMaterial } from "./lit";
import { PALETTE } from "./palette";
import { ASKS_AT_GLSL, SHADOW_GLSL } from "./shade";
import { HAZE_GLSL, type Air } from "./sky";

/** Floodlight fades by three quarters over so many metres, but never below three fifths: towers are lit to their tops; kerbs and
 * lawns lie below its beam. */
const [FLOODED_M, BEAM_M] = [34, 1.6];

// Light from below is strongest on what looks down, the eaves, and half as strong on walls; what looks up has none: paving,
// lawns, the tops of crowns, most of a roof.
const FLOOD_GLSL = /* glsl */ `
uniform float uNight;
uniform vec3 uLantern;
vec3 floodlight(vec3 facing, float rise) {
  float beam = clamp(${(4 / 3 / BEAM_M).toFixed(3)} * rise - 0.333, 0.0, 1.0);
  float high = min(${(0.75 / FLOODED_M).toFixed(4)} * rise, 0.42);
  return mix(vec3(1.0), uLantern, 0.6) * (1.6 * uNight * (0.5 - 0.5 * facing.y) * beam * (1.0 - high));
}
`;

const VERTEX = /* glsl */ `
attribute float feature;
attribute float rise;
varying vec3 vPoint;
varying float vFeature;
varying float vRise;
${ASKS_AT_GLSL}
`;

const FRAGMENT = /* glsl */ `
varying vec3 vPoint;
varying float vFeature;
varying float vRise;
uniform float uChosen, uHovered;
uniform vec3 uChosenColour;
${HAZE_GLSL}
${FLOOD_GLSL}
`;

const FINISH = /* glsl */ `
outgoingLight += diffuseColor.rgb * floodlight(inverseTransformDirection(normal, viewMatrix), vRise);
outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);
#include <opaque_fragment>`;

const CORNER_VERTEX = /* glsl */ `
attribute float rise;
varying vec3 vPoint, vDark, vLit;
#ifdef CONTACT
varying float vFloor;
#endif
uniform vec3 diffuse;
${CORNER_GLSL}
${FLOOD_GLSL}
${ASKS_AT_GLSL}
${SHADOW_GLSL}
`;

const CORNER_LIGHT = /* glsl */ `
#include <project_vertex>
vec3 point = (modelMatrix * vec4(transformed, 1.0)).xyz;
vec3 facing = normalize(mat3(modelMatrix) * objectNormal);
vPoint = asksAt(point, facing);
vec4 haze = hazeBefore(point, cameraPosition);
vec3 wood = diffuse * (1.0 - haze.a);
#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
  wood *= vColor.rgb;
#endif
vec3 shaded = wood * (lightOfSky(facing) + floodlight(facing, rise)) + haze.rgb * haze.a;
vec3 sunned = wood * lightOfSun(facing);
#ifdef CONTACT
vFloor = rise < FLOOR && facing.y > 0.7 ? 1.0 : 0.0;
#endif
vDark = onScreen(shaded + sunned * (1.0 - shadowBy(uNight)));
vLit = onScreen(shaded + sunned);
`;

/** What lies lower above the foot of its model is a floor: it throws no contact shade but takes it, metres. */
const FLOOR_M = 1.2;

/** What a model stands in: light and haze, and the contact shade of floors; null in low quality. */
export interface Around {
  air: Air;
  contact: ContactUniforms | null;
}

const looksOf = (look: MeshStandardMaterial, coloured: boolean) =>
  new MeshLambertMaterial({
    vertexColors: coloured,
    color: look.color,
    map: look.map,
    side: look.side,
    transparent: look.transparent,
    opacity: look.opacity,
    alphaTest: look.alphaTest,
    fog: false,
  });

/** For models without pictures, whose faces are seen from one side: all but the shadows is reckoned at the corners. */
function createCornerMaterial({ air, contact }: Around, look: MeshStandardMaterial, coloured: boolean): MeshLambertMaterial {
  const material = looksOf(look, coloured);
  if (contact) material.defines = { CONTACT: "", FLOOR: FLOOR_M.toFixed(1) };
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air, contact);
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${CORNER_VERTEX}`)
      .replace("#include <project_vertex>", CORNER_LIGHT);
    shader.fragmentShader = SHADOWED_FRAGMENT;
  };
  material.customProgramCacheKey = () => "smap-model-corners";
  return material;
}

const cornerMaterials = new WeakMap<Air, Map<string, MeshLambertMaterial>>();

/** Models that look alike share a material, so that the renderer draws them by their distance, the nearest first. */
function cornerMaterial(around: Around, look: MeshStandardMaterial, coloured: boolean): MeshLambertMaterial {
  const made = cornerMaterials.get(around.air) ?? new Map<string, MeshLambertMaterial>();
  cornerMaterials.set(around.air, made);
  const key = [look.color.getHex(), coloured, look.transparent, look.opacity, look.alphaTest].join();
  const material = made.get(key) ?? createCornerMaterial(around, look, coloured);
  made.set(key, material);
  return material;
}

function createModelMaterial(air: Air, look: MeshStandardMaterial, coloured: boolean): LitMaterial {
  const chosen = { value: NOBODY };
  const hovered = { value: NOBODY };
  const material = looksOf(look, coloured);
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air, {
      uChosen: chosen,
      uHovered: hovered,
      uChosenColour: { value: new Color(PALETTE.cinnabar) },
    });
    shader.vertexShader = shader.vertexShader.replace("#include <common>", `#include <common>\n${VERTEX}`).replace(
      "#include <project_vertex>",
      `#include <project_vertex>
        vPoint = asksAt((modelMatrix * vec4(transformed, 1.0)).xyz, mat3(modelMatrix) * objectNormal);
        vFeature = feature;
        vRise = rise;`,
    );
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${FRAGMENT}`)
      .replace("#include <color_fragment>", `#include <color_fragment>\n${CHOSEN_GLSL}`)
      .replace("#include <opaque_fragment>", FINISH);
  };
  material.customProgramCacheKey = () => "smap-models";
  return { material, chosen, hovered };
}

/** Metres of each vertex above the ground of its model: by the height that it is said to have, else above its lowest point, which
 * may lie deep in the ground. */
function rises(mesh: Mesh, feature: Float32Array, toFrame: Matrix4): Float32Array {
  const position = mesh.geometry.getAttribute("position");
  const table = tableOf(mesh);
  const [foot, top] = [new Map<number, number>(), new Map<number, number>()];
  const point = new Vector3();
  mesh.updateWorldMatrix(true, false);
  const matrix = new Matrix4().multiplyMatrices(toFrame, mesh.matrixWorld);
  const up = feature.map((id, i) => {
    const { y } = point.fromBufferAttribute(position, i).applyMatrix4(matrix);
    foot.set(id, Math.min(y, foot.get(id) ?? Infinity));
    top.set(id, Math.max(y, top.get(id) ?? -Infinity));
    return y;
  });
  for (const [id, y] of top) foot.set(id, Math.max(y - (table?.number(id, "height") ?? Infinity), foot.get(id) ?? y));
  return up.map((y, i) => y - (foot.get(feature[i] as number) ?? y));
}

/** Give a loaded mesh the city's light without touching its colours; answers what it is drawn with. */
export function dressModel(mesh: Mesh, around: Around, toFrame: Matrix4): Dress {
  const { geometry } = mesh;
  const { air } = around;
  const feature = featuresOf(mesh);
  const rise = rises(mesh, feature, toFrame);
  geometry.setAttribute("feature", new BufferAttribute(feature, 1));
  geometry.setAttribute("rise", new BufferAttribute(rise, 1));
  geometry.setAttribute("low", new BufferAttribute(Uint8Array.from(rise, (metres) => (metres < FLOOR_M ? 1 : 0)), 1));
  if (!geometry.getAttribute("normal")) geometry.computeVertexNormals();
  const original = mesh.material as MeshStandardMaterial;
  const coloured = geometry.hasAttribute("color");
  const light = () => createModelMaterial(air, original, coloured);
  const simple = !original.map && original.side === FrontSide;
  const plain = simple ? cornerMaterial(around, original, coloured) : light().material;
  mesh.material = plain;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  mesh.layers.enable(CONTACT_LAYER);
  return { plain, light };
}
