// The side panel: search, layers, and every place as a list.

import type { JSX } from "preact";

import { GLYPHS } from "../../layers/content";
import type { PlaceRef } from "../../layers/layer";
import { categoryWord, type Lang, namesIn, say, wordsIn } from "../../text/words";
import { Glyph } from "../glyphs";
import { Legend } from "./legend";
import { Results, SearchBox, useSearch } from "./search_box";
import type { Actions, LayerRow, ViewerState } from "./state";

function PlaceButton({ lang, place, actions }: { lang: Lang; place: PlaceRef; actions: Actions }): JSX.Element {
  const { category } = place.feature.properties;
  const [name, other] = namesIn(lang, place.feature.properties);
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
          <span class="name" lang={name.lang}>
            {name.text}
          </span>
          <span class="sub">
            {[other?.text, categoryWord(lang, category)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </button>
    </li>
  );
}

function LayerSwitch({ lang, layer, actions }: { lang: Lang; layer: LayerRow; actions: Actions }): JSX.Element {
  return (
    <label class={`switch kind-${layer.id}`}>
      <input type="checkbox" checked={layer.on} onChange={() => actions.toggle(layer.id)} data-layer={layer.id} />
      <span class="knob" />
      <span>{wordsIn(lang, layer.title)}</span>
      {layer.large ? <em class="near">{say(lang, "layer_near")}</em> : null}
      {layer.failed ? <em class="failed">{say(lang, "layer_failed")}</em> : null}
    </label>
  );
}

function LayerPlaces({ lang, layer, actions }: { lang: Lang; layer: LayerRow; actions: Actions }): JSX.Element | null {
  if (layer.places.length === 0) return null;
  const name = ({ feature }: PlaceRef) => namesIn(lang, feature.properties)[0].text;
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
  const search = useSearch(actions, lang);
  const { found } = search;
  return (
    <nav class="panel" data-furniture id="places" aria-label={say(lang, "places")}>
      <div class="panel-head">
        <SearchBox lang={lang} search={search} />
        {state.map ? (
          <button type="button" class="round" aria-label={say(lang, "panel_close")} onClick={() => actions.panel(false)}>
            <Glyph name="close" />
          </button>
        ) : null}
      </div>
      <div class="panel-body">
        <Results lang={lang} search={search} layers={layers} actions={actions} />
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
