// Where the eye stands and how it moves. All motion is a change of eye, heading and tilt; an optional flight
// carries it smoothly from one stand to another.

import { MathUtils, Matrix4, PerspectiveCamera, Vector3 } from "three";

import type { View } from "../state/url";
import type { Frame } from "./frame";
import { metresBetween } from "../state/plane";

const RAD = Math.PI / 180;
const MAX_TILT = 88;
const MIN_CLEARANCE_M = 6;
const MAX_HEIGHT_M = 60_000;
/** The farthest that is ever drawn; haze hides all beyond. */
const FAR_M = 90_000;

interface Flight {
  from: View;
  to: View;
  start: number;
  duration: number;
}

export class CameraRig {
  readonly camera = new PerspectiveCamera(42, 1, 5, FAR_M);
  readonly eye = new Vector3();
  heading = 0;
  tilt = 60;
  /** Height of the ground under a point of the frame, in metres along its y axis; set by the stage. */
  groundAt: (position: Vector3) => number | null = () => null;
  #flight: Flight | null = null;

  constructor(readonly frame: Frame) {}

  get flying(): boolean {
    return this.#flight !== null;
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / height;
    // A tall phone screen keeps the width of what is seen, a wide one its height.
    this.camera.fov = width < height ? 62 : 42;
  }

  view(): View {
    const { lon, lat, height } = this.frame.geodetic(this.eye);
    return { lon, lat, height, heading: wrap(this.heading), tilt: this.tilt };
  }

  set(view: View): void {
    this.#flight = null;
    this.#put(view);
  }

  #put(view: View): void {
    this.frame.place(view.lon, view.lat, view.height, this.eye);
    this.heading = view.heading;
    this.tilt = view.tilt;
  }

  fly(to: View, now: number, seconds: number): void {
    if (seconds <= 0) this.set(to);
    else this.#flight = { from: this.view(), to, start: now, duration: seconds * 1000 };
  }

  /** Let a flight end elsewhere, without a jolt. */
  redirect(to: View): void {
    if (this.#flight) this.#flight.to = to;
  }

  stop(): void {
    this.#flight = null;
  }

  /** The unit vector of sight and its companions in the frame. */
  basis(): { forward: Vector3; right: Vector3; up: Vector3; ground: { east: Vector3; north: Vector3; up: Vector3 } } {
    const ground = this.frame.axes(this.eye);
    const [heading, tilt] = [this.heading * RAD, this.tilt * RAD];
    const ahead = ground.north.clone().multiplyScalar(Math.cos(heading)).addScaledVector(ground.east, Math.sin(heading));
    const right = ground.east.clone().multiplyScalar(Math.cos(heading)).addScaledVector(ground.north, -Math.sin(heading));
    const forward = ahead.clone().multiplyScalar(Math.sin(tilt)).addScaledVector(ground.up, -Math.cos(tilt));
    return { forward, right, up: new Vector3().crossVectors(right, forward), ground };
  }

  /** Move by metres along the ground: to the right and ahead of the sight. */
  pan(right: number, ahead: number): void {
    const { right: axis, ground } = this.basis();
    const forward = new Vector3().crossVectors(ground.up, axis);
    this.eye.addScaledVector(axis, right).addScaledVector(forward, ahead);
  }

  translate(by: Vector3): void {
    this.eye.add(by);
  }

  /** Come nearer to (factor < 1) or go away from a point. */
  zoom(point: Vector3, factor: number): void {
    const away = this.eye.clone().sub(point).multiplyScalar(factor);
    if (away.length() < MIN_CLEARANCE_M * 2 || away.length() > MAX_HEIGHT_M) return;
    this.eye.copy(point).add(away);
  }

  /** Turn round a point: heading and tilt by degrees, the point staying where it is on the screen. */
  orbit(point: Vector3, heading: number, tilt: number): void {
    const { up } = this.frame.axes(point);
    const next = MathUtils.clamp(this.tilt + tilt, 0, Math.max(MAX_TILT, this.tilt));
    const away = this.eye.clone().sub(point);
    const { right } = this.basis();
    away.applyAxisAngle(right, (next - this.tilt) * RAD).applyAxisAngle(up, -heading * RAD);
    this.tilt = next;
    this.heading = wrap(this.heading + heading);
    this.eye.copy(point).add(away);
  }

  /** Bring the camera to its stand for this frame; true while a flight goes on. */
  update(now: number): boolean {
    if (this.#flight) this.#step(this.#flight, now);
    this.#keepClear();
    this.place();
    return this.#flight !== null;
  }

  /** Put the camera where the eye stands. */
  place(): void {
    const { forward, right, up } = this.basis();
    const camera = this.camera;
    camera.position.copy(this.eye);
    camera.quaternion.setFromRotationMatrix(new Matrix4().makeBasis(right, up, forward.negate()));
    const clearance = this.eye.y - (this.groundAt(this.eye) ?? 0);
    // Nothing stands nearer than a tenth of the height above the ground, towers apart.
    camera.near = MathUtils.clamp(clearance * 0.1, 1, 400);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
  }

  #keepClear(): void {
    const floor = this.groundAt(this.eye);
    if (floor !== null && this.eye.y < floor + MIN_CLEARANCE_M) this.eye.y = floor + MIN_CLEARANCE_M;
    if (this.eye.y > MAX_HEIGHT_M) this.eye.y = MAX_HEIGHT_M;
  }

  #step(flight: Flight, now: number): void {
    const part = MathUtils.clamp((now - flight.start) / flight.duration, 0, 1);
    this.#put(between(flight.from, flight.to, part));
    if (part >= 1) this.#flight = null;
  }
}

