// Trees on the mountains: instanced on the drawn ground, each with its shade near the eye and in clumps farther off, in
// four draw calls.

import {
  Color,
  Frustum,
  type InstancedBufferAttribute,
  type InstancedBufferGeometry,
  Matrix4,
  Mesh,
  MeshLambertMaterial,
  ShaderMaterial,
  Sphere,
  Vector3,
  type Vector4,
} from "three";

import type { Quality } from "../state/url";
import { CONTACT_GLSL } from "./contact";
import { CORNER_GLSL, SHOWN_FRAGMENT } from "./corner";
import { clumpGeometry, CROWN_GLSL, discGeometry, farClumpGeometry, INSTANCED, treeGeometry } from "./crowns";
import type { DrawnGround, Patch } from "./drape";
import { plant } from "./forest";
import { isKnown } from "./ground";
import { PALETTE } from "./palette";
import { densify, type LonLat } from "./path";
import { HAZE_GLSL } from "./sky";
import type { Stage } from "./stage";

/** The qualities that have trees at all. */
type Wooded = Exclude<Quality, "plain">;

const DEGREES = 180 / Math.PI;
/** Beyond this distance the ground's colour alone is the forest, metres. */
const RANGE_M: Record<Wooded, number> = { low: 3000, medium: 5600, high: 7200 };
/** Nearer than this a tree stands alone, on its trunk and in its shade, metres. */
const SINGLE_M: Record<Wooded, number> = { low: 260, medium: 900, high: 1400 };
/** So many crowns at most in a draw call. */
const MOST: Record<Wooded, number> = { low: 14_000, medium: 40_000, high: 80_000 };
/** A tile's trees are grown, shown or left out by squares of about this side, metres. */
const SQUARE_M = 300;
/** From these distances on, metres, only every second, fourth and eighth cell of a row has a tree. */
const STRIDES_M: Record<Wooded, number[]> = { low: [260, 900, 1800], medium: [900, 2700, 4400], high: [1400, 3600, 6000] };
/** From this distance on, metres, the crowns of a clump are specks. */
const SPECK_M: Record<Wooded, number> = { low: 450, medium: 2200, high: 3600 };
const NUMBERS = 8;
/** So far at least trees keep from a line, metres. */
const KEEP_M = 9;

/** A part of a terrain tile. */
interface Square {
  /** Degrees: west, south, east, north. */
  rect: number[];
  sphere: Sphere;
  /** By stride: x, y, z, size, rank, kind and lean of each tree, by rank. */
  trees: Map<number, Float32Array>;
}

interface Water {
  data: Uint8Array;
  width: number;
  height: number;
}

// A crown shrinks away before its rank is left out, and keeps off what is built.
const STAY = /* glsl */ `
attribute vec4 aTree;
attribute vec2 aKind;
uniform float uRange;
${CONTACT_GLSL}
float staying() {
  float away = distance(aTree.xyz, cameraPosition) / uRange;
  float stay = clamp((1.25 - away * away - 0.9 * aKind.x) * 7.0, 0.0, 1.0);
  return stay * (1.0 - step(0.22, contact(aTree.xz)));
}
`;

// Trees take no shadow but their own shade: a software renderer would reckon it for each pixel and drop it. They are small,
// so the haze is reckoned at their corners.
const VERTEX = /* glsl */ `
#undef USE_SHADOWMAP
${STAY}
${CROWN_GLSL}
uniform vec3 uPine, uLeaf, uBark;
`;

const PLACE = /* glsl */ `
float chance = fract(aKind.x * 57.0);
vec3 crown = carved(aKind.y, chance) * aTree.w * staying();
crown.xz *= mix(0.74, 1.0, fract(aKind.x * 131.0));
vec3 wood = mix(uPine, uLeaf, aKind.y) * mix(0.6, 1.16, dot(aRise, vec3(0.333))) * (0.86 + 0.24 * chance);
wood = mix(wood, uBark, aStand.w);
transformed = aTree.xyz + crown;
`;

const FRAGMENT = /* glsl */ `
#undef USE_SHADOWMAP
varying vec3 vCrown;
varying vec4 vHaze;
`;

// Of crowns of a few pixels no cut is seen: they are lit as if they were round.
const SPECK_LIGHT = /* glsl */ `
#include <project_vertex>
vec3 round = vec3(position.x, 2.0 * dot(aRise, vec3(0.333)) - 0.9, position.y) * (chance > 0.5 ? vec3(1.0) : vec3(-1.0, 1.0, -1.0));
vec3 facing = normalize(round);
vec4 haze = hazeBefore(transformed, cameraPosition);
vShown = onScreen(mix(wood * (lightOfSky(facing) + lightOfSun(facing)), haze.rgb, haze.a));
`;

