// One value that others may watch.

export interface Store<Value> {
  get(): Value;
  set(next: Value): void;
  change(part: Partial<Value>): void;
  watch(onChange: (value: Value) => void): () => void;
}

export function createStore<Value extends object>(start: Value): Store<Value> {
  let value = start;
  const watchers = new Set<(value: Value) => void>();
  const set = (next: Value) => {
    if (next === value) return;
    value = next;
    for (const watcher of [...watchers]) watcher(value);
  };
  return {
    get: () => value,
    set,
    change: (part) => set({ ...value, ...part }),
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
}
