// Houses were set on the terrain of one level. Where they are shown, in whatever detail, the terrain is held at just that
// level, so that none is seen to float or sink; far away it may err as much as nobody sees. A house whose ground is still
// on its way waits for it.

import { Box3, Matrix4, Vector3 } from "three";

import type { Frame } from "./frame";
import type { CityTiles, TileNode } from "./tileset";

const RAD = Math.PI / 180;
/** Nearer than this no house stands on any other ground than its own, metres. */
const NEAR_M = 5000;
/** Ground is asked for from so much farther, to be here in time. */
const SOONER = 1.25;
/** Farther away the ground under houses may err so much, pixels by the terrain's nominal errors. */
const FAR_PX = 1;
/** Whatever an error is, it is more than enough. */
const WANTED = 1e6;

/** A tile of the quantized-mesh grid: two roots, y from the south. */
interface Cell {
  z: number;
  x: number;
  y: number;
}

const key = ({ z, x, y }: Cell) => `${z}/${x}/${y}`;

export function cellOf(west: number, south: number, north: number): Cell {
  const z = Math.round(Math.log2(Math.PI / (north - south)));
  const size = Math.PI / 2 ** z;
  return { z, x: Math.round((west + Math.PI) / size), y: Math.round((south + Math.PI / 2) / size) };
}

/** z/x/y of a tile of terrain. */
export function terrainKey(tile: TileNode): string {
  const [west = 0, south = 0, , north = 0] = tile.boundingVolume.region ?? [];
  return key(cellOf(west, south, north));
}

/** The cells of a level that a rectangle (west, south, east, north in radians) touches. */
export function cellsUnder(rect: readonly number[], level: number): Cell[] {
  const [west = 0, south = 0, east = 0, north = 0] = rect;
  const size = Math.PI / 2 ** level;
  const index = (angle: number, origin: number) => Math.floor((angle + origin) / size);
  const found: Cell[] = [];
  for (let x = index(west, Math.PI); x <= index(east, Math.PI); x += 1) {
    for (let y = index(south, Math.PI / 2); y <= index(north, Math.PI / 2); y += 1) found.push({ z: level, x, y });
  }
  return found;
}

const same = <T>(one: ReadonlySet<T>, other: ReadonlySet<T>) =>
  one.size === other.size && [...one].every((member) => other.has(member));

/** A cell of the seating level in the scene. */
interface Ground {
  key: string;
  /** Of the cells above it. */
  above: readonly string[];
  centre: Vector3;
  reach: number;
}

/** Keys of the terrain that houses need, with all that lies above it. */
interface Needs {
  near: Set<string>;
  far: Set<string>;
}

export class Seating {
  readonly #grounds = new WeakMap<TileNode, Ground[]>();
  readonly #keys = new WeakMap<TileNode, string>();
  #needs: Needs = { near: new Set(), far: new Set() };
  #waiting = new Set<TileNode>();
  #level: number | null = null;

  constructor(
    readonly frame: Frame,
    readonly terrain: CityTiles,
  ) {
    terrain.adjust = (tile, target) => {
      const wish = this.#wish(tile);
      if (wish === "hold") target.error = 0;
      if (!target.inView || wish === null || wish === "hold") return;
      if (wish === "near" || target.error > FAR_PX) target.error = Math.max(target.error, WANTED);
    };
  }

