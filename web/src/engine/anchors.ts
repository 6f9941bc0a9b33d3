// Points that labels hang on: the ground of a place or the ridge of what stands there, where they are on the screen, and
// whether a hill, a house or a model hides them.

import { Vector3 } from "three";

import { bodiesNear, type Body, carrierOf } from "./bodies";
import type { City } from "./city";
import { Sight } from "./sight";
import type { Stage } from "./stage";

export interface AnchorSpec {
  id: string;
  lon: number;
  lat: number;
  /** Whether the name belongs to a thing that may stand there as a model or a building, not to an area or a way. */
  thing?: boolean;
}

/** A rectangle in CSS pixels from the left top corner of the canvas. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Projected {
  id: string;
  /** Where the stem stands: CSS pixels from the left top corner of the canvas. */
  x: number;
  y: number;
  distance: number;
  hidden: boolean;
  /** What the thing itself takes of the picture; null for what is no body. */
  body: Box | null;
}

/** A label hangs this far above the ground, so that low houses do not stand before its foot. */
const LIFT_M = 6;
/** Over a roof this is enough. */
const OVER_RIDGE_M = 1;
/** What is so much nearer than a place stands before it: metres, and share of the distance for coarse far houses. */
const BEFORE_M = 5;
const BEFORE_SHARE = 0.03;
/** The models of a record stand about its point, metres. */
const ROUND_M = 200;
/** While the eye is moving, it is looked what hides what so often at most. */
const PAUSE_MS = 300;

interface Anchor extends AnchorSpec {
  ground: Vector3 | null;
  body: Body | null;
  hidden: boolean;
}

/** The point that a name stands over. */
const footOf = ({ ground, body }: Anchor, target: Vector3): Vector3 | null => {
  if (body) return target.copy(body.top).setY(body.top.y + OVER_RIDGE_M);
  return ground ? target.copy(ground).setY(ground.y + LIFT_M) : null;
};

export class Anchors {
  #anchors: Anchor[] = [];
  readonly #sight = new Sight();
  #seen = "";
  #looked = 0;
  #bodiesOf = -1;

  constructor(
    readonly stage: Stage,
    readonly city: City,
  ) {
    city.onGround(() => this.settle());
  }

  set(specs: readonly AnchorSpec[]): void {
    const old = new Map(this.#anchors.map((anchor) => [anchor.id, anchor]));
    this.#anchors = specs.map((spec) => {
      // Until it is looked, no name stands anywhere.
      const { ground = null, body = null, hidden = true } = old.get(spec.id) ?? {};
      return { ...spec, ground, body, hidden };
    });
    this.settle();
  }

  /** Find the ground under all anchors again. */
  settle(): void {
    const { frame } = this.stage;
    for (const anchor of this.#anchors) {
      const ground = this.city.ground?.point(anchor.lon, anchor.lat) ?? null;
      if (ground) anchor.ground = ground;
      else anchor.ground ??= this.city.ground ? null : frame.place(anchor.lon, anchor.lat, 0);
    }
    [this.#seen, this.#bodiesOf] = ["", -1];
  }

  /** Find what stands at the places, as it is drawn now. */
  #findBodies(): void {
    if (this.#bodiesOf === this.city.shown) return;
    this.#bodiesOf = this.city.shown;
    this.#seen = "";
    const things = this.#anchors.filter(({ thing, ground }) => thing === true && ground !== null);
    const places = things.map(({ ground }) => ground as Vector3);
    const bodies = bodiesNear(this.city.shownMeshes(), places, ROUND_M);
    for (const anchor of things) {
      const { x, z } = anchor.ground as Vector3;
      anchor.body = carrierOf(bodies, anchor.id, x, z);
    }
  }

  /** Look what hides which place, if eye or city have changed since; true when a name appears or goes by that. */
  look(): boolean {
    this.#findBodies();
    const { rig, renderer, scene, width, height } = this.stage;
    const seen = `${rig.camera.matrixWorldInverse.elements.join()} ${rig.camera.fov} ${width} ${height}`;
    if (seen === this.#seen || !this.city.ground) return false;
    this.#seen = seen;
    this.#looked = performance.now();
    this.#sight.take(renderer, scene, rig.camera, width / height);
    let changed = false;
    for (const anchor of this.#anchors) {
      const hidden = this.#hides(anchor);
      changed ||= hidden !== anchor.hidden;
      anchor.hidden = hidden;
    }
    return changed;
  }

  #hides(anchor: Anchor): boolean {
    const { rig } = this.stage;
    const foot = footOf(anchor, new Vector3());
    if (!foot) return true;
    const away = -foot.clone().applyMatrix4(rig.camera.matrixWorldInverse).z;
    const clip = foot.clone().project(rig.camera);
    if (away <= 0 || Math.abs(clip.x) > 1 || Math.abs(clip.y) > 1) return anchor.hidden;
    const slack = BEFORE_M + BEFORE_SHARE * away + (anchor.body?.radius ?? 0);
    if (this.#sight.at(clip) < away - slack) return true;
    return this.city.ground?.hides(rig.eye, foot) ?? false;
  }

  /** All anchors in front of the eye and on the screen. */
  project(): Projected[] {
    this.#findBodies();
    // A software renderer leaves the look to the moment when all else is done.
    if (!this.stage.software && performance.now() - this.#looked > PAUSE_MS) this.look();
    const { rig } = this.stage;
    const out: Projected[] = [];
    const [foot, clip] = [new Vector3(), new Vector3()];
    for (const anchor of this.#anchors) {
      if (!footOf(anchor, foot)) continue;
      clip.copy(foot).project(rig.camera);
      if (clip.z > 1 || clip.z < -1 || Math.abs(clip.x) > 1.05 || Math.abs(clip.y) > 1.1) continue;
      const distance = foot.distanceTo(rig.eye);
      const { id, hidden, body } = anchor;
      out.push({ id, ...this.#pixel(clip), distance, hidden, body: body && this.#boxOf(body) });
    }
    return out;
  }

  #pixel({ x, y }: Vector3): { x: number; y: number } {
    const { width, height } = this.stage;
    return { x: ((x + 1) / 2) * width, y: ((1 - y) / 2) * height };
  }

  #boxOf({ area: [west, north, east, south], foot, top }: Body): Box | null {
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    const clip = new Vector3();
    for (const x of [west, east]) for (const z of [north, south]) for (const y of [foot, top.y]) {
      clip.set(x, y, z).project(this.stage.rig.camera);
      if (clip.z > 1 || clip.z < -1) return null;
      const at = this.#pixel(clip);
      box.left = Math.min(box.left, at.x);
      box.right = Math.max(box.right, at.x);
      box.top = Math.min(box.top, at.y);
      box.bottom = Math.max(box.bottom, at.y);
    }
    return { left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top };
  }
}
