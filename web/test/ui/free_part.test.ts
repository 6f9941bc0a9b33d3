import { describe, expect, it } from "vitest";

import { freePart } from "../../src/ui/free_part";

describe("the free part of the screen", () => {
  it("lies left of a card on a desk, below the bar", () => {
    const desk = { left: 0, top: 0, right: 1280, bottom: 720 };
    const bar = { left: 12, top: 12, right: 295, bottom: 52 };
    const card = { left: 920, top: 12, right: 1268, bottom: 508 };
    expect(freePart(desk, [bar, card])).toEqual({ left: 0, top: 52, right: 920, bottom: 720 });
  });

  it("lies above the sheet on a phone", () => {
    const phone = { left: 0, top: 0, right: 390, bottom: 844 };
    const bar = { left: 10, top: 10, right: 380, bottom: 54 };
    const sheet = { left: 0, top: 405, right: 390, bottom: 844 };
    expect(freePart(phone, [bar, sheet])).toEqual({ left: 0, top: 54, right: 390, bottom: 405 });
  });

  it("is all of a bare screen", () => {
    const bare = { left: 0, top: 0, right: 640, bottom: 360 };
    expect(freePart(bare, [])).toEqual(bare);
  });
});
