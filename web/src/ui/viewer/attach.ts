// Joins map, labels and page: what is drawn follows the state, what is clicked changes it.

import type { Catalog, Position } from "../../api/schema";
import type { Properties } from "../../engine/features";
import type { Found, MapView } from "../../engine/map";
import { marksOf, stopsOf } from "../../layers/course";
import type { LabelSpec, Layer } from "../../layers/layer";
import { storyMarks } from "../../layers/stories";
import { chooseEra, isReconstruction, standsIn } from "../../state/era";
import type { Store } from "../../state/store";
import { formatView, parseUrl } from "../../state/url";
import { say } from "../../text/words";
import { LabelView } from "../label_view";
import type { Shell } from "../shell";
import { ADDRESS_PAUSE_MS, setAddress, type Parts } from "./actions";
import { footOf, recordOf } from "./meaning";
import { Nearby } from "./nearby";
import { exposePage } from "./page_interface";
import type { Actions, ViewerState } from "./state";

export function attachMap(
  map: MapView,
  shell: Shell,
  store: Store<ViewerState>,
  actions: Actions,
  catalog: Catalog,
  parts: Parts,
): void {
  const labels = new LabelView(shell.labels, (label) => actions.open(label.place));
  const eras = map.eras;
  const era = chooseEra(eras, parseUrl(location.search).era);
  store.change({
    eras,
    era,
    ...footOf(catalog, era),
    ...(catalog.tilesets.length === 0 ? { notice: "no_tiles" as const } : {}),
  });
  followState(map, shell, store, parts, labels);
  followEra(map, store, catalog);
  const place = () => labels.update(map.projected(), map.view().height);
  let open: unknown[] = [];
  // What has opened or gone leaves other names free, though nothing is drawn anew.
  store.watch(({ card, panel, clock, greeting }) => {
    const now = [card, panel, clock, greeting];
    if (now.every((part, k) => part === open[k])) return;
    open = now;
    requestAnimationFrame(place);
  });
  const nearby = new Nearby(store, parts, () => map.view());
  store.watch(() => nearby.update());
  let address = 0;
  map.listen({
    frame: () => {
      place();
      showProgress(map, store);
    },
    moved: () => {
      window.clearTimeout(address);
      address = window.setTimeout(() => {
        setAddress({ at: formatView(map.view()) });
        nearby.update();
      }, ADDRESS_PAUSE_MS);
      const heading = Math.round(map.view().heading);
      if (heading !== store.get().heading) store.change({ heading });
    },
    taken: () => {
      if (store.get().greeting) store.change({ greeting: false });
    },
    home: () => {
      map.choose(null);
      setAddress({ place: null });
      store.change({ greeting: !store.get().embed, card: null, panel: false });
    },
    click: (x, y) => void map.pick(x, y).then((found) => openBuilding(found, map, store, actions, catalog, parts)),
    ready: (on) => {
      if (on) document.documentElement.dataset["ready"] = "1";
      else delete document.documentElement.dataset["ready"];
      // no tile shows it: its layer or its era is off
      const { card } = store.get();
      if (on && card?.kind === "building" && card.waiting) store.change({ card: { ...card, waiting: false } });
    },
    lost: (on) => store.change({ notice: on ? "context_lost" : null }),
  });
  exposePage(map);
}

function showProgress(map: MapView, store: Store<ViewerState>): void {
  const progress = Math.round(map.progress * 50) / 50;
  const state = store.get();
  if (progress !== state.progress) store.change({ progress, begun: state.begun || progress >= 1 });
  if (map.failed && state.notice === null) store.change({ notice: "tiles_failed" });
}

/** The smap_id of what was hit; "" for a block of several houses, which is nobody's building but can be named. */
function identityOf(properties: Properties): string | null {
  const smapId = properties["smap_id"];
  if (typeof smapId === "string") return smapId;
  return typeof properties["buildings"] === "number" ? "" : null;
}

