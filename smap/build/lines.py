"""The City Wall, alleys and paths: lines of the content become stone and paving on the drawn terrain."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.linepieces import Course, Piece, Plane, Surface, cut_lines, nothing_left
from smap.build.linerule import FIELDS, LINE_KINDS, STATES, LineRule
from smap.build.modelrule import Fact, ModelRule, Place
from smap.build.models import draw_models
from smap.build.modelstock import Model
from smap.build.recipe import Recipe
from smap.build.report import Product
from smap.build.standing import Base, Standing, base_of, named_terrain
from smap.build.work import Work
from smap.errors import InputError
from smap.scene import solids
from smap.scene.deviation import deviations
from smap.scene.mesh import Mesh
from smap.scene.shapes import as_footprints
from smap.scene.wall import LEFT_OUT_M, MASONRY, WallForm, evened, wall_mesh
from smap.scene.way import WayForm, way_mesh
from smap.sources.lines import Line, read_lines
from smap.sources.mapfile import MapSpec

__all__ = ["build_lines"]

Floats = NDArray[np.float64]

_COURSE = "course.geojson"
"""A file of the archive; the viewer reads it."""
_LANE_M, _PATH_M = 2.5, 1.6
_GHOST = 0.38
"""How opaque a wall is drawn that stands no more."""
_WANTED = (*FIELDS, "name_ko", "vertices")
"""The content has its names by language, and of each point of a line how sure it is."""
_NUMBERS = ("height_m", "width_m", "length_m", "steps")
_CATEGORIES = {"wall": ("section", "segment"), "alleys": ("alley",), "paths": ("course",)}
_NOTHING = (0.0, 0.0, 0.0)
_PATH = WayForm(_PATH_M, stone="jangdan", kerb="jibun")


def build_lines(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of a wall, of alleys or of paths says into the file `archive`."""
    rule = recipe.lines
    assert rule is not None
    with work.clock.stage("read"):
        courses, read, dropped = _read(rule, recipe.kind)
    places = np.radians(np.concatenate([part for course in courses for part in course.line.parts]))
    base = base_of(places, named_terrain(recipe, work), work.workspace)
    with ExitStack() as stack, work.clock.stage("draw"):
        surface = Surface(base.footing, stack)
        pieces = cut_lines(courses, recipe, rule, surface, dropped)
        models = [_model(piece, recipe, rule, surface) for piece in pieces]
    height = np.array([model.rule.place.height for model in models], np.float64)
    standing = _standing(base, height)
    ghosts = rule.states == ("lost",)
    tiles, figures = draw_models(
        archive,
        models,
        height,
        standing,
        work,
        kind=recipe.kind,
        opacity=_GHOST if ghosts else 1.0,
        beside={_COURSE: _course(pieces)},
    )
    corners = np.degrees(np.concatenate([model.outline.lonlat for model in models]))
    return Product(
        features_read=read,
        features_built=read - sum(dropped.values()),
        tiles=tiles,
        bbox=(*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()),
        vertical_datum=base.vertical_datum,
        terrain=base.terrain,
        dropped=dropped,
        warnings=base.warnings,
        figures={"pieces": len(pieces), **_lengths(courses, models), **figures},
    )


def _read(rule: LineRule, kind: str) -> tuple[list[Course], int, Counter[str]]:
    """The lines that are to be drawn; what is no line, of another category or in another state is dropped."""
    courses: list[Course] = []
    dropped: Counter[str] = Counter()
    read = 0
    for source in rule.sources:
        spec = MapSpec(
            source.path,
            layer=source.layer,
            encoding=source.encoding,
            crs=source.crs,
            where=source.where,
            fields=source.fields or {},
        )
        found = read_lines(spec, _WANTED)
        read += found.read
        dropped.update(found.dropped)
        for line in found.lines:
            _check(line, source.path)
        segments = _segments(found.lines)
        for line in found.lines:
            told = tuple(segments.get(line.id, ())) if line.facts.get("category") == "section" else ()
            is_part = line.facts.get("section") in segments and line.facts.get("category") == "segment"
            reason = _unwanted(line, kind, rule, is_whole=bool(told))
            if reason:
                dropped[reason] += 1
            elif not is_part:
                courses.append(Course(line, source, told))
    if not courses:
        raise nothing_left(rule, kind, dropped)
    return courses, read, dropped


