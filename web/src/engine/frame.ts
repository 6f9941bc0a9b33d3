// The frame the picture is drawn in: metres from an anchor in the city, x east, y up, z south. It keeps all drawn
// numbers small, so that 32-bit floats of the graphics card err by millimetres (in ECEF they would err by 0.5 m).

import { WGS84_ELLIPSOID } from "3d-tiles-renderer/three";
import { Matrix4, Vector3 } from "three";

const RAD = Math.PI / 180;

/** Degrees, and metres above the WGS84 ellipsoid. */
export interface Geodetic {
  lon: number;
  lat: number;
  height: number;
}

export interface Axes {
  east: Vector3;
  north: Vector3;
  up: Vector3;
}

export class Frame {
  /** ECEF → the frame. */
  readonly fromEcef: Matrix4;
  readonly toEcef: Matrix4;
  readonly #point = new Vector3();

  constructor(readonly anchor: Geodetic) {
    const { east, north, up } = axesEcef(anchor.lon, anchor.lat);
    const origin = WGS84_ELLIPSOID.getCartographicToPosition(anchor.lat * RAD, anchor.lon * RAD, 0, new Vector3());
    this.toEcef = new Matrix4().makeBasis(east, up, north.negate()).setPosition(origin);
    this.fromEcef = this.toEcef.clone().invert();
  }

  place(lon: number, lat: number, height: number, target = new Vector3()): Vector3 {
    WGS84_ELLIPSOID.getCartographicToPosition(lat * RAD, lon * RAD, height, target);
    return target.applyMatrix4(this.fromEcef);
  }

  geodetic(position: Vector3): Geodetic {
    const out = { lon: 0, lat: 0, height: 0 };
    WGS84_ELLIPSOID.getPositionToCartographic(this.#point.copy(position).applyMatrix4(this.toEcef), out);
    return { lon: out.lon / RAD, lat: out.lat / RAD, height: out.height };
  }

  /** East, north and up at a point, in the frame. */
  axes(position: Vector3): Axes {
    const { lon, lat } = this.geodetic(position);
    const axes = axesEcef(lon, lat);
    for (const axis of Object.values(axes)) axis.transformDirection(this.fromEcef);
    return axes;
  }
}

function axesEcef(lon: number, lat: number): { east: Vector3; north: Vector3; up: Vector3 } {
  const [sinLon, cosLon, sinLat, cosLat] = [
    Math.sin(lon * RAD),
    Math.cos(lon * RAD),
    Math.sin(lat * RAD),
    Math.cos(lat * RAD),
  ];
  return {
    east: new Vector3(-sinLon, cosLon, 0),
    north: new Vector3(-sinLat * cosLon, -sinLat * sinLon, cosLat),
    up: new Vector3(cosLat * cosLon, cosLat * sinLon, sinLat),
  };
}
