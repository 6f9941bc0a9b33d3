// Lines that lie on the ground: several pixels wide, with a light rim, hidden by what stands before them.

import { Group, type Vector3 } from "three";
import { Line2 } from "three/addons/lines/Line2.js";
import { LineGeometry } from "three/addons/lines/LineGeometry.js";
import { LineMaterial } from "three/addons/lines/LineMaterial.js";

import type { DrawnGround } from "./drape";
import { metresBetween } from "../state/plane";

/** Degrees. */
export type LonLat = readonly [number, number];

export interface PathStyle {
  colour: string;
  rim: string;
  width: number;
  /** Whether it was there in eras of the past too. */
  old?: boolean;
}

/** Lines on the ground, degrees: of what is there and of what is lost, and gates that they leave free. */
export interface Ways {
  lines: readonly (readonly LonLat[])[];
  lost?: readonly (readonly LonLat[])[];
  gates?: readonly LonLat[];
}

/** A line is sampled at least this often, so that it follows the ground between its points. */
const STEP_M = 8;
/** Lift above the ground, metres: a line must not drown in the ground's triangles … */
const LIFT_M = 0.5;
/** … which are coarser from afar: it is lifted more by this share of the distance, up to so many metres. */
const [LIFT_SHARE, LIFT_MOST_M] = [0.004, 2.5];
/** A line that marks what stands there keeps this far from the gates on it, metres: nothing bars their arches. */
const GATE_M = 40;
/** From near a line whose thing is drawn by models is a trace of dashes, where they leave it free: metres. */
const [DASH_M, GAP_M] = [5, 5];
/** A line of what is lost is dashed from afar too: a dash and its gap take this share of the distance, about 20 pixels. */
const LOST_SHARE = 0.023;

const VERTEX = /* glsl */ `
uniform float depicted, grounded;
varying float vNear, vSeen, vAway;
vec3 lifted(vec3 point) {
  float lift = min(distance(point, cameraPosition) * ${LIFT_SHARE.toFixed(3)}, ${LIFT_MOST_M.toFixed(1)});
  return point + vec3(0.0, lift, 0.0);
}
`;

/**
 * GLSL: brings a line nearer to the eye in depth alone, by 6 m and 0.6 % of its distance from afar and by a tenth of that
 * from near. A line is several pixels wide on the screen, so far away its lower half lies before ground that is nearer
 * than the line itself and would be hidden. dz = 2·near·Δ / w follows from the perspective matrix for far ≫ near.
 *
 * What the line marks may itself be drawn, as a model that stands on it: then from near by the model hides the line, and
 * only from afar the line marks it. From high above it is seen past houses too, so that it reads as one.
 *
 * A way among houses is seen from near or from above: at a grazing angle and from afar it would be cut to dashes by roofs.
 */
const NEARER = /* glsl */ `
  float near = projectionMatrix[3][2] / (projectionMatrix[2][2] - 1.0);
  float away = gl_Position.w;
  vAway = away;
  vec3 place = position.y < 0.5 ? instanceStart : instanceEnd;
  float steep = (cameraPosition.y - place.y) / max(distance(place, cameraPosition), 1.0);
  vNear = depicted * (1.0 - smoothstep(350.0, 550.0, away));
  float overhead = smoothstep(0.14, 0.24, steep) * (1.0 - smoothstep(900.0, 1500.0, away) * (1.0 - smoothstep(0.4, 0.6, steep)));
  vSeen = max(1.0 - grounded, max(overhead, 1.0 - smoothstep(90.0, 180.0, away)));
  float marked = mix(0.1, 1.0, smoothstep(250.0, 900.0, away)) * (1.0 - vNear);
  float over = (1.0 - grounded) * 220.0 * smoothstep(0.12, 0.3, steep) * smoothstep(500.0, 900.0, away);
  gl_Position.z -= 2.0 * near * (marked * (6.0 + 0.006 * away) + over) / away;
  #include <logdepthbuf_vertex>
`;

const DASHES = /* glsl */ `
  if (LOST) {
    // a step of two keeps the dashes where they are while the eye comes nearer
    float period = exp2(round(log2(max(vAway * ${LOST_SHARE}, ${(DASH_M + GAP_M).toFixed(1)}))));
    if (mod(vLineDistance, period) > 0.5 * period) discard;
  } else if (vNear > 0.5 && mod(vLineDistance, ${(DASH_M + GAP_M).toFixed(1)}) > ${DASH_M.toFixed(1)}) discard;
  alpha *= vSeen * (1.0 - vNear * (rim ? 1.0 : 0.72));
  if (alpha < 0.02) discard;
  diffuseColor = vec4(mix(diffuseColor.rgb, vec3(0.24, 0.19, 0.15), vNear), alpha);
`;

interface Look {
  width: number;
  opacity: number;
  rim: boolean;
  lost: boolean;
  /** Whether it is a way on the ground among houses. */
  grounded: boolean;
}

