// Words that are typed but not yet saved, kept in the browser until they are. Storage may be forbidden or full: then
// the words live in the page alone, which is told by the answer.

export type Values = Record<string, string>;

const KEY = "smap-words:";

export interface Keeper {
  read(record: string): Values | null;
  /** False when the browser does not keep it. */
  keep(record: string, values: Values): boolean;
  forget(record: string): void;
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");

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
