// The tilesets of the catalog on the stage: terrain, buildings on it, what is hovered and chosen, and whether the
// picture is complete.

import type { Vector3 } from "three";
import { Raycaster, Vector2, type Intersection, type Mesh } from "three";

import { layerOf } from "../state/kinds";

import { BaseMap, groundPixel } from "./basemap";
import { createBuildingMaterial, dressBuildings } from "./buildings";
import { DrawnGround } from "./drape";
import { type Properties, tableOf } from "./features";
import { dressGround, knownArea, type GroundLook } from "./ground";
import type { Bbox } from "./home";
import { Lights, type Dress, type Lit } from "./lit";
import { dressModel } from "./models";
import type { LonLat } from "./path";
import { Probe } from "./probe";
import { Seating, terrainKey } from "./seating";
import type { Stage } from "./stage";
import { Trees } from "./trees";
import { type CityTiles, createBuildings, createTerrain, meshesOf, type TileNode } from "./tileset";

/** Undulation of the geoid (EGM96) at Seoul: 22.9 m at City Hall, 22.4 to 23.4 m over the city. */
const SEA_LEVEL_M = 22.9;

/** Screen-space error in pixels up to which a coarser tile will do. */
const ERROR_PX = { plain: 24, low: 24, medium: 16, high: 10 };
/** What is modelled is what is looked at, and its paint is no part of its error: it may err by this share of a house's. */
const MODEL_SHARE = 0.22;
const GROUND_ERROR_PX = 4;
/** Far above the city error · height is this, for every quality: 6 px at 14 km, where Seoul costs 3.4 MB (3 px: 10). */
const FAR_ERROR_PX_M = 84_000;
/** Nor do errors shrink below this: the whole city from 30 km costs 1.1 MB at 6 px, 5.6 MB at 2.2. */
const LEAST_ERROR_PX = 4;

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
  kind: string;
  /** The era it belongs to; null or absent: shown in every era. */
  era?: string | null;
}

/** Buildings, models, or stone and paving made of the content, on the stage. */
interface Standing {
  name: string;
  /** "buildings", "models", or the layer of the content that it is made of. */
  layer: string;
  era: string | null;
  tiles: CityTiles;
}

export interface TerrainRef extends TilesetRef {
  bbox: Bbox;
}

interface Cast {
  hit: Intersection;
  layer: string;
  tileset: string | null;
}

export class City {
  readonly buildings: Standing[] = [];
  readonly terrain: CityTiles | null = null;
  readonly ground: DrawnGround | null = null;
  readonly #seating: Seating | null = null;
  readonly #trees: Trees | null = null;
  readonly #map: BaseMap | null = null;
  #mapEra: string | null = null;
  readonly #wood: Dress;
  readonly #lights: Lights;
  readonly #ray = new Raycaster();
  readonly #probe = new Probe();
  readonly #groundWatchers = new Set<() => void>();
  readonly #hidden = new Set<string>();
  #era: string | null = null;
  #groundChanged = true;
  #timer = 0;
  /** Rises whenever other buildings or models are drawn than before. */
  shown = 0;

