// What the parts of the page may do: with the state, the map and the address.

import { readPlace, search, suggest } from "../../api/content";
import type { Catalog, PlaceFeature } from "../../api/schema";
import type { Aim, MapView } from "../../engine/map";
import { anchorOf, linesOf } from "../../layers/content";
import type { Layer } from "../../layers/layer";
import type { Store } from "../../state/store";
import { formatTime } from "../../state/clock";
import { metresBetween } from "../../state/plane";
import { withUrl } from "../../state/url";
import { middleOfFreePart } from "../free_part";
import { BUILDINGS, type FoundRow, rowOf } from "./found";
import { recordOf } from "./meaning";
import type { Actions, BuildingCardData, CardData, ViewerState } from "./state";

export interface Parts {
  map: MapView | null;
  layers: readonly Layer[];
  catalog: Catalog | null;
}

/** From how far a place is looked at, metres: a building, or a line by its length. */
const LOOK_M = 650;
const BUILDING_M = 420;
/** The address follows what is dragged after this pause: browsers refuse too many changes of it. */
export const ADDRESS_PAUSE_MS = 400;

export function setAddress(change: Record<string, string | null>): void {
  history.replaceState(null, "", location.pathname + withUrl(location.search, change) + location.hash);
}

/** Where a card's place is, from how far it is looked at, and how far it reaches, metres. */
type Look = Pick<Aim, "lon" | "lat" | "distance"> & Partial<Aim>;

function lookOf(card: CardData): Look | null {
  if (card.kind === "building") return { lon: card.lon, lat: card.lat, distance: BUILDING_M };
  const { geometry } = card.feature;
  const anchor = anchorOf(geometry);
  if (!anchor) return null;
  const points = geometry.type === "MultiPoint" ? geometry.coordinates : linesOf(geometry).flat();
  const span = points.reduce(
    (most, point) => Math.max(most, metresBetween(anchor, point)),
    0,
  );
  return { lon: anchor[0], lat: anchor[1], distance: LOOK_M, span };
}

/** Whether a record came with all its fields: each says where it is from. */
const isWhole = (feature: PlaceFeature) => feature.properties.source !== undefined;

/** The rest of a record, for the card that shows it, if that is still the one. */
async function fill(store: Store<ViewerState>, card: CardData & { kind: "place" }): Promise<void> {
  try {
    const feature = await readPlace(card.layer, card.feature.id);
    if (store.get().card === card) store.change({ card: { ...card, feature } });
  } catch {
    store.change({ notice: "place_failed" });
  }
}

function motions(parts: Parts): Pick<Actions, "zoom" | "turn" | "north" | "home"> {
  return {
    zoom: (factor) => parts.map?.zoom(factor),
    turn: (degrees) => parts.map?.turn(degrees),
    north: () => parts.map?.north(),
    home: () => parts.map?.home(),
  };
}

/** What a card leaves of the page: on a small screen no panel, where there is a map behind it. */
const besideCard = ({ map }: Parts): Partial<ViewerState> => (map && window.innerWidth <= 640 ? { panel: false } : {});

/** Searching, and opening what was found. */
function finding(
  store: Store<ViewerState>,
  parts: Parts,
  open: Actions["open"],
  freely: (look: Look) => void,
): Pick<Actions, "search" | "openFound"> {
  /** A building is chosen and looked at; its card says its name until its tile tells the rest. */
  const openBuilding = (row: FoundRow) => {
    const { id, lon, lat } = row;
    const record = recordOf({ layer: BUILDINGS, properties: { smap_id: id } }, parts.layers);
    if (record) open(record);
    else {
      store.change({ card: buildingCard(row, parts), greeting: false, ...besideCard(parts) });
      setAddress({ place: null });
    }
    parts.map?.choose(id, (properties) => {
      const shown = store.get().card;
      if (shown?.kind === "building" && shown.smapId === id) store.change({ card: { ...shown, waiting: false, properties } });
    });
    freely({ lon, lat, distance: BUILDING_M });
  };
  return {
    async search({ words, lang, whole }, signal) {
      const view = parts.map?.view();
      const wanted = { words, lang, near: view ? ([view.lon, view.lat] as const) : null };
      return whole ? (await search(wanted, signal)).map(rowOf) : suggest(wanted, signal);
    },
    openFound(row) {
      if (row.layer === BUILDINGS) {
        openBuilding(row);
        return;
      }
      const known = knownPlace(row, parts.layers);
      const place = known ? Promise.resolve(known) : readPlace(row.layer, row.id);
      void place.then(
        (feature) => open({ layer: row.layer, feature }, { fly: true }),
        () => store.change({ notice: "place_failed" }),
      );
    },
  };
}

