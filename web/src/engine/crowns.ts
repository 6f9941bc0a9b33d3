// The forms of trees, carved with few cuts: fir, broadleaf and the red pine's umbrella. A mesh holds all three; each
// instance chooses one. Near the eye a tree has a trunk, farther off three crowns stand for a clump, which far away are
// specks.

import { DynamicDrawUsage, Float32BufferAttribute, InstancedBufferAttribute, InstancedBufferGeometry } from "three";

/** Radius and height of a ring of the fir, the broadleaf and the pine, for a tree of the height 1. */
type Ring = readonly (readonly [number, number])[];

/** From the foot up; the first two are the trunk. */
const TREE: readonly Ring[] = [
  [[0.045, -0.04], [0.05, -0.04], [0.04, -0.04]],
  [[0.04, 0.16], [0.045, 0.26], [0.034, 0.5]],
  [[0.37, 0.14], [0.25, 0.22], [0.27, 0.5]],
  [[0.34, 0.27], [0.45, 0.45], [0.49, 0.63]],
  [[0.22, 0.56], [0.4, 0.74], [0.42, 0.8]],
  [[0.1, 0.82], [0.21, 0.93], [0.2, 0.92]],
  [[0, 1], [0, 1], [0, 0.96]],
];
const CROWN: readonly Ring[] = [
  [[0.34, 0.02], [0.32, 0.06], [0.3, 0.2]],
  [[0.3, 0.3], [0.42, 0.46], [0.46, 0.56]],
  [[0, 1], [0.14, 0.96], [0.16, 0.9]],
];
/** A crown of a few pixels: its foot and its top. */
const SPECK: readonly Ring[] = [
  [[0.37, 0.04], [0.4, 0.14], [0.43, 0.36]],
  [[0.03, 1], [0.27, 0.92], [0.28, 0.88]],
];
/** x, z and size of the crowns of a clump. */
const CLUMP = [[0.02, -0.3, 1], [-0.44, 0.24, 0.78], [0.46, 0.26, 0.86]] as const;

/** The attributes of each instance and their sizes: place and height, rank and kind, lean of the ground. */
export const INSTANCED = [["aTree", 4], ["aKind", 2], ["aLean", 2]] as const;

/** GLSL: the place of a vertex of a tree of the height 1, for a kind from 0 (fir) over pine to 1 (broadleaf). */
export const CROWN_GLSL = /* glsl */ `
attribute vec3 aRing, aRise;
attribute vec4 aStand;
vec3 carved(float kind, float chance) {
  vec3 form = kind < 0.36 ? vec3(1.0, 0.0, 0.0) : kind < 0.6 ? vec3(0.0, 0.0, 1.0) : vec3(0.0, 1.0, 0.0);
  vec2 round = position.xy * (dot(aRing, form) * aStand.z) + aStand.xy;
  // a half turn or none, so that neighbours differ
  round *= chance > 0.5 ? 1.0 : -1.0;
  return vec3(round.x, dot(aRise, form) * aStand.z, round.y);
}
`;

type Stand = readonly [number, number, number];

function carve(sides: number, rings: readonly Ring[], stands: readonly Stand[], flat = false) {
  const position: number[] = [];
  const [ring, rise, stand, index]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const [x, z, size] of stands) {
    const first = position.length / 3;
    rings.forEach((forms, level) => {
      for (let side = 0; side < sides; side += 1) {
        // each ring is turned by half a side, so that the cuts are lozenges
        const angle = ((side + (level % 2) / 2) / sides) * 2 * Math.PI;
        position.push(Math.cos(angle), Math.sin(angle), level);
        ring.push(...forms.map(([radius]) => radius));
        rise.push(...forms.map(([, height]) => height));
        stand.push(x, z, size, rings.length > 3 && level < 2 ? 1 : 0);
      }
    });
    for (let level = 0; level + 1 < rings.length; level += 1) {
      for (let side = 0; side < sides; side += 1) index.push(...quad(first, level, side, sides));
    }
    if (flat) index.push(...lid(first + (rings.length - 1) * sides, sides));
  }
  return { position, ring, rise, stand, index };
}

/** The two triangles between a side of a ring and the ring above; every other ring is turned by half a side. */
function quad(first: number, level: number, side: number, sides: number): number[] {
  const next = (side + 1) % sides;
  const [a, b] = [first + level * sides + side, first + level * sides + next];
  const above = first + (level + 1) * sides;
  const [c, d] = [above + side, above + next];
  return level % 2 === 0 ? [a, c, b, b, c, d] : [a, c, d, a, d, b];
}

/** The triangles that close the last ring. */
const lid = (first: number, sides: number) =>
  Array.from({ length: sides - 2 }, (_, k) => [first, first + k + 2, first + k + 1]).flat();

function geometryOf(carved: ReturnType<typeof carve>, most: number): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setIndex(carved.index);
  const parts = { position: [carved.position, 3], aRing: [carved.ring, 3], aRise: [carved.rise, 3], aStand: [carved.stand, 4] } as const;
  for (const [name, [values, size]] of Object.entries(parts)) {
    geometry.setAttribute(name, new Float32BufferAttribute(values, size));
  }
  for (const [name, size] of INSTANCED) {
    const attribute = new InstancedBufferAttribute(new Float32Array(most * size), size);
    geometry.setAttribute(name, attribute.setUsage(DynamicDrawUsage));
  }
  geometry.instanceCount = 0;
  return geometry;
}

/** A single tree with its trunk, for so many instances at most. */
export const treeGeometry = (most: number) => geometryOf(carve(6, TREE, [[0, 0, 1]]), most);

/** A clump of three crowns without trunks. */
export const clumpGeometry = (most: number) => geometryOf(carve(4, CROWN, CLUMP), most);

/** A clump so far away that its crowns are specks. */
export const farClumpGeometry = (most: number) => geometryOf(carve(3, SPECK, CLUMP, true), most);

/** A disc under each tree of another geometry, for its shade; x of a vertex: 0 in the middle, 1 at the rim. */
export function discGeometry(of: InstancedBufferGeometry, sides = 10): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  const [position, index]: [number[], number[]] = [[0, 0, 0], []];
  for (let side = 0; side < sides; side += 1) {
    const angle = (side / sides) * 2 * Math.PI;
    position.push(1, Math.cos(angle), Math.sin(angle));
    index.push(0, 1 + ((side + 1) % sides), 1 + side);
  }
  geometry.setIndex(index);
  geometry.setAttribute("position", new Float32BufferAttribute(position, 3));
  for (const [name] of INSTANCED) geometry.setAttribute(name, of.getAttribute(name));
  geometry.instanceCount = 0;
  return geometry;
}
