// Where trees may stand: by the same rule as the ground's own colour of forest (ground.ts), from height and slope
// alone. They are drawn for the look of the mountains; no source says where a single tree stands.

const step = (low: number, high: number, value: number) => {
  const part = Math.min(Math.max((value - low) / (high - low), 0), 1);
  return part * part * (3 - 2 * part);
};

/** Share of the ground that crowns cover, 0 to 1, for a slope (rise over run) and a height above the sea (metres). */
export function forestCover(slope: number, height: number): number {
  const hill = Math.min(step(0.07, 0.24, slope) * step(18, 60, height) + step(75, 150, height), 1);
  const rock = step(0.34, 0.6, slope) * step(110, 260, height);
  return rock > 0.35 ? 0 : step(0.3, 0.9, hill) * (1 - 2 * rock);
}

/** Side of a cell that holds one tree at most, metres; and in degrees at Seoul's latitude. */
export const CELL_M = 10;
const [CELL_LON, CELL_LAT] = [CELL_M / 88_200, CELL_M / 110_950];
/** Cells at the edge of what is wooded stay empty. */
const LEAST_COVER = 0.12;

/** A number from 0 to 1 that belongs to a cell: the same on every machine (PCG hash, Jarzynski & Olano 2020). */
export function chanceOf(x: number, y: number, salt: number): number {
  let state = (Math.imul(x, 1_597_334_673) ^ Math.imul(y, 3_812_015_801) ^ Math.imul(salt + 1, 2_798_796_415)) >>> 0;
  state = (Math.imul(state, 747_796_405) + 2_891_336_453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277_803_737) >>> 0;
  return ((word >>> 22) ^ word) / 4_294_967_296 + (((word >>> 22) ^ word) < 0 ? 1 : 0);
}

/** The ground at a place (degrees): height above the sea (metres), slope, and whether water lies there; null: unknown. */
export type Ground = (lon: number, lat: number) => { height: number; slope: number; wet: boolean } | null;

export interface Tree {
  lon: number;
  lat: number;
  /** 0 to 1: those of low rank stay where only few are drawn. */
  rank: number;
  /** 0 pine to 1 broadleaf. */
  kind: number;
  /** Height of the crown's top above the ground, metres. */
  size: number;
}

/** Which cell of a block of stride x stride has the block's tree: one of its quarters' four, by chance, so no rows show. */
function cellOf(column: number, row: number, stride: number): [number, number] {
  let [x, y] = [column, row];
  for (let size = stride; size > 1; size /= 2) {
    const quarter = Math.min(Math.floor(chanceOf(x, y, 6 + size) * 4), 3);
    [x, y] = [2 * x + (quarter & 1), 2 * y + (quarter >> 1)];
  }
  return [x, y];
}

/**
 * The trees of a rectangle (degrees: west, south, east, north), the same whichever rectangle a cell is met in. With a
 * stride of 2, 4 … each block of 2 × 2, 4 × 4 … cells has one, which is then as broad as the clump it stands for.
 */
export function plant(rect: readonly number[], stride: number, ground: Ground): Tree[] {
  const [west = 0, south = 0, east = 0, north = 0] = rect;
  const [width, depth] = [CELL_LON * stride, CELL_LAT * stride];
  const trees: Tree[] = [];
  for (let column = Math.floor(west / width); column * width < east; column += 1) {
    for (let row = Math.floor(south / depth); row * depth < north; row += 1) {
      const [x, y] = cellOf(column, row, stride);
      const inside = x * CELL_LON >= west && x * CELL_LON < east && y * CELL_LAT >= south && y * CELL_LAT < north;
      const tree = inside ? treeOf(x, y, stride, ground) : null;
      if (tree) trees.push(tree);
    }
  }
  return trees;
}

/** Side of the clumps and glades of a wood, in cells. */
const CLUMP_CELLS = 7;

/** How much of its cover the wood has at a cell, 0.5 to 1.4: trees stand in clumps and leave glades (value noise). */
function clumping(x: number, y: number): number {
  const [u, v] = [x / CLUMP_CELLS, y / CLUMP_CELLS];
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const corner = (a: number, b: number) => chanceOf(i + a, j + b, 7);
  const [s, t] = [step(0, 1, u - i), step(0, 1, v - j)];
  const mix = (a: number, b: number, part: number) => a + (b - a) * part;
  const noise = mix(mix(corner(0, 0), corner(1, 0), s), mix(corner(0, 1), corner(1, 1), s), t);
  return mix(0.5, 1.4, step(0.25, 0.6, noise));
}

function treeOf(x: number, y: number, stride: number, ground: Ground): Tree | null {
  const lon = (x + 0.8 * chanceOf(x, y, 0)) * CELL_LON;
  const lat = (y + 0.8 * chanceOf(x, y, 1)) * CELL_LAT;
  const here = ground(lon, lat);
  if (!here || here.wet) return null;
  const cover = forestCover(here.slope, here.height) * clumping(x, y);
  if (cover < LEAST_COVER || chanceOf(x, y, 2) > cover) return null;
  const size = (6.5 + 5 * chanceOf(x, y, 3)) * stride ** 0.62;
  return { lon, lat, rank: chanceOf(x, y, 4), kind: chanceOf(x >> 2, y >> 2, 5) * 0.6 + chanceOf(x, y, 6) * 0.4, size };
}
