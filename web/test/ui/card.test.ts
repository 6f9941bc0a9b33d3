import { describe, expect, it } from "vitest";

import type { PlaceFeature } from "../../src/api/schema";
import { pictureOf } from "../../src/ui/viewer/card";

const card = (layer: string, more: object = {}) => {
  const properties = { name_ko: "숭례문", name_en: "Sungnyemun", ...more };
  return { kind: "place" as const, layer, feature: { id: "sungnyemun", properties } as unknown as PlaceFeature };
};

const photo = { kind: "picture", licence: "KOGL", credit: "Kim", kogl: "type-1", alt_ko: "문", alt_en: "A gate" };

describe("the picture of a card", () => {
  it("is the rendering of the place, called one, where the record has no picture of its own", () => {
    const sound = { ...photo, kind: "audio", path: "bell.ogg" };
    for (const media of [undefined, [], [sound], [{ ...photo, url: "https://pictures.example/a.jpg" }]]) {
      const shown = pictureOf("en", card("wall", { media }));
      expect(shown?.src).toBe("/pictures/wall/sungnyemun.webp");
      expect(shown?.alt).toBe("The 3D sample city seen toward Sungnyemun: a rendering, not a photograph");
      expect(shown?.rights).toContain("rendering");
    }
    expect(pictureOf("ko", card("wall"))?.alt).toContain("숭례문 쪽을 바라본");
  });

  it("is the record's own with its rights where it lies here", () => {
    const media = [{ ...photo, path: "gates/문 앞.jpg" }];
    expect(pictureOf("en", card("wall", { media }))).toEqual({
      src: "/media/gates/%EB%AC%B8%20%EC%95%9E.jpg",
      alt: "A gate",
      rights: "Kim · KOGL · KOGL type-1",
    });
  });

  it("is left out in layers of which nothing is shipped", () => {
    expect(pictureOf("en", card("sensors"))).toBeNull();
  });
});
