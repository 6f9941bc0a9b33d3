// The form of one record.

import type { JSX } from "preact";

import { categoryWord, LAYER_CATEGORIES, meansWord, MEANS_WORDS, say, type Lang } from "../../text/words";
import { FIELDS, type FieldSpec } from "./fields";
import type { EditorActions, EditorState } from "./state";

interface InputProps {
  state: EditorState;
  actions: EditorActions;
  field: FieldSpec;
}

function choices(field: FieldSpec, state: EditorState): [string, string][] {
  const { lang, values, base } = state;
  if (field.kind === "means") return MEANS_WORDS.map((word) => [word, meansWord(lang, word)]);
  const known = LAYER_CATEGORIES[values["layer"] ?? ""] ?? [];
  const own = base ? [String(base.properties.category)] : [];
  return [...new Set([...own, ...known])].map((word) => [word, categoryWord(lang, word)]);
}

function Control({ state, actions, field }: InputProps): JSX.Element {
  const { name, kind, required } = field;
  const common = {
    id: `field-${name}`,
    name,
    value: state.values[name] ?? "",
    "aria-required": required,
    "aria-invalid": name in state.faults,
    "aria-describedby": name in state.faults ? `fault-${name}` : undefined,
    onInput: (event: { currentTarget: { value: string } }) => actions.change(name, event.currentTarget.value),
  };
  if (kind === "text") return <textarea rows={5} {...common} />;
  if (kind === "category" || kind === "means") {
    return (
      <select {...common}>
        <option value="">{say(state.lang, "choose")}</option>
        {choices(field, state).map(([word, text]) => (
          <option key={word} value={word}>
            {text}
          </option>
        ))}
      </select>
    );
  }
  if (kind === "number") return <input type="number" min="0" step="any" {...common} />;
  if (kind === "date") return <input type="date" {...common} />;
  if (kind === "url") return <input type="url" {...common} />;
  return <input type="text" {...common} />;
}

function Fault({ name, state }: { name: string; state: EditorState }): JSX.Element | null {
  const text = state.faults[name];
  return text ? (
    <p class="fault" id={`fault-${name}`}>
      {text}
    </p>
  ) : null;
}

function Row(props: InputProps): JSX.Element {
  const { state, field } = props;
  return (
    <div class={`row row-${field.kind}`}>
      <label for={`field-${field.name}`}>
        {say(state.lang, field.label)}
        {field.required ? <span aria-hidden="true"> *</span> : null}
      </label>
      <Control {...props} />
      <Fault name={field.name} state={state} />
    </div>
  );
}

function PointRow({ state, actions }: { state: EditorState; actions: EditorActions }): JSX.Element | null {
  const { lang, values, base } = state;
  if (base && base.geometry.type !== "Point") return null;
  const part = (name: "lon" | "lat") => (
    <label>
      {say(lang, name)}
      <input
        name={name}
        inputMode="decimal"
        value={values[name] ?? ""}
        onInput={(event) => actions.change(name, event.currentTarget.value)}
      />
    </label>
  );
  return (
    <fieldset class="row point" id="field-geometry">
      <legend>{say(lang, "point_hint")}</legend>
      <div class="pair">
        {part("lon")}
        {part("lat")}
      </div>
      <Fault name="geometry" state={state} />
    </fieldset>
  );
}

function LayerRow({ lang, state, actions }: { lang: Lang; state: EditorState; actions: EditorActions }): JSX.Element {
  return (
    <div class="row">
      <label for="field-layer">{say(lang, "layer")}</label>
      <select
        id="field-layer"
        name="layer"
        value={state.values["layer"] ?? ""}
        disabled={state.base !== null}
        onInput={(event) => {
          const layer = event.currentTarget.value;
          actions.change("layer", layer);
          actions.change("category", "");
        }}
      >
        {Object.keys(LAYER_CATEGORIES).map((layer) => (
          <option key={layer} value={layer}>
            {say(lang, `layer_${layer}` as "layer_heritage")}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Form({ state, actions }: { state: EditorState; actions: EditorActions }): JSX.Element {
  const { lang, busy, base, dirty } = state;
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void actions.save();
      }}
    >
      <h2>{base ? String(base.properties[`name_${lang}`]) : say(lang, "new_place")}</h2>
      {base ? (
        <p class="state">
          <code>{base.id}</code> · {say(lang, base.status === "published" ? "is_published" : "is_draft")}
        </p>
      ) : null}
      <LayerRow lang={lang} state={state} actions={actions} />
      <PointRow state={state} actions={actions} />
      {FIELDS.map((field) => (
        <Row key={field.name} field={field} state={state} actions={actions} />
      ))}
      <Fault name="" state={state} />
      <div class="form-foot">
        <button type="submit" class="door" disabled={busy} name="save">
          {say(lang, "save")}
        </button>
        <button type="button" class="door door-main" disabled={busy} name="publish" onClick={() => void actions.publish()}>
          {say(lang, "publish")}
        </button>
        {dirty ? (
          <button type="button" class="door" disabled={busy} name="discard" onClick={actions.discard}>
            {say(lang, "discard")}
          </button>
        ) : null}
      </div>
      {dirty ? <p class="quiet-line">{say(lang, "unsaved")}</p> : null}
    </form>
  );
}