const wrap = (degrees: number) => ((degrees % 360) + 360) % 360;

/** How long a flight takes, seconds: a gentle start, and no rush across the city. */
export function flightSeconds(from: View, to: View): number {
  const metres = Math.hypot(metresBetween([from.lon, from.lat], [to.lon, to.lat]), to.height - from.height);
  return MathUtils.clamp(1.6 + metres / 1800, 1.8, 4.5);
}

const ease = (part: number) => (part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2);

/** The stand at a part (0 to 1) of a flight: eased, by the shorter turn, over an arc that is higher the farther it goes. */
export function between(from: View, to: View, part: number): View {
  const at = ease(part);
  const mix = (a: number, b: number) => a + (b - a) * at;
  const turn = ((to.heading - from.heading + 540) % 360) - 180;
  const metres = metresBetween([from.lon, from.lat], [to.lon, to.lat]);
  const arc = Math.min(metres * 0.18, 4000) * Math.sin(Math.PI * at);
  return {
    lon: mix(from.lon, to.lon),
    lat: mix(from.lat, to.lat),
    height: mix(from.height, to.height) + arc,
    heading: wrap(from.heading + turn * at),
    tilt: mix(from.tilt, to.tilt),
  };
}

/** A stand from which a point is seen: in the middle of the picture, or off it by the tangents of two angles. */
export function viewOf(
  point: { lon: number; lat: number; height: number },
  look: { distance: number; heading: number; tilt: number; right?: number; up?: number },
): View {
  const [tilt, heading] = [look.tilt * RAD, look.heading * RAD];
  const { right = 0, up = 0 } = look;
  // the ray to the point: the sight + right · its right + up · its up
  const length = look.distance / Math.hypot(1, right, up);
  const ahead = (Math.sin(tilt) + up * Math.cos(tilt)) * length;
  const aside = right * length;
  const north = -ahead * Math.cos(heading) + aside * Math.sin(heading);
  const east = -ahead * Math.sin(heading) - aside * Math.cos(heading);
  return {
    lon: point.lon + east / (111_320 * Math.cos(point.lat * RAD)),
    lat: point.lat + north / 110_950,
    height: point.height + (Math.cos(tilt) - up * Math.sin(tilt)) * length,
    heading: look.heading,
    tilt: look.tilt,
  };
}
