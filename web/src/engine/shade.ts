// The sun's shadows: two maps that share a texture, one for what is near and one for what lies behind it, each fitted to
// what the eye sees of a slab of air over the ground. Filtered without noise, so that edges are soft and clean.

import { Matrix4, type PerspectiveCamera, ShaderChunk, Vector2, Vector3, type Vector4 } from "three";
import { SunLightShadow } from "three/addons/lights/SunLightShadow.js";

/** What the base class keeps for the renderer and does not declare (three 0.187). */
interface Inside {
  _cascadeData: Vector4[];
  _viewports: Vector4[];
  _updateMatrix(camera: unknown, matrix: unknown, frustum: unknown, viewport: Vector4): void;
}

export interface ShadeUniforms {
  /** From the near map's coordinates to the far one's: scale and offset. */
  uFarShade: { value: [Vector3, Vector3] };
}

/** What a view needs of the shadows; all in metres of the frame. */
export interface ShadeAim {
  camera: PerspectiveCamera;
  /** Toward the sun. */
  sunward: Vector3;
  /** How far the eye is from what the picture is about. */
  away: number;
  /** Height of the ground under the eye. */
  floor: number;
}

/** The heights that receive shadows: from the valley to the roofs of towers near the eye, metres. */
const [VALLEY_M, ROOFS_M] = [15, 200];
/** The near map reaches so far behind the nearest ground: metres at least, and share of the way to the focus. */
const [NEAR_M, NEAR_SHARE] = [170, 0.7];
/** The far map reaches this many times as far as the focus; no farther and no less than, metres. */
const [FAR_TIMES, FAR_LEAST_M, FAR_MOST_M] = [6, 1800, 9000];
/** Share of a map's reach over which the next takes over. */
const FADE = 0.12;
/** The maps are this much wider than the picture, so that a small turn of the eye needs no new ones. */
const SLACK = 1.12;
/** So far toward the sun things may stand whose shadow falls into the picture, metres. */
const CASTERS_M = 1600;
/** Texels at the rim that no filter may read from the other map. */
const RIM = 4;
/** The renderer draws the backs of houses into the maps, so lit walls need next to no bias, metres. */
const [BIAS_M, FAR_BIAS_M] = [0.06, 0.25];
/** How much of the sunlight a shadow takes by day; none is thrown by night. */
const SHADOW = 0.82;
export const shadowBy = (night: number): number => SHADOW * (1 - night);
/** GLSL: the same. */
export const SHADOW_GLSL = /* glsl */ `
float shadowBy(float night) {
  return ${SHADOW.toFixed(2)} * (1.0 - night);
}
`;
/** So far above its face a point asks for its shadow, metres. */
const LIFT_M = 0.06;
/** GLSL: the point of the frame at which a corner asks, so that no pixel has to lift it. */
export const ASKS_AT_GLSL = /* glsl */ `
vec3 asksAt(vec3 point, vec3 facing) {
  return point + normalize(facing) * ${LIFT_M.toFixed(2)};
}
`;

/** The depths (metres along the sight) between which the maps lie: near, middle, far. */
export function depthsOf({ camera, away, floor }: Omit<ShadeAim, "sunward">): [number, number, number] {
  const forward = camera.getWorldDirection(new Vector3());
  const half = (camera.fov * Math.PI) / 360;
  const down = Math.min(Math.asin(Math.min(Math.max(-forward.y, -1), 1)) + half, Math.PI / 2);
  const height = Math.max(camera.position.y - floor, 10);
  const nearest = down > 0.05 ? (height / Math.sin(down)) * Math.cos(half) : height * 10;
  const middle = nearest + Math.max(NEAR_M, away * NEAR_SHARE);
  const far = Math.min(Math.max(away * FAR_TIMES, FAR_LEAST_M), FAR_MOST_M);
  return [camera.near, middle, Math.max(far, middle * 1.5)];
}

/** The corners of what a camera sees between two depths, with their heights kept within the slab. */
export function cornersOf(camera: PerspectiveCamera, near: number, far: number, low: number, high: number): Vector3[] {
  const up = Math.tan((camera.fov * Math.PI) / 360) * SLACK;
  const right = up * camera.aspect;
  const corners = [near, far].flatMap((depth) =>
    [-1, 1].flatMap((x) => [-1, 1].map((y) => new Vector3(x * right * depth, y * up * depth, -depth))),
  );
  return corners.map((corner) => {
    corner.applyMatrix4(camera.matrixWorld);
    return corner.setY(Math.min(Math.max(corner.y, low), high));
  });
}

