import { expect, it } from "vitest";

import type { PlaceHit } from "../../src/api/schema";
import { type FoundRow, namesOf, pieces, rowOf } from "../../src/ui/viewer/found";

const text = (cut: { text: string; marked: boolean }[]) => cut.map((p) => (p.marked ? `[${p.text}]` : p.text)).join("");

it("marks ranges that count characters, also where one takes two units of UTF-16", () => {
  expect(text(pieces("𠀋경복궁", [[1, 3]]))).toBe("𠀋[경복]궁");
  expect(text(pieces("경복궁", []))).toBe("경복궁");
  expect(text(pieces("N Seoul Tower", [[2, 7], [8, 13]]))).toBe("N [Seoul] [Tower]"); // prettier-ignore
});

const row = (match: FoundRow["match"]): FoundRow => ({
  layer: "heritage",
  id: "palace",
  names: { name_ko: "경복궁", name_en: "Gyeongbokgung Palace", name_hanja: "景福宮" },
  lon: 127,
  lat: 37.5,
  match,
});

it("shows the name in the reader's language, and beside it the one that was meant", () => {
  const { name, other } = namesOf(row({ field: "name_hanja", ranges: [[0, 3]] }), "en");
  expect(text(name)).toBe("Gyeongbokgung Palace");
  expect(text(other)).toBe("[景福宮]");
});

it("shows another name beside it where the reader's own was meant", () => {
  const { name, other } = namesOf(row({ field: "name_ko", ranges: [[0, 2]] }), "ko");
  expect(text(name)).toBe("[경복]궁");
  expect(text(other)).toBe("Gyeongbokgung Palace");
});

it("makes rows of hits: the names and addresses of a record, not its texts", () => {
  const hit = {
    type: "Feature",
    id: "palace",
    geometry: { type: "Point", coordinates: [127, 37.5] },
    properties: { layer: "heritage", name_ko: "경복궁", text_ko: "글", category: "palace" },
    match: { field: "name_ko", ranges: [] },
    distance_m: 12.5,
  } as unknown as PlaceHit;
  const made = rowOf(hit);
  expect(made.names).toEqual({ name_ko: "경복궁" });
  expect([made.layer, made.lon, made.distance_m]).toEqual(["heritage", 127, 12.5]);
});