  #wish(tile: TileNode): "near" | "far" | "hold" | null {
    const region = tile.boundingVolume.region;
    if (this.#level === null || !region) return null;
    const [west = 0, south = 0, , north = 0] = region;
    if (north - south > Math.PI / 1.5) return null;
    const cell = cellOf(west, south, north);
    if (cell.z >= this.#level) return "hold";
    if (this.#needs.near.has(key(cell))) return "near";
    return this.#needs.far.has(key(cell)) ? "far" : null;
  }

  /** Look which houses are shown to an eye; true when the terrain has to follow, or other houses wait for it. */
  update(standing: readonly CityTiles[], eye: Vector3): boolean {
    const before = { needs: this.#needs, waiting: this.#waiting };
    this.#needs = { near: new Set(), far: new Set() };
    this.#waiting = new Set();
    this.#level = null;
    const drawn = this.#drawn();
    for (const tiles of standing) {
      const level = tiles.seatingLevel;
      if (level === null) continue;
      this.#level = Math.max(this.#level ?? 0, level);
      for (const tile of tiles.visible()) this.#seat(tile, this.#groundsOf(tile, level, tiles), eye, drawn);
    }
    return !(
      same(before.needs.near, this.#needs.near) &&
      same(before.needs.far, this.#needs.far) &&
      same(before.waiting, this.#waiting)
    );
  }

  #drawn(): Set<string> {
    const found = new Set<string>();
    for (const tile of this.terrain.visible()) {
      let name = this.#keys.get(tile);
      if (name === undefined) this.#keys.set(tile, (name = terrainKey(tile)));
      found.add(name);
    }
    return found;
  }

  #seat(tile: TileNode, grounds: readonly Ground[], eye: Vector3, drawn: ReadonlySet<string>): void {
    let waits = false;
    for (const { key: own, above, centre, reach } of grounds) {
      const away = centre.distanceTo(eye) - reach;
      const needed = away < NEAR_M * SOONER ? this.#needs.near : this.#needs.far;
      needed.add(own);
      for (const one of above) needed.add(one);
      waits ||= away < NEAR_M && above.some((one) => drawn.has(one));
    }
    // What cannot come is not waited for.
    waits &&= !this.terrain.failed;
    if (waits) this.#waiting.add(tile);
    if (tile.engineData.scene) tile.engineData.scene.visible = !waits;
  }

  #groundsOf(tile: TileNode, level: number, tiles: CityTiles): Ground[] {
    let found = this.#grounds.get(tile);
    if (!found) {
      const rect = tile.boundingVolume.region?.slice(0, 4) ?? this.#rectOf(tile, tiles);
      found = cellsUnder(rect, level).map((cell) => this.#ground(cell));
      this.#grounds.set(tile, found);
    }
    return found;
  }

  #ground({ z, x, y }: Cell): Ground {
    const above: string[] = [];
    for (let up = 1; up <= z; up += 1) above.push(key({ z: z - up, x: x >> up, y: y >> up }));
    const size = Math.PI / 2 ** z;
    const at = (east: number, north: number) =>
      this.frame.place(((x + east) * size - Math.PI) / RAD, ((y + north) * size - Math.PI / 2) / RAD, 0);
    const centre = at(0.5, 0.5);
    return { key: key({ z, x, y }), above, centre, reach: centre.distanceTo(at(0, 0)) };
  }

  #rectOf(tile: TileNode, tiles: CityTiles): number[] {
    const box = new Box3();
    const matrix = new Matrix4();
    const volume = (tile.engineData as unknown as { boundingVolume: BoundingVolume }).boundingVolume;
    volume.getOBB(box, matrix);
    matrix.premultiply(tiles.group.matrixWorld);
    const rect = [Infinity, Infinity, -Infinity, -Infinity];
    for (let corner = 0; corner < 8; corner += 1) {
      const point = new Vector3(
        corner & 1 ? box.max.x : box.min.x,
        corner & 2 ? box.max.y : box.min.y,
        corner & 4 ? box.max.z : box.min.z,
      ).applyMatrix4(matrix);
      const { lon, lat } = this.frame.geodetic(point);
      widen(rect, lon * RAD, lat * RAD);
    }
    return rect;
  }
}

interface BoundingVolume {
  getOBB(box: Box3, matrix: Matrix4): void;
}

function widen(rect: number[], lon: number, lat: number): void {
  rect[0] = Math.min(rect[0] as number, lon);
  rect[1] = Math.min(rect[1] as number, lat);
  rect[2] = Math.max(rect[2] as number, lon);
  rect[3] = Math.max(rect[3] as number, lat);
}
