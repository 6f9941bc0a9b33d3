// Lines that lie on the ground: several pixels wide, with a light rim, hidden by what stands before them.

import { Group, type Vector3 } from "three";
import { Line2 } from "three/addons/lines/Line2.js";
import { LineGeometry } from "three/addons/lines/LineGeometry.js";
import { LineMaterial } from "three/addons/lines/LineMaterial.js";

import type { DrawnGround } from "./drape";

/** Degrees. */
export type LonLat = readonly [number, number];

export interface PathStyle {
  colour: string;
  rim: string;
  width: number;
  /** Whether it was there in eras of the past too. */
  old?: boolean;
}

/** A line is sampled at least this often, so that it follows the ground between its points. */
const STEP_M = 12;
/** Lift above the ground, metres: a line must not drown in the ground's triangles. */
const LIFT_M = 2.5;

/**
 * GLSL: brings a line nearer to the eye by 6 m and 0.6 % of its distance, in depth alone. A line is several pixels wide
 * on the screen, so far away its lower half lies before ground that is nearer than the line itself and would be hidden.
 * dz = 2·near·Δ / w follows from the perspective matrix for far ≫ near.
 *
 * What the line marks may itself be drawn, as a model that stands on it: then from near by the model hides the line, and
 * only from afar the line marks it.
 */
const NEARER = /* glsl */ `
  float near = projectionMatrix[3][2] / (projectionMatrix[2][2] - 1.0);
  float marked = mix(1.0, smoothstep(600.0, 900.0, gl_Position.w), depicted);
  gl_Position.z -= 2.0 * near * marked * (6.0 + 0.006 * gl_Position.w) / gl_Position.w;
  #include <logdepthbuf_vertex>
`;

/** A line with points no farther apart than a step. */
export function densify(line: readonly LonLat[], stepM = STEP_M): LonLat[] {
  const out: LonLat[] = [];
  line.forEach((point, k) => {
    const last = line[k - 1];
    if (last) {
      const metres = Math.hypot((point[1] - last[1]) * 111_000, (point[0] - last[0]) * 88_000);
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

export class Paths {
  readonly group = new Group();
  readonly #lines: { points: LonLat[]; drawn: Line2[]; key: string }[] = [];
  readonly #materials: LineMaterial[];
  readonly #depicted = { value: 0 };

  constructor(lines: readonly (readonly LonLat[])[], style: PathStyle) {
    this.#materials = [
      this.#material(style.rim, style.width + 2.2, 0.85),
      this.#material(style.colour, style.width, 1),
    ];
    for (const line of lines) this.#lines.push({ points: densify(line), drawn: [], key: "" });
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

  #replace(line: { drawn: Line2[] }, flat: number[]): void {
    for (const old of line.drawn) {
      this.group.remove(old);
      old.geometry.dispose();
    }
    line.drawn = [];
    if (flat.length < 6) return;
    const geometry = new LineGeometry();
    geometry.setPositions(flat);
    this.#materials.forEach((look, order) => {
      const drawn = new Line2(geometry, look);
      drawn.renderOrder = 10 + order;
      line.drawn.push(drawn);
      this.group.add(drawn);
    });
  }

  #material(colour: string, width: number, opacity: number): LineMaterial {
    const look = new LineMaterial({ color: colour, linewidth: width, transparent: true, opacity });
    look.depthWrite = false;
    look.onBeforeCompile = (shader) => {
      shader.uniforms["depicted"] = this.#depicted;
      shader.vertexShader = `uniform float depicted;\n${shader.vertexShader}`
        .replace("#include <logdepthbuf_vertex>", NEARER);
    };
    return look;
  }
}
