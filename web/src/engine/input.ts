// Mouse, touch and keys on the canvas, turned into motions of the eye.

import type { Ray} from "three";
import { Plane, Raycaster, Vector2, Vector3 } from "three";

import type { City } from "./city";
import type { Stage } from "./stage";

export interface InputEvents {
  /** The eye was moved by hand. */
  moved(): void;
  click(x: number, y: number): void;
  hover(x: number, y: number): void;
  leave(): void;
  home(): void;
}

const CLICK_PX = 6;
const TURN_DEG_PER_PX = 0.25;
const KEY_TURN_DEG = 6;
const KEY_TILT_DEG = 4;
/** A key moves by this share of the distance to what is looked at. */
const KEY_SHARE = 0.08;

interface Finger {
  x: number;
  y: number;
}

export class Input {
  readonly #fingers = new Map<number, Finger>();
  readonly #ray = new Raycaster();
  #mode: "pan" | "turn" | null = null;
  #grabbed: Vector3 | null = null;
  #pivot = new Vector3();
  #travelled = 0;

  constructor(
    readonly stage: Stage,
    readonly city: City,
    readonly events: InputEvents,
  ) {
    const { canvas } = stage;
    canvas.style.touchAction = "none";
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#release(event));
    canvas.addEventListener("pointerleave", () => events.leave());
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", (event) => this.#zoomAt(event.offsetX, event.offsetY, 0.5));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** The point of the scene under a point of the canvas; where there is none, one in the sight's direction. */
  #point(x: number, y: number): Vector3 {
    return this.city.pick(x, y)?.point.clone() ?? this.stage.focus.clone();
  }

  #centre(): Vector3 {
    return this.#point(this.stage.width / 2, this.stage.height / 2);
  }

  #moved(): void {
    this.events.moved();
    this.stage.invalidate();
  }

  #down(event: PointerEvent): void {
    this.stage.canvas.focus({ preventScroll: true });
    this.stage.canvas.setPointerCapture(event.pointerId);
    this.stage.rig.stop();
    this.#fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.#fingers.size === 1) this.#travelled = 0;
    const turning = event.button === 2 || event.button === 1 || event.ctrlKey || event.shiftKey;
    this.#mode = turning ? "turn" : "pan";
    this.#grab();
  }

  #grab(): void {
    const [first, second] = [...this.#fingers.values()];
    if (!first) return;
    const middle = second ? { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 } : first;
    this.#grabbed = this.city.pick(middle.x, middle.y)?.point.clone() ?? null;
    this.#pivot = this.#grabbed ?? this.#centre();
  }

  #move(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger) {
      if (event.pointerType === "mouse") this.events.hover(event.offsetX, event.offsetY);
      return;
    }
    const before = [...this.#fingers.values()].map((at) => ({ ...at }));
    const [dx, dy] = [event.offsetX - finger.x, event.offsetY - finger.y];
    [finger.x, finger.y] = [event.offsetX, event.offsetY];
    this.#travelled += Math.abs(dx) + Math.abs(dy);
    if (this.#travelled < CLICK_PX) return;
    if (this.#fingers.size >= 2) this.#pinch(before, [...this.#fingers.values()]);
    else if (this.#mode === "turn") this.stage.rig.orbit(this.#pivot, dx * TURN_DEG_PER_PX, -dy * TURN_DEG_PER_PX);
    else this.#drag(finger.x, finger.y);
    this.#moved();
  }

  /** Keep the grabbed point of the ground under the finger. */
  #drag(x: number, y: number): void {
    if (!this.#grabbed) return;
    const { stage } = this;
    stage.rig.place();
    this.#ray.setFromCamera(new Vector2((x / stage.width) * 2 - 1, 1 - (y / stage.height) * 2), stage.rig.camera);
    const level = new Plane(new Vector3(0, 1, 0), -this.#grabbed.y);
    const hit = steep(this.#ray.ray).intersectPlane(level, new Vector3());
    if (!hit) return;
    const by = this.#grabbed.clone().sub(hit).setY(0);
    const most = stage.rig.eye.distanceTo(this.#grabbed);
    stage.rig.translate(by.clampLength(0, most));
  }

  #pinch(before: Finger[], after: Finger[]): void {
    const [a, b] = before;
    const [c, d] = after;
    if (!a || !b || !c || !d) return;
    const { rig } = this.stage;
    const span = (p: Finger, q: Finger) => Math.hypot(q.x - p.x, q.y - p.y);
    const angle = (p: Finger, q: Finger) => (Math.atan2(q.y - p.y, q.x - p.x) * 180) / Math.PI;
    const turn = ((angle(c, d) - angle(a, b) + 540) % 360) - 180;
    const fall = (c.y + d.y - a.y - b.y) / 2;
    if (span(c, d) > 1) rig.zoom(this.#pivot, span(a, b) / span(c, d));
    rig.orbit(this.#pivot, turn, -fall * TURN_DEG_PER_PX);
  }

  #up(event: PointerEvent): void {
    const wasClick = this.#fingers.size === 1 && this.#travelled < CLICK_PX && event.button === 0;
    this.#release(event);
    if (wasClick) this.events.click(event.offsetX, event.offsetY);
  }

  #release(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size > 0) this.#grab();
    else this.#mode = null;
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
    this.#zoomAt(event.offsetX, event.offsetY, Math.exp(Math.max(-300, Math.min(300, pixels)) * 0.0016));
  }

  #zoomAt(x: number, y: number, factor: number): void {
    this.stage.rig.stop();
    this.stage.rig.zoom(this.#point(x, y), factor);
    this.#moved();
  }

  /** Come nearer or go away from the middle of the picture. */
  zoom(factor: number): void {
    this.stage.rig.zoom(this.#centre(), factor);
    this.#moved();
  }

  turn(heading: number, tilt: number): void {
    this.stage.rig.orbit(this.#centre(), heading, tilt);
    this.#moved();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const work = this.#keys()[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!work) return;
    event.preventDefault();
    this.stage.rig.stop();
    work();
  }

  #keys(): Record<string, () => void> {
    const { rig } = this.stage;
    const pan = (right: number, ahead: number) => () => {
      const step = rig.eye.distanceTo(this.#centre()) * KEY_SHARE;
      rig.pan(right * step, ahead * step);
      this.#moved();
    };
    return {
      ArrowLeft: pan(-1, 0),
      ArrowRight: pan(1, 0),
      ArrowUp: pan(0, 1),
      ArrowDown: pan(0, -1),
      "+": () => this.zoom(0.8),
      "=": () => this.zoom(0.8),
      "-": () => this.zoom(1.25),
      _: () => this.zoom(1.25),
      q: () => this.turn(-KEY_TURN_DEG, 0),
      e: () => this.turn(KEY_TURN_DEG, 0),
      PageUp: () => this.turn(0, KEY_TILT_DEG),
      PageDown: () => this.turn(0, -KEY_TILT_DEG),
      Home: () => this.events.home(),
    };
  }
}

/** A ray that surely comes down: one near the horizon would throw the city far away. */
function steep(ray: Ray): Ray {
  const down = ray.clone();
  down.direction.y = Math.min(down.direction.y, -0.05);
  down.direction.normalize();
  return down;
}
