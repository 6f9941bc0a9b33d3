// The names on the map: a sign and a word on a thin stem over their place. Made of buttons that are moved, not redrawn.

import type { Box, Projected } from "../engine/anchors";
import { type LabelBox, placeLabels, type Rect } from "../engine/labels";
import type { LabelSpec } from "../layers/layer";
import { type Lang, namesIn } from "../text/words";
import { glyphPath } from "./glyphs";

const SVG = "http://www.w3.org/2000/svg";
/** How far the word stands above its place, pixels. */
const STEM_PX = 26;

interface Shown {
  spec: LabelSpec;
  element: HTMLButtonElement;
  width: number;
  height: number;
  on: boolean;
}

/** Between a name and the parts of the page over the map, pixels. */
const MARGIN_PX = 6;
/** From above this height the names reach farther, so that a far view has the greatest of them, metres. */
const NEAR_HEIGHT_M = 1600;
/** So many names at most when the whole city is seen from high above. */
const FAR_MOST = 14;
/** So much stays free beside a name and over it, pixels. */
const [AIR_X_PX, AIR_Y_PX] = [10, 6];
/** So many names at least, and one more for each such part of the screen, pixels. */
const [LEAST, PART_PX] = [5, 460_000];
/** What takes less than this of the picture is no subject that other names keep off, pixels. */
const SUBJECT_PX = 26;
/** What takes less of the screen's height than the first share is no subject, with the second it is as large as any. */
const [SMALL, GRAND] = [0.03, 0.15];
/** So much more a large subject in the middle of the picture weighs. */
const GRAND_WEIGHT = 90;

/** From how far a label may be seen, metres: a summit or a palace across the whole city, an alley from its quarter;
 * from farther the higher the eye is. */
export const reach = (weight: number, height = 0): number =>
  620 * 1.04 ** weight * Math.max(1, height / NEAR_HEIGHT_M);

/** Letters that a sign has room for. */
const ROOM = 30;

/** A name as a sign bears it: what stands in brackets at the end of a long one is left to its card. */
export const signName = (name: string): string => (name.length > ROOM ? name.replace(/\s*\([^()]*\)$/u, "") : name);

function pathOf(glyph: string): SVGElement {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", glyphPath(glyph));
  return path;
}

function letterOf(letter: string): SVGElement {
  const text = document.createElementNS(SVG, "text");
  for (const [name, value] of [["x", "8"], ["y", "13"], ["text-anchor", "middle"], ["class", "letter"]]) {
    text.setAttribute(name ?? "", value ?? "");
  }
  text.textContent = letter;
  return text;
}

export class LabelView {
  readonly #labels = new Map<string, Shown>();
  #lang: Lang = "ko";
  #chosen: string | null = null;

  constructor(
    readonly box: HTMLElement,
    readonly onOpen: (label: LabelSpec) => void,
  ) {}

