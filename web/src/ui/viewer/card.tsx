// The card of a building or a place.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { GLYPHS } from "../../layers/content";
import { type Stop, stopsOf } from "../../layers/course";
import { storiesOf } from "../../layers/stories";
import { categoryWord, choiceWord, type Lang, meansWord, metres, namesIn, saidIn, say, wordsIn, type Key } from "../../text/words";
import { Glyph } from "../glyphs";
import type { Actions, BuildingCardData, CardData, PlaceCardData, ViewerState } from "./state";

function Fact({ term, children }: { term: string; children: ComponentChildren }): JSX.Element | null {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

const HEIGHT_WORDS: Record<string, Key> = {
  height: "height_by_height",
  floors: "height_by_floors",
  estimate: "height_by_estimate",
  default: "height_by_default",
};

const GROUND_WORDS: Record<string, Key> = { terrain: "ground_terrain", edge: "ground_edge" };

function worded(lang: Lang, table: Record<string, Key>, value: unknown): string {
  if (typeof value !== "string" || value === "") return "";
  const key = table[value];
  return key ? say(lang, key) : value;
}

function BuildingFacts({ lang, card }: { lang: Lang; card: BuildingCardData }): JSX.Element {
  const { height, floors, height_source, height_error_m, ground_source, id } = card.properties;
  const known = worded(lang, HEIGHT_WORDS, height_source);
  return (
    <dl>
      <Fact term={say(lang, "height")}>
        {typeof height === "number" ? (
          <>
            <strong class={height_source === "height" ? "sure" : "unsure"}>
              {height_source === "height" ? "" : "≈ "}
              {metres(lang, height)}
            </strong>
            {known ? <span class="how">{known}</span> : null}
          </>
        ) : (
          <span class="how">{say(lang, "unknown")}</span>
        )}
      </Fact>
      <Fact term={say(lang, "height_error")}>
        {typeof height_error_m === "number" && height_error_m > 0 ? `± ${metres(lang, height_error_m)}` : null}
      </Fact>
      <Fact term={say(lang, "floors")}>
        {typeof floors === "number" && floors > 0 ? (
          `${floors} ${say(lang, "floors_unit")}`
        ) : (
          <span class="how">{say(lang, "unknown")}</span>
        )}
      </Fact>
      <Fact term={say(lang, "ground")}>{worded(lang, GROUND_WORDS, ground_source)}</Fact>
      <Fact term={say(lang, "source_id")}>{id === null ? null : <code>{String(id)}</code>}</Fact>
      <Fact term={say(lang, "identity")}>
        {card.smapId === "" ? null : <code>{card.smapId}</code>}
      </Fact>
      <Fact term={say(lang, "attribution")}>{card.tileset?.attribution}</Fact>
    </dl>
  );
}

/** What several houses that are drawn as one block are called. */
function blockName(lang: Lang, buildings: unknown): string | null {
  if (typeof buildings !== "number" || buildings < 2) return null;
  return say(lang, "block_of").replace("{n}", buildings.toLocaleString());
}

function BuildingHead({ lang, card }: { lang: Lang; card: BuildingCardData }): JSX.Element {
  const name = card.properties["name"] ?? blockName(lang, card.properties["buildings"]);
  const title = card.tileset ? wordsIn(lang, card.tileset.title) : say(lang, "building");
  return (
    <>
      <p class="kind kind-building">
        <Glyph name="block" /> {title}
      </p>
      <h2 class={typeof name === "string" ? "" : "unnamed"}>
        {typeof name === "string" ? name : say(lang, "building_unnamed")}
      </h2>
    </>
  );
}

function PlaceHead({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element {
  const { name_hanja, category } = card.feature.properties;
  const [name, other] = namesIn(lang, card.feature.properties);
  return (
    <>
      <p class={`kind kind-${card.layer}`}>
        <Glyph name={GLYPHS[category ?? ""] ?? "dot"} /> {categoryWord(lang, category)}
      </p>
      <h2 lang={name.lang}>{name.text}</h2>
      <p class="other">
        {other ? <span lang={other.lang}>{other.text}</span> : null}
        {name_hanja ? <span lang="ko-Hani">{name_hanja}</span> : null}
      </p>
    </>
  );
}

/** What a wall or an alley is measured by; of an alley also that nobody measured its slope. */
function LineFacts({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element {
  const { length_m, width_m, height_m, steps, slope_percent, state, lost_year, masonry, category } = card.feature.properties;
  const told = (value: number | undefined) => (value === undefined ? null : metres(lang, value));
  const slope = slope_percent === undefined ? null : `${slope_percent.toFixed(0)} %`;
  const unknown = category === "alley" ? <span class="how">{say(lang, "unknown")}</span> : null;
  return (
    <>
      <Fact term={say(lang, "state")}>{choiceWord(lang, state)}</Fact>
      <Fact term={say(lang, "lost_year")}>{lost_year}</Fact>
      <Fact term={say(lang, "masonry")}>{choiceWord(lang, masonry)}</Fact>
      <Fact term={say(lang, "length")}>{told(length_m)}</Fact>
      <Fact term={say(lang, "height")}>{told(height_m)}</Fact>
      <Fact term={say(lang, "width")}>{told(width_m)}</Fact>
      <Fact term={say(lang, "steps")}>{steps}</Fact>
      <Fact term={say(lang, "slope")}>{slope ?? unknown}</Fact>
    </>
  );
}

const dated = (day: string | undefined): string => (day ? `(${day})` : "");

function PlaceFacts({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element {
  const facts = card.feature.properties;
  // until the whole record has come
  if (facts.source === undefined) return <dl aria-busy="true" />;
  const told = (field: string) => {
    const said = saidIn(lang, facts, field);
    return said ? <span lang={said.lang}>{said.text}</span> : null;
  };
  const accuracy = `± ${metres(lang, facts.position_accuracy_m)}`;
  return (
    <dl>
      <Fact term={say(lang, "designation")}>{told("designation")}</Fact>
      <Fact term={say(lang, "designated")}>{facts.designated}</Fact>
      <Fact term={say(lang, "built")}>{facts.built}</Fact>
      <Fact term={say(lang, "then")}>{told("then")}</Fact>
      <Fact term={say(lang, "now")}>{told("now")}</Fact>
      <Fact term={say(lang, "hours")}>{told("hours")}</Fact>
      <Fact term={say(lang, "closed")}>{told("closed")}</Fact>
      <Fact term={say(lang, "fee")}>{told("fee")}</Fact>
      <Fact term={say(lang, "phone")}>{facts.phone}</Fact>
      <LineFacts lang={lang} card={card} />
      <Fact term={say(lang, "position")}>
        {[meansWord(lang, facts.position_means), accuracy].filter(Boolean).join(", ")}
        {facts.position_approximate ? <em class="approximate">{say(lang, "position_approximate")}</em> : null}
      </Fact>
      <Fact term={say(lang, "position_source")}>
        {facts.position_source ? [facts.position_source, dated(facts.position_date)].filter(Boolean).join(" ") : null}
      </Fact>
      <Fact term={say(lang, "source")}>
        {facts.source_url ? (
          <a href={facts.source_url} rel="noopener external" target="_blank">
            {facts.source}
          </a>
        ) : (
          facts.source
        )}{" "}
        ({facts.source_date})
      </Fact>
      <Fact term={say(lang, "licence")}>{facts.licence}</Fact>
    </dl>
  );
}

function Facts({ lang, card }: { lang: Lang; card: CardData }): JSX.Element {
  if (card.kind === "place") return <PlaceFacts lang={lang} card={card} />;
  return card.waiting ? <dl aria-busy="true" /> : <BuildingFacts lang={lang} card={card} />;
}

function PlaceText({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element {
  const said = saidIn(lang, card.feature.properties, "text", "summary");
  return (
    <p class="text" lang={said?.lang}>
      {said?.text}
    </p>
  );
}

/** The layers of which a rendering of each place is shipped. */
const RENDERED = new Set(["heritage", "tourism", "wall", "alleys"]);

interface Shown {
  src: string;
  alt: string;
  rights: string;
}

/** The record's own picture, else the rendering of its place. Our policy shows nothing that lies elsewhere. */
export function pictureOf(lang: Lang, { layer, feature }: PlaceCardData): Shown | null {
  const { media = [], ...said } = feature.properties;
  const own = media.find(({ kind, path }) => kind !== "audio" && typeof path === "string");
  if (own) {
    const rights = [own["credit"], own["licence"], own["kogl"] ? `KOGL ${String(own["kogl"])}` : ""];
    return {
      src: `/media/${String(own["path"]).split("/").map(encodeURIComponent).join("/")}`,
      alt: saidIn(lang, own, "alt")?.text ?? "",
      rights: rights.filter(Boolean).join(" · "),
    };
  }
  if (!RENDERED.has(layer)) return null;
  const alt = say(lang, "rendering_of").replace("{name}", namesIn(lang, said)[0].text);
  return { src: `/pictures/${layer}/${encodeURIComponent(feature.id)}.webp`, alt, rights: say(lang, "rendering") };
}

/** Its room is kept free until the record and then the picture have come; it is given up where there is none. */
function PlacePicture({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element | null {
  const [failed, fail] = useState("");
  const shown = pictureOf(lang, card);
  if (!shown || shown.src === failed) return null;
  const come = card.feature.properties.source !== undefined;
  return (
    <figure class="picture">
      <span>{come ? <img src={shown.src} alt={shown.alt} onError={() => fail(shown.src)} /> : null}</span>
      <figcaption>{shown.rights}</figcaption>
    </figure>
  );
}

/** Where a course leads, in order; a stop that has a record opens it. */
function Stops({ lang, stops, actions }: { lang: Lang; stops: readonly Stop[]; actions: Actions }): JSX.Element | null {
  if (stops.length === 0) return null;
  return (
    <>
      <h3>{say(lang, "stops")}</h3>
      <ol class="stops">
        {stops.map(({ number, names, place }) => {
          const [name] = namesIn(lang, names);
          return (
            <li key={number} lang={name.lang}>
              {place ? (
                <button type="button" onClick={() => actions.open(place, { fly: true })}>
                  {name.text}
                </button>
              ) : (
                name.text
              )}
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** What an alley tells; each has its mark on the map. */
function Stories({ lang, card }: { lang: Lang; card: PlaceCardData }): JSX.Element | null {
  const stories = storiesOf(card.feature);
  if (stories.length === 0) return null;
  return (
    <>
      <h3>{say(lang, "stories")}</h3>
      <ol class="stories">
        {stories.map(({ number, names, said, source }) => {
          const [[title], words] = [namesIn(lang, names), saidIn(lang, said, "said")];
          return (
            <li key={number}>
              <strong lang={title.lang}>{title.text}</strong>
              <p lang={words?.lang}>{words?.text}</p>
              <p class="how">{source}</p>
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** The open card: takes the focus when it opens, Escape closes it. */
export function Card(props: { state: ViewerState; card: CardData; actions: Actions }): JSX.Element {
  const { state, card, actions } = props;
  const { lang, map } = state;
  const box = useRef<HTMLElement>(null);
  const key = card.kind === "building" ? card.smapId : `${card.layer}/${card.feature.id}`;
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    if (box.current) box.current.scrollTop = 0;
  }, [key]);
  const label = card.kind === "building" ? say(lang, "building") : namesIn(lang, card.feature.properties)[0].text;
  const places = state.layers.flatMap((layer) => layer.places);
  return (
    <article class="card" data-furniture ref={box} tabIndex={-1} aria-label={label} data-card={key}>
      <button type="button" class="round close" aria-label={say(lang, "close")} onClick={actions.close}>
        <Glyph name="close" />
      </button>
      {card.kind === "place" ? <PlacePicture lang={lang} card={card} /> : null}
      {card.kind === "building" ? <BuildingHead lang={lang} card={card} /> : <PlaceHead lang={lang} card={card} />}
      {card.kind === "place" ? <PlaceText lang={lang} card={card} /> : null}
      {card.kind === "place" ? <Stops lang={lang} stops={stopsOf(card.feature, places)} actions={actions} /> : null}
      {card.kind === "place" ? <Stories lang={lang} card={card} /> : null}
      <Facts lang={lang} card={card} />
      <p class="doors">
        {map ? (
          <button type="button" class="door" onClick={() => actions.flyTo(card)}>
            {say(lang, "fly")} <Glyph name="arrow" />
          </button>
        ) : null}
        {card.kind === "place" ? (
          <a class="door" href={`/place/${card.layer}/${encodeURIComponent(card.feature.id)}?lang=${lang}`}>
            {say(lang, "more")}
          </a>
        ) : null}
      </p>
    </article>
  );
}
