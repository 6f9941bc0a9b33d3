// Edges near the eye: there roads and water are lines and areas, not pixels. A square about the eye is laid out in cells;
// each holds the lines that its points may lie near, and the ground's program asks every point how far it is from them.
// A road is what lies within half its width of a line: where roads meet they are one, with one kerb around them.

import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";
import { Color, DataTexture, FileLoader, FloatType, NearestFilter, RGBAFormat, SRGBColorSpace, Vector4 } from "three";

type Look = "day" | "night";
type Rgb = [number, number, number];
/** Of each look the colour of a road under the eye, of its edge, and of the road in the picture. */
export type NearLine = { name: string; width_m: number } & Record<Look, [Rgb, Rgb, Rgb]>;

/** What tile.json says of the tiles: level, west, north, east and south of them, and how lines are drawn. */
export interface NearSource {
  available: [number, number, number, number, number][];
  lines: NearLine[];
  /** What areas the tiles tell of. */
  areas: string[];
}

/** Edges are drawn in full up to the first distance and not beyond the second, metres … */
const [ALL_M, NONE_M] = [110, 165];
/** … for an eye no higher above the ground. */
const LOW_M = 150;
/** So far from the eye roads begin to take the colours of the picture, metres. */
const PAVED_M = 40;
/** The side of a cell, metres, and cells of a side of the square, which is left when the eye has moved so far. */
const [CELL_M, SIDE, MOVED_M] = [8, 46, 16];
/** Texels of a row and rows of the table: the cells first, then one for each line of a cell. */
const [ACROSS, ROWS] = [128, 160];
/** A line's second end is moved by so much for each step of its kind, and southward where it is cut, metres. */
const APART_M = 4096;
/** A kerb is so wide, metres. */
const KERB_M = 0.22;
/** Kinds of lines at most; 0 is the edge of water. */
const KINDS = 8;
const EXTENT = 4096;
const TILE = 256;
/** Tiles that are kept. */
const KEPT = 16;

export interface NearUniforms {
  uNear: { value: DataTexture };
  /** The square's corner on the map, metres from the anchor; 1 where water is known, and where there are edges at all. */
  uNearAt: { value: Vector4 };
  /** Half the width of each kind, metres. */
  uNearHalf: { value: number[] };
  uNearFill: { value: Color[] };
  uNearRim: { value: Color[] };
  uNearFar: { value: Color[] };
}

