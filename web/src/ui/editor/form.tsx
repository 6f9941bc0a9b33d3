// The form of one record.

import type { JSX } from "preact";

import { say, wordsIn, type Key, type EditLang as Lang } from "../../text/words";
import { Fault, Field, Fold } from "./controls";
import { categoriesFor, fieldsOf, textOf, type FieldSpec } from "./fields";
import type { EditorActions, EditorState } from "./state";

interface FormProps {
  state: EditorState;
  actions: EditorActions;
}

/** The fields that most records have none of, by what they tell; a layer's own come last. */
const SECTIONS: readonly [Key, ReadonlySet<string>][] = [
  [
    "section_languages",
    new Set(["name_hanja", "name_ja", "name_zh", "name_romanised", "text_ja", "text_zh", "summary_ja", "summary_zh"]),
  ],
  [
    "section_record",
    new Set([
      "licence", "valid_from", "valid_to", "designation_ko", "designation_en", "designated", "built", "khs_id",
      "building", "building_area_m2", "length_m",
    ]),
  ],
];

const isMain = ({ name, required }: FieldSpec): boolean => required || name === "source_url";

/** The parts of the form: what every record says, then the rest in sections, each list by itself. */
export function partsOf(fields: readonly FieldSpec[]): { main: FieldSpec[]; sections: [Key, FieldSpec[]][]; lists: FieldSpec[] } {
  const lists = fields.filter(({ kind }) => kind === "items");
  const rest = fields.filter((field) => !isMain(field) && field.kind !== "items");
  const sections = SECTIONS.map(([key, names]): [Key, FieldSpec[]] => [key, rest.filter(({ name }) => names.has(name))]);
  const own = rest.filter(({ name }) => !SECTIONS.some(([, names]) => names.has(name)));
  const all: [Key, FieldSpec[]][] = [...sections, ["section_layer", own]];
  return { main: fields.filter(isMain), sections: all.filter(([, part]) => part.length > 0), lists };
}

/** The fields of the layer; a record's category fits its geometry, and a point is no line. */
function formFields({ values, base, schemas }: EditorState): FieldSpec[] {
  const schema = schemas[textOf(values["layer"])];
  const kind = base?.geometry.type ?? "Point";
  const allowed = (field: FieldSpec): readonly string[] => {
    if (field.name === "category") return categoriesFor(schema, kind);
    if (field.name === "position_means" && kind === "Point") return field.choices.filter((word) => word !== "line");
    return field.choices;
  };
  return fieldsOf(schema).map((field) => ({ ...field, choices: allowed(field) }));
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
        value={textOf(values[name])}
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
      <Fault name="geometry" text={state.faults["geometry"] ?? ""} />
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
        value={textOf(state.values["layer"])}
        disabled={state.base !== null}
        onInput={(event) => {
          const layer = event.currentTarget.value;
          actions.change("layer", layer);
          actions.change("category", "");
        }}
      >
        {state.layers.map(({ id, title }) => (
          <option key={id} value={id}>
            {wordsIn(lang, title)}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Form({ state, actions, today }: FormProps & { today: string }): JSX.Element {
  const { lang, busy, base, dirty } = state;
  const { main, sections, lists } = partsOf(formFields(state));
  const shown = (field: FieldSpec) => (
    <Field
      key={field.name}
      lang={lang}
      field={field}
      value={state.values[field.name]}
      fault={state.faults[field.name] ?? ""}
      today={today}
      change={(value) => actions.change(field.name, value)}
    />
  );
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
      {main.map(shown)}
      {sections.map(([key, fields]) => (
        <Fold key={key} name={key} title={say(lang, key)} open={fields.some(({ name }) => name in state.faults)}>
          {fields.map(shown)}
        </Fold>
      ))}
      {lists.map(shown)}
      <Fault name="" text={state.faults[""] ?? ""} />
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
