// Signing in, saving, publishing; no typed word is lost on the way.

import { RequestError } from "../../api/client";
import { createItem, publishItem, readItem, readSession, replaceItem, signIn, signOut } from "../../api/editing";
import type { Answer } from "../../api/client";
import { readSchema } from "../../api/content";
import type { CatalogLayer, PlaceFeature } from "../../api/schema";
import type { Store } from "../../state/store";
import type { Keeper, Value, Values } from "../../state/words_kept";
import { say } from "../../text/words";
import { blank, draftOf, fieldsOf, missing, textOf, valuesOf, type FieldSpec } from "./fields";
import type { EditorActions, EditorState } from "./state";

const today = () => new Date().toISOString().slice(0, 10);

/** The name under which a record's unsaved words are kept. */
export const keptName = (layer: string, id: string | null) => `${layer}/${id ?? ""}`;

export class Editor implements EditorActions {
  /** The record that was asked for before anybody had signed in. */
  #asked: (() => Promise<void>) | null = null;

  constructor(
    readonly store: Store<EditorState>,
    readonly keeper: Keeper,
    /** Called when a record was saved or published, so that the map can show it. */
    readonly onSaved: (layer: string, feature: PlaceFeature) => void,
  ) {}

  get #state(): EditorState {
    return this.store.get();
  }

  get #layer(): string {
    return textOf(this.#state.values["layer"]) || "heritage";
  }

  #fields(layer = this.#layer): FieldSpec[] {
    return fieldsOf(this.#state.schemas[layer]);
  }

  #values(layer: string, feature: PlaceFeature): Values {
    return valuesOf(layer, feature, this.#fields(layer));
  }

  get #kept(): string {
    return keptName(this.#layer, this.#state.base?.id ?? null);
  }

  /** Ask who is signed in and what the layers' fields are. */
  async begin(layers: readonly CatalogLayer[]): Promise<void> {
    await this.#work(async () => {
      const schemas = layers.map(async ({ id }) => [id, await readSchema(id)] as const);
      this.store.change({ layers, schemas: Object.fromEntries(await Promise.all(schemas)) });
      this.store.change({ session: await readSession() });
    });
  }

  language = (lang: EditorState["lang"]): void => this.store.change({ lang });

  signIn = (name: string, password: string): Promise<void> =>
    this.#work(async () => {
      try {
        this.store.change({ session: await signIn(name, password), message: null, detail: "" });
        await this.#asked?.();
      } catch (error) {
        if (!(error instanceof RequestError) || error.status !== 401) throw error;
        this.store.change({ message: "sign_in_failed", detail: "" });
      }
    });

  signOut = (): Promise<void> =>
    this.#work(async () => {
      const csrf = this.#state.session?.csrf;
      if (csrf) await signOut(csrf);
      this.store.change({ session: await readSession() });
    });

  change = (name: string, value: Value): void => {
    const values = { ...this.#state.values, [name]: value };
    const faults = Object.fromEntries(Object.entries(this.#state.faults).filter(([field]) => field !== name));
    this.store.change({ values, faults, dirty: true, message: null });
    this.keeper.keep(this.#kept, values);
  };

  fresh = (layer: string): void => {
    const start = blank(layer, today(), say(this.#state.lang, "drawn_point"));
    const kept = this.keeper.read(keptName(layer, null));
    this.#show({ base: null, etag: null, values: kept ?? start, dirty: kept !== null });
    if (kept) this.store.change({ message: "restored" });
  };

  open = (layer: string, id: string): Promise<void> =>
    this.#work(async () => {
      this.#asked = this.#state.session?.name ? null : () => this.open(layer, id);
      if (this.#asked) return;
      const { body, etag } = await readItem(layer, id);
      const kept = this.keeper.read(keptName(layer, id));
      this.#show({ base: body, etag, values: kept ?? this.#values(layer, body), dirty: kept !== null });
      if (kept) this.store.change({ message: "restored" });
    });

  save = (): Promise<void> => this.#work(() => this.#save());

  async #save(): Promise<boolean> {
    const { values, base, etag, session } = this.#state;
    const empty = missing(values, base, this.#fields());
    if (empty.length > 0) {
      const word = say(this.#state.lang, "required");
      this.store.change({ faults: Object.fromEntries(empty.map((name) => [name, word])), message: "faults" });
      return false;
    }
    const draft = draftOf(values, base, this.#fields());
    const kept = this.#kept;
    const csrf = session?.csrf ?? "";
    const saved =
      base && etag
        ? await replaceItem(this.#layer, { ...draft, id: base.id }, etag, csrf)
        : await createItem(this.#layer, draft, csrf);
    this.keeper.forget(kept);
    this.#saved(saved, "saved");
    return true;
  }

  publish = (): Promise<void> =>
    this.#work(async () => {
      if (this.#state.dirty && !(await this.#save())) return;
      const { base, etag, session } = this.#state;
      if (base && etag) this.#saved(await publishItem(this.#layer, base.id, etag, session?.csrf ?? ""), "published");
    });

  #saved({ body, etag }: Answer<PlaceFeature>, message: "saved" | "published"): void {
    const layer = this.#layer;
    this.#show({ base: body, etag, values: this.#values(layer, body), dirty: false });
    this.store.change({ message });
    this.onSaved(layer, body);
  }

  #show(part: Pick<EditorState, "base" | "etag" | "values" | "dirty">): void {
    this.store.change({ ...part, faults: {}, message: null, detail: "", conflict: null });
  }

  keepMine = (): Promise<void> =>
    this.#work(async () => {
      const { conflict } = this.#state;
      if (!conflict) return;
      this.store.change({ base: conflict.theirs, etag: conflict.etag, conflict: null });
      await this.#save();
    });

  takeTheirs = (): void => {
    const { conflict, values } = this.#state;
    if (!conflict) return;
    this.keeper.keep(`${this.#kept}:aside`, values);
    this.keeper.forget(this.#kept);
    const theirs = this.#values(this.#layer, conflict.theirs);
    this.#show({ base: conflict.theirs, etag: conflict.etag, values: theirs, dirty: false });
    this.store.change({ aside: values });
  };

  forgetAside = (): void => {
    this.keeper.forget(`${this.#kept}:aside`);
    this.store.change({ aside: null });
  };

  discard = (): void => {
    this.keeper.forget(this.#kept);
    const { base } = this.#state;
    if (base) this.#show({ base, etag: this.#state.etag, values: this.#values(this.#layer, base), dirty: false });
    else this.fresh(this.#layer);
  };

  async #work(work: () => Promise<unknown>): Promise<void> {
    this.store.change({ busy: true });
    try {
      await work();
    } catch (error) {
      this.#explain(error);
    } finally {
      this.store.change({ busy: false });
    }
  }

  #explain(error: unknown): void {
    if (!(error instanceof RequestError)) {
      this.store.change({ message: "gone", detail: "" });
    } else if (error.status === 412 && error.current && error.etag) {
      this.store.change({ conflict: { theirs: error.current, etag: error.etag }, message: "conflict", detail: "" });
    } else if (error.status === 422) {
      this.store.change({ faults: error.faults, message: "faults", detail: error.faults[""] ?? "" });
    } else if (error.status === 401 && this.#state.session?.name) {
      // The session has run out. The words stay where they are; after signing in they can be saved.
      this.store.change({ session: { ...this.#state.session, name: null, csrf: null }, message: "session_over" });
    } else {
      this.store.change({ message: "refused", detail: error.message });
    }
  }
}
