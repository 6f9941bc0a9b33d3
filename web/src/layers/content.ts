// A layer of the content: its records as labels and lines.

import type { CatalogLayer, Geometry, PlaceFeature, Position } from "../api/schema";
import type { PathStyle } from "../engine/path";
import type { LabelSpec, Layer, PlaceRef } from "./layer";

const LINE_STYLES: Record<string, PathStyle> = {
  wall: { colour: "#a4452c", rim: "#fff3e4", width: 3, old: true },
  alleys: { colour: "#b3861f", rim: "#fffbe9", width: 2.6 },
};

/** The more a place says about the city as a whole, the sooner its name is shown. */
const WEIGHTS: Record<string, number> = {
  palace: 100, landmark: 92, palace_gate: 70, gate: 84, shrine: 78, palace_hall: 52, summit: 80, tower: 74,
  museum: 58, square: 66, market: 62, park: 56, stream: 60, temple: 55, viewpoint: 50, belfry: 57, bridge: 45,
  tomb: 48, section: 40, alley: 36, alley_area: 38, area: 30, course: 37, segment: 24, walk: 35, stamp: 22, gate_site: 42, water_gate: 34,
};

/** The centre of a palace (± 300 m) still lies in it; a point rougher than this stands for a whole wall, metres. */
const ROUGH_M = 500;
/** Such a name yields to those that stand where their place does. */
const YIELDS = 0.5;

const GATES = new Set(["gate", "gate_site", "water_gate"]);

/** Names of ways, areas and places with a view: nothing stands there that would be meant by them. */
const NO_THINGS = new Set(["summit", "viewpoint", "section", "area", "alley", "alley_area", "park", "stream", "stamp", "course",
  "segment", "walk"]);

export const GLYPHS: Record<string, string> = {
  palace: "roof", palace_gate: "gate", palace_hall: "roof", gate: "gate", shrine: "roof", tomb: "mound",
  pagoda: "pagoda", monument: "stone", bridge: "bridge", beacon: "flame", belfry: "bell", school: "roof",
  residence: "house", prehistoric: "mound", temple: "lotus", tower: "tower", site: "stone", landmark: "star",
  museum: "frame", market: "basket", park: "tree", square: "square", stream: "wave", viewpoint: "eye",
  section: "wall", gate_site: "gate", water_gate: "wave", stamp: "stamp", summit: "peak", area: "wall",
  alley: "path", alley_area: "path", course: "path", segment: "wall", walk: "path",
};

export function linesOf(geometry: Geometry): Position[][] {
  if (geometry.type === "LineString") return [geometry.coordinates];
  if (geometry.type === "MultiLineString") return geometry.coordinates;
  return [];
}

/** Where a record's name stands: its point, the middle of its line, the mean of its outline or its points. */
export function anchorOf(geometry: Geometry): Position | null {
  if (geometry.type === "Point") return geometry.coordinates;
  if (geometry.type === "MultiPoint") return mean(geometry.coordinates);
  if (geometry.type === "Polygon") return mean((geometry.coordinates[0] ?? []).slice(1));
  const longest = linesOf(geometry).reduce((best, line) => (line.length > best.length ? line : best), []);
  return longest[Math.floor(longest.length / 2)] ?? null;
}

function mean(points: readonly Position[]): Position | null {
  if (points.length === 0) return null;
  const sum = points.reduce<Position>(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

function labelOf(place: PlaceRef, letter: string | undefined): LabelSpec[] {
  const anchor = anchorOf(place.feature.geometry);
  if (!anchor) return [];
  const { category: word, position_accuracy_m } = place.feature.properties;
  const category = word ?? "";
  const soft = position_accuracy_m > ROUGH_M;
  const weight = WEIGHTS[category] ?? 30;
  return [
    {
      id: `${place.layer}/${place.feature.id}`,
      place,
      lon: anchor[0],
      lat: anchor[1],
      glyph: GLYPHS[category] ?? "dot",
      ...(letter ? { letter } : {}),
      weight: soft ? weight * YIELDS : weight,
      soft,
      thing: !NO_THINGS.has(category),
    },
  ];
}

/** Lines of which both would be a tangle: a way runs beside its wall, and segments are the parts of a section. */
function drawnLines(features: readonly PlaceFeature[]): { lines: Position[][]; lost: Position[][] } {
  const withLines = features.filter(({ geometry }) => linesOf(geometry).length > 0);
  const inParts = new Set(withLines.map(({ properties }) => properties["section"]));
  const drawn = withLines.filter(({ id, properties: { category } }) => category !== "walk" && !inParts.has(id));
  const isLost = ({ properties }: PlaceFeature) => properties["state"] === "lost";
  const lines = (lost: boolean) =>
    (drawn.length > 0 ? drawn : withLines).filter((one) => isLost(one) === lost).flatMap(({ geometry }) => linesOf(geometry));
  return { lines: lines(false), lost: lines(true) };
}

export function contentLayer(layer: CatalogLayer, features: readonly PlaceFeature[]): Layer {
  const places = features.map((feature) => ({ layer: layer.id, feature }));
  const { lines, lost } = drawnLines(features);
  return {
    id: layer.id,
    title: layer.title,
    places,
    labels: places.flatMap((place) => labelOf(place, layer.style?.letter)),
    lines,
    lost,
    gates: features.flatMap(({ geometry, properties: { category } }) =>
      geometry.type === "Point" && GATES.has(String(category)) ? [geometry.coordinates] : [],
    ),
    lineStyle: lines.length + lost.length > 0 ? (LINE_STYLES[layer.id] ?? { colour: layer.style?.colour ?? "#46705f", rim: "#ffffff", width: 3 }) : null,
  };
}
