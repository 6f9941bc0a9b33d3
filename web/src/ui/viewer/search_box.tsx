// The search box: suggestions while typing, everything on Enter. The combobox pattern of ARIA 1.2, list only.

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useState } from "preact/hooks";

import { GLYPHS } from "../../layers/content";
import { categoryWord, type Lang, metres, say, wordsIn } from "../../text/words";
import { Glyph } from "../glyphs";
import { BUILDINGS, type FoundRow, namesOf, type Piece } from "./found";
import type { Actions, LayerRow } from "./state";

/** Typing pauses of this length ask for suggestions. */
const PAUSE_MS = 120;
const LIST = "found";

export interface Found {
  words: string;
  rows: FoundRow[];
  failed: boolean;
}

/** What is typed, what was found for it, and which row the arrows are on (-1: none). */
export interface Search {
  words: string;
  found: Found | null;
  active: number;
  type(words: string): void;
  key(event: TargetedKeyboardEvent<HTMLInputElement>): void;
}

export function useSearch(actions: Actions, lang: Lang): Search {
  const [words, setWords] = useState("");
  const [whole, setWhole] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  const [active, setActive] = useState(-1);
  const asked = words.trim();
  useEffect(() => {
    setActive(-1);
    if (!asked) {
      setFound(null);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(
      () => {
        actions.search({ words: asked, lang, whole }, abort.signal).then(
          (rows) => setFound({ words: asked, rows, failed: false }),
          () => abort.signal.aborted || setFound({ words: asked, rows: [], failed: true }),
        );
      },
      whole ? 0 : PAUSE_MS,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked, whole, lang, actions]);
  const type = (typed: string) => {
    setWords(typed);
    setWhole(false);
  };
  const rows = found?.rows ?? [];
  const step = (by: number) => {
    // one more place than rows: between the last and the first none is chosen
    const next = ((active + 1 + by + rows.length + 1) % (rows.length + 1)) - 1;
    setActive(next);
    document.getElementById(`${LIST}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const enter = () => {
    const row = rows[active];
    if (row) actions.openFound(row);
    else setWhole(true);
  };
  const key = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.isComposing) return; // the keys belong to the input method until the syllable is done
    const work: Record<string, () => void> = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: enter };
    if (words) work["Escape"] = () => type("");
    const known = work[event.key];
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    known();
  };
  return { words, found, active, type, key };
}

export function SearchBox({ lang, search }: { lang: Lang; search: Search }): JSX.Element {
  const open = Boolean(search.found?.rows.length);
  return (
    <label class="search">
      <Glyph name="search" />
      <span class="away">{say(lang, "search")}</span>
      <input
        type="search"
        role="combobox"
        list={undefined}
        autocomplete="off"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={LIST}
        aria-activedescendant={search.active >= 0 ? `${LIST}-${search.active}` : undefined}
        value={search.words}
        placeholder={say(lang, "search_hint")}
        onInput={(event) => search.type(event.currentTarget.value)}
        onKeyDown={search.key}
      />
    </label>
  );
}

function Marked({ text }: { text: Piece[] }): JSX.Element {
  return <>{text.map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : piece.text))}</>;
}

interface OptionProps {
  lang: Lang;
  row: FoundRow;
  at: number;
  active: boolean;
  layers: readonly LayerRow[];
  actions: Actions;
}

function Option({ lang, row, at, active, layers, actions }: OptionProps): JSX.Element {
  const { name, other } = namesOf(row, lang);
  const layer = layers.find(({ id }) => id === row.layer);
  const title = layer ? wordsIn(lang, layer.title) : row.layer === BUILDINGS ? say(lang, "building") : row.layer;
  const about = [
    row.category ? categoryWord(lang, row.category) : "",
    title,
    row.distance_m === undefined ? "" : metres(lang, row.distance_m),
  ].filter(Boolean);
  return (
    <li
      role="option"
      id={`${LIST}-${at}`}
      aria-selected={active}
      class={`place kind-${row.layer === BUILDINGS ? "building" : row.layer}`}
      data-place={`${row.layer}/${row.id}`}
      // the words keep the focus: the list is walked through by the arrows
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => actions.openFound(row)}
    >
      <Glyph name={row.layer === BUILDINGS ? "block" : (GLYPHS[row.category ?? ""] ?? "dot")} />
      <span class="names">
        <span class="name">
          <Marked text={name} />
        </span>
        <span class="sub">
          <Marked text={other} />
          {other.length > 0 && about.length > 0 ? " · " : ""}
          {about.join(" · ")}
        </span>
      </span>
    </li>
  );
}

interface ResultsProps {
  lang: Lang;
  search: Search;
  layers: readonly LayerRow[];
  actions: Actions;
}

/** What was found, told also to those who listen. */
export function Results({ lang, search, layers, actions }: ResultsProps): JSX.Element | null {
  const { found, active } = search;
  if (!found) return null;
  const { rows, failed } = found;
  const told = say(lang, failed ? "search_failed" : rows.length === 0 ? "search_none" : "search_count");
  return (
    <>
      <p class={rows.length > 0 ? "away" : "quiet"} role="status">
        {told.replace("{n}", String(rows.length))}
      </p>
      <ul class="places" role="listbox" id={LIST} aria-label={say(lang, "search")}>
        {rows.map((row, at) => (
          <Option
            key={`${row.layer}/${row.id}`}
            lang={lang}
            row={row}
            at={at}
            active={at === active}
            layers={layers}
            actions={actions}
          />
        ))}
      </ul>
    </>
  );
}
