// The page of the viewer: bar, panel, card, controls round the map.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { isReconstruction } from "../../state/era";
import type { Store } from "../../state/store";
import { eraWord, type Lang, LANGUAGES, say, SHORT, TAGS } from "../../text/words";
import { Glyph } from "../glyphs";
import { Card } from "./card";
import { ClockBox } from "./clock";
import { Greeting } from "./greeting";
import { Panel } from "./panel";
import type { Actions, ViewerState } from "./state";

const CITY: Record<Lang, string> = { ko: "서울", en: "Seoul", ja: "ソウル", zh: "首尔" };

function useStore(store: Store<ViewerState>): ViewerState {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    setState(store.get());
    return store.watch(setState);
  }, [store]);
  return state;
}

function Bar({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element {
  const { lang } = state;
  return (
    <header class="bar">
      <h1 data-furniture>
        <a href="/">
          <b>S‑Map</b> <span>{CITY[lang]}</span>
        </a>
      </h1>
      {state.map ? (
        <button
          type="button"
          class="pill"
          data-furniture
          aria-expanded={state.panel}
          aria-controls="places"
          aria-label={say(lang, "places_open")}
          onClick={() => actions.panel(!state.panel)}
        >
          <Glyph name="list" /> {say(lang, "places")}
        </button>
      ) : null}
      <div class="languages" data-furniture role="group" aria-label="Language">
        {LANGUAGES.map((other) => (
          <button
            type="button"
            key={other}
            lang={TAGS[other]}
            aria-pressed={other === lang}
            aria-label={say(other, "language")}
            onClick={() => actions.language(other)}
          >
            {SHORT[other]}
          </button>
        ))}
      </div>
      <Eras state={state} actions={actions} />
    </header>
  );
}

function Eras({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element | null {
  const { lang, eras, era } = state;
  if (!state.map || eras.length < 2) return null;
  return (
    <div class="languages eras" data-furniture role="group" aria-label={say(lang, "eras")}>
      {eras.map((other) => (
        <button type="button" key={other} aria-pressed={other === era} data-era={other} onClick={() => actions.era(other)}>
          {eraWord(lang, other)}
        </button>
      ))}
    </div>
  );
}

/** Whose data this is, and whether it is a sketch. */
function Foot({ state }: { state: ViewerState }): JSX.Element {
  const { lang, attributions, sketch, era } = state;
  return (
    <footer class="foot">
      {sketch ? <p class="sketch">{say(lang, isReconstruction(era) ? "sketch_past" : "sketch")}</p> : null}
      <p class="sources">{attributions.join(" · ")}</p>
    </footer>
  );
}

function Controls({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element {
  const { lang } = state;
  const button = (glyph: string, key: Parameters<typeof say>[1], work: () => void) => (
    <button type="button" aria-label={say(lang, key)} title={say(lang, key)} onClick={work}>
      <Glyph name={glyph} />
    </button>
  );
  return (
    <div class="controls" data-furniture>
      <button
        type="button"
        class="compass"
        aria-label={say(lang, "north")}
        title={say(lang, "north")}
        onClick={actions.north}
      >
        <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
          <g transform={`rotate(${-state.heading} 16 16)`}>
            <path class="needle-north" d="M16 4 20.500 16h-9z" />
            <path class="needle-south" d="M16 28 11.500 16h9z" />
          </g>
        </svg>
      </button>
      {button("plus", "zoom_in", () => actions.zoom(0.66))}
      {button("minus", "zoom_out", () => actions.zoom(1.5))}
      {button("left", "rotate_left", () => actions.turn(-30))}
      {button("right", "rotate_right", () => actions.turn(30))}
      {button("home", "home", actions.home)}
      <button
        type="button"
        class="clock-door"
        aria-expanded={state.clock}
        aria-controls="clock"
        aria-label={say(lang, "clock")}
        title={say(lang, "clock")}
        onClick={() => actions.clock(!state.clock)}
      >
        <Glyph name="sun" />
      </button>
    </div>
  );
}

function NoticeBox({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element | null {
  const { lang, notice } = state;
  if (!notice) return null;
  const again = notice === "gone" || notice === "no_catalog" || notice === "tiles_failed";
  return (
    <div class={`notice notice-${notice}`} role="alert">
      <p>{say(lang, notice)}</p>
      {again ? (
        <button type="button" class="door" onClick={actions.retry}>
          {say(lang, "retry")}
        </button>
      ) : null}
    </div>
  );
}

function Loading({ state }: { state: ViewerState }): JSX.Element | null {
  const { lang, progress, begun, map } = state;
  if (!map || progress >= 1) return null;
  return (
    <div class={begun ? "loading loading-thin" : "loading"}>
      <span>{say(lang, "loading")}</span>
      <progress max={1} value={progress} aria-label={say(lang, "loading")} />
    </div>
  );
}

/** Tells what has been opened to those who listen instead of look. */
function Spoken({ state }: { state: ViewerState }): JSX.Element {
  const { card, lang } = state;
  const name =
    card === null
      ? ""
      : card.kind === "place"
        ? card.feature.properties[`name_${lang}`]
        : (card.properties["name"] ?? say(lang, "building_unnamed"));
  return (
    <p class="away" role="status" aria-live="polite">
      {name ? `${String(name)} ${say(lang, "opened")}` : ""}
    </p>
  );
}

/** What lies over the map beside panel and card. */
function OverMap({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element {
  return (
    <>
      {state.panel || state.card ? null : <Greeting state={state} actions={actions} />}
      <Controls state={state} actions={actions} />
      {state.clock ? <ClockBox state={state} actions={actions} /> : null}
      <Foot state={state} />
    </>
  );
}

export function App({ store, actions }: { store: Store<ViewerState>; actions: Actions }): JSX.Element {
  const state = useStore(store);
  const { lang, map, embed, panel, card } = state;
  useEffect(() => {
    document.documentElement.lang = TAGS[lang];
    document.title = say(lang, "title");
  }, [lang]);
  return (
    <div class={`page ${map ? "with-map" : "without-map"} ${card ? "with-card" : ""}`}>
      {embed ? null : <Bar state={state} actions={actions} />}
      <NoticeBox state={state} actions={actions} />
      {panel || !map ? <Panel state={state} actions={actions} /> : null}
      {card ? <Card state={state} card={card} actions={actions} /> : null}
      {map ? <OverMap state={state} actions={actions} /> : null}
      <Loading state={state} />
      <Spoken state={state} />
    </div>
  );
}
