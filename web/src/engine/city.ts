// The tilesets of the catalog on the stage: terrain, buildings on it, what is hovered and chosen, and whether the
// picture is complete.

import type { Vector3, Vector4 } from "three";
import { Raycaster, Vector2, type Intersection, type Mesh } from "three";

import { createBuildingMaterial, dressBuildings, type BuildingMaterial } from "./buildings";
import { DrawnGround } from "./drape";
import { type Properties, tableOf } from "./features";
import { dressGround, knownArea } from "./ground";
import type { Bbox } from "./home";
import { Probe } from "./probe";
import { Seating } from "./seating";
import type { Stage } from "./stage";
import { type CityTiles, createBuildings, createTerrain, meshesOf, type TileNode } from "./tileset";

/** Undulation of the geoid (EGM96) at Seoul: 22.9 m at City Hall, 22.4 to 23.4 m over the city. */
const SEA_LEVEL_M = 22.9;

/** Screen-space error in pixels up to which a coarser tile will do. */
const ERROR_PX = { low: 14, medium: 10, high: 6 };
const GROUND_ERROR_PX = 2;
/** Far above the city error · height is this, for every quality: 3 px at 14 km, where Seoul costs 7 MB in all (2 px: 13). */
const FAR_ERROR_PX_M = 42_000;
/** Nor do errors shrink below this: the whole city from 30 km costs 3 MB at 2.2 px, 7 MB at 1.6. */
const LEAST_ERROR_PX = 1.8;

/** The screen-space error for an eye at a height: far above, a quarter's blocks must not stand for its houses. */
export function errorFrom(height: number, pixels: number): number {
  return Math.min(pixels, Math.max(LEAST_ERROR_PX, FAR_ERROR_PX_M / Math.max(height, 1)));
}

/** So often at most a pick looks again after finer tiles have come. */
const ROUNDS = 4;

/** What a ray meets. Degrees, metres above the ellipsoid; properties only for a building. */
export interface Hit {
  lon: number;
  lat: number;
  height: number;
  layer: string;
  tileset: string | null;
  properties: Properties | null;
  point: Vector3;
}

export interface TilesetRef {
  name: string;
  url: string;
}

export interface TerrainRef extends TilesetRef {
  bbox: Bbox;
}

interface Chosen {
  smapId: string | null;
  mesh: Mesh | null;
  feature: number;
}

interface Cast {
  hit: Intersection;
  layer: string;
  tileset: string | null;
}

const nobody = (): Chosen => ({ smapId: null, mesh: null, feature: -1 });

export class City {
  readonly buildings: { name: string; tiles: CityTiles }[] = [];
  readonly terrain: CityTiles | null = null;
  readonly ground: DrawnGround | null = null;
  readonly #seating: Seating | null = null;
  readonly #plain: BuildingMaterial;
  readonly #lit = new Map<Mesh, BuildingMaterial>();
  readonly #ray = new Raycaster();
  readonly #probe = new Probe();
  readonly #groundWatchers = new Set<() => void>();
  #chosen = nobody();
  #hovered = nobody();
  #groundChanged = true;
  #timer = 0;

