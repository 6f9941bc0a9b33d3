// The properties of the features of one tile, read from its property table (EXT_structural_metadata).

import type { Mesh, Object3D } from "three";

// What 3d-tiles-renderer hangs on a loaded mesh; its type declarations do not name it.
interface TableAccessor {
  count: number;
  properties: Record<string, { type?: string; default?: unknown }>;
  getData(id: number, target?: Record<string, unknown>): Record<string, unknown>;
  getPropertyValue(name: string, id: number, target?: unknown): unknown;
}

export type Properties = Record<string, string | number | boolean | null>;

export class FeatureTable {
  constructor(readonly accessor: TableAccessor) {
    // The library answers 0 where a number is not known (noData) and the schema names no default.
    for (const property of Object.values(accessor.properties)) {
      if (property.type === "SCALAR") property.default ??= NaN;
    }
  }

  get count(): number {
    return this.accessor.count;
  }

  has(id: number): boolean {
    return id >= 0 && id < this.accessor.count;
  }

  value(id: number, name: string): unknown {
    if (!this.has(id) || !(name in this.accessor.properties)) return null;
    return this.accessor.getPropertyValue(name, id) ?? null;
  }

  number(id: number, name: string): number | null {
    const value = this.value(id, name);
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  }

  text(id: number, name: string): string | null {
    const value = this.value(id, name);
    return typeof value === "string" && value !== "" ? value : null;
  }

  row(id: number): Properties {
    const row: Properties = {};
    if (!this.has(id)) return row;
    for (const [name, value] of Object.entries(this.accessor.getData(id))) row[name] = plain(value);
    return row;
  }

  /** The feature with this text in a column; null when there is none. */
  find(name: string, wanted: string): number | null {
    for (let id = 0; id < this.count; id += 1) if (this.text(id, name) === wanted) return id;
    return null;
  }
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "boolean" ? value : null;
}

/** The first property table of a mesh, if it has one. */
export function tableOf(mesh: Object3D): FeatureTable | null {
  const metadata = (mesh as Mesh).userData["structuralMetadata"] as { tableAccessors?: TableAccessor[] } | undefined;
  const accessor = metadata?.tableAccessors?.[0];
  return accessor ? new FeatureTable(accessor) : null;
}