/** Scale and offset that lead from one map's coordinates to another's; both look the same way. */
export function between(from: Matrix4, to: Matrix4): [Vector3, Vector3] {
  const [scale, offset] = [new Vector3(), new Vector3()];
  for (const row of [0, 1, 2]) {
    const [a, b] = [from, to].map(({ elements }) => [0, 1, 2, 3].map((column) => elements[4 * column + row] as number)) as [number[], number[]];
    const steepest = [0, 1, 2].reduce((best, k) => (Math.abs(a[k] as number) > Math.abs(a[best] as number) ? k : best));
    scale.setComponent(row, (b[steepest] as number) / (a[steepest] as number));
    offset.setComponent(row, (b[3] as number) - scale.getComponent(row) * (a[3] as number));
  }
  return [scale, offset];
}

export class CityShade extends SunLightShadow {
  /** What every material that takes shadows has. */
  readonly uniforms: ShadeUniforms = { uFarShade: { value: [new Vector3(1, 1, 1), new Vector3()] } };
  /** Metres that a texel of the near map spans. */
  texel = 1;

  /** Fit both maps to a view. */
  aim({ camera, sunward, away, floor }: ShadeAim): void {
    const depths = depthsOf({ camera, away, floor });
    const [low, high] = [Math.min(floor, VALLEY_M), floor + ROOFS_M];
    const forward = camera.getWorldDirection(new Vector3()).setY(0).normalize();
    const turn = new Matrix4().lookAt(sunward, new Vector3(), forward);
    const toLight = turn.clone().transpose();
    const reach = (from: number, to: number) =>
      cornersOf(camera, from, to, low, high).map((corner) => corner.applyMatrix4(toLight));
    const all = reach(depths[0], depths[2]).map(({ z }) => z);
    const [behind, before] = [Math.min(...all), Math.max(...all) + CASTERS_M];
    const inside = this as unknown as Inside;
    [0, 1].forEach((k) => {
      const [begin, end] = [depths[k] as number, depths[k + 1] as number];
      const fade = end - FADE * (end - begin);
      const start = k === 0 ? begin : (inside._cascadeData[0] as Vector4).z;
      (inside._cascadeData[k] as Vector4).set(k === 0 ? -1e10 : start, end, fade, 0);
      this.#fit(k, reach(start, end), { turn, behind, before });
    });
    this.uniforms.uFarShade.value = between(this.getMatrix(0), this.getMatrix(1));
    this.bias = -BIAS_M / (before - behind);
  }

  #fit(k: number, corners: readonly Vector3[], light: { turn: Matrix4; behind: number; before: number }): void {
    const { turn, behind, before } = light;
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
    const least = new Vector2(Math.min(...xs), Math.min(...ys));
    const most = new Vector2(Math.max(...xs), Math.max(...ys));
    const camera = this.getCamera(k);
    const half = most.clone().sub(least).multiplyScalar(0.5);
    camera.position.set(least.x + half.x, least.y + half.y, before).applyMatrix4(turn);
    camera.quaternion.setFromRotationMatrix(turn);
    [camera.left, camera.right, camera.bottom, camera.top] = [-half.x, half.x, -half.y, half.y];
    [camera.near, camera.far] = [0, before - behind + 1];
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    const [x, y] = [RIM / this.mapSize.x, RIM / this.mapSize.y];
    const inside = this as unknown as Inside;
    const viewport = (inside._viewports[k] as Vector4).set(k + x, y, 1 - 2 * x, 1 - 2 * y);
    inside._updateMatrix(camera, this.getMatrix(k), this.getFrustum(k), viewport);
    if (k === 0) this.texel = (2 * Math.max(half.x, half.y)) / this.mapSize.x;
    else this.getMatrix(k).elements[14] = (this.getMatrix(k).elements[14] as number) - FAR_BIAS_M / (before - behind);
  }

  /** The maps stay as they were aimed. */
  override updateMatrices(): void {
    // aim() has done it: the renderer asks each time it draws the maps
  }
}

// Nine looks of four texels each weigh 5 × 5 texels as a tent does (Castaño, "Shadow mapping summary", The Witness, 2013).
const FILTER = /* glsl */ `
  vec2 texel = 1.0 / shadowMapSize;
  vec2 at = shadowCoord.xy * shadowMapSize;
  vec2 base = floor(at + 0.5);
  vec2 s = at + 0.5 - base;
  base = (base - 0.5) * texel;
  vec2 w0 = 4.0 - 3.0 * s, w2 = 1.0 + 3.0 * s;
  vec2 o0 = ((3.0 - 2.0 * s) / w0 - 2.0) * texel, o1 = ((3.0 + s) / 7.0) * texel, o2 = (s / w2 + 2.0) * texel;
  float z = shadowCoord.z;
  shadow = (
    w0.y * (w0.x * texture(shadowMap, vec3(base + o0, z)) + 7.0 * texture(shadowMap, vec3(base + vec2(o1.x, o0.y), z))
      + w2.x * texture(shadowMap, vec3(base + vec2(o2.x, o0.y), z)))
    + 7.0 * (w0.x * texture(shadowMap, vec3(base + vec2(o0.x, o1.y), z)) + 7.0 * texture(shadowMap, vec3(base + o1, z))
      + w2.x * texture(shadowMap, vec3(base + vec2(o2.x, o1.y), z)))
    + w2.y * (w0.x * texture(shadowMap, vec3(base + vec2(o0.x, o2.y), z))
      + 7.0 * texture(shadowMap, vec3(base + vec2(o1.x, o2.y), z)) + w2.x * texture(shadowMap, vec3(base + o2, z)))
  ) / 144.0;
`;