  constructor(
    readonly stage: Stage,
    terrain: TerrainRef | null,
    buildings: readonly TilesetRef[],
  ) {
    this.#plain = createBuildingMaterial(stage.air);
    if (terrain) {
      this.terrain = createTerrain(terrain.url, stage.frame, GROUND_ERROR_PX);
      this.#addTerrain(this.terrain, knownArea(stage.frame, terrain.bbox));
      this.ground = new DrawnGround(stage.frame, this.terrain);
      this.#seating = new Seating(stage.frame, this.terrain);
      stage.rig.groundAt = (position) => this.ground?.under(position) ?? null;
    }
    for (const { name, url } of buildings) this.#addBuildings(name, url);
    stage.beforeFrame(() => this.#update());
    stage.gathering = () => this.busy;
  }

  #addTerrain(tiles: CityTiles, known: Vector4): void {
    tiles.addEventListener("load-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) dressGround(mesh, this.stage.air, SEA_LEVEL_M, known);
    });
    tiles.addEventListener("dispose-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) (mesh.material as { dispose(): void }).dispose();
    });
    tiles.addEventListener("tile-visibility-change", () => (this.#groundChanged = true));
    this.#add(tiles);
  }

  #addBuildings(name: string, url: string): void {
    const tiles = createBuildings(url, this.stage.frame, ERROR_PX[this.stage.quality]);
    tiles.addEventListener("load-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) {
        dressBuildings(mesh, tableOf(mesh), this.#plain.material, this.stage.frame.fromEcef);
      }
    });
    tiles.addEventListener("tile-visibility-change", ({ scene, visible }) => {
      this.stage.shadowsChanged();
      if (scene && visible) this.#findChosen(meshesOf(scene));
    });
    tiles.addEventListener("dispose-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) this.#lit.delete(mesh);
    });
    this.#probe.attach(tiles);
    this.buildings.push({ name, tiles });
    this.#add(tiles);
  }

  #add(tiles: CityTiles): void {
    const { stage } = this;
    tiles.setCamera(stage.rig.camera);
    tiles.addEventListener("needs-update", () => stage.invalidate());
    tiles.addEventListener("tile-visibility-change", () => stage.invalidate());
    stage.scene.add(tiles.group);
  }

  #all(): CityTiles[] {
    const tiles = this.buildings.filter(({ tiles }) => tiles.group.visible).map(({ tiles }) => tiles);
    return this.terrain ? [this.terrain, ...tiles] : tiles;
  }

  #update(): boolean {
    const { stage } = this;
    const error = errorFrom(stage.rig.eye.y, ERROR_PX[stage.quality]);
    for (const { tiles } of this.buildings) tiles.errorTarget = error;
    for (const tiles of this.#all()) {
      tiles.setResolution(stage.rig.camera, stage.width, stage.height);
      tiles.update();
    }
    const seatingMoved = this.#seating?.update(this.#shownBuildings()) ?? false;
    if (this.#groundChanged) this.#settleGround();
    this.#aim();
    if (this.busy) this.#lookAgain();
    return seatingMoved;
  }

  #shownBuildings(): CityTiles[] {
    return this.buildings.filter(({ tiles }) => tiles.group.visible).map(({ tiles }) => tiles);
  }

  #settleGround(): void {
    this.#groundChanged = false;
    this.ground?.refresh();
    for (const watcher of this.#groundWatchers) watcher();
  }

  /** While tiles are on their way, look now and then, without drawing each time for nothing. */
  #lookAgain(): void {
    if (this.#timer) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.stage.invalidate();
    }, 60);
  }

  #aim(): void {
    const { rig, focus } = this.stage;
    const { forward } = rig.basis();
    const floor = this.ground?.under(rig.eye) ?? 30;
    const fall = Math.max(-forward.y, 0.12);
    const away = Math.min(Math.max(rig.eye.y - floor, 20) / fall, 9000);
    focus.copy(rig.eye).addScaledVector(forward, away);
    focus.y = Math.max(focus.y, floor - 200);
  }

  /** Called whenever other ground is drawn than before. */
  onGround(watcher: () => void): void {
    this.#groundWatchers.add(watcher);
  }

  get busy(): boolean {
    return this.#all().some((tiles) => tiles.busy);
  }

  /** Share of the wanted tiles that are here, 0 to 1. */
  get progress(): number {
    const parts = this.#all().map((tiles) => (tiles.root ? tiles.loadProgress : tiles.failed ? 1 : 0));
    return parts.length ? parts.reduce((sum, part) => sum + part, 0) / parts.length : 1;
  }

  get failed(): boolean {
    return this.#all().some((tiles) => tiles.failed);
  }

  retry(): void {
    for (const tiles of this.#all()) tiles.resetFailedTiles();
    this.stage.invalidate();
  }

  /** What lies under a point of the canvas (CSS pixels from its left top corner), as it is drawn. */
  pick(x: number, y: number): Hit | null {
    return this.#answer(this.#cast(x, y));
  }

  /** The same in full detail: a building that is drawn in a coarser form is fetched first. */
  async pickExact(x: number, y: number): Promise<Hit | null> {
    let cast = this.#cast(x, y);
    // Each round may uncover another coarse building behind the one that has become exact.
    for (let round = 0; cast && isCoarse(cast) && round < ROUNDS; round += 1) {
      const ray = this.#ray.ray.clone();
      await this.#probe.follow(ray, cast.hit.distance, () => this.#update(), () => this.busy);
      cast = this.#cast(x, y);
    }
    const answer = this.#answer(cast);
    this.#probe.release();
    this.stage.invalidate();
    return answer;
  }

  #answer(cast: Cast | null): Hit | null {
    if (!cast) return null;
    const place = this.stage.frame.geodetic(cast.hit.point);
    const building = cast.layer === "terrain" ? null : featureOf(cast.hit);
    const { layer, tileset } = cast;
    return { ...place, layer, tileset, properties: building?.row ?? null, point: cast.hit.point };
  }

  #cast(x: number, y: number): Cast | null {
    const { stage } = this;
    const screen = new Vector2((x / stage.width) * 2 - 1, 1 - (y / stage.height) * 2);
    stage.rig.place();
    this.#ray.setFromCamera(screen, stage.rig.camera);
    let best: Cast | null = null;
    for (const { layer, name, tiles } of this.#shown()) {
      for (const hit of this.#ray.intersectObject(tiles.group, true)) {
        if (!best || hit.distance < best.hit.distance) best = { hit, layer, tileset: name };
      }
    }
    return best;
  }

  #shown(): { layer: string; name: string | null; tiles: CityTiles }[] {
    const shown = this.buildings.filter(({ tiles }) => tiles.group.visible);
    const layers: { layer: string; name: string | null; tiles: CityTiles }[] = shown.map(({ name, tiles }) => ({
      layer: "buildings",
      name,
      tiles,
    }));
    if (this.terrain) layers.push({ layer: "terrain", name: null, tiles: this.terrain });
    return layers;
  }

  /** Show or hide all buildings. */
  showBuildings(on: boolean): void {
    for (const { tiles } of this.buildings) tiles.group.visible = on;
    this.stage.shadowsChanged();
    this.stage.invalidate();
  }

  /** Light the building under a point as hovered; true when one is there. */
  hover(x: number, y: number): boolean {
    const hit = this.#building(x, y);
    const same = hit?.mesh === this.#hovered.mesh && (hit?.feature ?? -1) === this.#hovered.feature;
    if (!same) {
      this.#hovered = hit ?? nobody();
      this.#relight();
    }
    return hit !== null;
  }

  unhover(): void {
    if (!this.#hovered.mesh) return;
    this.#hovered = nobody();
    this.#relight();
  }

  #building(x: number, y: number): Chosen | null {
    const cast = this.#cast(x, y);
    const found = cast && cast.layer !== "terrain" ? featureOf(cast.hit) : null;
    const smapId = found?.row["smap_id"];
    return found && typeof smapId === "string" ? { smapId, mesh: found.mesh, feature: found.feature } : null;
  }

  /** Light a building as chosen, through all changes of detail; null lights none. */
  choose(smapId: string | null): void {
    this.#chosen = { ...nobody(), smapId };
    if (smapId) for (const tiles of this.#shownBuildings()) for (const tile of tiles.visible()) {
      if (tile.engineData.scene) this.#findChosen(meshesOf(tile.engineData.scene));
    }
    this.#relight();
  }

  #findChosen(meshes: readonly Mesh[]): void {
    const { smapId } = this.#chosen;
    if (!smapId) return;
    for (const mesh of meshes) {
      const feature = tableOf(mesh)?.find("smap_id", smapId);
      if (feature === null || feature === undefined) continue;
      this.#chosen = { smapId, mesh, feature };
      this.#relight();
      return;
    }
  }

  #relight(): void {
    for (const mesh of this.#lit.keys()) mesh.material = this.#plain.material;
    const wanted = new Set([this.#chosen.mesh, this.#hovered.mesh].filter((mesh) => mesh !== null));
    for (const [mesh, look] of this.#lit) {
      if (wanted.has(mesh)) continue;
      look.material.dispose();
      this.#lit.delete(mesh);
    }
    for (const mesh of wanted) {
      const look = this.#lit.get(mesh) ?? createBuildingMaterial(this.stage.air);
      this.#lit.set(mesh, look);
      look.chosen.value = this.#chosen.mesh === mesh ? this.#chosen.feature : -1;
      look.hovered.value = this.#hovered.mesh === mesh ? this.#hovered.feature : -1;
      mesh.material = look.material;
    }
    this.stage.invalidate();
  }
}

/** Whether what was hit belongs to a tile that finer ones could replace. Terrain is drawn as fine as it is needed. */
function isCoarse({ hit, layer }: Cast): boolean {
  const tile = hit.object.userData["tile"] as TileNode | undefined;
  return layer !== "terrain" && (tile?.children?.length ?? 0) > 0;
}

function featureOf(hit: Intersection): { mesh: Mesh; feature: number; row: Properties } | null {
  const mesh = hit.object as Mesh;
  const table = tableOf(mesh);
  const ids = mesh.geometry.getAttribute("feature");
  if (!table || !hit.face || !ids) return null;
  const feature = ids.getX(hit.face.a);
  return { mesh, feature, row: table.row(feature) };
}