// The shade of a tree lies on the slope, drawn out away from the sun. Drawn as a disc, it costs a few triangles.
const SHADE_VERTEX = /* glsl */ `
${STAY}
attribute vec2 aLean;
uniform vec3 uSun;
uniform float uReach;
varying float vRim, vFade;
void main() {
  float size = aTree.w * staying();
  vec2 off = -normalize(uSun.xz + 1e-4);
  float far = size * 0.75 * min(length(uSun.xz) / max(uSun.y, 0.1), 1.1);
  vec2 disc = position.yz * size * 0.42;
  disc += off * (dot(disc, off) * far / max(size, 0.1) + far * 0.45);
  vec2 place = aTree.xz + disc;
  vec3 point = vec3(place.x, aTree.y - dot(aLean, disc) + 0.3, place.y);
  vRim = position.x;
  vFade = 1.0 - smoothstep(0.6, 1.0, distance(aTree.xyz, cameraPosition) / uReach);
  gl_Position = projectionMatrix * viewMatrix * vec4(point, 1.0);
}`;

const SHADE_FRAGMENT = /* glsl */ `
uniform float uNight;
uniform vec3 uShade;
varying float vRim, vFade;
void main() {
  float dark = 1.0 - vRim * vRim;
  gl_FragColor = vec4(uShade, dark * vFade * mix(0.62, 0.2, uNight));
  #include <colorspace_fragment>
}`;

/** The colours of bark and of the shade on a wood's ground. */
const [BARK, SHADE] = ["#7c6a56", "#33443b"];

function createShade(stage: Stage, range: number, reach: number): ShaderMaterial {
  return new ShaderMaterial({
    uniforms: {
      ...stage.contact.uniforms,
      uSun: stage.air.uSun,
      uNight: stage.air.uNight,
      uRange: { value: range },
      uReach: { value: reach },
      uShade: { value: new Color(SHADE) },
    },
    vertexShader: SHADE_VERTEX,
    fragmentShader: SHADE_FRAGMENT,
    transparent: true,
    depthWrite: false,
    polygonOffset: true,
    polygonOffsetFactor: -2,
    polygonOffsetUnits: -8,
  });
}

type Shader = Parameters<MeshLambertMaterial["onBeforeCompile"]>[0];

function crownMaterial(stage: Stage, range: number, name: string, finish: (shader: Shader) => void): MeshLambertMaterial {
  const material = new MeshLambertMaterial({ fog: false, flatShading: true });
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, stage.air, stage.contact.uniforms, {
      uRange: { value: range },
      uPine: { value: new Color(PALETTE.pine) },
      uLeaf: { value: new Color(PALETTE.leaf) },
      uBark: { value: new Color(BARK) },
    });
    shader.vertexShader = shader.vertexShader.replace("#include <begin_vertex>", `#include <begin_vertex>\n${PLACE}`);
    finish(shader);
  };
  material.customProgramCacheKey = () => name;
  return material;
}

/** Crowns whose cuts are seen. */
const cutMaterial = (stage: Stage, range: number) =>
  crownMaterial(stage, range, "smap-trees", (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${VERTEX}\n${HAZE_GLSL}\nvarying vec3 vCrown;\nvarying vec4 vHaze;`)
      .replace("#include <project_vertex>", "#include <project_vertex>\nvCrown = wood;\nvHaze = hazeBefore(transformed, cameraPosition);");
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${FRAGMENT}`)
      .replace("#include <color_fragment>", "diffuseColor.rgb = vCrown;")
      .replace(
        "#include <opaque_fragment>",
        "outgoingLight = mix(outgoingLight, vHaze.rgb, vHaze.a);\n#include <opaque_fragment>",
      );
  });

