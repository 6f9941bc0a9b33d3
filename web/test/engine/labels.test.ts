import { describe, expect, it } from "vitest";

import { type LabelBox, placeLabels } from "../../src/engine/labels";

const box = (id: string, left: number, top: number, priority: number, width = 80): LabelBox => ({
  id,
  left,
  top,
  width,
  height: 24,
  priority,
});

const overlap = (a: LabelBox, b: LabelBox) =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** Numbers that look random and are the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("placeLabels", () => {
  it("shows the more important of two that collide", () => {
    expect(placeLabels([box("alley", 0, 0, 1), box("palace", 40, 10, 9)])).toEqual(new Set(["palace"]));
  });

  it("shows both where they only touch", () => {
    expect(placeLabels([box("a", 0, 0, 1), box("b", 80, 0, 1)]).size).toBe(2);
  });

  it("never lets two shown labels overlap, and shows a hidden one nowhere free", () => {
    const random = numbers(7);
    const boxes = Array.from({ length: 400 }, (_, k) =>
      box(`label ${k}`, random() * 900 - 50, random() * 700 - 50, Math.floor(random() * 9), 30 + random() * 200),
    );
    const placed = placeLabels(boxes);
    const shown = boxes.filter(({ id }) => placed.has(id));
    for (const one of shown) for (const other of shown) expect(one === other || !overlap(one, other)).toBe(true);
    for (const hidden of boxes.filter(({ id }) => !placed.has(id))) {
      expect(shown.some((one) => overlap(one, hidden) && one.priority >= hidden.priority)).toBe(true);
    }
  });

  it("gives the same labels whatever the order they come in", () => {
    const random = numbers(11);
    const boxes = Array.from({ length: 60 }, (_, k) => box(`label ${k}`, random() * 300, random() * 200, 5));
    expect(placeLabels(boxes)).toEqual(placeLabels([...boxes].reverse()));
  });

  it("keeps what lies over the map free, and shows no more than it may", () => {
    const bar = box("bar", 0, 0, Infinity, 300);
    expect(placeLabels([box("under", 20, 5, 9), box("free", 20, 90, 1)], Infinity, [bar])).toEqual(new Set(["free"]));
    expect(placeLabels([box("a", 0, 0, 1), box("b", 200, 0, 2)], 1)).toEqual(new Set(["b"]));
  });
});
