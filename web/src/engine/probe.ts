// Full detail along one ray. Far buildings are drawn in a coarser form whose walls may stand metres beside the true
// ones: who asks what lies under a point is answered from the finest tiles, which are fetched for that ray alone.

import { Ray, Vector3 } from "three";

import type { CityTiles, TileNode } from "./tileset";

/** Beyond the coarse hit the ray is followed this much farther: the true wall may stand behind the coarse one. */
const BEHIND_M = 60;
/** Larger than any error of a tileset, in pixels. */
const WANTED = 1e6;
const LOOK_MS = 40;
const PATIENCE_MS = 8000;

interface Volume {
  intersectRay(ray: Ray, target: Vector3): Vector3 | null;
}

export class Probe {
  #ray: Ray | null = null;
  #reach = 0;
  readonly #local = new Ray();
  readonly #point = new Vector3();

  /** Let a tileset refine along the ray while one is followed. */
  attach(tiles: CityTiles): void {
    tiles.adjust = (tile, target) => {
      if (!this.#ray || !target.inView || !this.#meets(tile, tiles)) return;
      target.error = Math.max(target.error, WANTED);
    };
  }

  #meets(tile: TileNode, tiles: CityTiles): boolean {
    if (!this.#ray) return false;
    const ray = this.#local.copy(this.#ray).applyMatrix4(tiles.group.matrixWorldInverse);
    const volume = (tile.engineData as unknown as { boundingVolume: Volume }).boundingVolume;
    const entry = volume.intersectRay(ray, this.#point);
    return entry !== null && entry.distanceTo(ray.origin) < this.#reach;
  }

  /** Follow a ray until all tiles along it are here; `busy` says whether some are still on their way. */
  async follow(ray: Ray, distance: number, look: () => void, busy: () => boolean): Promise<void> {
    this.#ray = ray.clone();
    this.#reach = distance + BEHIND_M;
    const until = performance.now() + PATIENCE_MS;
    do {
      look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    } while (busy() && performance.now() < until);
  }

  release(): void {
    this.#ray = null;
  }
}
