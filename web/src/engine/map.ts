// The map as the rest of the page knows it: a door without any word of the 3D engine behind it.

import { MORNING } from "../state/clock";
import { chooseEra, erasOf } from "../state/era";
import { layerOf } from "../state/kinds";
import type { Quality, View } from "../state/url";
import { Anchors, type AnchorSpec, type Projected } from "./anchors";
import { flightSeconds, viewOf } from "./camera";
import { City, type TilesetRef } from "./city";
import type { Properties } from "./features";
import { Frame } from "./frame";
import { homeView, type Bbox } from "./home";
import { Input } from "./input";
import { Paths, type LonLat, type PathStyle, type Ways } from "./path";
import { Stage } from "./stage";

/** Frames must have been still for this long before the picture counts as complete. */
const SETTLE_MS = 250;
/** So much of the ground's rise under a place that is flown to is corrected, metres. */
const REAIM_M = 2;
const OUTLINE = "outline";
const OUTLINE_STYLE: PathStyle = { colour: "#8a3b2a", rim: "#fff3e4", width: 2.2, old: true };
/** Inclination of the ray to a place that is flown to, degrees from straight down. */
const LOOK_TILT_DEG = 58;

export interface MapTileset extends TilesetRef {
  bbox: Bbox;
  /** The lines that its models draw in full, by their id. */
  depicts?: string | null;
}

export interface Found {
  /** Degrees, and metres above the ellipsoid, of the point that the ray meets. */
  lon: number;
  lat: number;
  height: number;
  layer: string;
  tileset: string | null;
  properties: Properties | null;
}

/** A line is seen with so much around it; no free part of the screen counts as smaller. */
const [AROUND, LEAST_ROOM] = [1.15, 0.15];

export interface MapEvents {
  /** A frame has been drawn. */
  frame(): void;
  /** The eye came to another stand, by hand or by flight. */
  moved(): void;
  /** The citizen took the eye in hand. */
  taken(): void;
  /** The eye goes back to the first view. */
  home(): void;
  click(x: number, y: number): void;
  /** Whether the picture is complete. */
  ready(on: boolean): void;
  lost(on: boolean): void;
}

export interface MapOptions {
  at: View | null;
  time: Date | null;
  era: string | null;
  quality: Quality | null;
}

/** A place to be looked at; x and y say where on the canvas it shall stand, as shares from its left top corner. */
export interface Aim {
  lon: number;
  lat: number;
  distance: number;
  /** Degrees; without them the heading of now, and a usual inclination of the ray. */
  heading?: number;
  tilt?: number;
  x: number;
  y: number;
  /** So many metres to each side shall be seen, on so large a share of the canvas's height to each side. */
  span: number;
  room: number;
}

type Placed = Required<Aim> & { height: number };

export class MapView {
  readonly #stage: Stage;
  readonly #city: City;
  readonly #anchors: Anchors;
  readonly #input: Input;
  readonly #paths = new Map<string, Paths>();
  readonly #tilesets: readonly MapTileset[];
  readonly #home: View;
  /** Whether the first view is that of Gwanghwamun in Seoul. */
  readonly seoul: boolean;
  readonly eras: readonly string[];
  #events: Partial<MapEvents> = {};
  #aim: Placed | null = null;
  #ready = false;
  #waiting = true;
  readonly #off = new Set<string>();
  #timer = 0;

