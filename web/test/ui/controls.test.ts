import { describe, expect, it } from "vitest";

import { stepped } from "../../src/ui/editor/controls";

const entries = [{ ko: "가" }, { ko: "나" }, { ko: "다" }];
const read = (list: readonly { ko?: unknown }[]) => list.map(({ ko }) => ko).join("");

describe("a step with an entry of a list", () => {
  it("moves it, and the focus goes with it", () => {
    const [up, focus] = stepped(entries, 1, "move_up");
    expect([read(up), focus]).toEqual(["나가다", 0]);
    const [down, next] = stepped(entries, 1, "move_down");
    expect([read(down), next]).toEqual(["가다나", 2]);
  });

  it("does nothing beyond the ends", () => {
    expect(read(stepped(entries, 0, "move_up")[0])).toBe("가나다");
    expect(read(stepped(entries, 2, "move_down")[0])).toBe("가나다");
  });

  it("takes it out, and the focus stays in the list while there is one", () => {
    expect(stepped(entries, 2, "remove")).toEqual([entries.slice(0, 2), 1]);
    expect(stepped([{ ko: "가" }], 0, "remove")).toEqual([[], -1]);
  });
});
