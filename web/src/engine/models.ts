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
import { CONTACT_LAYER } from "./contact";
import { NOBODY, type Dress, type LitMaterial } from "./lit";
import { PALETTE } from "./palette";
import { NORMAL_M } from "./shade";
import { HAZE_GLSL, type Air } from "./sky";

/** Floodlight has faded out so far above the foot, metres. */
const FLOODED_M = 34;

// Light from below does not reach what looks up: paving, lawns, the tops of crowns, most of a roof.
const FLOOD_GLSL = /* glsl */ `
uniform float uNight;
uniform vec3 uLantern;
vec3 floodlight(vec3 facing, float rise) {
  float looksUp = max(inverseTransformDirection(facing, viewMatrix).y, 0.0);
  float flood = uNight * (1.0 - looksUp) * mix(0.95, 0.2, smoothstep(0.0, ${FLOODED_M.toFixed(1)}, rise));
  return mix(vec3(1.0), uLantern, 0.6) * flood;
}
`;

const VERTEX = /* glsl */ `
attribute float feature;
attribute float rise;
varying vec3 vPoint;
varying float vFeature;
varying float vRise;
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
outgoingLight += diffuseColor.rgb * floodlight(normal, vRise);
outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);
#include <opaque_fragment>`;

// A model is many small faces: their light, their colour and the haze before them are reckoned at their corners, and a
// pixel asks for its shadow alone. What is lit by light without gloss is as good as the same so.
const CORNER_VERTEX = /* glsl */ `
attribute float rise;
varying vec3 vPoint, vShaded, vSunned;
uniform vec3 diffuse;
#include <lights_pars_begin>
${HAZE_GLSL}
${FLOOD_GLSL}
`;

// NORMAL_M of shade.ts: the point is lifted here, so that no pixel has to.
const CORNER_LIGHT = /* glsl */ `
#include <project_vertex>
vec3 point = (modelMatrix * vec4(transformed, 1.0)).xyz;
vec3 facing = normalize(transformedNormal);
vPoint = point + inverseTransformDirection(facing, viewMatrix) * ${NORMAL_M.toFixed(2)};
vec4 haze = hazeBefore(point, cameraPosition);
vec3 wood = diffuse * (1.0 - haze.a);
#if defined( USE_COLOR ) || defined( USE_COLOR_ALPHA )
  wood *= vColor.rgb;
#endif
vec3 sky = getHemisphereLightIrradiance(hemisphereLights[0], facing) * RECIPROCAL_PI;
float sun = max(dot(facing, sunLights[0].direction), 0.0) * RECIPROCAL_PI;
vShaded = wood * (sky + floodlight(facing, rise)) + haze.rgb * haze.a;
vSunned = wood * sunLights[0].color * sun;
`;

const CORNER_SHADE = /* glsl */ `
float sunlit = 1.0;
#if defined( USE_SHADOWMAP ) && NUM_SUN_LIGHT_SHADOWS > 0
for (bool asks = receiveShadow && vSunned.r > 0.0; asks; asks = false)
  sunlit = getSunShadow(sunShadowMap[0], sunLightShadows[0], 0, vec3(0.0));
#endif
`;

/** What a pixel need not do when the corners have done it. */
const DONE_AT_CORNERS = ["color_fragment", "normal_fragment_begin", "lights_lambert_fragment", "lights_fragment_maps", "lights_fragment_end"];

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
function createCornerMaterial(air: Air, look: MeshStandardMaterial, coloured: boolean): MeshLambertMaterial {
  const material = looksOf(look, coloured);
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air);
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${CORNER_VERTEX}`)
      .replace("#include <project_vertex>", CORNER_LIGHT);
    shader.fragmentShader = DONE_AT_CORNERS.reduce((text, name) => text.replace(`#include <${name}>`, ""), shader.fragmentShader)
      .replace("#include <common>", "#include <common>\nvarying vec3 vPoint, vShaded, vSunned;")
      .replace("#include <lights_fragment_begin>", CORNER_SHADE)
      .replace("#include <opaque_fragment>", "outgoingLight = vShaded + vSunned * sunlit;\n#include <opaque_fragment>");
  };
  material.customProgramCacheKey = () => "smap-model-corners";
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
        vPoint = (modelMatrix * vec4(transformed, 1.0)).xyz;
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

/** Metres of each vertex above the lowest of its model. */
function rises(mesh: Mesh, feature: Float32Array, toFrame: Matrix4): Float32Array {
  const position = mesh.geometry.getAttribute("position");
  const foot = new Map<number, number>();
  const point = new Vector3();
  mesh.updateWorldMatrix(true, false);
  const matrix = new Matrix4().multiplyMatrices(toFrame, mesh.matrixWorld);
  const up = feature.map((id, i) => {
    const { y } = point.fromBufferAttribute(position, i).applyMatrix4(matrix);
    foot.set(id, Math.min(y, foot.get(id) ?? Infinity));
    return y;
  });
  return up.map((y, i) => y - (foot.get(feature[i] as number) ?? y));
}

/** Give a loaded mesh the city's light without touching its colours; answers what it is drawn with. */
export function dressModel(mesh: Mesh, air: Air, toFrame: Matrix4): Dress {
  const { geometry } = mesh;
  const feature = featuresOf(mesh);
  geometry.setAttribute("feature", new BufferAttribute(feature, 1));
  geometry.setAttribute("rise", new BufferAttribute(rises(mesh, feature, toFrame), 1));
  if (!geometry.getAttribute("normal")) geometry.computeVertexNormals();
  const original = mesh.material as MeshStandardMaterial;
  const coloured = geometry.hasAttribute("color");
  const light = () => createModelMaterial(air, original, coloured);
  const simple = !original.map && original.side === FrontSide;
  const plain = simple ? createCornerMaterial(air, original, coloured) : light().material;
  mesh.material = plain;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  mesh.layers.enable(CONTACT_LAYER);
  return { plain, light };
}
