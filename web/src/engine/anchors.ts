// Points of the ground that labels hang on: where they are on the screen, and whether a hill hides them.

import { Vector3 } from "three";

import type { City } from "./city";
import type { Stage } from "./stage";

export interface AnchorSpec {
  id: string;
  lon: number;
  lat: number;
}

export interface Projected {
  id: string;
  /** CSS pixels from the left top corner of the canvas. */
  x: number;
  y: number;
  distance: number;
  hidden: boolean;
}

/** A label hangs this far above the ground, so that low houses do not stand before its foot. */
const LIFT_M = 6;

/** From an eye near the street, houses stand before what is farther than this, metres … */
const STREET_REACH_M = 900;
/** … unless it is looked at from so steep above (rise over run), or stands so much higher than the eye, metres. */
const OVER_ROOFS = 0.05;
const ABOVE_M = 30;

/** Whether houses may be taken to hide a far place: nobody asks each of them. Heights of eye and place in metres. */
export const behindHouses = (eye: number, place: number, distance: number): boolean =>
  distance > STREET_REACH_M && eye - place < OVER_ROOFS * distance && place < eye + ABOVE_M;

interface Anchor extends AnchorSpec {
  point: Vector3 | null;
  hidden: boolean;
}

export class Anchors {
  #anchors: Anchor[] = [];
  readonly #seen = new Vector3(Infinity, 0, 0);

  constructor(
    readonly stage: Stage,
    readonly city: City,
  ) {
    city.onGround(() => this.settle());
  }

  set(specs: readonly AnchorSpec[]): void {
    const old = new Map(this.#anchors.map((anchor) => [anchor.id, anchor]));
    this.#anchors = specs.map((spec) => ({ ...spec, point: old.get(spec.id)?.point ?? null, hidden: false }));
    this.settle();
  }

  /** Find the ground under all anchors again. */
  settle(): void {
    const { frame } = this.stage;
    for (const anchor of this.#anchors) {
      const ground = this.city.ground?.point(anchor.lon, anchor.lat) ?? null;
      if (ground) anchor.point = ground.setY(ground.y + LIFT_M);
      else anchor.point ??= this.city.ground ? null : frame.place(anchor.lon, anchor.lat, LIFT_M);
    }
    this.#seen.set(Infinity, 0, 0);
  }

  #lookForHills(): void {
    const { eye } = this.stage.rig;
    if (this.#seen.distanceTo(eye) < 15 || !this.city.ground) return;
    this.#seen.copy(eye);
    for (const anchor of this.#anchors) {
      const { point } = anchor;
      if (!point) continue;
      anchor.hidden = behindHouses(eye.y, point.y, eye.distanceTo(point)) || this.city.ground.hides(eye, point);
    }
  }

  /** All anchors in front of the eye and on the screen. */
  project(): Projected[] {
    this.#lookForHills();
    const { rig, width, height } = this.stage;
    const out: Projected[] = [];
    const clip = new Vector3();
    for (const { id, point, hidden } of this.#anchors) {
      if (!point) continue;
      const distance = point.distanceTo(rig.eye);
      clip.copy(point).project(rig.camera);
      if (clip.z > 1 || clip.z < -1 || Math.abs(clip.x) > 1.05 || Math.abs(clip.y) > 1.1) continue;
      out.push({ id, x: ((clip.x + 1) / 2) * width, y: ((1 - clip.y) / 2) * height, distance, hidden });
    }
    return out;
  }
}
