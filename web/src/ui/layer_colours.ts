// The colours of layers that an operator declared; those of our own stand in the page's style.

import type { CatalogLayer } from "../api/schema";

/** What the catalog checked is checked again before it becomes a rule. */
const [SLUG, COLOUR] = [/^[a-z0-9-]+$/u, /^#[0-9a-f]{6}$/iu];

/** The rules that give each layer its colour. */
export const coloursOf = (layers: readonly CatalogLayer[]): string[] =>
  layers.flatMap(({ id, style }) =>
    style?.colour && COLOUR.test(style.colour) && SLUG.test(id) ? [`.kind-${id} { --kind: ${style.colour}; }`] : [],
  );

export function paintLayers(page: Document, layers: readonly CatalogLayer[]): void {
  const sheet = new CSSStyleSheet();
  for (const rule of coloursOf(layers)) sheet.insertRule(rule);
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
}
