import { describe, expect, it } from "vitest";

import { homeView } from "../../src/engine/home";

describe("homeView", () => {
  it("looks from over Sejong-daero to the north where the city holds it", () => {
    const { view, anchor } = homeView([[126.76, 37.42, 127.19, 37.7]]);
    expect(anchor).toMatchObject({ lon: 126.9769, lat: 37.566 });
    expect(Math.min(view.heading, 360 - view.heading)).toBeLessThan(5);
  });

  it("frames another city whole, by its smallest box", () => {
    const { anchor } = homeView([[-180, -90, 180, 90], [129.0, 35.1, 129.02, 35.12]]);
    expect(anchor.lon).toBeCloseTo(129.01, 9);
    expect(anchor.lat).toBeCloseTo(35.11, 9);
  });

  it("begins in Seoul when nothing is published", () => {
    expect(homeView([]).anchor.lat).toBeCloseTo(37.566, 9);
  });
});
