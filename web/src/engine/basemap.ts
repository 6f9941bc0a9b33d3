// The base map on the ground: squares of one picture about the eye, each of a level of its own, as large as the next
// finer one four times over. A point of the ground takes its colour from the finest square that holds it and is no
// finer than the screen can show; so the squares are each other's mipmaps, and one texture holds them all.

import { DataArrayTexture, FileLoader, ImageLoader, LinearFilter, RGBAFormat, Vector4, type Vector3 } from "three";

import type { Frame } from "./frame";
import { coefficientsOf, fitted, type MercatorFit, mercatorFit } from "./mercator";
import { NEAR_FRAGMENT_GLSL, NearEdges, type NearSource, nearUniforms, type NearUniforms } from "./near";

/** Pixels of a tile's side. */
const TILE = 256;
/** Squares that are held at once; the farthest of 7 spans 64 times the nearest. */
export const RINGS = 7;
/** The picture gives way to the drawn city before the eye: so far from it there is none of it, and all of it. */
const [NONE_M, ALL_M] = [70, 220];
/** Tiles that are kept when no square shows them any more, 256 KB each. */
const KEPT = 96;

const RAD = Math.PI / 180;
/** No ray to the nearest ground is taken for flatter, radians. */
const LEAST_ANGLE = 0.05;

type Look = "day" | "night";

/** Level, west, north, east and south of tiles that there are, all included. */
export type Span = [number, number, number, number, number];

interface TileJson {
  minzoom: number;
  maxzoom: number;
  available: Span[];
  near?: NearSource;
}

/** One square: its level and its first column and row. */
export interface Ring {
  z: number;
  x: number;
  y: number;
}

export interface MapUniforms extends NearUniforms {
  uMap: { value: DataArrayTexture };
  /** Of each square, the finest first: what its place (0 to 1) begins with, x and y, 1 / metres, and its layer or -1. */
  uRings: { value: Vector4[] };
  /** Coefficients of the place on the map, `mercatorFit`. */
  uFit: { value: Vector4[] };
  uNightMap: { value: number };
}

export const MAP_VERTEX_GLSL = /* glsl */ `
varying vec2 vMap;
uniform vec4 uFit[5];
vec2 onMap(vec2 at) {
  vec2 p = at * 1e-4;
  float xx = p.x * p.x, xy = p.x * p.y, yy = p.y * p.y;
  return uFit[0].xy + uFit[0].zw * p.x + uFit[1].xy * p.y + uFit[1].zw * xx + uFit[2].xy * xy + uFit[2].zw * yy
    + uFit[3].xy * (xx * p.x) + uFit[3].zw * (xx * p.y) + uFit[4].xy * (p.x * yy) + uFit[4].zw * (yy * p.y);
}
`;

export const MAP_FRAGMENT_GLSL = /* glsl */ `
varying vec2 vMap;
uniform highp sampler2DArray uMap;
uniform vec4 uRings[${RINGS}];
uniform float uNightMap;
// the map's colour, and how much it counts
vec4 mapAt(float away) {
  vec2 across = dFdx(vMap), along = dFdy(vMap);
  if (away < ${NONE_M.toFixed(1)}) return vec4(0.0);
  // the area of a pixel in texels of the finest square, whose next has a quarter of them
  float side = uRings[0].z * float(textureSize(uMap, 0).x);
  float texels = abs(across.x * along.y - across.y * along.x) * side * side;
  int first = int(clamp(0.5 * log2(max(texels, 1e-6)) + 0.65, 0.0, ${(RINGS - 1).toFixed(1)}));
  for (int i = first; i < ${RINGS}; i++) {
    vec4 ring = uRings[i];
    vec2 place = vMap * ring.z + ring.xy;
    if (ring.w < 0.0 || place != clamp(place, 0.0, 1.0)) continue;
    vec4 colour = textureLod(uMap, vec3(place, ring.w), 0.0);
    if (colour.a < 0.9) continue;
    // sRGB to linear within 0.4 %: where the processor draws, a texture of sRGB is decoded four times for each look
    vec3 c = colour.rgb;
    return vec4(c * (c * (c * 0.305306 + 0.682171) + 0.012523), smoothstep(${NONE_M.toFixed(1)}, ${ALL_M.toFixed(1)}, away));
  }
  return vec4(0.0);
}
${NEAR_FRAGMENT_GLSL}
`;