  constructor(canvas: HTMLCanvasElement, tilesets: readonly MapTileset[], options: MapOptions) {
    this.#tilesets = tilesets;
    const standing = tilesets.filter(({ kind }) => kind === "buildings");
    const home = homeView((standing.length > 0 ? standing : tilesets).map(({ bbox }) => bbox));
    this.#home = home.view;
    this.seoul = home.seoul;
    this.eras = erasOf(tilesets);
    const frame = new Frame(home.anchor);
    this.#stage = new Stage(canvas, frame, options.quality);
    const terrain = tilesets.find(({ kind }) => kind === "terrain") ?? null;
    const standings = tilesets.filter(({ kind }) => layerOf(kind) !== null);
    const map = tilesets.find(({ kind }) => kind === "basemap") ?? null;
    this.#city = new City(this.#stage, terrain, standings, map);
    this.#anchors = new Anchors(this.#stage, this.#city);
    this.#input = new Input(this.#stage, this.#city, this.#inputEvents());
    this.#city.onGround(() => {
      this.#drape();
      this.#reaim();
    });
    this.#stage.afterFrame(() => this.#afterFrame());
    this.#follow(canvas);
    this.#city.setEra(chooseEra(this.eras, options.era));
    this.#stage.setTime(options.time ?? MORNING);
    this.setView(options.at ?? this.#home);
  }

  #inputEvents() {
    return {
      moved: () => {
        this.#aim = null;
        this.#events.taken?.();
        this.#moved();
      },
      click: (x: number, y: number) => this.#events.click?.(x, y),
      hover: (x: number, y: number) => this.#hover(x, y),
      leave: () => this.#city.unhover(),
      home: () => this.home(),
    };
  }

  #follow(canvas: HTMLCanvasElement): void {
    const fit = () => this.#stage.resize(canvas.clientWidth, canvas.clientHeight);
    new ResizeObserver(() => {
      fit();
      this.#unready();
    }).observe(canvas);
    fit();
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.#unready();
      this.#events.lost?.(true);
    });
    canvas.addEventListener("webglcontextrestored", () => this.#events.lost?.(false));
  }

  listen(events: Partial<MapEvents>): void {
    this.#events = { ...this.#events, ...events };
  }

  #hoverAt: { x: number; y: number } | null = null;

  /** One look for each frame at most: the mouse is faster than the eye. */
  #hover(x: number, y: number): void {
    const asked = this.#hoverAt !== null;
    this.#hoverAt = { x, y };
    if (asked) return;
    requestAnimationFrame(() => {
      const at = this.#hoverAt;
      this.#hoverAt = null;
      if (at) this.#stage.canvas.classList.toggle("over", this.#city.hover(at.x, at.y));
    });
  }

  #moved(): void {
    this.#unready();
    this.#events.moved?.();
  }

  #unready(): void {
    if (this.#ready) this.#events.ready?.(false);
    this.#ready = false;
    this.#stage.invalidate();
  }

  #afterFrame(): void {
    if (this.#stage.rig.flying) this.#events.moved?.();
    this.#events.frame?.();
    if (this.#ready && this.#city.busy) this.#unready();
    if (this.#ready) return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#settle(), SETTLE_MS);
  }

  /** `late`: the graphics device was still at its last frame a moment ago. */
  #settle(late = false): void {
    if (this.#waiting || this.#city.busy || this.#stage.rig.flying) return;
    if (!this.#stage.still) return;
    const { drawing } = this.#stage;
    if (drawing || late) {
      // A slow device has not shown the frame yet that was asked for: the time to be still begins when it has.
      this.#timer = window.setTimeout(() => this.#settle(drawing), SETTLE_MS);
      return;
    }
    if (this.#anchors.look()) {
      // The names change places, which takes a moment of its own.
      this.#events.frame?.();
      this.#timer = window.setTimeout(() => this.#settle(), SETTLE_MS);
      return;
    }
    this.#ready = true;
    this.#aim = null;
    this.#events.ready?.(true);
  }

  /** The page has put all its labels and lines on the map, so that the picture may count as complete. */
  contentIsHere(): void {
    this.#waiting = false;
    this.#unready();
  }

  view(): View {
    return this.#stage.rig.view();
  }

  setView(view: View): void {
    this.#aim = null;
    this.#stage.rig.set(view);
    this.#moved();
  }

  #go(view: View, atOnce = false): void {
    const still = atOnce || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#stage.rig.fly(view, performance.now(), still ? 0 : flightSeconds(this.view(), view));
    this.#moved();
  }

  /** Look at a place; its ground may become known, or better known, on the way. */
  flyTo(aim: Aim, atOnce = false): void {
    const { heading = this.#stage.rig.heading, tilt = LOOK_TILT_DEG } = aim;
    this.#aim = { ...aim, height: this.#groundUnder(aim) ?? 60, heading, tilt };
    this.#go(this.#viewOf(this.#aim), atOnce);
  }

  #groundUnder({ lon, lat }: Aim): number | null {
    const ground = this.#city.ground?.point(lon, lat);
    return ground ? this.#stage.frame.geodetic(ground).height : null;
  }

  #viewOf(aim: Placed): View {
    const { fov, aspect } = this.#stage.rig.camera;
    const half = Math.tan((fov * Math.PI) / 360);
    const [right, up] = [(aim.x * 2 - 1) * half * aspect, (1 - aim.y * 2) * half];
    const tilt = aim.tilt - (Math.atan(up) * 180) / Math.PI;
    const distance = Math.max(aim.distance, (AROUND * aim.span) / (2 * Math.max(aim.room, LEAST_ROOM) * half));
    return viewOf(aim, { distance, heading: aim.heading, tilt, right, up });
  }

  #reaim(): void {
    const height = this.#aim && this.#groundUnder(this.#aim);
    if (!this.#aim || height === null || Math.abs(height - this.#aim.height) < REAIM_M) return;
    this.#aim = { ...this.#aim, height };
    if (this.#stage.rig.flying) this.#stage.rig.redirect(this.#viewOf(this.#aim));
    else this.#go(this.#viewOf(this.#aim), true);
  }

  home(): void {
    this.#aim = null;
    this.#events.home?.();
    this.#go(this.#home);
  }

  north(): void {
    this.#input.turn(-(((this.#stage.rig.heading + 540) % 360) - 180), 0);
  }

  zoom(factor: number): void {
    this.#input.zoom(factor);
  }

  turn(degrees: number): void {
    this.#input.turn(degrees, 0);
  }

  focus(): void {
    this.#stage.canvas.focus({ preventScroll: true });
  }

  setTime(time: Date | null): void {
    this.#stage.setTime(time ?? MORNING);
    this.#unready();
  }

  /** Show another era from where the eye stands. */
  setEra(era: string | null): void {
    this.#city.setEra(era);
    this.#unready();
  }

  /** The tiles that are on the screen, by tileset. */
  drawn(): Record<string, string[]> {
    return this.#city.drawn();
  }

  /** What a ray through a point of the canvas (CSS pixels) meets first, in full detail. */
  async pick(x: number, y: number): Promise<Found | null> {
    const hit = await this.#city.pickExact(x, y);
    if (!hit) return null;
    const { lon, lat, height, layer, properties, tileset } = hit;
    return { lon, lat, height, layer, tileset, properties };
  }

  /** Light a building by its smap_id; null lights none. told: hears what a tile that shows it says of it. */
  choose(smapId: string | null, told?: (building: Properties) => void): void {
    this.#city.choose(smapId, told);
  }

  /** Show or hide all buildings, all models, or what is made of a layer of the content. */
  showLayer(layer: string, on: boolean): void {
    this.#city.showLayer(layer, on);
    if (on) this.#off.delete(layer);
    else this.#off.add(layer);
    this.#markPaths();
    this.#unready();
  }

  setAnchors(specs: readonly AnchorSpec[]): void {
    this.#anchors.set(specs);
    this.#unready();
  }

  projected(): Projected[] {
    return this.#anchors.project();
  }

  setPaths(id: string, ways: Ways, style: PathStyle): void {
    const paths = new Paths(ways, style);
    this.#paths.get(id)?.dispose();
    this.#paths.set(id, paths);
    this.#markPaths();
    this.#stage.scene.add(paths.group);
    this.#city.keepTreesOff(ways.lines);
    this.#drape();
    this.#unready();
  }

  /** Draw the outline of what is chosen on the ground (degrees), or none. */
  outline(ring: readonly LonLat[] | null): void {
    this.#paths.get(OUTLINE)?.dispose();
    this.#paths.delete(OUTLINE);
    if (ring) {
      const paths = new Paths({ lines: [ring] }, OUTLINE_STYLE);
      this.#paths.set(OUTLINE, paths);
      this.#stage.scene.add(paths.group);
    }
    this.#drape();
    this.#unready();
  }

  showPaths(id: string, on: boolean): void {
    const paths = this.#paths.get(id);
    if (paths) paths.group.visible = on;
    this.#unready();
  }

  #markPaths(): void {
    for (const [id, paths] of this.#paths) {
      const seen = this.#tilesets.filter(({ kind }) => !this.#off.has(layerOf(kind) ?? ""));
      paths.depicted = seen.some(({ depicts }) => depicts === id);
    }
  }

  #drape(): void {
    const { ground } = this.#city;
    if (!ground) return;
    for (const paths of this.#paths.values()) if (paths.drape(ground)) this.#stage.invalidate();
  }

  get progress(): number {
    return this.#city.busy ? Math.min(this.#city.progress, 0.99) : 1;
  }

  get failed(): boolean {
    return this.#city.failed;
  }

  retry(): void {
    this.#city.retry();
    this.#unready();
  }
}

/** The map on a canvas. Raises when the browser cannot draw it. */
export function createMap(canvas: HTMLCanvasElement, tilesets: readonly MapTileset[], options: MapOptions): MapView {
  return new MapView(canvas, tilesets, options);
}
