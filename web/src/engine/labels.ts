// Which labels are shown, so that none covers another: the more important first, on a grid for speed.

/** Left, top, width and height in CSS pixels. */
export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface LabelBox extends Rect {
  id: string;
  /** Higher wins. */
  priority: number;
  /** What the label names, where that takes a part of the picture: lesser labels keep off it. */
  subject?: Rect | null;
}

const CELL_PX = 96;

class Occupied {
  readonly #cells = new Map<string, Rect[]>();

  *#keys(box: Rect): Iterable<string> {
    for (let x = Math.floor(box.left / CELL_PX); x <= Math.floor((box.left + box.width) / CELL_PX); x += 1) {
      for (let y = Math.floor(box.top / CELL_PX); y <= Math.floor((box.top + box.height) / CELL_PX); y += 1) {
        yield `${x},${y}`;
      }
    }
  }

  collides(box: Rect): boolean {
    for (const key of this.#keys(box)) {
      if (this.#cells.get(key)?.some((other) => overlap(box, other))) return true;
    }
    return false;
  }

  add(box: Rect): void {
    for (const key of this.#keys(box)) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(box);
      else this.#cells.set(key, [box]);
    }
  }
}

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height
  );
}

/** The ids of the labels that fit: by priority, then by id, so that the same picture gives the same labels. None
 * covers what is `taken` beforehand, nor what a more important one names. */
export function placeLabels(
  boxes: readonly LabelBox[],
  most = Infinity,
  taken: readonly Rect[] = [],
): Set<string> {
  const order = [...boxes].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
  const occupied = new Occupied();
  for (const box of taken) occupied.add(box);
  const placed = new Set<string>();
  for (const box of order) {
    if (placed.size >= most) break;
    if (occupied.collides(box)) continue;
    occupied.add(box);
    if (box.subject) occupied.add(box.subject);
    placed.add(box.id);
  }
  return placed;
}
