import { describe, expect, it } from "vitest";

import { CATEGORIES, MEANS } from "../../src/text/categories";
import { ko } from "../../src/text/ko";
import { type Key, metres, namesIn, preferredLang, saidIn, say, wordsIn } from "../../src/text/words";

/** The editor speaks Korean and English. */
const OF_THE_EDITOR = new Set<Key>([
  "edit_title", "sign_in", "sign_out", "password", "sign_in_failed", "secure_only", "new_place", "open_place", "point_hint", "id",
  "save", "publish", "saved", "published", "unsaved", "restored", "discard", "conflict", "mine", "theirs", "keep_mine",
  "take_theirs", "faults", "required", "signed_in_as", "session_over", "refused", "is_published", "is_draft", "edit_word", "add",
  "remove", "move_up", "move_down", "section_languages", "section_record", "section_layer", "choose", "drawn_point",
]);

describe("words", () => {
  it("speaks the browser's language where it can, else Korean", () => {
    expect(preferredLang(["fr-FR", "en-US", "ko"])).toBe("en");
    expect(preferredLang(["zh-TW", "en"])).toBe("zh");
    expect(preferredLang(["fr"])).toBe("ko");
  });

  it("takes another language rather than none", () => {
    expect(wordsIn("en", { ko: "건물" })).toBe("건물");
    expect(say("en", "height")).toBe("Height");
  });

  it("has every word of the viewer in each language, in its own letters and with the same gaps", () => {
    const own = { ja: /[\u3040-\u30ff\u4e00-\u9fff]/u, zh: /[\u4e00-\u9fff]/u } as const;
    const gaps = (text: string) => text.match(/\{\w+\}/g) ?? [];
    for (const key of Object.keys(ko) as Key[]) {
      for (const lang of ["ja", "zh"] as const) {
        const word = say(lang, key);
        expect(gaps(word), key).toEqual(gaps(ko[key]));
        expect(word, `${lang} ${key}`).not.toMatch(/[\uac00-\ud7a3]/u);
        if (!OF_THE_EDITOR.has(key)) expect(word, `${lang} ${key}`).toMatch(own[lang]);
      }
    }
    for (const table of [CATEGORIES, MEANS]) {
      for (const names of Object.values(table)) expect(Object.values(names).every(Boolean)).toBe(true);
    }
  });

  it("tells a record's words in the next best language, and which it is", () => {
    const said = { name_ko: "숭례문", name_en: "Sungnyemun", name_zh: "崇礼门", summary_zh: "首尔的南门。", text_en: "A gate." };
    expect(namesIn("zh", said)).toEqual([{ text: "崇礼门", lang: "zh-Hans" }, { text: "숭례문", lang: "ko" }]);
    expect(namesIn("ja", said)[0]).toEqual({ text: "Sungnyemun", lang: "en" });
    expect(saidIn("zh", said, "text", "summary")).toEqual({ text: "首尔的南门。", lang: "zh-Hans" });
    expect(saidIn("ja", said, "text", "summary")).toEqual({ text: "A gate.", lang: "en" });
    expect(saidIn("ja", said, "fee")).toBeNull();
  });

  it("writes lengths as people read them", () => {
    expect(metres("en", 12.34)).toBe("12.3 m");
    expect(metres("en", 236.4)).toBe("236 m");
    expect(metres("en", 18627)).toBe("18.6 km");
  });
});