  set(specs: readonly LabelSpec[], lang: Lang): void {
    const wanted = new Set(specs.map((spec) => spec.id));
    for (const [id, label] of this.#labels) {
      if (wanted.has(id) && lang === this.#lang) continue;
      label.element.remove();
      this.#labels.delete(id);
    }
    this.#lang = lang;
    for (const spec of specs) if (!this.#labels.has(spec.id)) this.#labels.set(spec.id, this.#make(spec));
    this.#measure();
  }

  choose(id: string | null): void {
    this.#chosen = id;
    for (const [other, { element }] of this.#labels) element.classList.toggle("chosen", other === id);
  }

  #make(spec: LabelSpec): Shown {
    const element = document.createElement("button");
    element.type = "button";
    element.tabIndex = -1;
    element.className = `label kind-${spec.place.layer}${spec.weight >= 70 ? " great" : ""}${spec.soft ? " soft" : ""}`;
    element.dataset["place"] = spec.id;
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    svg.append(spec.letter ? letterOf(spec.letter) : pathOf(spec.glyph));
    const word = document.createElement("span");
    word.textContent = signName(namesIn(this.#lang, spec.names ?? spec.place.feature.properties)[0].text);
    element.append(svg, word);
    element.addEventListener("click", () => this.onOpen(spec));
    element.classList.toggle("chosen", spec.id === this.#chosen);
    this.box.append(element);
    return { spec, element, width: 0, height: 0, on: false };
  }

  #measure(): void {
    for (const label of this.#labels.values()) {
      if (label.width) continue;
      label.width = label.element.offsetWidth;
      label.height = label.element.offsetHeight;
    }
  }

  /** Show the labels that fit at their places of this frame, for an eye at a height; answers how many are shown. */
  update(places: readonly Projected[], height: number): number {
    const at = new Map(places.map((place) => [place.id, place]));
    const boxes = places.flatMap((place) => this.#boxOf(place, height));
    const fit = Math.round(LEAST + (this.box.clientWidth * this.box.clientHeight) / PART_PX);
    const most = height > 4 * NEAR_HEIGHT_M ? Math.min(fit, FAR_MOST) : fit;
    const placed = placeLabels(boxes, most, this.#furniture());
    for (const [id, label] of this.#labels) this.#move(label, placed.has(id) ? at.get(id) : undefined);
    return placed.size;
  }

  /** The parts of the page that lie over the map: no label goes under them. */
  #furniture(): Rect[] {
    return [...document.querySelectorAll("[data-furniture]")].map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const box = this.box.getBoundingClientRect();
      return {
        left: left - box.left - MARGIN_PX,
        top: top - box.top - MARGIN_PX,
        width: width + 2 * MARGIN_PX,
        height: height + 2 * MARGIN_PX,
      };
    });
  }

  #boxOf(place: Projected, height: number): LabelBox[] {
    const label = this.#labels.get(place.id);
    if (!label) return [];
    const chosen = place.id === this.#chosen;
    const far = place.distance / reach(label.spec.weight, height);
    if (!chosen && (place.hidden || far > 1)) return [];
    const left = place.x - label.width / 2 - AIR_X_PX;
    const top = place.y - STEM_PX - label.height - AIR_Y_PX;
    if (left < 0 || top < 0 || place.x + label.width / 2 > this.box.clientWidth - AIR_X_PX) return [];
    const stands = label.spec.weight * (1.25 - far * 0.5) + this.#grandeur(place) + (label.on ? 6 : 0);
    return [
      {
        id: place.id,
        left,
        top,
        width: label.width + 2 * AIR_X_PX,
        height: label.height + STEM_PX + AIR_Y_PX,
        priority: chosen ? Infinity : stands,
        subject: place.body && Math.max(place.body.width, place.body.height) > SUBJECT_PX ? inner(place.body) : null,
      },
    ];
  }

  /** How much a thing is the subject of the picture: large, and near the middle. */
  #grandeur({ body, x }: Projected): number {
    const { clientWidth, clientHeight } = this.box;
    if (!body) return 0;
    const large = Math.max(body.height, body.width * 0.5) / clientHeight;
    const grand = Math.min(Math.max((large - SMALL) / (GRAND - SMALL), 0), 1);
    return GRAND_WEIGHT * grand * Math.max(1 - Math.abs((2 * x) / clientWidth - 1), 0);
  }

  #move(label: Shown, place: Projected | undefined): void {
    const { element } = label;
    if (place) {
      const x = Math.round(place.x - label.width / 2);
      const y = Math.round(place.y - STEM_PX - label.height);
      element.style.transform = `translate(${x}px, ${y}px)`;
    }
    if (label.on === (place !== undefined)) return;
    label.on = place !== undefined;
    element.classList.toggle("on", label.on);
  }
}

/** The middle of a thing's box: its corners hold no thing, and a box over the ground's plan is too wide. */
const inner = ({ left, top, width, height }: Box): Rect => ({
  left: left + width * 0.15,
  top: top + height * 0.08,
  width: width * 0.7,
  height: height * 0.84,
});