/** Crowns of a few pixels. */
const speckMaterial = (stage: Stage, range: number) =>
  crownMaterial(stage, range, "smap-specks", (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\n${VERTEX}\n${CORNER_GLSL}\nvarying vec3 vShown;`)
      .replace("#include <project_vertex>", SPECK_LIGHT);
    shader.fragmentShader = SHOWN_FRAGMENT;
  });

export class Trees {
  #squares = new WeakMap<Patch, Square[]>();
  readonly #single: Mesh<InstancedBufferGeometry>;
  readonly #clumps: Mesh<InstancedBufferGeometry>;
  readonly #specks: Mesh<InstancedBufferGeometry>;
  readonly #shades: Mesh<InstancedBufferGeometry>;
  readonly #kept = new Set<string>();
  readonly #seen = new Matrix4();
  #stale = true;

  constructor(
    readonly stage: Stage,
    readonly quality: Wooded,
    readonly ground: DrawnGround,
    readonly seaLevel: number,
    /** What is known of the ground, as knownArea gives it: beyond it nothing grows. */
    readonly known: Vector4,
  ) {
    const cut = cutMaterial(stage, RANGE_M[quality]);
    this.#single = new Mesh(treeGeometry(MOST[quality]), cut);
    this.#clumps = new Mesh(clumpGeometry(MOST[quality]), cut);
    this.#specks = new Mesh(farClumpGeometry(MOST[quality]), speckMaterial(stage, RANGE_M[quality]));
    const shade = createShade(stage, RANGE_M[quality], SINGLE_M[quality]);
    this.#shades = new Mesh(discGeometry(this.#single.geometry), shade);
    for (const mesh of [this.#single, this.#clumps, this.#specks, this.#shades]) {
      mesh.frustumCulled = false;
      mesh.raycast = () => undefined;
      stage.scene.add(mesh);
    }
  }

  /** The drawn ground is another. */
  groundChanged(): void {
    this.#stale = true;
  }

  /** Leave lines (degrees) free of trees: a wall or a path is to be seen. */
  keepOff(lines: readonly (readonly LonLat[])[]): void {
    for (const line of lines) for (const [lon, lat] of densify(line, KEEP_M)) {
      for (const x of [-1, 0, 1]) for (const y of [-1, 0, 1]) this.#kept.add(keptKey(lon, lat, x, y));
    }
    this.#squares = new WeakMap();
    this.#stale = true;
  }

  /** Choose the trees of this frame, when the eye or the ground has moved. */
  update(): void {
    const { camera } = this.stage.rig;
    const view = new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    if (!this.#stale && view.equals(this.#seen)) return;
    this.#stale = false;
    this.#seen.copy(view);
    this.#choose(new Frustum().setFromProjectionMatrix(view));
  }

  #choose(frustum: Frustum): void {
    const { quality } = this;
    const { rig } = this.stage;
    const [range, alone] = [RANGE_M[quality], SINGLE_M[quality]];
    const counts = new Map([this.#single, this.#clumps, this.#specks].map((mesh) => [mesh, 0]));
    for (const patch of this.ground.patches) {
      if (!this.#inReach(patch)) continue;
      for (const square of this.#squaresOf(patch)) {
        const { center, radius } = square.sphere;
        const near = Math.max(center.distanceTo(rig.eye) - radius, 0);
        if (near > range * 1.1 || !frustum.intersectsSphere(square.sphere)) continue;
        const stride = 2 ** STRIDES_M[quality].filter((from) => near > from).length;
        const mesh = near < alone ? this.#single : near < SPECK_M[quality] ? this.#clumps : this.#specks;
        counts.set(mesh, fill(mesh, this.#treesOf(patch, square, stride), 1.1 - near / range, counts.get(mesh) ?? 0));
      }
    }
    for (const [mesh, count] of counts) finish(mesh, count);
    this.#shades.geometry.instanceCount = counts.get(this.#single) ?? 0;
    this.#shades.visible = this.#single.visible;
  }

  #inReach({ mesh }: Patch): boolean {
    if (!mesh.geometry.boundingSphere) mesh.geometry.computeBoundingSphere();
    const sphere = (mesh.geometry.boundingSphere ?? new Sphere()).clone().applyMatrix4(mesh.matrixWorld);
    const range = RANGE_M[this.quality] * 1.1;
    return sphere.center.distanceTo(this.stage.rig.eye) < range + sphere.radius && sphere.radius < range * 4;
  }

  #squaresOf(patch: Patch): Square[] {
    let squares = this.#squares.get(patch);
    if (!squares) {
      squares = this.#divide(patch);
      this.#squares.set(patch, squares);
    }
    return squares;
  }

  #divide(patch: Patch): Square[] {
    const [west = 0, south = 0, east = 0, north = 0] = patch.region.map((angle) => angle * DEGREES);
    const parts = Math.ceil(((north - south) * 111_000) / SQUARE_M);
    const [wide, tall] = [(east - west) / parts, (north - south) / parts];
    const { geometry, matrixWorld } = patch.mesh;
    const lift = (geometry.boundingSphere as Sphere).center.clone().applyMatrix4(matrixWorld).y;
    return Array.from({ length: parts * parts }, (_, k) => {
      const [x, y] = [west + (k % parts) * wide, south + Math.floor(k / parts) * tall];
      const middle = this.stage.frame.place(x + wide / 2, y + tall / 2, 0);
      const ground = patch.point(((k % parts) + 0.5) / parts, (Math.floor(k / parts) + 0.5) / parts, new Vector3());
      middle.y = ground?.y ?? lift;
      // Half the diagonal, and as much again for hills within the square.
      return { rect: [x, y, x + wide, y + tall], sphere: new Sphere(middle, SQUARE_M), trees: new Map() };
    });
  }

  #treesOf(patch: Patch, square: Square, stride: number): Float32Array {
    let trees = square.trees.get(stride);
    if (!trees) {
      trees = this.#grow(patch, square.rect, stride);
      square.trees.set(stride, trees);
    }
    return trees;
  }

  #grow(patch: Patch, rect: readonly number[], stride: number): Float32Array {
    const [west = 0, south = 0, east = 0, north = 0] = patch.region.map((angle) => angle * DEGREES);
    const across = ({ lon, lat }: { lon: number; lat: number }) =>
      [(lon - west) / (east - west), (lat - south) / (north - south)] as const;
    const [point, lean] = [new Vector3(), new Vector3()];
    const water = patch.mesh.userData["water"] as Water | null;
    const trees = plant(rect, stride, (lon, lat) => {
      const [u, v] = across({ lon, lat });
      if (this.#kept.has(keptKey(lon, lat)) || !patch.point(u, v, point) || !patch.lean(u, v, lean)) return null;
      if (!isKnown(this.known, point.x, point.z)) return null;
      const slope = Math.hypot(lean.x, lean.z) / Math.max(lean.y, 0.05);
      return { height: this.#height(point), slope, wet: water !== null && isWet(water, u, v) };
    });
    trees.sort((a, b) => a.rank - b.rank);
    const numbers = new Float32Array(trees.length * NUMBERS);
    trees.forEach((tree, k) => {
      const { x, y, z } = patch.point(...across(tree), point) ?? point;
      const slope = patch.lean(...across(tree), lean) ?? lean.set(0, 1, 0);
      const [east, south] = [slope.x / Math.max(slope.y, 0.2), slope.z / Math.max(slope.y, 0.2)];
      numbers.set([x, y, z, tree.size, tree.rank, tree.kind, east, south], k * NUMBERS);
    });
    return numbers;
  }

  /** Metres above the sea, as the ground is coloured by. */
  #height({ x, y, z }: Vector3): number {
    return y + (x * x + z * z) / 12_742_000 - this.seaLevel;
  }
}

/** The cell of a place (degrees) among those that lines keep free. */
const keptKey = (lon: number, lat: number, x = 0, y = 0) =>
  `${Math.floor((lon * 88_200) / KEEP_M) + x},${Math.floor((lat * 110_950) / KEEP_M) + y}`;

/** Whether the water mask (255 = dry, two bytes a point, north up) has water at or beside a place. */
export function isWet({ data, width, height }: Water, u: number, v: number): boolean {
  const [x, y] = [Math.floor(u * width), Math.floor((1 - v) * height)];
  for (let row = y - 1; row <= y + 1; row += 1) for (let column = x - 1; column <= x + 1; column += 1) {
    const [i, j] = [Math.min(Math.max(column, 0), width - 1), Math.min(Math.max(row, 0), height - 1)];
    if ((data[2 * (j * width + i)] ?? 255) < 128) return true;
  }
  return false;
}

/** Add the trees up to a rank; answers how many the mesh has then. */
function fill({ geometry }: Mesh<InstancedBufferGeometry>, trees: Float32Array, rank: number, from: number): number {
  const parts = INSTANCED.map(([name, size]) => ({ array: geometry.getAttribute(name).array, size }));
  const most = geometry.getAttribute("aTree").count;
  let count = from;
  for (let k = 0; k < trees.length && count < most; k += NUMBERS) {
    if ((trees[k + 4] as number) > rank) break;
    let at = k;
    for (const { array, size } of parts) for (let n = 0; n < size; n += 1) array[count * size + n] = trees[at++] as number;
    count += 1;
  }
  return count;
}

function finish(mesh: Mesh<InstancedBufferGeometry>, count: number): void {
  mesh.visible = count > 0;
  mesh.geometry.instanceCount = count;
  for (const [name] of INSTANCED) {
    const attribute = mesh.geometry.getAttribute(name) as InstancedBufferAttribute;
    attribute.clearUpdateRanges();
    attribute.addUpdateRange(0, count * attribute.itemSize);
    attribute.needsUpdate = true;
  }
}
