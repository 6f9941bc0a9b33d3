// The page of the editor: sign in, the form beside the map, and both texts when two have written.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Store } from "../../state/store";
import { EDITED, say, SHORT, type EditLang as Lang } from "../../text/words";
import { labelOf } from "./controls";
import { differing, fieldsOf, plainOf, textOf, valuesOf, type FieldSpec } from "./fields";
import { Form } from "./form";
import type { EditorActions, EditorState } from "./state";

interface Props {
  state: EditorState;
  actions: EditorActions;
}

function SignIn({ state, actions }: Props): JSX.Element {
  const { lang, session, busy } = state;
  if (session && !session.secure) return <p class="quiet">{say(lang, "secure_only")}</p>;
  return (
    <form
      class="form sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        void actions.signIn(String(data.get("name")), String(data.get("password")));
      }}
    >
      <h2>{say(lang, "sign_in")}</h2>
      <div class="row">
        <label for="sign-name">{say(lang, "name")}</label>
        <input id="sign-name" name="name" autoComplete="username" required />
      </div>
      <div class="row">
        <label for="sign-password">{say(lang, "password")}</label>
        <input id="sign-password" name="password" type="password" autoComplete="current-password" required />
      </div>
      <button type="submit" class="door door-main" disabled={busy} name="sign-in">
        {say(lang, "sign_in")}
      </button>
    </form>
  );
}

const fieldsIn = ({ schemas, values }: EditorState): FieldSpec[] => fieldsOf(schemas[textOf(values["layer"])]);

function nameOf(lang: Lang, name: string, fields: readonly FieldSpec[]): string {
  if (name === "lon" || name === "lat") return say(lang, name);
  const field = fields.find((other) => other.name === name);
  return field ? labelOf(lang, field) : name;
}

function ConflictBox({ state, actions }: Props): JSX.Element | null {
  const { lang, conflict, values } = state;
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView();
    box.current?.focus();
  }, [conflict]);
  if (!conflict) return null;
  const fields = fieldsIn(state);
  const theirs = valuesOf(textOf(values["layer"]), conflict.theirs, fields);
  return (
    <section class="conflict" ref={box} tabIndex={-1} aria-label={say(lang, "conflict")}>
      <table>
        <thead>
          <tr>
            <th />
            <th>{say(lang, "mine")}</th>
            <th>{say(lang, "theirs")}</th>
          </tr>
        </thead>
        <tbody>
          {differing(values, theirs, fields).map((name) => (
            <tr key={name}>
              <th scope="row">{nameOf(lang, name, fields)}</th>
              <td class="mine">{plainOf(values[name])}</td>
              <td class="theirs">{plainOf(theirs[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="form-foot">
        <button type="button" class="door door-main" name="keep-mine" onClick={() => void actions.keepMine()}>
          {say(lang, "keep_mine")}
        </button>
        <button type="button" class="door" name="take-theirs" onClick={actions.takeTheirs}>
          {say(lang, "take_theirs")}
        </button>
      </div>
    </section>
  );
}

function Aside({ state, actions }: Props): JSX.Element | null {
  const { lang, aside } = state;
  if (!aside) return null;
  return (
    <details class="conflict aside" open>
      <summary>{say(lang, "mine")}</summary>
      <dl>
        {fieldsIn(state).filter(({ name }) => aside[name]).map((field) => (
          <div key={field.name}>
            <dt>{labelOf(lang, field)}</dt>
            <dd>{plainOf(aside[field.name])}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="door" onClick={actions.forgetAside}>
        {say(lang, "discard")}
      </button>
    </details>
  );
}

function Message({ state }: { state: EditorState }): JSX.Element {
  const { lang, message, detail } = state;
  return (
    <p class={`message ${message ? `message-${message}` : ""}`} role="status" aria-live="polite">
      {message ? say(lang, message) : ""} {detail}
    </p>
  );
}

function Head({ state, actions }: Props): JSX.Element {
  const { lang, session } = state;
  return (
    <header class="edit-head">
      <h1>
        <a href="/">
          <b>S‑Map</b> <span>{say(lang, "edit_word")}</span>
        </a>
      </h1>
      <div class="languages" role="group" aria-label="Language">
        {EDITED.map((other) => (
          <button
            type="button"
            key={other}
            lang={other}
            aria-pressed={other === lang}
            aria-label={say(other, "language")}
            onClick={() => actions.language(other)}
          >
            {SHORT[other]}
          </button>
        ))}
      </div>
      {session?.name ? (
        <p class="who">
          <span>{session.name}</span>
          <button type="button" class="door" name="sign-out" onClick={() => void actions.signOut()}>
            {say(lang, "sign_out")}
          </button>
          <button type="button" class="door" name="new" onClick={() => actions.fresh(textOf(state.values["layer"]) || "heritage")}>
            {say(lang, "new_place")}
          </button>
        </p>
      ) : null}
    </header>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

export function EditorApp({ store, actions }: { store: Store<EditorState>; actions: EditorActions }): JSX.Element {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    setState(store.get());
    return store.watch(setState);
  }, [store]);
  useEffect(() => {
    document.documentElement.lang = state.lang;
    document.title = say(state.lang, "edit_title");
  }, [state.lang]);
  return (
    <main class="editor">
      <Head state={state} actions={actions} />
      <Message state={state} />
      <ConflictBox state={state} actions={actions} />
      <Aside state={state} actions={actions} />
      {state.session === null ? null : state.session.name === null ? (
        <SignIn state={state} actions={actions} />
      ) : state.values["layer"] ? (
        <Form state={state} actions={actions} today={today()} />
      ) : null}
    </main>
  );
}
