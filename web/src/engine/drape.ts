// Heights on the terrain as it is drawn just now: for lines and labels that lie on the ground, and for the camera.

import { type Mesh, Vector3 } from "three";

import type { Frame } from "./frame";
import { type CityTiles, meshesOf, type TileNode } from "./tileset";

const RAD = Math.PI / 180;
const BINS = 48;

/** The triangles of one terrain tile, sorted into bins over its rectangle. */
export class Patch {
  readonly #bins: number[][] = Array.from({ length: BINS * BINS }, () => []);
  readonly #surface: number;

  constructor(
    readonly region: readonly number[],
    readonly mesh: Mesh,
  ) {
    const index = mesh.geometry.index;
    // The first group is the surface, what follows are skirts.
    this.#surface = mesh.geometry.groups[0]?.count ?? index?.count ?? 0;
    for (let corner = 0; corner < this.#surface; corner += 3) this.#sort(corner);
  }

  #sort(corner: number): void {
    const uv = this.mesh.geometry.getAttribute("uv");
    const index = this.mesh.geometry.index;
    if (!index) return;
    const us = [0, 1, 2].map((k) => uv.getX(index.getX(corner + k)));
    const vs = [0, 1, 2].map((k) => uv.getY(index.getX(corner + k)));
    const bin = (part: number) => Math.min(Math.max(Math.floor(part * BINS), 0), BINS - 1);
    for (let x = bin(Math.min(...us)); x <= bin(Math.max(...us)); x += 1) {
      for (let y = bin(Math.min(...vs)); y <= bin(Math.max(...vs)); y += 1) this.#bins[y * BINS + x]?.push(corner);
    }
  }

  /** The corners of the triangle of the drawn surface over u, v (0 to 1 across the tile), with their weights. */
  #under(u: number, v: number): { corners: number[]; weights: number[] } | null {
    const index = this.mesh.geometry.index;
    if (!index) return null;
    const uv = this.mesh.geometry.getAttribute("uv");
    const bin = Math.min(Math.floor(v * BINS), BINS - 1) * BINS + Math.min(Math.floor(u * BINS), BINS - 1);
    for (const corner of this.#bins[bin] ?? []) {
      const [a, b, c] = [index.getX(corner), index.getX(corner + 1), index.getX(corner + 2)];
      const weights = barycentric(u, v, [uv.getX(a), uv.getY(a)], [uv.getX(b), uv.getY(b)], [uv.getX(c), uv.getY(c)]);
      if (weights) return { corners: [a, b, c], weights };
    }
    return null;
  }

  /** The point of the drawn surface over u, v, in the frame. */
  point(u: number, v: number, target: Vector3): Vector3 | null {
    const found = this.#under(u, v);
    return found ? this.#blend("position", found, target).applyMatrix4(this.mesh.matrixWorld) : null;
  }

  /** Which way the surface leans over u, v, as the ground is shaded: a unit vector of the frame. */
  lean(u: number, v: number, target: Vector3): Vector3 | null {
    const found = this.mesh.geometry.hasAttribute("normal") ? this.#under(u, v) : null;
    return found ? this.#blend("normal", found, target).transformDirection(this.mesh.matrixWorld) : null;
  }

  #blend(name: string, { corners, weights }: { corners: number[]; weights: number[] }, target: Vector3): Vector3 {
    const attribute = this.mesh.geometry.getAttribute(name);
    const value = new Vector3();
    target.set(0, 0, 0);
    corners.forEach((corner, k) => target.addScaledVector(value.fromBufferAttribute(attribute, corner), weights[k] ?? 0));
    return target;
  }
}

type Pair = [number, number];

/** Weights of three corners at a point, or null when it lies outside (by more than a rounding error). */
export function barycentric(u: number, v: number, a: Pair, b: Pair, c: Pair): [number, number, number] | null {
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
  if (area === 0) return null;
  const second = ((u - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (v - a[1])) / area;
  const third = ((b[0] - a[0]) * (v - a[1]) - (u - a[0]) * (b[1] - a[1])) / area;
  const first = 1 - second - third;
  // Half a step of the 15-bit grid of quantized-mesh keeps the seams closed.
  return Math.min(first, second, third) < -2e-5 ? null : [first, second, third];
}

export class DrawnGround {
  readonly #patches = new WeakMap<TileNode, Patch>();
  #drawn: Patch[] = [];

  constructor(
    readonly frame: Frame,
    readonly terrain: CityTiles,
  ) {}

  /** Look again which tiles are drawn. */
  refresh(): void {
    this.#drawn = [];
    for (const tile of this.terrain.activeTiles as unknown as Set<TileNode & { internal: { isVirtual: boolean } }>) {
      const patch = tile.internal.isVirtual ? null : this.#patchOf(tile);
      if (patch) this.#drawn.push(patch);
    }
  }

  /** The tiles that are drawn just now. */
  get patches(): readonly Patch[] {
    return this.#drawn;
  }

  #patchOf(tile: TileNode): Patch | null {
    const mesh = tile.engineData.scene ? meshesOf(tile.engineData.scene)[0] : undefined;
    const region = tile.boundingVolume.region;
    if (!mesh || !region) return null;
    let patch = this.#patches.get(tile);
    if (!patch || patch.mesh !== mesh) {
      patch = new Patch(region, mesh);
      this.#patches.set(tile, patch);
    }
    return patch;
  }

  /** The point of the drawn ground over a place (degrees), in the frame; null where no ground is drawn. */
  point(lon: number, lat: number, target = new Vector3()): Vector3 | null {
    const [x, y] = [lon * RAD, lat * RAD];
    for (const patch of this.#drawn) {
      const [west = 0, south = 0, east = 0, north = 0] = patch.region;
      if (x < west || x > east || y < south || y > north) continue;
      const found = patch.point((x - west) / (east - west), (y - south) / (north - south), target);
      if (found) return found;
    }
    return null;
  }

  /** Height along y under a point of the frame. */
  under(position: Vector3): number | null {
    const { lon, lat } = this.frame.geodetic(position);
    return this.point(lon, lat)?.y ?? null;
  }

  /** Whether hills stand between the eye and a point; looked at in steps along the line of sight. */
  hides(eye: Vector3, point: Vector3, steps = 28): boolean {
    const probe = new Vector3();
    for (let k = 1; k < steps; k += 1) {
      const ground = this.under(probe.lerpVectors(eye, point, k / steps));
      if (ground !== null && ground > probe.y + 4) return true;
    }
    return false;
  }
}
