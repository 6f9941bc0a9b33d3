import { describe, expect, it } from "vitest";

import { createKeeper } from "../../src/state/words_kept";

function memory(): Storage {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  } as unknown as Storage;
}

describe("the keeper of unsaved words", () => {
  it("gives back what it was given until it is told to forget", () => {
    const keeper = createKeeper(memory());
    expect(keeper.keep("heritage/x", { name_ko: "문", facts: [{ ko: "옛 문" }] })).toBe(true);
    expect(keeper.read("heritage/x")).toEqual({ name_ko: "문", facts: [{ ko: "옛 문" }] });
    keeper.forget("heritage/x");
    expect(keeper.read("heritage/x")).toBeNull();
  });

  it("says so when the browser keeps nothing, and never fails", () => {
    const forbidden = () => {
      throw new Error("forbidden");
    };
    const keeper = createKeeper({ getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    expect(keeper.keep("x", {})).toBe(false);
    expect(keeper.read("x")).toBeNull();
    keeper.forget("x");
  });

  it("takes nothing for words that are none", () => {
    const storage = memory();
    const keeper = createKeeper(storage);
    for (const rubbish of ["{", "3", '{"name_ko":3}', "[]", '{"facts":[3]}']) {
      storage.setItem("smap-words:x", rubbish);
      expect(keeper.read("x")).toBeNull();
    }
  });
});