export class BaseMap {
  readonly uniforms: MapUniforms;
  readonly #texture: DataArrayTexture;
  readonly #data: Uint8Array;
  readonly #across: number;
  readonly #fit: MercatorFit;
  readonly #images = new ImageLoader();
  readonly #canvas = document.createElement("canvas");
  /** Pixels of tiles by their address; null: there is none, or it could not be had. */
  readonly #tiles = new Map<string, Uint8ClampedArray | null>();
  readonly #asked = new Set<string>();
  readonly #shown = new Map<number, string>();
  readonly #folder: string;
  #source: TileJson | null = null;
  #near: NearEdges | null = null;
  #wanted: Ring[] = [];
  #look: Look = "day";
  #failed = false;
  /** Whether the map is shown: not in an era that is not its own. */
  on = true;

  /** size: pixels of a square's side; changed: called when another picture is there to be drawn. */
  constructor(
    url: string,
    frame: Frame,
    readonly size: number,
    readonly changed: () => void,
  ) {
    this.#fit = mercatorFit(frame);
    this.#across = size / TILE;
    this.#folder = url.slice(0, url.lastIndexOf("/") + 1);
    this.#data = new Uint8Array(size * size * 4 * RINGS);
    this.#texture = new DataArrayTexture(this.#data, size, size, RINGS);
    this.#texture.format = RGBAFormat;
    [this.#texture.minFilter, this.#texture.magFilter] = [LinearFilter, LinearFilter];
    this.#texture.needsUpdate = true;
    this.uniforms = {
      uMap: { value: this.#texture },
      uRings: { value: Array.from({ length: RINGS }, () => new Vector4(0, 0, 0, -1)) },
      uFit: { value: coefficientsOf(this.#fit) },
      uNightMap: { value: 0 },
      ...nearUniforms(),
    };
    [this.#canvas.width, this.#canvas.height] = [TILE, TILE];
    new FileLoader().load(url, (text) => this.#begin(JSON.parse(String(text)) as TileJson), undefined, () => this.#fail());
  }

  get #anchor(): MercatorFit["anchor"] {
    return this.#fit.anchor;
  }

  #begin(source: TileJson): void {
    this.#source = source;
    if (source.near) this.#near = new NearEdges(this.#folder, source.near, this.#anchor, this.uniforms, this.changed);
    this.changed();
  }

  #fail(): void {
    this.#failed = true;
    this.changed();
  }

  get failed(): boolean {
    return this.#failed || (this.#near?.failed ?? false);
  }

  /** Whether something of the picture is still on its way. */
  get busy(): boolean {
    if (!this.on || this.failed) return false;
    const late = (ring: Ring) => this.#shown.get(ring.z % RINGS) !== this.#key(ring);
    return this.#source === null || this.#wanted.some(late) || (this.#near?.busy ?? false);
  }

  retry(): void {
    this.#failed = false;
    this.#near?.retry();
    for (const [key, pixels] of this.#tiles) if (!pixels) this.#tiles.delete(key);
    this.#shown.clear();
    this.changed();
  }

  /**
   * Hold the map for an eye and its sight; pixelM: metres that a pixel shows of the nearest ground; above: how high the
   * eye is over the ground, metres.
   */
  update(eye: Vector3, forward: Vector3, pixelM: number, night: number, above: number): void {
    if (!this.#source) return;
    this.#look = night > 0.5 ? "night" : "day";
    const levels = this.on ? levelsFor(pixelM, this.#anchor.metres, this.#source) : [];
    this.#wanted = levels.map((z) => this.#ring(z, eye, forward));
    for (const ring of this.#wanted) this.#fill(ring);
    this.#place();
    const [east, south] = fitted(this.#fit, eye.x, eye.z);
    this.#near?.update(east, south, this.on ? above : Infinity, this.#look);
  }

  #ring(z: number, eye: Vector3, forward: Vector3): Ring {
    const metres = this.#pixelM(z) * this.size;
    const at = this.#anchor;
    const tile = this.#pixelM(z) * TILE;
    const [east, south] = [eye.x + forward.x * metres * 0.36, eye.z + forward.z * metres * 0.36];
    const first = (origin: number, metresFrom: number) => Math.round(origin * 2 ** z + metresFrom / tile - this.#across / 2);
    return { z, x: first(at.x, east), y: first(at.y, south) };
  }

  #pixelM(z: number): number {
    return this.#anchor.metres / 2 ** z;
  }

  #key({ z, x, y }: Ring): string {
    return `${this.#look}/${z}/${x}/${y}`;
  }

  /** Put a square into its layer as soon as all its tiles are here. */
  #fill(ring: Ring): void {
    const layer = ring.z % RINGS;
    const key = this.#key(ring);
    if (this.#shown.get(layer) === key) return;
    const keys = this.#keysOf(ring);
    for (const one of keys) this.#ask(one);
    if (keys.some((one) => one !== null && !this.#tiles.has(one))) return;
    keys.forEach((one, k) => this.#put(one === null ? null : (this.#tiles.get(one) ?? null), layer, k));
    this.#shown.set(layer, key);
    this.#texture.addLayerUpdate(layer);
    this.#texture.needsUpdate = true;
    this.uniforms.uNightMap.value = this.#look === "night" ? 1 : 0;
    this.#forget();
  }

  /** The tiles of a square row by row; null where there is none. */
  #keysOf({ z, x, y }: Ring): (string | null)[] {
    const spans = this.#source?.available.filter(([level]) => level === z) ?? [];
    const there = (column: number, row: number) =>
      spans.some(([, west, north, east, south]) => column >= west && column <= east && row >= north && row <= south);
    return Array.from({ length: this.#across ** 2 }, (_, k) => {
      const [column, row] = [x + (k % this.#across), y + Math.floor(k / this.#across)];
      return there(column, row) ? `${this.#look}/${z}/${column}/${row}` : null;
    });
  }

  #ask(key: string | null): void {
    if (key === null || this.#tiles.has(key) || this.#asked.has(key)) return;
    this.#asked.add(key);
    const done = (pixels: Uint8ClampedArray | null) => {
      this.#asked.delete(key);
      this.#tiles.set(key, pixels);
      this.changed();
    };
    this.#images.load(`${this.#folder}${key}.webp`, (image) => done(this.#pixels(image)), undefined, () => {
      this.#failed = true;
      done(null);
    });
  }

  #pixels(image: HTMLImageElement): Uint8ClampedArray | null {
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(image, 0, 0);
    return context?.getImageData(0, 0, TILE, TILE).data ?? null;
  }

  /** The pixels of a tile, or none, at its place in a layer. */
  #put(pixels: Uint8ClampedArray | null, layer: number, k: number): void {
    const [left, top] = [(k % this.#across) * TILE, Math.floor(k / this.#across) * TILE];
    for (let row = 0; row < TILE; row += 1) {
      const start = ((layer * this.size + top + row) * this.size + left) * 4;
      if (pixels) this.#data.set(pixels.subarray(row * TILE * 4, (row + 1) * TILE * 4), start);
      else this.#data.fill(0, start, start + TILE * 4);
    }
  }

  /** Let go of tiles that no square shows, those asked for longest ago first. */
  #forget(): void {
    const used = new Set(this.#wanted.flatMap((ring) => this.#keysOf(ring)));
    for (const key of this.#tiles.keys()) {
      if (this.#tiles.size <= KEPT) return;
      if (!used.has(key)) this.#tiles.delete(key);
    }
  }

  /** Tell the ground where each square lies: those that are wanted, as far as they are shown. */
  #place(): void {
    this.uniforms.uRings.value.forEach((vector, i) => {
      const ring = this.#wanted[i];
      const shown = ring && this.#shown.get(ring.z % RINGS);
      if (!ring || !shown) {
        vector.set(0, 0, vector.z, -1);
        return;
      }
      const [, z = 0, x = 0, y = 0] = shown.split("/").map(Number);
      if (z !== ring.z) {
        vector.set(0, 0, vector.z, -1);
        return;
      }
      const metres = this.#pixelM(z) * this.size;
      const begin = (origin: number, tile: number) => ((origin * 2 ** z - tile) / this.#across);
      vector.set(begin(this.#anchor.x, x), begin(this.#anchor.y, y), 1 / metres, z % RINGS);
    });
  }
}

/** The levels of the squares, the finest first, for an eye before which a pixel shows so many metres. */
export function levelsFor(pixelM: number, level0M: number, { minzoom, maxzoom }: Pick<TileJson, "minzoom" | "maxzoom">): number[] {
  const finest = Math.min(Math.max(Math.round(Math.log2(level0M / pixelM)), minzoom), maxzoom);
  return Array.from({ length: RINGS }, (_, i) => finest - i).filter((z) => z >= minzoom);
}

/** Metres that a pixel shows of the nearest ground in sight; tilt, fov: degrees; height: metres above it. */
export function groundPixel(height: number, tilt: number, fov: number, pixels: number): number {
  const below = Math.min(90 - tilt + fov / 2, 90) * RAD;
  const away = Math.max(height, 2) / Math.sin(Math.max(below, LEAST_ANGLE));
  return (2 * away * Math.tan((fov / 2) * RAD)) / pixels;
}
