// Words by language. Another language is one more table of the same keys.

import { CATEGORIES, CHOICES, MEANS } from "./categories";
import { en } from "./en";
import { ja } from "./ja";
import { ko, type Text } from "./ko";
import { zh } from "./zh";

const TABLES = { ko, en, ja, zh } satisfies Record<string, Text>;

export type Lang = keyof typeof TABLES;
export type Key = keyof Text;

export const LANGUAGES = Object.keys(TABLES) as Lang[];
/** Those of the editor, and of the fields of records. */
export const EDITED = ["ko", "en"] as const satisfies Lang[];
export type EditLang = (typeof EDITED)[number];
export const editLang = (lang: Lang): EditLang => (lang === "ko" ? "ko" : "en");

/** How a language names itself where there is little room. */
export const SHORT: Record<Lang, string> = { ko: "한", en: "EN", ja: "日", zh: "中" };
/** As the page's `lang` has it: which forms of Chinese characters are meant. */
export const TAGS: Record<Lang, string> = { ko: "ko", en: "en", ja: "ja", zh: "zh-Hans" };

export const say = (lang: Lang, key: Key): string => TABLES[lang][key];

/** A word in all languages, as the wire gives titles. */
export const wordsOf = (key: Key): Record<Lang, string> => ({ ko: ko[key], en: en[key], ja: ja[key], zh: zh[key] });

/** A text given in several languages: the chosen one, else English, else whatever there is. */
export function wordsIn(lang: Lang, words: Record<string, string>): string {
  return words[lang] ?? words["en"] ?? words["ko"] ?? Object.values(words)[0] ?? "";
}

/** A text of a record in a language, else in English, else in Korean; with the language that it is in. */
export function saidIn(lang: Lang, said: Readonly<Record<string, unknown>>, ...fields: string[]): Said | null {
  for (const tongue of [lang, "en", "ko"] as Lang[]) {
    for (const field of fields) {
      const text = said[`${field}_${tongue}`];
      if (typeof text === "string" && text) return { text, lang: TAGS[tongue] };
    }
  }
  return null;
}

export interface Said {
  text: string;
  lang: string;
}

/** The name of a record, and the one in another language that is told beside it. */
export function namesIn(lang: Lang, said: Readonly<Record<string, unknown>>): [Said, Said | null] {
  const name = saidIn(lang, said, "name") ?? { text: "", lang: TAGS[lang] };
  const other = saidIn(lang === "ko" ? "en" : "ko", said, "name");
  return [name, other && other.text !== name.text ? other : null];
}

/** A state or a way of building in words; "" for none. */
export const choiceWord = (lang: Lang, choice = ""): string => CHOICES[choice]?.[lang] ?? choice;

/** A category in words; "" for a record that has none. */
export const categoryWord = (lang: Lang, category = ""): string => CATEGORIES[category]?.[lang] ?? category;

export const meansWord = (lang: Lang, means = ""): string => MEANS[means]?.[lang] ?? means;

const ERAS: Record<string, Key> = { today: "era_today", hanyang: "era_hanyang" };

/** An era in words; one without words of its own by its name. */
export function eraWord(lang: Lang, era: string): string {
  const key = ERAS[era];
  return key ? say(lang, key) : era;
}

/** The browser's language, if we speak it. */
export function preferredLang(wanted: readonly string[]): Lang {
  const known = wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag as Lang));
  return (known as Lang | undefined) ?? "ko";
}

const NUMBER: Record<Lang, string> = { ko: "ko-KR", en: "en-GB", ja: "ja-JP", zh: "zh-CN" };

/** Metres for reading: one decimal below 100, kilometres from 1,000 on. */
export function metres(lang: Lang, value: number): string {
  const [shown, unit] = value >= 1000 ? [value / 1000, "km"] : [value, "m"];
  const digits = value >= 1000 ? 1 : value < 100 ? 1 : 0;
  return `${shown.toLocaleString(NUMBER[lang], { maximumFractionDigits: digits })} ${unit}`;
}
