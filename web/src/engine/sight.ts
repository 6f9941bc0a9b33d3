// How far the eye sees past houses and models: a small picture of their distances, taken when the picture is about to be
// complete. A name whose place lies behind what is nearer is not shown.

import {
  Color,
  DoubleSide,
  NearestFilter,
  type PerspectiveCamera,
  type Scene,
  ShaderMaterial,
  type Vector3,
  Vector4,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

import { CONTACT_LAYER } from "./contact";

/** The longer side of the picture, pixels. */
const SIZE = 512;
/** The farthest distance that is told, metres: 24 bits of it are steps of 4 mm. */
const FAR_M = 65_536;

const VERTEX = /* glsl */ `
varying float vFar;
void main() {
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  vFar = gl_Position.w;
}`;

const FRAGMENT = /* glsl */ `
varying float vFar;
void main() {
  vec3 parts = fract(vFar / ${FAR_M.toFixed(1)} * vec3(1.0, 256.0, 65536.0));
  // Each part is a whole number of 256ths, which a byte keeps as 255ths.
  gl_FragColor = vec4((parts - vec3(parts.yz / 256.0, 0.0)) * (256.0 / 255.0), 1.0);
}`;

/** The distance along the sight that a pixel tells, metres; Infinity where nothing stands. */
export function distanceOf(pixels: Uint8Array, at: number): number {
  const [r, g, b] = [pixels[at] ?? 255, pixels[at + 1] ?? 255, pixels[at + 2] ?? 255];
  return r === 255 && g === 255 ? Infinity : ((r + (g + b / 256) / 256) / 256) * FAR_M;
}

export class Sight {
  readonly #target = new WebGLRenderTarget(1, 1, { minFilter: NearestFilter, magFilter: NearestFilter });
  readonly #material = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, side: DoubleSide });
  readonly #viewport = new Vector4();
  #pixels = new Uint8Array(0);

  /** Take the picture for a camera whose canvas has this shape (width over height). */
  take(renderer: WebGLRenderer, scene: Scene, camera: PerspectiveCamera, aspect: number): void {
    const [width, height] = [SIZE * Math.min(aspect, 1), SIZE / Math.max(aspect, 1)].map(Math.round) as [number, number];
    this.#target.setSize(width, height);
    const clear = renderer.getClearColor(new Color());
    const { mask } = camera.layers;
    renderer.getViewport(this.#viewport);
    renderer.setRenderTarget(this.#target);
    renderer.setClearColor("#ffffff", 1);
    scene.overrideMaterial = this.#material;
    camera.layers.set(CONTACT_LAYER);
    renderer.render(scene, camera);
    if (this.#pixels.length !== width * height * 4) this.#pixels = new Uint8Array(width * height * 4);
    renderer.readRenderTargetPixels(this.#target, 0, 0, width, height, this.#pixels);
    camera.layers.mask = mask;
    scene.overrideMaterial = null;
    renderer.setRenderTarget(null);
    renderer.setClearColor(clear);
  }

  /** The distance along the sight of what stands at a point of the picture: -1 to 1 from left and from below. */
  at({ x, y }: Vector3): number {
    const { width, height } = this.#target;
    const column = Math.min(Math.max(Math.floor(((x + 1) / 2) * width), 0), width - 1);
    const row = Math.min(Math.max(Math.floor(((y + 1) / 2) * height), 0), height - 1);
    return distanceOf(this.#pixels, (row * width + column) * 4);
  }
}
