// Which layer of the page a kind of tileset belongs to.

const LAYERS = new Map([
  ["buildings", "buildings"],
  ["models", "models"],
  ["wall", "wall"],
  ["alleys", "alleys"],
  ["paths", "tourism"],
]);

/** The layer by which a kind of tileset is shown and hidden; null for what does not stand on the ground. */
export const layerOf = (kind: string): string | null => LAYERS.get(kind) ?? null;

/** The layer of the content whose lines a kind of tileset draws; null for all other kinds. */
export function drawnLayerOf(kind: string): string | null {
  const layer = layerOf(kind);
  return layer === "buildings" || layer === "models" ? null : layer;
}
