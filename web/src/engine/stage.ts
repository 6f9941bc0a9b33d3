// The canvas, its light and its clock. Draws when something has changed and is otherwise still.

import { HemisphereLight, MathUtils, PCFShadowMap, Quaternion, Scene, Vector3, WebGLRenderer } from "three";
import { SunLight } from "three/addons/lights/SunLight.js";

import type { Quality } from "../state/url";
import { CameraRig } from "./camera";
import { ContactShade } from "./contact";
import { daylight } from "./daylight";
import type { Frame } from "./frame";
import { CityShade, shadowBy, softenShadows } from "./shade";
import { createAir, createSky, hazeFrom, setAir, type Air } from "./sky";
import { sunPosition } from "./sun";

const RAD = Math.PI / 180;

/** A software renderer draws at most this often while tiles arrive, and leaves the processor to them otherwise. */
const GATHER_MS = 900;

/** Texels of each of the two maps of shadows. */
const SHADOW_SIZE: Record<Quality, number> = { plain: 512, low: 1536, medium: 2048, high: 3072 };
/** The maps are taken anew when the eye has moved by this share of its way to the focus, or turned by so much. */
const [MOVED_SHARE, TURNED] = [0.06, 0.035];

/** Pixels of the screen for one of the page at most. */
const PIXELS: Record<Quality, number> = { plain: 1, low: 1, medium: 1.5, high: 2 };

export class NoWebGLError extends Error {}

/** Software rendering draws every pixel on the processor: what it may cost is bounded. */
function isSoftware(renderer: WebGLRenderer): boolean {
  const gl = renderer.getContext();
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}

function createRenderer(canvas: HTMLCanvasElement): WebGLRenderer {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) throw new NoWebGLError("WebGL 2 is not available");
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return new WebGLRenderer({ canvas, antialias: true, powerPreference: "high-performance" });
}

export class Stage {
  readonly renderer: WebGLRenderer;
  readonly scene = new Scene();
  readonly contact = new ContactShade();
  readonly rig: CameraRig;
  readonly quality: Quality;
  readonly software: boolean;
  /** The point of the ground that the picture is about, for the shadows; set by the city. */
  readonly focus = new Vector3();
  readonly #sun = new SunLight();
  readonly #shade = new CityShade();
  readonly air: Air = createAir(this.#shade.uniforms);
  readonly #sky = new HemisphereLight();
  readonly #sunward = new Vector3(0, 1, 0);
  readonly #beforeFrame = new Set<(now: number) => boolean>();
  readonly #afterFrame = new Set<(now: number) => void>();
  readonly #shadedFrom = new Vector3(Infinity, 0, 0);
  readonly #shadedTo = new Quaternion();
  /** Whether the picture is still being gathered, so that a slow renderer need not draw each step of it. */
  gathering: () => boolean = () => false;
  #scheduled = 0;
  #drawn = 0;
  #width = 1;
  #height = 1;
  #lost = false;
  /** Passed by the graphics device when it has drawn the last frame. */
  #fence: WebGLSync | null = null;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly frame: Frame,
    quality: Quality | null,
  ) {
    this.renderer = createRenderer(canvas);
    this.software = isSoftware(this.renderer);
    this.quality = quality ?? (this.software ? "low" : "medium");
    this.rig = new CameraRig(frame);
    this.#light();
    this.scene.add(createSky(this.air), this.#sun, this.#sky);
    canvas.addEventListener("webglcontextlost", () => {
      this.#lost = true;
      this.#fence = null;
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#lost = false;
      this.shadowsChanged();
      this.invalidate();
    });
  }

  #light(): void {
    const { shadowMap } = this.renderer;
    shadowMap.enabled = this.quality !== "plain";
    shadowMap.type = PCFShadowMap;
    shadowMap.autoUpdate = false;
    softenShadows(this.quality === "low");
    this.#sun.castShadow = shadowMap.enabled;
    this.#sun.shadow = this.#shade;
    const size = SHADOW_SIZE[this.quality];
    this.#shade.mapSize.set(size, size);
  }

