// Words that are typed but not yet saved, kept in the browser until they are. Storage may be forbidden or full: then
// the words live in the page alone, which is told by the answer.

/** A text, or the entries of a list. */
export type Value = string | readonly Values[];
export interface Values {
  [name: string]: Value;
}

const KEY = "smap-words:";

export interface Keeper {
  read(record: string): Values | null;
  /** False when the browser does not keep it. */
  keep(record: string, values: Values): boolean;
  forget(record: string): void;
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isValue);

const isValue = (value: unknown): value is Value =>
  typeof value === "string" || (Array.isArray(value) && value.every(isValues));

export function createKeeper(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">): Keeper {
  return {
    read(record) {
      try {
        const value: unknown = JSON.parse(storage.getItem(KEY + record) ?? "null");
        return isValues(value) ? value : null;
      } catch {
        return null;
      }
    },
    keep(record, values) {
      try {
        storage.setItem(KEY + record, JSON.stringify(values));
        return true;
      } catch {
        return false;
      }
    },
    forget(record) {
      try {
        storage.removeItem(KEY + record);
      } catch {
        // A browser that keeps nothing has nothing to forget.
      }
    },
  };
}
