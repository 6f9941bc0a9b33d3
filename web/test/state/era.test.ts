import { describe, expect, it } from "vitest";

import { chooseEra, erasOf, inEra, isReconstruction, standsIn } from "../../src/state/era";

const CITY = [{ era: "hanyang" }, {}, { era: null }, { era: "today" }, { era: "hanyang" }];

describe("the eras of a catalog", () => {
  it("begin with today, whatever the order of the tilesets", () => {
    expect(erasOf(CITY)).toEqual(["today", "hanyang"]);
    expect(erasOf([{}, { era: null }])).toEqual([]);
  });

  it("show the wanted one where it is there, else the first", () => {
    expect(chooseEra(["today", "hanyang"], "hanyang")).toBe("hanyang");
    expect(chooseEra(["today", "hanyang"], "joseon")).toBe("today");
    expect(chooseEra([], "hanyang")).toBeNull();
  });

  it("leave a tileset without an era in every one of them", () => {
    expect(CITY.map((tileset) => inEra(tileset, "today"))).toEqual([false, true, true, true, false]);
  });
});

describe("what stands in an era", () => {
  it("is not what was built after it", () => {
    expect(standsIn("hanyang", "1971")).toBe(false);
    expect(standsIn("hanyang", "1395; 2010년 복원")).toBe(true);
    expect(standsIn("hanyang", undefined)).toBe(true);
    expect(standsIn("today", "2014")).toBe(true);
    expect(standsIn(null, "2014")).toBe(true);
  });

  it("is a reconstruction for the past alone", () => {
    expect([isReconstruction("hanyang"), isReconstruction("today"), isReconstruction(null)]).toEqual([true, false, false]);
  });
});
