// Words by language. Another language is one more table of the same keys.

import { CATEGORIES, MEANS } from "./categories";
import { en } from "./en";
import { ko, type Text } from "./ko";

const TABLES = { ko, en } satisfies Record<string, Text>;

export type Lang = keyof typeof TABLES;
export type Key = keyof Text;

export const LANGUAGES = Object.keys(TABLES) as Lang[];

export const say = (lang: Lang, key: Key): string => TABLES[lang][key];

/** A word in all languages, as the wire gives titles. */
export const wordsOf = (key: Key): Record<Lang, string> => ({ ko: ko[key], en: en[key] });

/** A text given in several languages: the chosen one, else English, else whatever there is. */
export function wordsIn(lang: Lang, words: Record<string, string>): string {
  return words[lang] ?? words["en"] ?? words["ko"] ?? Object.values(words)[0] ?? "";
}

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

const NUMBER: Record<Lang, string> = { ko: "ko-KR", en: "en-GB" };

/** Metres for reading: one decimal below 100, kilometres from 1,000 on. */
export function metres(lang: Lang, value: number): string {
  const [shown, unit] = value >= 1000 ? [value / 1000, "km"] : [value, "m"];
  const digits = value >= 1000 ? 1 : value < 100 ? 1 : 0;
  return `${shown.toLocaleString(NUMBER[lang], { maximumFractionDigits: digits })} ${unit}`;
}
