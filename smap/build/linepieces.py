"""Cutting lines into the pieces that are drawn: along the ridge, up to the gates, on the ground."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from smap.build.linerule import STATES, LineRule, LineSource
from smap.build.recipe import Recipe
from smap.build.seating import Footing
from smap.build.stock import read_areas
from smap.errors import InputError
from smap.geo.ellipsoid import metres_per_radian
from smap.geo.geoid import undulation
from smap.ground.ground import Ground
from smap.scene.ridge import SURE_M, way_along
from smap.scene.shapes import as_shapes
from smap.scene.wall import STEPS_M, resampled
from smap.sources.lines import Line
from smap.store import open_tiles

__all__ = ["Course", "Piece", "Plane", "Surface", "cut_lines", "nothing_left"]

Floats = NDArray[np.float64]

_LONGEST_M = 180.0
"""Of a piece with levels of its own: what is near is drawn finely, the rest of a line is not."""
_SHORTEST_M = 3.0
_SKETCHED_M = 30.0
"""Points of a line farther apart are named places with a sketch between them, which may follow the ridge."""
_INTO_GATE_M = 1.0
"""So far a wall reaches into the outline of a gate that masks it."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: place (degrees) is the origin of xy (n, 2), metres; of: which line it is of.

    joined: whether another piece goes on at its first and at its last point.
    """

    of: Line
    source: LineSource
    number: int
    place: tuple[float, float]
    xy: Floats
    joined: tuple[bool, bool] = (False, False)


def nothing_left(rule: LineRule, kind: str, dropped: Counter[str]) -> InputError:
    """What to say where no line is to be drawn."""
    why = ", ".join(f"{n} {reason}" for reason, n in sorted(dropped.items()))
    return InputError(f"{rule.sources[0].path}: no line is left for a tileset of kind '{kind}' ({why})")


class Surface:
    """The ground that lines are drawn on: the drawn terrain, else the geoid or the ellipsoid."""

    def __init__(self, footing: Footing, stack: ExitStack) -> None:
        self._on_geoid = footing.on_geoid
        self._ground = None
        if footing.terrain is not None:
            self._ground = Ground(stack.enter_context(open_tiles(footing.terrain)))

    @property
    def spacing_m(self) -> float:
        """Of the cells that the drawn terrain was made from; 0 where that is not known."""
        spacing = math.nan if self._ground is None else self._ground.spacing_m
        return spacing if math.isfinite(spacing) else 0.0

    def heights(self, degrees: Floats) -> Floats:
        """Ellipsoidal metres at places (n, 2)."""
        lon, lat = np.radians(degrees).T
        if self._ground is not None:
            return self._ground.heights(lon, lat)
        return undulation(lon, lat) if self._on_geoid else np.zeros(len(degrees))


class Plane:
    """Metres east and north of a place in degrees; true to a millimetre over the length of a piece."""

    def __init__(self, lon: float, lat: float) -> None:
        self.origin = np.array([lon, lat])
        self._metres = np.radians(metres_per_radian(math.radians(lat)))

    def to_plane(self, degrees: Floats) -> Floats:
        """Places (n, 2) in metres."""
        return np.asarray((degrees - self.origin) * self._metres)

    def to_degrees(self, xy: Floats) -> Floats:
        """And back."""
        return np.asarray(self.origin + xy / self._metres)


@dataclass(frozen=True)
class _Hills:
    """The ground about a line as the ridge is looked for on it: metres above the geoid."""

    plane: Plane
    surface: Surface

    @property
    def spacing_m(self) -> float:
        """Of the cells that the ground was made from; 0 where it has none."""
        return self.surface.spacing_m

    def heights_at(self, xy: Floats) -> Floats:
        """At points (…, 2) of the plane."""
        degrees = self.plane.to_degrees(xy.reshape(-1, 2))
        lon, lat = np.radians(degrees).T
        return np.asarray((self.surface.heights(degrees) - undulation(lon, lat)).reshape(xy.shape[:-1]))


@dataclass(frozen=True)
class Course:
    """A line that is drawn; segments: what is known of parts of it, each from its first to its last point."""

    line: Line
    source: LineSource
    segments: tuple[Line, ...] = ()


def cut_lines(
    courses: list[Course],
    recipe: Recipe,
    rule: LineRule,
    surface: Surface,
    dropped: Counter[str],
) -> list[Piece]:
    """The pieces of all lines outside of the masks; a line of which nothing is left is counted in dropped.

    Errors: InputError where nothing is left at all, and those of the masks' files.
    """
    closed = [shape for mask in recipe.masks for shape in as_shapes(read_areas(mask.path))]
    pieces: list[Piece] = []
    for course in courses:
        found = list(_cut(course, rule, surface, closed))
        if not found:
            dropped["no_such_part" if course.segments else "masked_or_too_short"] += 1
        pieces += found
    if not pieces:
        raise nothing_left(rule, recipe.kind, dropped)
    return pieces


def _cut(course: Course, rule: LineRule, surface: Surface, closed: list[shapely.Geometry]) -> Iterator[Piece]:
    """The pieces of a line outside of the masks, each about _LONGEST_M long."""
    numbers: Counter[str] = Counter()
    for part in course.line.parts:
        plane = Plane(*part.mean(axis=0).tolist())
        xy = plane.to_plane(part)
        if rule.course == "ridge":
            xy = _along_ridge(xy, _unsure(course, len(xy)), _Hills(plane, surface))
        gates = _closed_on(plane, closed)
        for stretch, told in _told(shapely.LineString(xy), course, plane):
            if rule.states and told.facts.get("state", STATES[0]) not in rule.states:
                continue
            for run in shapely.get_parts(shapely.difference(stretch, gates)):
                divided = list(_divided(run))
                for at, piece in enumerate(divided):
                    numbers[told.id] += 1
                    joined = at > 0, at + 1 < len(divided)
                    lon, lat = np.round(plane.to_degrees(piece[len(piece) // 2][None])[0], 8).tolist()
                    own = Plane(lon, lat).to_plane(plane.to_degrees(piece))
                    yield Piece(told, course.source, numbers[told.id], (lon, lat), own, joined)


def _divided(run: shapely.LineString) -> Iterator[Floats]:
    """A run in even pieces, points (n, 2) at the distances of the finest level; none if it is too short."""
    if run.length < _SHORTEST_M:
        return
    points = resampled(shapely.get_coordinates(run), STEPS_M[0])
    count = max(1, round(run.length / _LONGEST_M))
    ends = np.linspace(0, len(points) - 1, count + 1).round().astype(int)
    for start, end in pairwise(ends.tolist()):
        yield points[start : end + 1]


def _told(
    line: shapely.LineString, course: Course, plane: Plane
) -> Iterator[tuple[shapely.LineString, Line]]:
    """The line in stretches with what is known of each: the segment that covers it, else the whole line's.

    Where segments overlap, the one that begins first counts. How long the whole line is said to be is nothing
    that its segments are.
    """
    whole = {key: value for key, value in course.line.facts.items() if key != "length_m"}
    spans = []
    for segment in course.segments:
        ends = shapely.points(plane.to_plane(np.stack([segment.parts[0][0], segment.parts[-1][-1]])))
        low, high = np.sort(shapely.line_locate_point(line, ends)).tolist()
        spans.append((low, high, segment))
    at = 0.0
    for low, high, segment in sorted(spans, key=lambda span: span[:2]):
        if low > at:
            yield substring(line, at, low), course.line
        if high > max(low, at):
            told = Line(segment.id, segment.parts, {**whole, **segment.facts})
            yield substring(line, max(low, at), high), told
        at = max(at, high)
    if at < line.length:
        yield substring(line, at, line.length), course.line


def _closed_on(plane: Plane, areas: list[shapely.Geometry]) -> shapely.Geometry:
    """The masks on a plane, a little smaller: a wall reaches into its gates."""
    shapes = [shapely.transform(one, lambda at: plane.to_plane(np.degrees(at))) for one in areas]
    return shapely.union_all([shapely.buffer(one, -_INTO_GATE_M) for one in shapes])


def _along_ridge(xy: Floats, unsure_m: Floats, hills: _Hills) -> Floats:
    """A sketch through named places, along the crests between them; what is drawn finely stays as it is."""
    apart = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    return way_along(hills, xy, unsure_m, hills.spacing_m) if (apart > _SKETCHED_M).any() else xy


def _unsure(course: Course, count: int) -> Floats:
    """Metres by which each of the points of a line may lie off, as its `vertices` say; else they are sure.

    InputError for vertices that are not one for each point, or do not say it.
    """
    told = course.line.facts.get("vertices")
    if told is None or len(course.line.parts) > 1:
        return np.full(count, SURE_M)
    try:
        vertices = json.loads(told) if isinstance(told, str) else told
        unsure = np.array([vertex["position_accuracy_m"] for vertex in vertices], np.float64)
    except (ValueError, TypeError, KeyError):
        unsure = np.empty(0)
    if len(unsure) != count or not (np.isfinite(unsure).all() and (unsure >= 0.0).all()):
        raise InputError(
            f"{course.source.path}: line {course.line.id}: vertices must say for each of its {count} points "
            "a position_accuracy_m of 0 or more; correct or remove them"
        )
    return unsure
