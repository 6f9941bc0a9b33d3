// What stands on the map as a body that can carry a name: the roof ridge from which the name's stem rises, and how wide
// the body is. Read from the meshes that are drawn, so that it follows their level of detail.

import { Box3, type Mesh, Vector3 } from "three";

import { tableOf } from "./features";

/** Metres of the frame. */
export interface Body {
  /** The record that the model is of, as "layer/id"; null for what nobody has named. */
  content: string | null;
  /** West, north, east, south: least x, least z, most x, most z. */
  area: readonly [number, number, number, number];
  foot: number;
  /** The middle of what reaches highest. */
  top: Vector3;
  /** Half the diagonal of the area. */
  radius: number;
}

/** What reaches so near to the highest point belongs to the ridge, metres: both dragons' heads of a roof, no eaves. */
const RIDGE_M = 1.5;
/** What is wider than this is a wall, a bank or a corridor: its ridge has no middle, metres. */
const WIDE_M = 130;
/** A model of a record may stand so far from the record's point: a hall of a palace, metres. */
const JOINED_M = 160;

interface Extent {
  box: Box3;
  ridge: Box3;
}

const cache = new WeakMap<Mesh, Body[]>();

/** The bodies of a mesh that is in the scene, one for each feature. */
export function bodiesOf(mesh: Mesh): Body[] {
  let bodies = cache.get(mesh);
  if (!bodies) {
    bodies = measure(mesh);
    cache.set(mesh, bodies);
  }
  return bodies;
}

function measure(mesh: Mesh): Body[] {
  const table = tableOf(mesh);
  return [...extentsOf(mesh)].map(([feature, { box, ridge }]) => ({
    content: table?.text(feature, "content") ?? null,
    area: [box.min.x, box.min.z, box.max.x, box.max.z],
    foot: box.min.y,
    top: ridge.getCenter(new Vector3()).setY(box.max.y),
    radius: Math.hypot(box.max.x - box.min.x, box.max.z - box.min.z) / 2,
  }));
}

function extentsOf(mesh: Mesh): Map<number, Extent> {
  const extents = new Map<number, Extent>();
  eachVertex(mesh, (feature, point) => {
    let extent = extents.get(feature);
    if (!extent) extents.set(feature, (extent = { box: new Box3(), ridge: new Box3() }));
    extent.box.expandByPoint(point);
  });
  eachVertex(mesh, (feature, point) => {
    const extent = extents.get(feature);
    if (extent && point.y > extent.box.max.y - RIDGE_M) extent.ridge.expandByPoint(point);
  });
  return extents;
}

function eachVertex(mesh: Mesh, visit: (feature: number, point: Vector3) => void): void {
  const position = mesh.geometry.getAttribute("position");
  const ids = mesh.geometry.getAttribute("feature");
  const point = new Vector3();
  for (let i = 0; i < position.count; i += 1) {
    visit(ids.getX(i), point.fromBufferAttribute(position, i).applyMatrix4(mesh.matrixWorld));
  }
}

const holds = ([west, north, east, south]: Body["area"], x: number, z: number) =>
  x >= west && x <= east && z >= north && z <= south;

/** The body that carries the name of a record at a place: its own model, else what stands over the place; or null. */
export function carrierOf(bodies: readonly Body[], record: string, x: number, z: number): Body | null {
  const narrow = bodies.filter(({ radius }) => radius * 2 < WIDE_M);
  const own = narrow.filter(({ content }) => content === record);
  const away = ({ area, top }: Body) => (holds(area, x, z) ? 0 : Math.hypot(top.x - x, top.z - z));
  // Of several at the place the highest is the hall itself, not its terrace or its court.
  const nearest = own.sort((a, b) => away(a) - away(b) || b.top.y - a.top.y)[0];
  if (nearest && away(nearest) < JOINED_M + nearest.radius) return nearest;
  return narrow
    .filter(({ area }) => holds(area, x, z))
    .reduce<Body | null>((best, body) => (best && best.top.y > body.top.y ? best : body), null);
}

const area = new Box3();

/** The bodies of those meshes whose own box has one of the places (x, z), or comes near to one. */
export function bodiesNear(meshes: Iterable<Mesh>, places: readonly { x: number; z: number }[], marginM: number): Body[] {
  const found: Body[] = [];
  for (const mesh of meshes) {
    if (!mesh.geometry.boundingBox) mesh.geometry.computeBoundingBox();
    area.copy(mesh.geometry.boundingBox as Box3).applyMatrix4(mesh.matrixWorld).expandByScalar(marginM);
    const meets = ({ x, z }: { x: number; z: number }) =>
      x >= area.min.x && x <= area.max.x && z >= area.min.z && z <= area.max.z;
    if (places.some(meets)) found.push(...bodiesOf(mesh));
  }
  return found;
}
