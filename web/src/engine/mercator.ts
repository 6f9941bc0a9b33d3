// Where a point of the frame lies on a Web Mercator map: a polynomial of the third degree, for the graphics card, whose
// numbers are too short for the exact formulas. Over 60 km it errs by centimetres.

import { Vector4 } from "three";

import type { Frame } from "./frame";

const RAD = Math.PI / 180;
/** The equator in metres (WGS84), and the pixels of a tile. */
const EQUATOR_M = 40_075_016.686;
const TILE = 256;
/** Half the side of the square that is fitted, and the unit of the polynomial, metres. */
const [REACH_M, UNIT_M, STEPS] = [30_000, 10_000, 9];

/** x and y of 1, p, q, p², pq, q², p³, p²q, pq², q³ for p = x / 10 km and q = z / 10 km. */
export interface MercatorFit {
  /** The frame's origin on the map (0 to 1 from the west and the north), and the metres there of a pixel of level 0. */
  anchor: { x: number; y: number; metres: number };
  /** Metres on the map east and south of the anchor, by term. */
  east: number[];
  south: number[];
}

/** A place in degrees on the map: 0 to 1 from the west and from the north. */
export function onMercator(lon: number, lat: number): { x: number; y: number } {
  return { x: lon / 360 + 0.5, y: 0.5 - Math.asinh(Math.tan(lat * RAD)) / (2 * Math.PI) };
}

const terms = (p: number, q: number) => [1, p, q, p * p, p * q, q * q, p * p * p, p * p * q, p * q * q, q * q * q];

/** The best polynomial over the frame's ground at the height of the ellipsoid. */
export function mercatorFit(frame: Frame): MercatorFit {
  const { lon, lat } = frame.anchor;
  const anchor = { ...onMercator(lon, lat), metres: (EQUATOR_M * Math.cos(lat * RAD)) / TILE };
  const scale = anchor.metres * TILE;
  const rows: { known: number[]; east: number; south: number }[] = [];
  const reach = REACH_M / 111_000;
  for (let i = 0; i < STEPS; i += 1) for (let j = 0; j < STEPS; j += 1) {
    const [a, b] = [(2 * i) / (STEPS - 1) - 1, (2 * j) / (STEPS - 1) - 1];
    const place = { lon: lon + (a * reach) / Math.cos(lat * RAD), lat: lat + b * reach };
    const point = frame.place(place.lon, place.lat, 40);
    const map = onMercator(place.lon, place.lat);
    const known = terms(point.x / UNIT_M, point.z / UNIT_M);
    rows.push({ known, east: (map.x - anchor.x) * scale, south: (map.y - anchor.y) * scale });
  }
  return { anchor, east: solve(rows.map((r) => [r.known, r.east])), south: solve(rows.map((r) => [r.known, r.south])) };
}

/** The coefficients in the order in which the shader takes them, two terms in each. */
export function coefficientsOf({ east, south }: MercatorFit): Vector4[] {
  const at = (list: number[], k: number) => list[k] ?? 0;
  return [0, 2, 4, 6, 8].map((k) => new Vector4(at(east, k), at(south, k), at(east, k + 1), at(south, k + 1)));
}

/** The fit's answer at a point of the frame: metres east and south of the anchor on the map. */
export function fitted({ east, south }: MercatorFit, x: number, z: number): [number, number] {
  const known = terms(x / UNIT_M, z / UNIT_M);
  const sum = (list: number[]) => known.reduce((total, term, k) => total + term * (list[k] ?? 0), 0);
  return [sum(east), sum(south)];
}

/** Least squares by the normal equations, eliminated with pivots. */
function solve(rows: [number[], number][]): number[] {
  const n = rows[0]?.[0].length ?? 0;
  const matrix = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => rows.reduce((sum, [known]) => sum + (known[i] ?? 0) * (known[j] ?? 0), 0)),
    rows.reduce((sum, [known, value]) => sum + (known[i] ?? 0) * value, 0),
  ]);
  for (let i = 0; i < n; i += 1) eliminate(matrix, i);
  return matrix.map((row) => row[n] ?? 0);
}

/** Leave the i-th unknown in the i-th row alone (Gauss and Jordan). */
function eliminate(matrix: number[][], i: number): void {
  const rest = matrix.slice(i);
  const largest = rest.reduce((best, row) => (Math.abs(row[i] ?? 0) > Math.abs(best[i] ?? 0) ? row : best));
  const at = matrix.indexOf(largest);
  [matrix[i], matrix[at]] = [largest, matrix[i] as number[]];
  const pivot = largest[i] ?? 1;
  largest.forEach((value, k) => (largest[k] = value / pivot));
  for (const row of matrix) {
    const factor = row[i] ?? 0;
    if (row !== largest) row.forEach((value, k) => (row[k] = value - factor * (largest[k] ?? 0)));
  }
}