def _check(line: Line, path: str) -> None:
    """InputError for what a file of somebody else says in words that are not ours."""
    masonry = line.facts.get("masonry")
    if masonry is not None and masonry not in MASONRY:
        raise InputError(
            f"{path}: line {line.id}: masonry {masonry!r} is none of {', '.join(MASONRY)}; correct it"
        )
    for name in _NUMBERS:
        value = line.facts.get(name)
        if value is not None and not _is_measure(value):
            raise InputError(
                f"{path}: line {line.id}: {name} {value!r} is no number of 0 or more; correct it"
            )


def _is_measure(value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and number >= 0.0


def _segments(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The segments of each section that is there itself, by its id."""
    sections = {line.id for line in lines if line.facts.get("category") == "section"}
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.facts.get("category") == "segment" and line.facts.get("section") in sections:
            found.setdefault(str(line.facts["section"]), []).append(line)
    return found


def _unwanted(line: Line, kind: str, rule: LineRule, *, is_whole: bool) -> str | None:
    """Why a line is not drawn; is_whole: segments tell of its parts, each in a state of its own."""
    category = line.facts.get("category")
    if category is not None and category not in _CATEGORIES[kind]:
        return f"category_{category}"
    state = line.facts.get("state", STATES[0])
    return f"state_{state}" if kind == "wall" and not is_whole and state not in rule.states else None


def _model(piece: Piece, recipe: Recipe, rule: LineRule, surface: Surface) -> Model:
    plane = Plane(*piece.place)
    base = float(surface.heights(np.array([piece.place]))[0])

    def ground(xy: Floats) -> Floats:
        return surface.heights(plane.to_degrees(xy)) - base

    width, shells, left_out = _drawn(piece, recipe.kind, rule, ground)
    levels = tuple(_as_scene(shell) for shell in shells)
    area = shapely.buffer(shapely.LineString(piece.xy), width / 2, cap_style="flat")
    outline = shapely.transform(area, lambda at: np.radians(plane.to_degrees(at)))
    return Model(
        rule=ModelRule(
            paths=(),
            source=piece.source.name or recipe.name,
            id=f"{piece.of.id}-{piece.number:02d}",
            place=Place(*piece.place, height=base, height_mode="ellipsoid"),
            facts=_facts(piece, recipe.kind, ground),
        ),
        levels=levels,
        errors=tuple(accumulate(map(max, left_out, [0.0, *deviations(levels[0], levels[1:])]), max)),
        outline=as_footprints(np.array([outline], object)),
        both_sides=False,
        given=len(levels),
        warnings=(),
    )


def _drawn(
    piece: Piece, kind: str, rule: LineRule, ground: Callable[[Floats], Floats]
) -> tuple[float, list[solids.Mesh], tuple[float, ...]]:
    """Its width, metres, its levels, the finest first, and what each leaves out at least, metres."""
    facts = piece.of.facts
    if kind != "wall":
        form = _PATH if kind == "paths" else WayForm(float(facts.get("width_m") or rule.width_m or _LANE_M))
        form = replace(form, steps=int(float(facts.get("steps") or 0)) if piece.number == 1 else 0)
        return form.width_m, [way_mesh(piece.xy, ground, form, detail) for detail in range(3)], _NOTHING
    usual = WallForm()
    form_of_wall = WallForm(
        height_m=float(facts.get("height_m") or rule.height_m or usual.height_m),
        width_m=float(facts.get("width_m") or rule.width_m or usual.width_m),
        masonry=str(facts.get("masonry") or rule.masonry),
        ghost=rule.states == ("lost",),
        joined=piece.joined,
    )
    line = evened(np.column_stack([piece.xy, ground(piece.xy)]))
    meshes = [wall_mesh(line, form_of_wall, detail) for detail in range(3)]
    return form_of_wall.width_m, meshes, _NOTHING if form_of_wall.ghost else LEFT_OUT_M


def _facts(piece: Piece, kind: str, ground: Callable[[Floats], Floats]) -> dict[str, Fact]:
    told = piece.of.facts
    length = np.hypot(np.linalg.norm(np.diff(piece.xy, axis=0), axis=1), np.diff(ground(piece.xy))).sum()
    facts: dict[str, Fact] = {"id": f"{piece.of.id}-{piece.number:02d}", "length_m": round(float(length), 1)}
    names = {"name": told.get("name", told.get("name_ko")), "name_en": told.get("name_en")}
    facts |= {key: str(value) for key, value in names.items() if value}
    if kind == "wall":
        facts["state"] = str(told.get("state", STATES[0]))
    if "masonry" in told:
        facts["masonry"] = str(told["masonry"])
    if piece.source.path.endswith(f"{LINE_KINDS[kind]}.geojson"):
        facts["content"] = f"{LINE_KINDS[kind]}/{piece.of.id}"
    return facts


def _as_scene(shell: solids.Mesh) -> Mesh:
    alpha = np.full((len(shell.colors), 1), 255, np.uint8)
    return Mesh(
        shell.positions,
        shell.triangles.astype(np.uint32),
        shell.normals.astype(np.float32),
        np.hstack([shell.colors, alpha]),
    )


def _standing(base: Base, height: Floats) -> Standing:
    source = np.full(len(height), "none" if base.terrain is None else "terrain", object)
    return Standing(height, height, source, base.vertical_datum, base.terrain, base.warnings)


def _course(pieces: list[Piece]) -> bytes:
    """The lines as they are drawn, GeoJSON, of a wall with its state: a mark from afar runs there."""
    features = []
    for piece in pieces:
        line = np.round(Plane(*piece.place).to_degrees(piece.xy[[*range(0, len(piece.xy) - 1, 3), -1]]), 6)
        geometry = {"type": "LineString", "coordinates": line.tolist()}
        told = {key: piece.of.facts[key] for key in ("state",) if key in piece.of.facts}
        properties = {"id": piece.of.id, **told}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def _lengths(courses: list[Course], models: list[Model]) -> Mapping[str, Any]:
    """Kilometres as drawn, along the ground, and as the source states them; of a wall by state and period.

    segments_m: of each segment of a line, metres as drawn and, where the source says so, as stated;
    stated_…_km: the sum of these by state.
    """
    drawn: dict[str, float] = {}
    parts: dict[str, float] = {}
    for model in models:
        facts = model.rule.facts
        length = float(facts["length_m"])
        for key in (key for key in ("state", "masonry") if key in facts):
            name = f"{key}_{facts[key]}_km"
            drawn[name] = drawn.get(name, 0.0) + length / 1000.0
        id = str(facts["id"]).rpartition("-")[0]
        parts[id] = parts.get(id, 0.0) + length
    stated = sum(float(course.line.facts.get("length_m") or 0.0) for course in courses)
    told: dict[str, list[float]] = {}
    for line in (line for course in courses for line in course.segments if line.id in parts):
        metres = float(line.facts.get("length_m") or 0.0)
        told[line.id] = [round(parts[line.id], 1), *([metres] if metres else [])]
        name = f"stated_{line.facts.get('state', STATES[0])}_km"
        drawn[name] = drawn.get(name, 0.0) + metres / 1000.0
    return {
        "drawn_km": round(sum(parts.values()) / 1000.0, 3),
        "stated_km": round(stated / 1000.0, 3),
        **{key: round(value, 3) for key, value in sorted(drawn.items())},
        **({"segments_m": told} if told else {}),
    }
