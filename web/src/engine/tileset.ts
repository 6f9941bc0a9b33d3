// A tileset of the catalog in the scene: terrain or buildings, loaded as far as the view needs it.

import { TilesRenderer } from "3d-tiles-renderer/three";
import { GLTFExtensionsPlugin, QuantizedMeshPlugin } from "3d-tiles-renderer/three/plugins";
import { MeshoptDecoder } from "three/addons/libs/meshopt_decoder.module.js";
import type { Mesh, Object3D } from "three";

import type { Frame } from "./frame";

export interface TileNode {
  geometricError: number;
  boundingVolume: { region?: number[]; box?: number[]; sphere?: number[] };
  children?: TileNode[];
  parent: TileNode | null;
  content?: { uri?: string } | null;
  engineData: { scene: Object3D | null };
}

interface ViewError {
  inView: boolean;
  error: number;
  distanceFromCamera: number;
}

interface TilesetJson {
  asset: { version: string };
  extras?: { terrain?: { level?: number } };
}

// Methods of the library's class that its type declarations leave out.
interface Inherited {
  preprocessTileset(json: TilesetJson, url: string, parent: unknown): void;
  calculateTileViewErrorWithPlugin(tile: TileNode, target: ViewError): void;
}

interface Loading {
  isLoading: boolean;
  loadingTiles: ReadonlySet<unknown>;
  rootLoadingState: number;
}

/** The renderer of one tileset, with the library's notice about version 1.1 kept from the console. */
export class CityTiles extends TilesRenderer {
  /** May change how much a tile is wanted, after the screen-space error is known. */
  adjust: ((tile: TileNode, target: ViewError) => void) | null = null;

  preprocessTileset(json: TilesetJson, url: string, parent: unknown = null): void {
    const base = TilesRenderer.prototype as unknown as Inherited;
    // The library warns of every tileset of version 1.1; all that we use of 1.1 it reads well.
    base.preprocessTileset.call(this, { ...json, asset: { ...json.asset, version: "1.0" } }, url, parent);
  }

  calculateTileViewErrorWithPlugin(tile: TileNode, target: ViewError): void {
    const base = TilesRenderer.prototype as unknown as Inherited;
    base.calculateTileViewErrorWithPlugin.call(this, tile, target);
    this.adjust?.(tile, target);
  }

  get busy(): boolean {
    const { isLoading, loadingTiles, rootLoadingState } = this as unknown as Loading;
    const rootPending = this.root === null && rootLoadingState !== FAILED;
    // While the body of an answer arrives no queue of the library runs, and it takes the load for finished.
    return isLoading || rootPending || loadingTiles.size > 0;
  }

  /** Whether the tileset or one of its tiles could not be had. */
  get failed(): boolean {
    const { rootLoadingState, stats } = this as unknown as { rootLoadingState: number; stats: { failed: number } };
    return rootLoadingState === FAILED || stats.failed > 0;
  }

  get seatingLevel(): number | null {
    const extras = (this.rootTileset as TilesetJson | null)?.extras;
    return extras?.terrain?.level ?? null;
  }

  visible(): Iterable<TileNode> {
    return this.visibleTiles as unknown as Set<TileNode>;
  }
}

// 3d-tiles-renderer 0.5.3, core/renderer/constants.js
const FAILED = -1;

/**
 * Coarser tiles stay on screen until finer ones are here, but none is fetched for that alone: the sample's first picture
 * was 3.1 MB so, and 4.2 MB with all that lies above it.
 */
function place(tiles: CityTiles, frame: Frame): void {
  tiles.loadAncestors = false;
  tiles.group.matrixAutoUpdate = false;
  tiles.group.matrix.copy(frame.fromEcef);
  tiles.group.updateMatrixWorld(true);
}

export function createBuildings(url: string, frame: Frame, errorTarget: number): CityTiles {
  const tiles = new CityTiles(url);
  tiles.registerPlugin(new GLTFExtensionsPlugin({ metadata: true, rtc: false, meshoptDecoder: MeshoptDecoder }));
  tiles.errorTarget = errorTarget;
  place(tiles, frame);
  return tiles;
}

/** Error of level 0 of quantized-mesh terrain as clients assume it; each level halves it (FACTS of the format). */
const LEVEL_0_ERROR_M = 77_067.34;

/**
 * Keeps the errors of terrain tiles falling from level to level. A tile's own metadata may tell a smaller error than
 * its children's (a hemisphere of 65 × 65 points misses the hills that level 4 first measures), and a quarter that is
 * cut from its parent keeps the level's default; the traversal takes a child that is not better than its parent for
 * one that must be split further, and then never shows it.
 */
const fallingErrors = {
  preprocessNode(tile: TileNode, _folder: string, parent: TileNode | null): void {
    if (parent) tile.geometricError = Math.min(tile.geometricError, parent.geometricError * 0.5);
  },
  processTileModel(_scene: Object3D, tile: TileNode): void {
    const [, south = 0, , north = 0] = tile.boundingVolume.region ?? [];
    // An eighth of the default is about what the formats' usual grids of 65 × 65 points reach.
    const least = (LEVEL_0_ERROR_M * (north - south)) / Math.PI / 8;
    const above = tile.parent?.geometricError ?? Infinity;
    tile.geometricError = Math.min(Math.max(tile.geometricError, least), above * 0.9);
  },
};

export function createTerrain(url: string, frame: Frame, errorTarget: number): CityTiles {
  const tiles = new CityTiles(url);
  tiles.registerPlugin(new QuantizedMeshPlugin({ useRecommendedSettings: false }));
  tiles.registerPlugin({ ...fallingErrors });
  tiles.errorTarget = errorTarget;
  place(tiles, frame);
  return tiles;
}

/** All meshes of a loaded tile. */
export function meshesOf(scene: Object3D): Mesh[] {
  const meshes: Mesh[] = [];
  scene.traverse((object) => {
    if ((object as Mesh).isMesh) meshes.push(object as Mesh);
  });
  return meshes;
}