export const NEAR_FRAGMENT_GLSL = /* glsl */ `
uniform highp sampler2D uNear;
uniform vec4 uNearAt;
uniform float uNearHalf[${KINDS}];
uniform vec3 uNearFill[${KINDS}], uNearRim[${KINDS}], uNearFar[${KINDS}];
vec4 nearTexel(int i) {
  return texelFetch(uNear, ivec2(i % ${ACROSS}, i / ${ACROSS}), 0);
}
// whether a way from a to b crosses one from c to d
bool crosses(vec2 a, vec2 b, vec2 c, vec2 d) {
  vec2 ab = b - a, cd = d - c, ac = c - a, ad = d - a;
  bool apart = (ab.x * ac.y - ab.y * ac.x > 0.0) != (ab.x * ad.y - ab.y * ad.x > 0.0);
  return apart && (cd.y * ac.x - cd.x * ac.y > 0.0) != (cd.x * (b.y - c.y) - cd.y * (b.x - c.x) > 0.0);
}
// the colour of the road at this point and how much of the pixel it covers; wet: how much water does, -1: not known
vec4 nearAt(float away, out float wet) {
  vec2 across = dFdx(vMap), along = dFdy(vMap);
  wet = -1.0;
  vec2 at = vMap - uNearAt.xy;
  ivec2 cell = ivec2(floor(at / ${CELL_M.toFixed(1)}));
  if (uNearAt.w < 0.5 || away > ${NONE_M.toFixed(1)} || cell != clamp(cell, 0, ${SIDE - 1})) return vec4(0.0);
  vec4 head = nearTexel(cell.y * ${SIDE} + cell.x);
  vec2 corner = vec2(cell) * ${CELL_M.toFixed(1)};
  bool inside = head.z > 0.5;
  // what one stands on is paved; farther off it has the picture's colour
  float pictured = smoothstep(${PAVED_M.toFixed(1)}, ${ALL_M.toFixed(1)}, away);
  vec4 rim = vec4(0.0), road = vec4(0.0);
  float nearest = 1e6, half_m = 0.0;
  vec2 toward = vec2(0.0);
  int kind = -1, last = int(head.x + head.y);
  for (int i = int(head.x); i <= last; i++) {
    vec4 ends = i < last ? nearTexel(i) : vec4(-${APART_M.toFixed(1)});
    float which = floor(ends.z / ${APART_M.toFixed(1)} + 0.5);
    if (int(which) != kind) {
      // all lines of a kind are known: what they cover
      float far = sqrt(nearest);
      vec2 ahead = toward / max(far, 1e-4);
      float pixel = max(abs(dot(ahead, across)) + abs(dot(ahead, along)), 1e-3);
      if (kind == 0) {
        wet = clamp(0.5 - (inside ? -far : far) / pixel, 0.0, 1.0);
      } else if (kind > 0) {
        float cover = clamp(0.5 + (half_m - far) / pixel, 0.0, min(1.0, 2.0 * half_m / pixel));
        float kerb = clamp(0.5 + (half_m + ${KERB_M.toFixed(2)} - far) / pixel, 0.0, min(1.0, 2.0 * half_m / pixel));
        rim = mix(rim, vec4(uNearRim[kind], 1.0), kerb);
        road = mix(road, vec4(mix(uNearFill[kind], uNearFar[kind], pictured), 1.0), cover);
      }
      kind = int(which);
      half_m = uNearHalf[max(kind, 0)];
      nearest = 1e6;
    }
    if (i == last) break;
    ends.z -= which * ${APART_M.toFixed(1)};
    bool cut = ends.w > ${(APART_M / 2).toFixed(1)};
    if (cut) ends.w -= ${APART_M.toFixed(1)};
    vec2 line = ends.zw - ends.xy, from = at - ends.xy;
    vec2 off = from - line * clamp(dot(from, line) / max(dot(line, line), 1e-9), 0.0, 1.0);
    float square = dot(off, off);
    if (kind == 0 && crosses(corner, at, ends.xy, ends.zw)) inside = !inside;
    if (!cut && square < nearest) {
      nearest = square;
      toward = off;
    }
  }
  wet = uNearAt.z < 0.5 ? -1.0 : wet < 0.0 ? (inside ? 1.0 : 0.0) : wet;
  vec4 seen = road + rim * (1.0 - road.a);
  if (wet > 0.0) wet *= 1.0 - seen.a;
  seen.rgb /= max(seen.a, 1e-3);
  seen.a *= 1.0 - smoothstep(${ALL_M.toFixed(1)}, ${NONE_M.toFixed(1)}, away);
  return seen;
}
`;

/** A line from one point to another, metres on the map. cut: along a tile's side, where nothing ends. */
export interface Segment {
  ax: number;
  ay: number;
  bx: number;
  by: number;
  kind: number;
  cut: boolean;
}

/** Where the map is anchored: 0 to 1 from the west and the north, and metres of a pixel of level 0. */
interface Anchor {
  x: number;
  y: number;
  metres: number;
}

/** The segments of a tile; kinds: 0 water, then those of the lines by their order. */
export function segmentsOf(data: ArrayBuffer, [z, x, y]: [number, number, number], anchor: Anchor, lines: readonly NearLine[]): Segment[] {
  const { layers } = new VectorTile(new Pbf(new Uint8Array(data)));
  const metres = anchor.metres * TILE;
  const onMap = (tile: number, unit: number, origin: number) => ((tile + unit / EXTENT) / 2 ** z - origin) * metres;
  const atSide = (a: number, b: number) => a === b && (a === 0 || a === EXTENT);
  return ["water", ...lines.map(({ name }) => name)].flatMap((name, kind) => {
    const parts = layers[name]?.feature(0).loadGeometry() ?? [];
    return parts.flatMap((part) => part.slice(1).map((b, i) => {
      const a = part[i] ?? b;
      const ends = { ax: onMap(x, a.x, anchor.x), ay: onMap(y, a.y, anchor.y), bx: onMap(x, b.x, anchor.x), by: onMap(y, b.y, anchor.y) };
      return { ...ends, kind, cut: kind === 0 && (atSide(a.x, b.x) || atSide(a.y, b.y)) };
    }));
  });
}

