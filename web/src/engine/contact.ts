// Contact shade: a picture of the roofs from straight above, taken when the shadows are. Read blurred, it tells how
// near the houses are: the ground darkens there (and glows at night), and trees keep off what is built.

import {
  Color,
  LinearFilter,
  LinearMipmapNearestFilter,
  OrthographicCamera,
  type Scene,
  ShaderMaterial,
  type Texture,
  type Vector3,
  Vector4,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

/** Meshes on this layer are what houses are; corners of theirs with an attribute `low` of 1 belong to floors and are left out. */
export const CONTACT_LAYER = 1;

const SIZE = 1024;
/** The shade reaches about so far from a wall, metres. */
const REACH_M = 9;

export interface ContactUniforms {
  uContact: { value: Texture };
  /** Middle x and z of the picture in the frame, one over its width (metres), and the blur as a level of detail. */
  uContactArea: { value: Vector4 };
}

/** GLSL: how much of the surroundings of a point (x, z) is built, 0 to 1; 0 outside the picture. */
export const CONTACT_GLSL = /* glsl */ `
uniform sampler2D uContact;
uniform vec4 uContactArea;
vec2 contactAt(vec2 place) {
  vec2 at = (place - uContactArea.xy) * uContactArea.z;
  return vec2(at.x, -at.y) + 0.5;
}
float contact(vec2 place) {
  vec2 at = contactAt(place);
  vec2 rim = min(at, 1.0 - at);
  return textureLod(uContact, at, uContactArea.w).r * smoothstep(0.0, 0.06, min(rim.x, rim.y));
}
`;

export class ContactShade {
  readonly uniforms: ContactUniforms;
  readonly #target: WebGLRenderTarget;
  readonly #camera = new OrthographicCamera();
  readonly #white = new ShaderMaterial({
    vertexShader: /* glsl */ `
attribute float low;
varying float vLow;
void main() {
  vLow = low;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}
`,
    fragmentShader: /* glsl */ `
varying float vLow;
void main() {
  if (vLow > 0.99) discard;
  gl_FragColor = vec4(1.0);
}
`,
  });

  constructor() {
    this.#target = new WebGLRenderTarget(SIZE, SIZE, {
      generateMipmaps: true,
      minFilter: LinearMipmapNearestFilter,
      magFilter: LinearFilter,
    });
    this.uniforms = { uContact: { value: this.#target.texture }, uContactArea: { value: new Vector4(0, 0, 0, 0) } };
    this.#camera.layers.set(CONTACT_LAYER);
    this.#camera.up.set(0, 0, -1);
  }

  /** Take the picture of a square round a point, `radius` metres to each side. */
  take(renderer: WebGLRenderer, scene: Scene, middle: Vector3, radius: number): void {
    const camera = this.#camera;
    [camera.left, camera.right, camera.top, camera.bottom] = [-radius, radius, radius, -radius];
    [camera.near, camera.far] = [1, 6000];
    camera.position.copy(middle).setY(middle.y + 3000);
    camera.lookAt(middle);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
    const clear = renderer.getClearColor(new Color());
    renderer.setRenderTarget(this.#target);
    renderer.setClearColor("#000000", 1);
    scene.overrideMaterial = this.#white;
    renderer.render(scene, camera);
    scene.overrideMaterial = null;
    renderer.setRenderTarget(null);
    renderer.setClearColor(clear);
    const texel = (2 * radius) / SIZE;
    const blur = Math.min(Math.max(Math.round(Math.log2(REACH_M / texel)), 0), 6);
    this.uniforms.uContactArea.value.set(middle.x, middle.z, 1 / (2 * radius), blur);
  }
}
