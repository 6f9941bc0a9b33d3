// Which building is hovered and which is chosen: their meshes get a material of their own with the lit feature ids,
// through all changes of detail.

import type { Mesh, MeshLambertMaterial } from "three";

import { type Properties, tableOf } from "./features";

export const NOBODY = -1;

export interface LitMaterial {
  material: MeshLambertMaterial;
  chosen: { value: number };
  hovered: { value: number };
}

export interface Lit {
  smapId: string | null;
  mesh: Mesh | null;
  feature: number;
}

export const nobody = (): Lit => ({ smapId: null, mesh: null, feature: NOBODY });

/** What a mesh is drawn with: plain, or by a maker of materials that can light one feature. */
export interface Dress {
  plain: MeshLambertMaterial;
  light(): LitMaterial;
}

export class Lights {
  readonly #dresses = new WeakMap<Mesh, Dress>();
  readonly #lit = new Map<Mesh, LitMaterial>();
  #chosen = nobody();
  #told: ((building: Properties) => void) | null = null;
  #hovered = nobody();

  constructor(readonly changed: () => void) {}

  add(mesh: Mesh, dress: Dress): void {
    this.#dresses.set(mesh, dress);
  }

  forget(mesh: Mesh): void {
    this.#lit.delete(mesh);
  }

  hover(hit: Lit | null): void {
    const same = (hit?.mesh ?? null) === this.#hovered.mesh && (hit?.feature ?? NOBODY) === this.#hovered.feature;
    if (same) return;
    this.#hovered = hit ?? nobody();
    this.#relight();
  }

  /** Light a building by its smap_id among the meshes that are shown; null lights none. told: whenever a tile shows it. */
  choose(smapId: string | null, shown: Iterable<Mesh>, told: ((building: Properties) => void) | null = null): void {
    this.#chosen = { ...nobody(), smapId };
    this.#told = told;
    this.find(shown);
    this.#relight();
  }

  /** Look for the chosen building in meshes that have just come into view. */
  find(meshes: Iterable<Mesh>): void {
    const { smapId } = this.#chosen;
    if (!smapId) return;
    for (const mesh of meshes) {
      const table = tableOf(mesh);
      const feature = table?.find("smap_id", smapId) ?? null;
      if (!table || feature === null) continue;
      this.#chosen = { smapId, mesh, feature };
      this.#relight();
      this.#told?.(table.row(feature));
      return;
    }
  }

  #relight(): void {
    for (const mesh of this.#lit.keys()) mesh.material = this.#dresses.get(mesh)?.plain ?? mesh.material;
    const wanted = new Set([this.#chosen.mesh, this.#hovered.mesh].filter((mesh) => mesh !== null));
    for (const [mesh, look] of this.#lit) {
      if (wanted.has(mesh)) continue;
      look.material.dispose();
      this.#lit.delete(mesh);
    }
    for (const mesh of wanted) {
      const look = this.#lit.get(mesh) ?? this.#dresses.get(mesh)?.light();
      if (!look) continue;
      this.#lit.set(mesh, look);
      look.chosen.value = this.#chosen.mesh === mesh ? this.#chosen.feature : NOBODY;
      look.hovered.value = this.#hovered.mesh === mesh ? this.#hovered.feature : NOBODY;
      mesh.material = look.material;
    }
    this.changed();
  }
}
