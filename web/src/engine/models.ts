// Models in the colours they came with, under the city's light and haze: full colour says that a thing is as it is
// drawn. At night they are lit from below, as palaces and gates are.

import { BufferAttribute, Color, Matrix4, type Mesh, MeshLambertMaterial, type MeshStandardMaterial, Vector3 } from "three";

import { CHOSEN_GLSL, featuresOf } from "./buildings";
import { CONTACT_LAYER } from "./contact";
import { NOBODY, type Dress, type LitMaterial } from "./lit";
import { PALETTE } from "./palette";
import { HAZE_GLSL, type Air } from "./sky";

/** Floodlight has faded out so far above the foot, metres. */
const FLOODED_M = 34;

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
uniform float uChosen, uHovered, uNight;
uniform vec3 uChosenColour, uLantern;
${HAZE_GLSL}
`;

const FINISH = /* glsl */ `
// light from below does not reach what looks up: paving, lawns, the tops of crowns, most of a roof
float looksUp = max(inverseTransformDirection(normal, viewMatrix).y, 0.0);
float flood = uNight * (1.0 - looksUp) * mix(0.95, 0.2, smoothstep(0.0, ${FLOODED_M.toFixed(1)}, vRise));
outgoingLight += diffuseColor.rgb * mix(vec3(1.0), uLantern, 0.6) * flood;
outgoingLight = hazed(outgoingLight, vPoint, cameraPosition);
#include <opaque_fragment>`;

function createModelMaterial(air: Air, look: MeshStandardMaterial, coloured: boolean): LitMaterial {
  const chosen = { value: NOBODY };
  const hovered = { value: NOBODY };
  const material = new MeshLambertMaterial({
    vertexColors: coloured,
    color: look.color,
    map: look.map,
    side: look.side,
    transparent: look.transparent,
    opacity: look.opacity,
    alphaTest: look.alphaTest,
    fog: false,
  });
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
  const light = () => createModelMaterial(air, original, geometry.hasAttribute("color"));
  const plain = light().material;
  mesh.material = plain;
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  mesh.layers.enable(CONTACT_LAYER);
  return { plain, light };
}