function openBuilding(
  found: Found | null,
  map: MapView,
  store: Store<ViewerState>,
  actions: Actions,
  catalog: Catalog,
  parts: Parts,
): void {
  const properties = found?.properties;
  const smapId = properties ? identityOf(properties) : null;
  if (!found || !properties || smapId === null) {
    if (store.get().card) actions.close();
    return;
  }
  const tileset = catalog.tilesets.find(({ name }) => name === found.tileset) ?? null;
  const { lon, lat } = found;
  const record = recordOf(found, parts.layers);
  if (record) {
    actions.open(record);
    map.choose(smapId);
    return;
  }
  setAddress({ place: null });
  map.choose(smapId === "" ? null : smapId);
  store.change({ greeting: false, card: { kind: "building", smapId, properties, tileset, lon, lat } });
}

function followEra(map: MapView, store: Store<ViewerState>, catalog: Catalog): void {
  let shown = store.get().era;
  store.watch(({ era }) => {
    if (era === shown) return;
    shown = era;
    map.setEra(era);
    store.change(footOf(catalog, era));
  });
}

/** Layers, language and the open card, from the state onto the map. */
function followState(map: MapView, shell: Shell, store: Store<ViewerState>, parts: Parts, labels: LabelView): void {
  let shown = "";
  let drawn: readonly Layer[] = [];
  let outlined: readonly Position[] | null = null;
  const follow = (state: ViewerState) => {
    shell.canvas.setAttribute("aria-label", say(state.lang, "map"));
    labels.choose(state.card?.kind === "place" ? `${state.card.layer}/${state.card.feature.id}` : null);
    const fresh = parts.layers.filter((layer) => !drawn.includes(layer));
    if (parts.layers !== drawn) {
      drawn = parts.layers;
      for (const layer of fresh) if (layer.lineStyle) map.setPaths(layer.id, layer, layer.lineStyle);
      map.contentIsHere();
    }
    const { ring, marks } = chosenOn(state, parts.layers);
    if (ring !== outlined) map.outline((outlined = ring));
    const stops = marks.map(({ id }) => id).join();
    const now = `${state.lang} ${state.era ?? ""} ${stops} ${state.layers.map((layer) => `${layer.id}:${String(layer.on)}`).join()}`;
    if (now === shown && fresh.length === 0) return;
    shown = now;
    showLayers(map, state, drawn, labels, marks);
  };
  follow(store.get());
  store.watch(follow);
}

/** What the map shows of the open card: the outline of a place, the stops of a course, the stories of an alley. */
function chosenOn({ card }: ViewerState, layers: readonly Layer[]): { ring: readonly Position[] | null; marks: LabelSpec[] } {
  if (card?.kind !== "place") return { ring: null, marks: [] };
  const stops = stopsOf(card.feature, layers.flatMap(({ places }) => places));
  const marks = [...marksOf(stops), ...storyMarks(card.layer, card.feature)];
  return { ring: card.feature.properties.outline ?? null, marks };
}

function showLayers(
  map: MapView,
  state: ViewerState,
  layers: readonly Layer[],
  labels: LabelView,
  marks: readonly LabelSpec[],
): void {
  const on = new Set(state.layers.filter((layer) => layer.on).map(({ id }) => id));
  for (const { id } of state.layers) map.showLayer(id, on.has(id));
  for (const { id, lineStyle } of layers) {
    map.showPaths(id, on.has(id) && (lineStyle?.old === true || !isReconstruction(state.era)));
  }
  const specs = layers
    .filter(({ id }) => on.has(id))
    .flatMap((layer) => layer.labels)
    .filter(({ place }) => standsIn(state.era, place.feature.properties.built))
    // a stop's mark stands for the name that is there without the course
    .filter(({ place }) => !marks.some((mark) => mark.place.feature === place.feature));
  specs.push(...marks);
  labels.set(specs, state.lang);
  map.setAnchors(specs);
}