  /** Set the sun as it stands over the city at a time. */
  setTime(time: Date): void {
    const { lon, lat } = this.frame.anchor;
    const { azimuth, altitude } = sunPosition(time, lon, lat);
    const light = daylight(altitude);
    const shown = Math.max(altitude, 4) * RAD;
    const flat = Math.cos(shown);
    this.#sunward.set(flat * Math.sin(azimuth * RAD), Math.sin(shown), -flat * Math.cos(azimuth * RAD)).normalize();
    setAir(this.air, light, this.#sunward);
    this.#sun.position.copy(this.#sunward);
    this.#sun.color.copy(light.sun);
    this.#sun.intensity = light.sunStrength;
    // What is left of the light by night comes from everywhere and throws no shadows.
    this.#shade.intensity = shadowBy(light.night);
    this.#sky.color.copy(light.sky);
    this.#sky.groundColor.copy(light.ground);
    this.#sky.intensity = light.skyStrength;
    this.shadowsChanged();
    this.invalidate();
  }

  resize(width: number, height: number): void {
    [this.#width, this.#height] = [Math.max(width, 1), Math.max(height, 1)];
    const most = this.software ? 1 : PIXELS[this.quality];
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, most));
    this.renderer.setSize(this.#width, this.#height, false);
    this.rig.resize(this.#width, this.#height);
    this.invalidate();
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  /** Called before each frame; answers whether another frame is wanted at once. */
  beforeFrame(work: (now: number) => boolean): void {
    this.#beforeFrame.add(work);
  }

  afterFrame(work: (now: number) => void): void {
    this.#afterFrame.add(work);
  }

  /** Draw soon. */
  invalidate(): void {
    if (this.#scheduled || this.#lost) return;
    this.#scheduled = requestAnimationFrame((now) => this.#draw(now));
  }

  get still(): boolean {
    return this.#scheduled === 0;
  }

  /** Whether the graphics device is still at the last frame: it draws on its own, long after it has been asked. */
  get drawing(): boolean {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    if (!this.#fence || this.#lost) return false;
    if (gl.getSyncParameter(this.#fence, gl.SYNC_STATUS) !== gl.SIGNALED) return true;
    this.#setFence(null);
    return false;
  }

  #setFence(fence: WebGLSync | null): void {
    if (this.#fence) (this.renderer.getContext() as WebGL2RenderingContext).deleteSync(this.#fence);
    this.#fence = fence;
  }

  /** What casts shadows has changed. */
  shadowsChanged(): void {
    this.#shadedFrom.set(Infinity, 0, 0);
  }

  #draw(now: number): void {
    this.#scheduled = 0;
    if (this.#lost) return;
    let more = this.rig.update(now);
    for (const work of this.#beforeFrame) more = work(now) || more;
    if (this.software && !more && this.gathering() && now - this.#drawn < GATHER_MS) return;
    this.#drawn = now;
    this.#aimShadows();
    this.air.uHaze.value = hazeFrom(this.rig.eye.y);
    this.renderer.render(this.scene, this.rig.camera);
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    this.#setFence(gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0));
    gl.flush();
    for (const work of this.#afterFrame) work(now);
    if (more) this.invalidate();
  }

  /** Take the shadows and the contact shade anew where the eye has left those it has. */
  #aimShadows(): void {
    // While the picture is gathered each step would need its own shadows: a slow renderer takes them once, at the end.
    if (!this.renderer.shadowMap.enabled || (this.software && this.gathering())) return;
    const { camera, eye } = this.rig;
    const away = eye.distanceTo(this.focus);
    const moved = this.#shadedFrom.distanceTo(eye) > away * MOVED_SHARE;
    if (!moved && this.#shadedTo.angleTo(camera.quaternion) < TURNED) return;
    this.#shadedFrom.copy(eye);
    this.#shadedTo.copy(camera.quaternion);
    const floor = this.rig.groundAt(eye) ?? 30;
    this.#shade.aim({ camera, sunward: this.#sunward, away, floor });
    const radius = 2 ** (Math.round(Math.log2(MathUtils.clamp(away * 0.95, 200, 7000)) * 2) / 2);
    this.contact.take(this.renderer, this.scene, this.focus, radius);
    this.renderer.shadowMap.needsUpdate = true;
  }
}
