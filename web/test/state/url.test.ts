import { describe, expect, it } from "vitest";

import { formatView, parseTime, parseUrl, parseView, withUrl } from "../../src/state/url";

describe("the address", () => {
  it("carries a view there and back", () => {
    const view = { lon: 126.976912, lat: 37.566001, height: 712.3, heading: 358.5, tilt: 67.5 };
    expect(parseView(formatView(view))).toEqual(view);
  });

  it.each(["", "here", "127", "200,37,500", "127,95,500", "127,37,1e9", "127,37,500,0,111", "127,37,500,x"])(
    "is no view in %j",
    (text) => expect(parseView(text)).toBeNull(),
  );

  it("brings a heading into 0 to 360", () => {
    expect(parseView("127,37.5,500,-90,60")?.heading).toBe(270);
  });

  it("takes a time without a zone for Korean", () => {
    expect(parseTime("2026-06-21T12:00")?.toISOString()).toBe("2026-06-21T03:00:00.000Z");
    expect(parseTime("2026-06-21T12:00:00Z")?.toISOString()).toBe("2026-06-21T12:00:00.000Z");
    expect(parseTime("2026-06-21")?.toISOString()).toBe("2026-06-21T03:00:00.000Z");
    expect(parseTime("noon")).toBeNull();
  });

  it("is read as a whole, with what makes no sense left out", () => {
    const state = parseUrl("?lang=en&embed&at=127,37.5,500&time=never&quality=ultra&place=wall/sukjeongmun");
    expect(state).toEqual({
      lang: "en",
      era: null,
      embed: true,
      at: { lon: 127, lat: 37.5, height: 500, heading: 0, tilt: 60 },
      time: null,
      quality: null,
      place: { layer: "wall", id: "sukjeongmun" },
    });
    expect(parseUrl("?embed=0").embed).toBe(false);
  });

  it("changes some words and keeps the others", () => {
    expect(withUrl("?lang=en&x=1", { at: "127,37.5,500,0,60", x: null })).toBe("?lang=en&at=127,37.5,500,0,60");
    expect(withUrl("?lang=en", { lang: null })).toBe("");
  });
});
