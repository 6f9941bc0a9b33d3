// The side panel: search, layers, and every place as a list.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { GLYPHS } from "../../layers/content";
import type { PlaceRef } from "../../layers/layer";
import { categoryWord, type Lang, say, wordsIn } from "../../text/words";
import { Glyph } from "../glyphs";
import { Legend } from "./legend";
import type { Actions, LayerRow, ViewerState } from "./state";

/** Typing pauses of this length start a search. */
const PAUSE_MS = 180;

type Found = { words: string; places: PlaceRef[]; failed: boolean };

function useSearch(actions: Actions): [string, (words: string) => void, Found | null] {
  const [words, setWords] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    const asked = words.trim();
    if (!asked) {
      setFound(null);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      actions.search(asked, abort.signal).then(
        (places) => setFound({ words: asked, places, failed: false }),
        () => abort.signal.aborted || setFound({ words: asked, places: [], failed: true }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [words, actions]);
  return [words, setWords, found];
}

function PlaceButton({ lang, place, actions }: { lang: Lang; place: PlaceRef; actions: Actions }): JSX.Element {
  const { name_ko, name_en, category } = place.feature.properties;
  const [name, other] = lang === "ko" ? [name_ko, name_en] : [name_en, name_ko];
  return (
    <li>
      <button
        type="button"
        class={`place kind-${place.layer}`}
        data-place={`${place.layer}/${place.feature.id}`}
        onClick={() => actions.open(place, { fly: true })}
      >
        <Glyph name={GLYPHS[category ?? ""] ?? "dot"} />
        <span class="names">
          <span class="name">{name}</span>
          <span class="sub">
            {[other, categoryWord(lang, category)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </button>
    </li>
  );
}

function SearchResults({ lang, found, actions }: { lang: Lang; found: Found; actions: Actions }): JSX.Element {
  if (found.failed) return <p class="quiet">{say(lang, "search_failed")}</p>;
  if (found.places.length === 0) return <p class="quiet">{say(lang, "search_none")}</p>;
  return (
    <ul class="places">
      {found.places.map((place) => (
        <PlaceButton key={`${place.layer}/${place.feature.id}`} lang={lang} place={place} actions={actions} />
      ))}
    </ul>
  );
}

function LayerSwitch({ lang, layer, actions }: { lang: Lang; layer: LayerRow; actions: Actions }): JSX.Element {
  return (
    <label class={`switch kind-${layer.id}`}>
      <input type="checkbox" checked={layer.on} onChange={() => actions.toggle(layer.id)} data-layer={layer.id} />
      <span class="knob" />
      <span>{wordsIn(lang, layer.title)}</span>
      {layer.failed ? <em class="failed">{say(lang, "layer_failed")}</em> : null}
    </label>
  );
}

function LayerPlaces({ lang, layer, actions }: { lang: Lang; layer: LayerRow; actions: Actions }): JSX.Element | null {
  if (layer.places.length === 0) return null;
  const name = ({ feature }: PlaceRef) => feature.properties[`name_${lang}`];
  const places = [...layer.places].sort((a, b) => name(a).localeCompare(name(b), lang));
  return (
    <section>
      <h3>
        {wordsIn(lang, layer.title)} <span class="count">{layer.places.length}</span>
      </h3>
      <ul class="places">
        {places.map((place) => (
          <PlaceButton key={place.feature.id} lang={lang} place={place} actions={actions} />
        ))}
      </ul>
    </section>
  );
}

export function Panel({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element {
  const { lang, layers } = state;
  const [words, setWords, found] = useSearch(actions);
  return (
    <nav class="panel" data-furniture id="places" aria-label={say(lang, "places")}>
      <div class="panel-head">
        <label class="search">
          <Glyph name="search" />
          <span class="away">{say(lang, "search")}</span>
          <input
            type="search"
            value={words}
            placeholder={say(lang, "search_hint")}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
        {state.map ? (
          <button type="button" class="round" aria-label={say(lang, "panel_close")} onClick={() => actions.panel(false)}>
            <Glyph name="close" />
          </button>
        ) : null}
      </div>
      <div class="panel-body">
        {found ? <SearchResults lang={lang} found={found} actions={actions} /> : null}
        {state.map && !found ? (
          <fieldset class="layers">
            <legend>{say(lang, "layers")}</legend>
            {layers.map((layer) => (
              <LayerSwitch key={layer.id} lang={lang} layer={layer} actions={actions} />
            ))}
            <Legend lang={lang} />
          </fieldset>
        ) : null}
        {found ? null : layers.map((layer) => <LayerPlaces key={layer.id} lang={lang} layer={layer} actions={actions} />)}
      </div>
    </nav>
  );
}