/** The table of a square of cells from a corner on the map; halves: half the width of each kind, metres. */
export function tableOf(segments: readonly Segment[], west: number, north: number, halves: readonly number[]): Float32Array {
  const cells: Segment[][] = Array.from({ length: SIDE * SIDE }, () => []);
  for (const segment of segments) lay(segment, west, north, (halves[segment.kind] ?? 0) + KERB_M + 1, cells);
  const inside = insides(segments.filter(({ kind }) => kind === 0), west, north);
  const table = new Float32Array(ACROSS * ROWS * 4);
  let next = SIDE * SIDE;
  for (const cell of fromTheMiddle()) {
    const held = (cells[cell] ?? []).sort((a, b) => a.kind - b.kind);
    const room = Math.min(held.length, ACROSS * ROWS - next);
    table.set([next, room, inside[cell] ?? 0, 0], cell * 4);
    held.slice(0, room).forEach(({ ax, ay, bx, by, kind, cut }, i) => {
      table.set([ax - west, ay - north, bx - west + kind * APART_M, by - north + (cut ? APART_M : 0)], (next + i) * 4);
    });
    next += room;
  }
  return table;
}

/** Put a segment into every cell that a point within `reach` of it may lie in. */
function lay(segment: Segment, west: number, north: number, reach: number, cells: Segment[][]): void {
  const { ax, ay, bx, by } = segment;
  const index = (metres: number, origin: number) => Math.min(Math.max(Math.floor((metres - origin) / CELL_M), -1), SIDE);
  const [left, right] = [index(Math.min(ax, bx) - reach, west), index(Math.max(ax, bx) + reach, west)];
  const [top, bottom] = [index(Math.min(ay, by) - reach, north), index(Math.max(ay, by) + reach, north)];
  const wide = reach + CELL_M * Math.SQRT1_2;
  for (let row = Math.max(top, 0); row <= Math.min(bottom, SIDE - 1); row += 1) {
    for (let column = Math.max(left, 0); column <= Math.min(right, SIDE - 1); column += 1) {
      const [x, y] = [west + (column + 0.5) * CELL_M, north + (row + 0.5) * CELL_M];
      if (distance(x, y, segment) <= wide) cells[row * SIDE + column]?.push(segment);
    }
  }
}

function distance(x: number, y: number, { ax, ay, bx, by }: Segment): number {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / Math.max(dx * dx + dy * dy, 1e-9), 0), 1);
  return Math.hypot(x - ax - dx * t, y - ay - dy * t);
}

/** Of each cell whether its north-west corner lies in water, by the shores that a way from the west crosses. */
function insides(shores: readonly Segment[], west: number, north: number): Uint8Array {
  const inside = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row += 1) {
    const y = north + row * CELL_M;
    for (const { ax, ay, bx, by } of shores) {
      if (ay > y === by > y) continue;
      const x = ax + ((bx - ax) * (y - ay)) / (by - ay);
      for (let column = Math.max(Math.ceil((x - west) / CELL_M), 0); column < SIDE; column += 1) {
        inside[row * SIDE + column] = 1 - (inside[row * SIDE + column] ?? 0);
      }
    }
  }
  return inside;
}

/** All cells, those about the eye first: where there is no room for all lines, the far ones go without. */
function fromTheMiddle(): number[] {
  const off = (cell: number) => Math.hypot((cell % SIDE) - SIDE / 2 + 0.5, Math.floor(cell / SIDE) - SIDE / 2 + 0.5);
  return Array.from({ length: SIDE * SIDE }, (_, cell) => cell).sort((a, b) => off(a) - off(b));
}

export function nearUniforms(): NearUniforms {
  const texture = new DataTexture(new Float32Array(ACROSS * ROWS * 4), ACROSS, ROWS, RGBAFormat, FloatType);
  [texture.minFilter, texture.magFilter] = [NearestFilter, NearestFilter];
  texture.needsUpdate = true;
  const colours = () => Array.from({ length: KINDS }, () => new Color());
  return { uNear: { value: texture }, uNearAt: { value: new Vector4() }, uNearHalf: { value: new Array<number>(KINDS).fill(0) }, uNearFill: { value: colours() }, uNearRim: { value: colours() }, uNearFar: { value: colours() } };
}

export class NearEdges {
  readonly #files = new FileLoader();
  /** The segments of tiles by column and row; null: on their way, or they could not be had. */
  readonly #tiles = new Map<string, Segment[] | null>();
  readonly #halves: number[];
  #wanted: string[] = [];
  #shown = "";
  #look: Look | null = null;
  failed = false;

