// What the editor shows, and what its parts may ask for.

import type { LayerSchema } from "../../api/content";
import type { CatalogLayer, PlaceFeature, Session } from "../../api/schema";
import type { Value, Values } from "../../state/words_kept";
import type { EditLang as Lang, Key } from "../../text/words";

export interface Conflict {
  theirs: PlaceFeature;
  etag: string;
}

export interface EditorState {
  lang: Lang;
  session: Session | null;
  busy: boolean;
  layers: readonly CatalogLayer[];
  /** The fields of each layer. */
  schemas: Readonly<Record<string, LayerSchema>>;
  values: Values;
  /** The record as it was read; null for a new one. */
  base: PlaceFeature | null;
  etag: string | null;
  dirty: boolean;
  /** What is wrong, by field; "" for the record as a whole. */
  faults: Readonly<Record<string, string>>;
  message: Key | null;
  /** The server's own words where ours do not fit. */
  detail: string;
  conflict: Conflict | null;
  /** My texts, set aside when the server's were taken. */
  aside: Values | null;
}

export interface EditorActions {
  language(lang: Lang): void;
  signIn(name: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  change(name: string, value: Value): void;
  fresh(layer: string): void;
  open(layer: string, id: string): Promise<void>;
  save(): Promise<void>;
  publish(): Promise<void>;
  keepMine(): Promise<void>;
  takeTheirs(): void;
  forgetAside(): void;
  discard(): void;
}
