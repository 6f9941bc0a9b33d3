import { describe, expect, it } from "vitest";

import { metres, preferredLang, say, wordsIn } from "../../src/text/words";

describe("words", () => {
  it("speaks the browser's language where it can, else Korean", () => {
    expect(preferredLang(["fr-FR", "en-US", "ko"])).toBe("en");
    expect(preferredLang(["ja"])).toBe("ko");
  });

  it("takes another language rather than none", () => {
    expect(wordsIn("en", { ko: "건물" })).toBe("건물");
    expect(say("en", "height")).toBe("Height");
  });

  it("writes lengths as people read them", () => {
    expect(metres("en", 12.34)).toBe("12.3 m");
    expect(metres("en", 236.4)).toBe("236 m");
    expect(metres("en", 18627)).toBe("18.6 km");
  });
});