  /** folder: the address beside which the tiles lie; changed: called when there is more to be drawn. */
  constructor(
    readonly folder: string,
    readonly source: NearSource,
    readonly anchor: Anchor,
    readonly uniforms: NearUniforms,
    readonly changed: () => void,
  ) {
    source.lines.splice(KINDS - 1);
    this.#halves = [0, ...source.lines.map(({ width_m }) => width_m / 2)];
    this.#halves.forEach((half, kind) => (uniforms.uNearHalf.value[kind] = half));
    uniforms.uNearAt.value.z = source.areas.includes("water") ? 1 : 0;
    this.#files.setResponseType("arraybuffer");
  }

  /** Whether some tile near the eye is still on its way. */
  get busy(): boolean {
    return !this.failed && this.#wanted.some((key) => !this.#tiles.get(key));
  }

  retry(): void {
    this.failed = false;
    for (const [key, segments] of this.#tiles) if (!segments) this.#tiles.delete(key);
  }

  /** Hold the edges for an eye on the map, metres from the anchor, so many metres above the ground. */
  update(x: number, y: number, above: number, look: Look): void {
    const low = above < LOW_M;
    this.#wanted = low ? this.#keysAbout(x, y) : [];
    for (const key of this.#wanted) this.#ask(key);
    const here = this.#wanted.filter((key) => this.#tiles.get(key));
    this.uniforms.uNearAt.value.w = here.length > 0 ? 1 : 0;
    if (look !== this.#look) this.#paint(look);
    if (here.length > 0) this.#lay(here, x, y);
  }

  #keysAbout(x: number, y: number): string[] {
    const [span] = this.source.available;
    if (!span) return [];
    const [z, west, north, east, south] = span;
    const index = (metres: number, origin: number) => Math.floor((metres / (this.anchor.metres * TILE) + origin) * 2 ** z);
    const keys: string[] = [];
    const half = (SIDE * CELL_M) / 2 + MOVED_M;
    for (let row = Math.max(index(y - half, this.anchor.y), north); row <= Math.min(index(y + half, this.anchor.y), south); row += 1) {
      const last = Math.min(index(x + half, this.anchor.x), east);
      for (let column = Math.max(index(x - half, this.anchor.x), west); column <= last; column += 1) keys.push(`${z}/${column}/${row}`);
    }
    return keys;
  }

  #ask(key: string): void {
    if (this.#tiles.has(key)) return;
    this.#tiles.set(key, null);
    const at = key.split("/").map(Number) as [number, number, number];
    const done = (data: string | ArrayBuffer) => {
      this.#tiles.set(key, segmentsOf(data as ArrayBuffer, at, this.anchor, this.source.lines));
      this.#forget();
      this.changed();
    };
    this.#files.load(`${this.folder}near/${key}.mvt`, done, undefined, () => {
      this.failed = true;
      this.changed();
    });
  }

  #forget(): void {
    for (const key of this.#tiles.keys()) {
      if (this.#tiles.size <= KEPT) return;
      if (!this.#wanted.includes(key)) this.#tiles.delete(key);
    }
  }

  #paint(look: Look): void {
    this.#look = look;
    const { uNearFill, uNearRim, uNearFar } = this.uniforms;
    this.source.lines.forEach((line, k) => {
      [uNearFill, uNearRim, uNearFar].forEach(({ value }, part) => {
        const [red, green, blue] = line[look][part] ?? [0, 0, 0];
        value[k + 1]?.setRGB(red / 255, green / 255, blue / 255, SRGBColorSpace);
      });
    });
  }

  /** Lay the table anew where the eye has left the middle of the square, or other tiles are here. */
  #lay(here: readonly string[], x: number, y: number): void {
    const corner = (metres: number) => Math.round(metres / MOVED_M) * MOVED_M - (SIDE * CELL_M) / 2;
    const [west, north] = [corner(x), corner(y)];
    const shown = `${west} ${north} ${here.join()}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { uNear, uNearAt } = this.uniforms;
    const table = tableOf(here.flatMap((key) => this.#tiles.get(key) ?? []), west, north, this.#halves);
    (uNear.value.image.data as Float32Array).set(table);
    uNear.value.needsUpdate = true;
    uNearAt.value.x = west;
    uNearAt.value.y = north;
  }
}