/** A line with points no farther apart than a step. */
export function densify(line: readonly LonLat[], stepM = STEP_M): LonLat[] {
  const out: LonLat[] = [];
  line.forEach((point, k) => {
    const last = line[k - 1];
    if (last) {
      const metres = metresBetween(last, point);
      const parts = Math.max(1, Math.ceil(metres / stepM));
      for (let part = 1; part < parts; part += 1) {
        const at = part / parts;
        out.push([last[0] + (point[0] - last[0]) * at, last[1] + (point[1] - last[1]) * at]);
      }
    }
    out.push(point);
  });
  return out;
}

/** The parts of a line that keep their distance from some places. */
export function partsOff(line: readonly LonLat[], places: readonly LonLat[], metres = GATE_M): LonLat[][] {
  const parts: LonLat[][] = [[]];
  for (const point of line) {
    if (!places.some((place) => metresBetween(point, place) < metres)) parts.at(-1)?.push(point);
    else if (parts.at(-1)?.length) parts.push([]);
  }
  return parts.filter(({ length }) => length > 1);
}

export class Paths {
  readonly group = new Group();
  readonly #lines: { points: LonLat[]; drawn: Line2[]; key: string; looks: LineMaterial[] }[] = [];
  readonly #materials: LineMaterial[] = [];
  readonly #depicted = { value: 0 };

  constructor({ lines, lost = [], gates = [] }: Ways, style: PathStyle) {
    this.#add(lines, gates, style, false);
    this.#add(lost, gates, style, true);
  }

  #add(lines: Ways["lines"], gates: readonly LonLat[], style: PathStyle, lost: boolean): void {
    if (lines.length === 0) return;
    const grounded = style.old !== true;
    const looks = [
      this.#material(style.rim, { width: style.width + 2.2, opacity: 0.85, rim: true, lost, grounded }),
      this.#material(style.colour, { width: style.width, opacity: 1, rim: false, lost, grounded }),
    ];
    this.#materials.push(...looks);
    const parts = lines.flatMap((line) => partsOff(densify(line), gates));
    for (const points of parts) this.#lines.push({ points, drawn: [], key: "", looks });
  }

  /** Whether models that stand on the lines draw what these mark. */
  set depicted(on: boolean) {
    this.#depicted.value = on ? 1 : 0;
  }

  /** Lay all lines on the ground as it is drawn now; true when one has moved. */
  drape(ground: DrawnGround): boolean {
    let moved = false;
    for (const line of this.#lines) {
      const points = line.points.map(([lon, lat]) => ground.point(lon, lat));
      const known = points.filter((point): point is Vector3 => point !== null);
      const flat = known.flatMap(({ x, y, z }) => [x, y + LIFT_M, z]);
      const key = flat.map((value) => value.toFixed(1)).join();
      if (key === line.key) continue;
      line.key = key;
      this.#replace(line, flat);
      moved = true;
    }
    return moved;
  }

  dispose(): void {
    this.group.removeFromParent();
    for (const { geometry } of this.group.children as Line2[]) geometry.dispose();
    for (const look of this.#materials) look.dispose();
  }

  #replace(line: { drawn: Line2[]; looks: LineMaterial[] }, flat: number[]): void {
    for (const old of line.drawn) {
      this.group.remove(old);
      old.geometry.dispose();
    }
    line.drawn = [];
    if (flat.length < 6) return;
    const geometry = new LineGeometry();
    geometry.setPositions(flat);
    line.looks.forEach((look, order) => {
      const drawn = new Line2(geometry, look);
      drawn.computeLineDistances();
      drawn.renderOrder = 10 + order;
      line.drawn.push(drawn);
      this.group.add(drawn);
    });
  }

  #material(color: string, { width, opacity, rim, lost, grounded }: Look): LineMaterial {
    const look = new LineMaterial({ color, linewidth: width, transparent: true, opacity, dashed: true });
    look.depthWrite = false;
    look.onBeforeCompile = (shader) => {
      shader.uniforms["depicted"] = this.#depicted;
      shader.uniforms["grounded"] = { value: grounded ? 1 : 0 };
      shader.vertexShader = shader.vertexShader
        .replace("#include <common>", `#include <common>\n${VERTEX}`)
        .replaceAll(/vec4\( (instance(?:Start|End)), 1\.0 \)/g, "vec4(lifted($1), 1.0)")
        .replace("#include <logdepthbuf_vertex>", NEARER);
      const head = "varying float vNear, vSeen, vAway;";
      const body = DASHES.replace("rim ?", `${String(rim)} ?`).replace("LOST", String(lost));
      shader.fragmentShader = `${head}\n${shader.fragmentShader}`.replace(/#ifdef USE_DASH\s+if[\s\S]*?#endif/, body);
    };
    look.customProgramCacheKey = () => `smap-path ${String(rim)} ${String(lost)}`;
    return look;
  }
}
