// The controls of a form: one field, and a list whose entries are forms of their own.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Value, Values } from "../../state/words_kept";
import { choiceWord, fieldWord } from "../../text/fields";
import { categoryWord, meansWord, say, wordsIn, type EditLang as Lang } from "../../text/words";
import { blankEntry, entriesOf, textOf, type FieldSpec } from "./fields";

export interface FieldProps {
  lang: Lang;
  field: FieldSpec;
  value: Value | undefined;
  /** What is wrong, "" for nothing. */
  fault: string;
  today: string;
  change: (value: Value) => void;
  /** The names of the list and its entry that the field stands in, as in "facts.0.". */
  within?: string;
}

const UNITS: Record<string, string> = { m2: "m²", deg: "°" };

export function labelOf(lang: Lang, { name, label, unit }: FieldSpec, within = ""): string {
  const words = Object.keys(label).length > 0 ? wordsIn(lang, label) : fieldWord(lang, name, within);
  return unit ? `${words} (${UNITS[unit] ?? unit})` : words;
}

export function wordOf(lang: Lang, field: string, choice: string): string {
  if (field === "category") return categoryWord(lang, choice);
  return field === "position_means" ? meansWord(lang, choice) : choiceWord(lang, field, choice);
}

const idOf = (path: string): string => `field-${path.replaceAll(".", "-")}`;

export function Fault({ name, text }: { name: string; text: string }): JSX.Element | null {
  return text ? (
    <p class="fault" id={`fault-${name.replaceAll(".", "-")}`}>
      {text}
    </p>
  ) : null;
}

function optionsOf(lang: Lang, { name, kind, choices }: FieldSpec): [string, string][] {
  if (kind === "truth") return [["true", say(lang, "yes")], ["false", say(lang, "no")]];
  return choices.map((choice) => [choice, wordOf(lang, name, choice)]);
}

const INPUTS: Partial<Record<FieldSpec["kind"], JSX.IntrinsicElements["input"]>> = {
  number: { type: "number", step: "any" },
  count: { type: "number", step: 1, min: 0 },
  date: { type: "date" },
  url: { type: "url" },
};

function Control({ lang, field, value, fault, change, within = "" }: FieldProps): JSX.Element {
  const path = within + field.name;
  const common = {
    id: idOf(path),
    name: path,
    value: textOf(value),
    "aria-required": field.required,
    "aria-invalid": fault !== "",
    "aria-describedby": fault ? `fault-${path.replaceAll(".", "-")}` : undefined,
    onInput: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value),
  };
  if (field.kind === "text" || field.kind === "outline") return <textarea rows={within ? 3 : 5} {...common} />;
  if (field.kind !== "choice" && field.kind !== "truth") return <input type="text" {...INPUTS[field.kind]} {...common} />;
  return (
    <select {...common}>
      <option value="">{say(lang, "choose")}</option>
      {optionsOf(lang, field).map(([word, text]) => (
        <option key={word} value={word}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Several of some choices, each with a box of its own. */
function Choices({ lang, field, value, change, within = "" }: FieldProps): JSX.Element {
  const chosen = textOf(value).split("\n");
  const turn = (choice: string, on: boolean) =>
    change(field.choices.filter((other) => (other === choice ? on : chosen.includes(other))).join("\n"));
  return (
    <fieldset class="row choices">
      <legend>{labelOf(lang, field, within)}</legend>
      {field.choices.map((choice) => (
        <label key={choice}>
          <input
            type="checkbox"
            name={`${within}${field.name}.${choice}`}
            checked={chosen.includes(choice)}
            onInput={(event) => turn(choice, event.currentTarget.checked)}
          />
          {wordOf(lang, field.name, choice)}
        </label>
      ))}
    </fieldset>
  );
}

export function Field(props: FieldProps): JSX.Element {
  const { lang, field, fault, within = "" } = props;
  if (field.kind === "items") return <List {...props} />;
  if (field.kind === "choices") return <Choices {...props} />;
  return (
    <div class={`row row-${field.kind}`}>
      <label for={idOf(within + field.name)}>
        {labelOf(lang, field, within)}
        {field.required ? <span aria-hidden="true"> *</span> : null}
      </label>
      <Control {...props} />
      <Fault name={within + field.name} text={fault} />
    </div>
  );
}

/** A part of the form that can be folded away; it opens by itself where something in it is wrong. */
export function Fold(props: { name: string; title: string; open: boolean; children: JSX.Element | JSX.Element[] }): JSX.Element {
  const { name, title, open, children } = props;
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    // Only ever opened from here: whoever mends the fault does not want it folded under the hands.
    if (open && box.current) box.current.open = true;
  }, [open]);
  return (
    <details class="fold" ref={box} data-fold={name}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

type Step = "move_up" | "move_down" | "remove";

/** The entries after a step with one of them, and which one has the focus next: -1 where none is left. */
export function stepped(entries: readonly Values[], at: number, step: Step): [Values[], number] {
  const others = entries.filter((_, index) => index !== at);
  const entry = entries[at];
  if (step === "remove" || !entry) return [others, Math.min(at, others.length - 1)];
  const to = Math.min(Math.max(at + (step === "move_up" ? -1 : 1), 0), others.length);
  return [[...others.slice(0, to), entry, ...others.slice(to)], to];
}

/** A list: each entry a group of fields that can be moved and taken out, by mouse and by keyboard. */
function List({ lang, field, value, fault, today, change }: FieldProps): JSX.Element {
  const entries = entriesOf(value);
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current) box.current?.querySelector<HTMLElement>(wanted.current)?.focus();
    wanted.current = null;
  });
  const title = labelOf(lang, field);
  const add = () => {
    wanted.current = `[data-entry="${entries.length}"] :is(input, select, textarea)`;
    change([...entries, blankEntry(field.fields, today)]);
  };
  const take = (at: number, step: Step) => {
    const [next, focus] = stepped(entries, at, step);
    wanted.current = focus < 0 ? `[name="add-${field.name}"]` : `[data-entry="${focus}"] [name="${step}"]`;
    change(next);
  };
  return (
    <Fold name={field.name} title={`${title} (${entries.length})`} open={fault !== ""}>
      <div ref={box}>
        {entries.map((entry, at) => (
          <fieldset class="entry" key={at} data-entry={at}>
            <legend>{`${title} ${at + 1}`}</legend>
            {field.fields.map((inner) => (
              <Field
                key={inner.name}
                lang={lang}
                field={inner}
                value={entry[inner.name]}
                fault=""
                today={today}
                within={`${field.name}.${at}.`}
                change={(text) => change(entries.map((other, index) => (index === at ? { ...other, [inner.name]: text } : other)))}
              />
            ))}
            <p class="entry-foot">
              {(["move_up", "move_down", "remove"] as const).map((step) => (
                <button
                  type="button"
                  class="door"
                  key={step}
                  name={step}
                  aria-label={`${title} ${at + 1}: ${say(lang, step)}`}
                  onClick={() => take(at, step)}
                >
                  {say(lang, step)}
                </button>
              ))}
            </p>
          </fieldset>
        ))}
        <Fault name={field.name} text={fault} />
        <button type="button" class="door" name={`add-${field.name}`} onClick={add}>
          {`${title}: ${say(lang, "add")}`}
        </button>
      </div>
    </Fold>
  );
}