  constructor(
    readonly stage: Stage,
    terrain: TerrainRef | null,
    buildings: readonly TilesetRef[],
    map: TilesetRef | null = null,
  ) {
    const light = () => createBuildingMaterial(stage.air);
    this.#wood = { plain: light().material, light };
    this.#lights = new Lights(() => stage.invalidate());
    if (terrain) {
      this.terrain = createTerrain(terrain.url, stage.frame, GROUND_ERROR_PX);
      const { air, contact, frame } = stage;
      const known = knownArea(frame, terrain.bbox);
      this.#mapEra = map?.era ?? null;
      if (map) this.#map = new BaseMap(map.url, frame, stage.software ? 512 : 1024, () => stage.invalidate());
      const uniforms = this.#map?.uniforms ?? null;
      this.#addTerrain(this.terrain, { air, contact: contact.uniforms, seaLevel: SEA_LEVEL_M, known, map: uniforms });
      this.ground = new DrawnGround(stage.frame, this.terrain);
      this.#seating = new Seating(stage.frame, this.terrain);
      const { quality } = stage;
      if (quality !== "plain") this.#trees = new Trees(stage, quality, this.ground, SEA_LEVEL_M, known);
      stage.rig.groundAt = (position) => this.ground?.under(position) ?? null;
    }
    for (const tileset of buildings) this.#addBuildings(tileset);
    stage.beforeFrame(() => this.#update());
    stage.gathering = () => this.busy;
  }

  #addTerrain(tiles: CityTiles, look: GroundLook): void {
    tiles.addEventListener("load-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) dressGround(mesh, look);
    });
    tiles.addEventListener("dispose-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) (mesh.material as { dispose(): void }).dispose();
    });
    tiles.addEventListener("tile-visibility-change", () => (this.#groundChanged = true));
    this.#add(tiles);
  }

  #addBuildings({ name, url, kind, era = null }: TilesetRef): void {
    const layer = layerOf(kind) ?? "buildings";
    const tiles = createBuildings(url, this.stage.frame, ERROR_PX[this.stage.quality]);
    tiles.addEventListener("load-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) this.#lights.add(mesh, this.#dress(mesh, layer));
    });
    tiles.addEventListener("tile-visibility-change", ({ scene, visible }) => {
      this.stage.shadowsChanged();
      this.shown += 1;
      if (scene && visible) this.#lights.find(meshesOf(scene));
    });
    tiles.addEventListener("dispose-model", ({ scene }) => {
      for (const mesh of meshesOf(scene)) this.#lights.forget(mesh);
    });
    this.#probe.attach(tiles);
    this.buildings.push({ name, layer, era, tiles });
    this.#add(tiles);
  }

  #dress(mesh: Mesh, layer: Standing["layer"]): Dress {
    const { air, contact, frame, quality } = this.stage;
    const around = { air, contact: quality === "low" || quality === "plain" ? null : contact.uniforms };
    if (layer !== "buildings") return dressModel(mesh, around, frame.fromEcef);
    dressBuildings(mesh, tableOf(mesh), this.#wood.plain, frame.fromEcef);
    return this.#wood;
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
    for (const { layer, tiles } of this.buildings) tiles.errorTarget = error * (layer === "buildings" ? 1 : MODEL_SHARE);
    for (const tiles of this.#all()) {
      tiles.setResolution(stage.rig.camera, stage.width, stage.height);
      tiles.update();
    }
    const seatingMoved = this.#seating?.update(this.#shownBuildings(), stage.rig.eye) ?? false;
    if (seatingMoved) stage.shadowsChanged();
    if (this.#groundChanged) this.#settleGround();
    this.#trees?.update();
    this.#aim();
    this.#holdMap();
    if (this.busy) this.#lookAgain();
    return seatingMoved;
  }

  #shownBuildings(): CityTiles[] {
    return this.buildings.filter(({ tiles }) => tiles.group.visible).map(({ tiles }) => tiles);
  }

  #settleGround(): void {
    this.#groundChanged = false;
    this.ground?.refresh();
    this.#trees?.groundChanged();
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

  #holdMap(): void {
    if (!this.#map) return;
    const { rig, air, height } = this.stage;
    const above = rig.eye.y - (this.ground?.under(rig.eye) ?? 30);
    const pixel = groundPixel(above, rig.tilt, rig.camera.fov, height);
    this.#map.update(rig.eye, rig.basis().forward, pixel, air.uNight.value, above);
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
    return this.#all().some((tiles) => tiles.busy) || (this.#map?.busy ?? false);
  }

  /** Share of the wanted tiles that are here, 0 to 1. */
  get progress(): number {
    const parts = this.#all().map((tiles) => (tiles.root ? tiles.loadProgress : tiles.failed ? 1 : 0));
    return parts.length ? parts.reduce((sum, part) => sum + part, 0) / parts.length : 1;
  }

  get failed(): boolean {
    return this.#all().some((tiles) => tiles.failed) || (this.#map?.failed ?? false);
  }

  retry(): void {
    for (const tiles of this.#all()) tiles.resetFailedTiles();
    this.#map?.retry();
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
    const shown: { layer: string; name: string | null; tiles: CityTiles }[] = this.buildings.filter(isShown);
    return this.terrain ? [...shown, { layer: "terrain", name: null, tiles: this.terrain }] : shown;
  }

  /** Let no tree stand on these lines (degrees). */
  keepTreesOff(lines: readonly (readonly LonLat[])[]): void {
    this.#trees?.keepOff(lines);
  }

  /** Show or hide all buildings, all models, or what is made of a layer of the content. */
  showLayer(layer: string, on: boolean): void {
    if (on) this.#hidden.delete(layer);
    else this.#hidden.add(layer);
    this.#showStanding();
  }

  /** Show what belongs to an era, and what belongs to none. */
  setEra(era: string | null): void {
    this.#era = era;
    this.#showStanding();
  }

  #showStanding(): void {
    for (const { layer, era, tiles } of this.buildings) {
      tiles.group.visible = !this.#hidden.has(layer) && (era === null || era === this.#era);
    }
    if (this.#map) this.#map.on = this.#mapEra === null || this.#mapEra === this.#era;
    this.shown += 1;
    this.stage.shadowsChanged();
    this.stage.invalidate();
  }

  /** Light the building under a point as hovered; true when one is there. */
  hover(x: number, y: number): boolean {
    const hit = this.#building(x, y);
    this.#lights.hover(hit);
    return hit !== null;
  }

  unhover(): void {
    this.#lights.hover(null);
  }

  #building(x: number, y: number): Lit | null {
    const cast = this.#cast(x, y);
    const found = cast && cast.layer !== "terrain" ? featureOf(cast.hit) : null;
    const smapId = found?.row["smap_id"];
    return found && typeof smapId === "string" ? { smapId, mesh: found.mesh, feature: found.feature } : null;
  }

  /** Light a building as chosen, through all changes of detail; null lights none. told: hears what a tile that shows it says of it. */
  choose(smapId: string | null, told?: (building: Properties) => void): void {
    this.#lights.choose(smapId, this.shownMeshes(), told);
  }

  /** What is drawn of each tileset: z/x/y of its tiles of terrain, the paths of its tiles of buildings. */
  drawn(): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const { name, tiles } of this.buildings) {
      const shown = tiles.group.visible ? [...tiles.visible()].filter(({ engineData }) => engineData.scene?.visible) : [];
      found[name] = shown.map(({ content }) => content?.uri ?? "");
    }
    if (this.terrain) found["terrain"] = [...this.terrain.visible()].map(terrainKey);
    return found;
  }

  /** The meshes of all buildings and models that are drawn. */
  *shownMeshes(): Iterable<Mesh> {
    for (const tiles of this.#shownBuildings()) for (const tile of tiles.visible()) {
      if (tile.engineData.scene) yield* meshesOf(tile.engineData.scene);
    }
  }
}

const isShown = ({ tiles }: { tiles: CityTiles }) => tiles.group.visible;

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