/** Opening a place: its card, its address, and the flight there. */
function opening(
  store: Store<ViewerState>,
  parts: Parts,
  flyTo: (card: CardData, atOnce?: boolean) => void,
): Actions["open"] {
  return (place, options = {}) => {
    const card = { kind: "place" as const, layer: place.layer, feature: place.feature };
    store.change({ card, greeting: false, ...besideCard(parts) });
    parts.map?.choose(null);
    setAddress({ place: `${place.layer}/${place.feature.id}` });
    const fly = () => {
      if (options.fly) flyTo(card, options.atOnce);
    };
    // what the card leaves free of the map is known when all of it is there
    if (isWhole(place.feature)) fly();
    else void fill(store, card).then(fly);
  };
}

export function createActions(store: Store<ViewerState>, parts: Parts): Actions {
  const freely = (look: Look, atOnce = false) => {
    // The card must lie on the page before the part of the map that it leaves free is known.
    requestAnimationFrame(() => parts.map?.flyTo({ span: 0, ...look, ...middleOfFreePart() }, atOnce));
  };
  const flyTo = (card: CardData, atOnce = false) => {
    const look = lookOf(card);
    if (look) freely(look, atOnce);
  };
  let address = 0;
  const open = opening(store, parts, flyTo);
  return {
    open,
    flyTo: (card) => flyTo(card),
    language(lang) {
      store.change({ lang });
      setAddress({ lang });
    },
    panel(on) {
      store.change({ panel: on, greeting: false });
    },
    clock(on) {
      store.change({ clock: on });
      // on a phone the button comes back only when the box has gone
      if (!on) requestAnimationFrame(() => document.querySelector<HTMLElement>(".clock-door")?.focus());
    },
    time(time) {
      store.change({ time });
      parts.map?.setTime(time);
      window.clearTimeout(address);
      address = window.setTimeout(() => setAddress({ time: time && formatTime(time) }), ADDRESS_PAUSE_MS);
    },
    era(era) {
      store.change({ era });
      setAddress({ era });
    },
    enter(door) {
      if (door.place) open(door.place);
      else store.change({ panel: true, greeting: false });
      freely(door.aim);
    },
    greet(on) {
      store.change({ greeting: on });
      if (!on) parts.map?.focus();
    },
    toggle(id) {
      const layers = store.get().layers.map((layer) => (layer.id === id ? { ...layer, on: !layer.on } : layer));
      store.change({ layers });
    },
    close() {
      const { card, panel, clock, greeting } = store.get();
      if (clock) store.change({ clock: false });
      else if (card) {
        store.change({ card: null });
        parts.map?.choose(null);
        setAddress({ place: null });
      } else if (panel) store.change({ panel: false });
      else if (greeting) store.change({ greeting: false });
      parts.map?.focus();
    },
    ...finding(store, parts, open, freely),
    ...motions(parts),
    retry() {
      if (parts.map) {
        store.change({ notice: null });
        parts.map.retry();
      } else location.reload();
    },
  };
}

/** The card of a building as the search knows it. */
function buildingCard({ id, names, tileset, lon, lat }: FoundRow, { map, catalog }: Parts): BuildingCardData {
  const drawn = catalog?.tilesets.find(({ name }) => name === tileset) ?? null;
  return { kind: "building", smapId: id, waiting: map !== null, properties: { ...names }, tileset: drawn, lon, lat };
}

/** The record of a row: as the answer or a loaded layer holds it. */
function knownPlace(row: FoundRow, layers: readonly Layer[]): PlaceFeature | null {
  const layer = layers.find(({ id }) => id === row.layer);
  return layer?.places.find(({ feature }) => feature.id === row.id)?.feature ?? row.feature ?? null;
}