// Where the processor draws: one look of four texels in one map, and no branch, no loop and no index that is not known
// beforehand. A software renderer pays more for those than for all the looks they could save. The place in the near map comes
// from the corners, that in the far one follows from it.
const QUICK_CHOICE = /* glsl */ `
  vec3 at = viewDepth < sunShadowCascade[0].y ? vShade : vShade * uFarShade[0] + uFarShade[1];
  at.z += sunLightShadow.shadowBias;
  float shadow = mix(1.0, textureLod(shadowMap, at, 0.0), sunLightShadow.shadowIntensity);
  return viewDepth < sunShadowCascade[1].y ? shadow : 1.0;
`;

const CHOICE = /int cascadeOffset = shadowIndex \* SUN_LIGHT_CASCADES;[\s\S]*?return shadow;/;
const NOISY = /vec2 texelSize = [\s\S]*?\) \* 0\.2;/;
const ASKED = /directLight\.color \*= \( directLight\.visible && receiveShadow \) \? (getSunShadow\([^;]*) : 1\.0;/;
// Faces that look away from the sun do not ask; where the processor draws, to ask is cheaper than to find out.
const ASKING = "directLight.color *= ( receiveShadow && dot( geometryNormal, directLight.direction ) > 0.0 ) ? $1 : 1.0;";
const QUICK_ASKING = "directLight.color *= $1;";
// Every material of the city knows its point of the frame: the shadows need no varyings of their own, which a software
// renderer pays for by triangle and by pixel.
const VARYINGS = /varying vec4 vSunShadowWorldPosition;\s*varying vec3 vSunShadowWorldNormal;/;
const POINT = "vSunShadowWorldPosition.xyz + vSunShadowWorldNormal * sunLightShadow.shadowNormalBias";
const QUICK_VARYINGS = "varying vec3 vShade;\nuniform vec3 uFarShade[ 2 ];";
const QUICK_CORNERS = "varying vec3 vShade;\nuniform mat4 sunShadowMatrix[ 2 * NUM_SUN_LIGHT_SHADOWS ];";
const QUICK_CORNER = /* glsl */ `
#if defined( USE_SHADOWMAP ) && NUM_SUN_LIGHT_SHADOWS > 0
  vShade = (sunShadowMatrix[0] * vec4(vPoint, 1.0)).xyz;
#endif
`;

const LIT = /RE_Direct\( directLight,[^\n]*(?=\s+}\s+#pragma unroll_loop_end\s+#endif\s+#if \( NUM_DIR_LIGHTS)/;
// A wall that the sun grazes would show each shadow drawn out to a smear: there it takes no sun at all.
const GRAZED = /* glsl */ `
#ifdef GRAZED
  directLight.color *= smoothstep( 0.03, 0.26, dot( geometryNormal, directLight.direction ) );
#endif
`;

type Chunk = "shadowmap_pars_vertex" | "shadowmap_vertex" | "shadowmap_pars_fragment" | "lights_fragment_begin";

/** Teach the renderer's shaders the filter, or the `quick` look where the processor draws. Once for each page. Whoever takes
 * shadows has `vPoint`, its point of the frame as `asksAt` gives it. */
export function softenShadows(quick = false): void {
  if (ShaderChunk.lights_fragment_begin.includes("GRAZED")) return;
  const chunks = ShaderChunk as Record<Chunk, string>;
  chunks.shadowmap_pars_vertex = chunks.shadowmap_pars_vertex.replace(VARYINGS, quick ? QUICK_CORNERS : "");
  chunks.shadowmap_vertex = quick ? QUICK_CORNER : "";
  const filtered = chunks.shadowmap_pars_fragment
    .replace(VARYINGS, quick ? QUICK_VARYINGS : "")
    .replace(POINT, "vPoint")
    .replace("vSunShadowWorldPosition.w", "1.0 / gl_FragCoord.w");
  chunks.shadowmap_pars_fragment = quick ? filtered.replace(CHOICE, QUICK_CHOICE) : filtered.replace(NOISY, FILTER);
  chunks.lights_fragment_begin = chunks.lights_fragment_begin
    .replace("- vViewPosition;", "vec3( 0.0 );")
    .replace("normalize( vViewPosition )", "vec3( 0.0, 0.0, 1.0 )")
    .replace(ASKED, quick ? QUICK_ASKING : ASKING)
    .replace(LIT, `${GRAZED}\n$&`);
}
