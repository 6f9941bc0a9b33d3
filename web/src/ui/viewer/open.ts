// Opens the viewer in a page: reads the address and the catalog, sets up the map or the list alone.

import { h, render } from "preact";

import { type CourseLine, readCatalog, readCourse, readLayer, readPlace } from "../../api/content";
import type { Catalog, PlaceFeature } from "../../api/schema";
import { createMap, type MapView } from "../../engine/map";
import { contentLayer } from "../../layers/content";
import type { Layer, PlaceRef } from "../../layers/layer";
import { drawnLayerOf } from "../../state/kinds";
import { createStore, type Store } from "../../state/store";
import { parseUrl, type UrlState } from "../../state/url";
import { preferredLang, wordsOf } from "../../text/words";
import { paintLayers } from "../layer_colours";
import { createShell, type Shell } from "../shell";
import { createActions, type Parts } from "./actions";
import { App } from "./app";
import { attachMap } from "./attach";
import { doorsOf, greets } from "./doors";
import { isLarge } from "./nearby";
import type { LayerRow, ViewerState } from "./state";

function firstState(url: UrlState): ViewerState {
  return {
    lang: url.lang ?? preferredLang(navigator.languages),
    embed: url.embed,
    map: true,
    panel: false,
    clock: false,
    time: url.time,
    doors: [],
    greeting: greets(url),
    eras: [],
    era: null,
    sketch: false,
    layers: [],
    card: null,
    progress: 0,
    begun: false,
    notice: null,
    heading: 0,
    attributions: [],
  };
}

function rowsOf(catalog: Catalog, layers: readonly Layer[], failed: ReadonlySet<string>): LayerRow[] {
  const mesh: LayerRow[] = (["buildings", "models"] as const)
    .filter((kind) => catalog.tilesets.some((tileset) => tileset.kind === kind))
    .map((kind) => ({ id: kind, title: wordsOf(`layer_${kind}`), on: true, failed: false, large: false, places: [] }));
  const large = new Set(catalog.layers.filter(isLarge).map(({ id }) => id));
  const content = layers.map(({ id, title, places }) => {
    return { id, title, on: !large.has(id), failed: failed.has(id), large: large.has(id), places };
  });
  return [...mesh, ...content];
}

async function loadLayers(catalog: Catalog): Promise<{ layers: Layer[]; failed: Set<string> }> {
  const failed = new Set<string>();
  const read = async (id: string): Promise<PlaceFeature[]> => {
    try {
      return await readLayer(id);
    } catch {
      failed.add(id);
      return [];
    }
  };
  const layers = await Promise.all(
    catalog.layers.map(async (layer) => contentLayer(layer, layer.count === 0 || isLarge(layer) ? [] : await read(layer.id))),
  );
  return { layers, failed };
}

/** Where tiles draw a layer's lines, these run as the tiles do: a sketch between named points may lead along the ridge. */
async function alongCourses(layers: readonly Layer[], catalog: Catalog): Promise<Layer[]> {
  const courses = new Map<string, CourseLine[]>();
  for (const { kind, url } of catalog.tilesets) {
    const layer = drawnLayerOf(kind);
    if (layer === null) continue;
    const lines = await readCourse(url).catch(() => []);
    courses.set(layer, [...(courses.get(layer) ?? []), ...lines]);
  }
  return layers.map((layer) => {
    const lines = courses.get(layer.id) ?? [];
    if (lines.length === 0) return layer;
    const those = (gone: boolean) => lines.filter(({ lost }) => lost === gone).map(({ points }) => points);
    const lost = those(true);
    return { ...layer, lines: those(false), lost: lost.length > 0 ? lost : layer.lost };
  });
}

function makeMap(canvas: HTMLCanvasElement, catalog: Catalog, url: UrlState): MapView | null {
  try {
    return createMap(canvas, catalog.tilesets, url);
  } catch {
    // Whatever the graphics device refuses: the list of places does without it.
    return null;
  }
}

async function readCatalogOrSay(store: Store<ViewerState>): Promise<Catalog | null> {
  try {
    return await readCatalog();
  } catch {
    store.change({ notice: "no_catalog", progress: 1 });
    return null;
  }
}

export async function openViewer(body: HTMLElement): Promise<void> {
  const url = parseUrl(location.search);
  const shell = createShell(body);
  const store = createStore(firstState(url));
  const parts: Parts = { map: null, layers: [], catalog: null };
  const actions = createActions(store, parts);
  render(h(App, { store, actions }), shell.app);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") actions.close();
  });
  const catalog = await readCatalogOrSay(store);
  if (!catalog) return;
  parts.catalog = catalog;
  parts.map = makeMap(shell.canvas, catalog, url);
  if (parts.map) attachMap(parts.map, shell, store, actions, catalog, parts);
  else withoutMap(body, shell, store);
  paintLayers(document, catalog.layers);
  const { layers: read, failed } = await loadLayers(catalog);
  const layers = await alongCourses(read, catalog);
  parts.layers = layers;
  store.change({ layers: rowsOf(catalog, layers, failed), doors: parts.map?.seoul ? doorsOf(layers) : [] });
  const place = url.place ? await findPlace(catalog, layers, url.place) : null;
  if (place) actions.open(place, { fly: url.at === null, atOnce: true });
  if (!parts.map) document.documentElement.dataset["ready"] = "1";
}

function withoutMap(body: HTMLElement, shell: Shell, store: Store<ViewerState>): void {
  shell.canvas.hidden = true;
  body.classList.add("plain");
  store.change({ map: false, notice: "no_webgl", progress: 1 });
}

async function findPlace(
  catalog: Catalog,
  layers: readonly Layer[],
  wanted: { layer: string; id: string },
): Promise<PlaceRef | null> {
  if (catalog.layers.some((layer) => layer.id === wanted.layer && isLarge(layer))) {
    const feature = await readPlace(wanted.layer, wanted.id).catch(() => null);
    return feature && { layer: wanted.layer, feature };
  }
  const layer = layers.find(({ id }) => id === wanted.layer);
  return layer?.places.find(({ feature }) => feature.id === wanted.id) ?? null;
}
