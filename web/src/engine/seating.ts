// Buildings were set on the terrain of one level. Where their full detail is shown near the eye, the terrain is held at
// just that level, so that no house is seen to float or sink; elsewhere the terrain follows the view as usual.

import { Box3, Matrix4, Vector3 } from "three";

import type { Frame } from "./frame";
import type { CityTiles, TileNode } from "./tileset";

const RAD = Math.PI / 180;
/** Coarser ground than this is refined under houses in full detail, pixels by the terrain's nominal errors. So it is
 * within some 1.5 km. There the two finest levels of the sample lie 0.3 pixels apart at 99 of 100 points, 0.6 at most
 * (0.66 and 1.45 m), and nobody sees a house float. */
const SEATED_PX = 2;

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

/** The cells of a level that a rectangle (radians) touches, and all that lie above them. */
export function cellsOver(rect: readonly number[], level: number): string[] {
  const [west = 0, south = 0, east = 0, north = 0] = rect;
  const size = Math.PI / 2 ** level;
  const index = (angle: number, origin: number) => Math.floor((angle + origin) / size);
  const found: string[] = [];
  for (let x = index(west, Math.PI); x <= index(east, Math.PI); x += 1) {
    for (let y = index(south, Math.PI / 2); y <= index(north, Math.PI / 2); y += 1) {
      for (let up = 0; up <= level; up += 1) found.push(key({ z: level - up, x: x >> up, y: y >> up }));
    }
  }
  return found;
}

export class Seating {
  readonly #rects = new WeakMap<TileNode, number[]>();
  #seated = new Set<string>();
  #level: number | null = null;

  constructor(
    readonly frame: Frame,
    readonly terrain: CityTiles,
  ) {
    terrain.adjust = (tile, target) => {
      const wish = this.#wish(tile);
      if (wish === "refine" && target.inView && target.error > SEATED_PX)
        target.error = Math.max(target.error, terrain.errorTarget * 1000);
      if (wish === "hold") target.error = 0;
    };
  }

  #wish(tile: TileNode): "refine" | "hold" | null {
    const region = tile.boundingVolume.region;
    if (this.#level === null || !region) return null;
    const [west = 0, south = 0, , north = 0] = region;
    if (north - south > Math.PI / 1.5) return null;
    const cell = cellOf(west, south, north);
    if (cell.z < this.#level) return this.#seated.has(key(cell)) ? "refine" : null;
    return "hold";
  }

  /** Look which buildings are shown in full; true when the terrain has to follow. */
  update(buildings: readonly CityTiles[]): boolean {
    const seated = new Set<string>();
    this.#level = null;
    for (const tiles of buildings) {
      const level = tiles.seatingLevel;
      if (level === null) continue;
      this.#level = Math.max(this.#level ?? 0, level);
      for (const tile of tiles.visible()) this.#seat(tile, level, tiles, seated);
    }
    const changed = seated.size !== this.#seated.size || [...seated].some((cell) => !this.#seated.has(cell));
    this.#seated = seated;
    return changed;
  }

  #seat(tile: TileNode, level: number, tiles: CityTiles, seated: Set<string>): void {
    if (tile.children && tile.children.length > 0) return;
    let rect = this.#rects.get(tile);
    if (!rect) {
      rect = this.#rectOf(tile, tiles);
      this.#rects.set(tile, rect);
    }
    for (const cell of cellsOver(rect, level)) seated.add(cell);
  }

  #rectOf(tile: TileNode, tiles: CityTiles): number[] {
    if (tile.boundingVolume.region) return tile.boundingVolume.region.slice(0, 4);
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
