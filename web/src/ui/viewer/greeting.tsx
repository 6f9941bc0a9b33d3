// The first picture's words: one sentence and three doors.

import type { JSX } from "preact";

import { say, type Lang } from "../../text/words";
import { Glyph } from "../glyphs";
import type { Door } from "./doors";
import type { Actions, ViewerState } from "./state";

function DoorButton({ lang, door, actions }: { lang: Lang; door: Door; actions: Actions }): JSX.Element {
  const name = door.place?.feature.properties[`name_${lang}`];
  return (
    <li>
      <button type="button" class={`gate kind-${door.layer}`} data-door={door.layer} onClick={() => actions.enter(door)}>
        <Glyph name={door.glyph} size={20} />
        <span class="names">
          <span class="name">{say(lang, door.word)}</span>
          {name ? <span class="sub">{name}</span> : null}
        </span>
      </button>
    </li>
  );
}

export function Greeting({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element | null {
  const { lang, doors, greeting } = state;
  if (!greeting || doors.length === 0) return null;
  return (
    <section class="greeting" data-furniture aria-labelledby="greeting">
      <p id="greeting">{say(lang, "greeting")}</p>
      <ul>
        {doors.map((door) => (
          <DoorButton key={door.layer} lang={lang} door={door} actions={actions} />
        ))}
      </ul>
      <button type="button" class="round" aria-label={say(lang, "greeting_close")} onClick={() => actions.greet(false)}>
        <Glyph name="close" />
      </button>
    </section>
  );
}
