// Opens the editor in a page: the form, and the map whose ground is clicked to say where.

import { h, render } from "preact";

import { readCatalog, readLayer } from "../../api/content";
import type { Catalog, PlaceFeature } from "../../api/schema";
import { createMap, type MapView } from "../../engine/map";
import { contentLayer } from "../../layers/content";
import type { LabelSpec } from "../../layers/layer";
import { createStore, type Store } from "../../state/store";
import { parseUrl } from "../../state/url";
import { createKeeper } from "../../state/words_kept";
import { editLang, preferredLang, say, type EditLang as Lang } from "../../text/words";
import { LabelView } from "../label_view";
import { paintLayers } from "../layer_colours";
import { createShell } from "../shell";
import { Editor } from "./actions";
import { EditorApp } from "./app";
import type { EditorState } from "./state";

const POINT = "point";

function firstState(lang: Lang): EditorState {
  return {
    lang,
    session: null,
    busy: false,
    layers: [],
    schemas: {},
    values: {},
    base: null,
    etag: null,
    dirty: false,
    faults: {},
    message: null,
    detail: "",
    conflict: null,
    aside: null,
  };
}

export async function openEditor(body: HTMLElement): Promise<void> {
  const url = parseUrl(location.search);
  const shell = createShell(body);
  body.classList.add("edit");
  const store = createStore(firstState(editLang(url.lang ?? preferredLang(navigator.languages))));
  const places = new Places();
  const editor = new Editor(store, createKeeper(localStorage), (layer, feature) => places.put(layer, feature));
  render(h(EditorApp, { store, actions: editor }), shell.app);
  const catalog = await readCatalog().catch(() => null);
  await editor.begin(catalog?.layers ?? []);
  if (url.place) await editor.open(url.place.layer, url.place.id);
  else editor.fresh("heritage");
  if (!catalog) return;
  paintLayers(document, catalog.layers);
  try {
    const map = createMap(shell.canvas, catalog.tilesets, { at: url.at, time: url.time, era: url.era, quality: url.quality });
    attach(map, shell.labels, store, editor, places);
    await places.load(catalog);
    map.contentIsHere();
  } catch {
    // Without the map the place is given in degrees.
    shell.canvas.hidden = true;
  }
}

/** The records that the map names; a saved one takes the place of what was read. */
class Places {
  readonly #all = new Map<string, LabelSpec>();
  changed: () => void = () => undefined;

  async load(catalog: Catalog): Promise<void> {
    for (const layer of catalog.layers) {
      const features = await readLayer(layer.id).catch(() => []);
      for (const label of contentLayer(layer, features).labels) this.#all.set(label.id, label);
    }
    this.changed();
  }

  put(layer: string, feature: PlaceFeature): void {
    const [label] = contentLayer({ id: layer, title: {}, count: 1 }, [feature]).labels;
    if (label) this.#all.set(label.id, label);
    this.changed();
  }

  labels(): LabelSpec[] {
    return [...this.#all.values()];
  }
}

function attach(map: MapView, box: HTMLElement, store: Store<EditorState>, editor: Editor, places: Places): void {
  const marker = document.createElement("div");
  marker.className = "marker";
  box.append(marker);
  const labels = new LabelView(box, ({ place }) => void editor.open(place.layer, place.feature.id));
  const show = () => {
    const { lang, values } = store.get();
    const [lon, lat] = [Number(values["lon"]), Number(values["lat"])];
    const point = values["lon"] && Number.isFinite(lon) && Number.isFinite(lat) ? [{ id: POINT, lon, lat }] : [];
    labels.set(places.labels(), lang);
    map.setAnchors([...places.labels(), ...point]);
  };
  let last = "";
  store.watch(({ lang, values, base }) => {
    const now = [lang, values["lon"], values["lat"], base?.id].join();
    if (now !== last) show();
    last = now;
  });
  places.changed = show;
  show();
  map.listen({
    frame: () => {
      const projected = map.projected();
      labels.update(projected, map.view().height);
      const at = projected.find(({ id }) => id === POINT);
      marker.classList.toggle("on", at !== undefined);
      if (at) marker.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px)`;
    },
    click: (x, y) =>
      void map.pick(x, y).then((found) => {
        if (!found || !store.get().session?.name) return;
        editor.change("lon", found.lon.toFixed(7));
        editor.change("lat", found.lat.toFixed(7));
      }),
    ready: (on) => {
      if (on) document.documentElement.dataset["ready"] = "1";
      else delete document.documentElement.dataset["ready"];
    },
  });
  document.getElementById("map")?.setAttribute("aria-label", say(store.get().lang, "map"));
}
