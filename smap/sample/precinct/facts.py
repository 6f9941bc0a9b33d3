"""A precinct's written facts: tiles/sample/precincts/*.toml, one file each.

Everything in a precinct is written in metres of its own frame: x to the right of somebody who looks at its
front, y into the depth, from the place (lon, lat); heading turns the front from south, clockwise. Instead of
points an outline may be an `oval`: x, y of its middle and its half axes.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sample.facts import Plane

__all__ = ["Floor", "Grove", "Part", "Precinct", "Range", "Row", "footprint", "read_precincts"]

Floats = NDArray[np.float64]

OVAL_CORNERS = 60
ROOF_M, WALL_M = 2.5, 1.5
"""How far eaves reach beyond what is written of a hall; kept free beside a wall."""


@dataclass(frozen=True)
class Part:
    """A hall of a known kind: its middle, size between the outer columns, height, and its own turn."""

    kind: str
    x: float
    y: float
    width: float
    depth: float
    height: float
    turn_deg: float = 0.0


@dataclass(frozen=True)
class Range:
    """A long low building along a line (행각): from, to, depth and height, metres."""

    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    depth: float
    height: float


@dataclass(frozen=True)
class Grove:
    """Trees of a kind in an outline (k, 2), about `apart` metres from each other, so high."""

    kind: str
    apart: float
    height: tuple[float, float]
    outline: Floats


@dataclass(frozen=True)
class Row:
    """Trees of a kind along a line (k, 2), `apart` metres from each other."""

    kind: str
    apart: float
    height: tuple[float, float]
    line: Floats


@dataclass(frozen=True)
class Floor:
    """A paved, planted or travelled surface: its pigment, and how high it lies over the ground, metres.

    kerb: the width of kerbstones around it. bands: those of a deeper stone that cross it, as (apart along y,
    apart along x, width); apart by 0: none.
    """

    pigment: str
    outline: Floats
    lift: float = 0.3
    kerb: float = 0.0
    bands: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Precinct:
    """All that is written of one precinct. walls: lines (k, 2)."""

    id: str
    name: str
    name_en: str
    lon: float
    lat: float
    heading_deg: float
    eras: tuple[str, ...]
    source: str
    date: str
    position_accuracy_m: float
    halls: tuple[Part, ...] = ()
    ranges: tuple[Range, ...] = ()
    walls: tuple[Floats, ...] = ()
    groves: tuple[Grove, ...] = ()
    rows: tuple[Row, ...] = ()
    floors: tuple[Floor, ...] = ()

    def to_plane(self, local: Floats, plane: Plane) -> Floats:
        """Points of its frame (…, 2) on the sample's plane."""
        turn = math.radians(self.heading_deg)
        c, s = math.cos(turn), math.sin(turn)
        origin = plane.to_plane(np.array([self.lon]), np.array([self.lat]))[0]
        return np.asarray(origin + np.asarray(local) @ np.array([[c, -s], [s, c]]))

    def shape_on(self, outline: Floats, plane: Plane) -> shapely.Polygon:
        """An outline of its frame as a shapely Polygon on the plane."""
        return shapely.polygons(self.to_plane(outline, plane))


def read_precincts(folder: Path) -> list[Precinct]:
    """All precincts of tiles/sample, by their files' names. InputError: a fact is missing or unknown."""
    return [_read(path) for path in sorted((folder / "precincts").glob("*.toml"))]


def footprint(precinct: Precinct) -> shapely.Geometry:
    """What is built in its frame, with eaves: halls, ranges and walls; no tree stands there."""
    halls = [_box(p.x, p.y, p.width / 2 + ROOF_M, p.depth / 2 + ROOF_M, p.turn_deg) for p in precinct.halls]
    ranges = [
        shapely.buffer(shapely.linestrings([[r.x0, r.y0], [r.x1, r.y1]]), r.depth / 2 + ROOF_M)
        for r in precinct.ranges
    ]
    walls = [shapely.buffer(shapely.linestrings(line), WALL_M) for line in precinct.walls]
    return shapely.union_all([*halls, *ranges, *walls])


def _box(x: float, y: float, half: float, deep: float, turn_deg: float) -> shapely.Geometry:
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    corners = np.array([(-half, -deep), (half, -deep), (half, deep), (-half, deep)])
    return shapely.polygons(corners @ np.array([[c, s], [-s, c]]) + [x, y])


def _read(path: Path) -> Precinct:
    stored = tomllib.loads(path.read_text(encoding="utf-8"))
    lists: dict[str, list[Any]] = {
        "halls": [Part(*row) for row in stored.pop("halls", ())],
        "ranges": [Range(*row) for row in stored.pop("ranges", ())],
        "walls": [_line(row) for row in stored.pop("walls", ())],
        "groves": _made(Grove, stored.pop("groves", ()), "outline", path),
        "rows": _made(Row, stored.pop("rows", ()), "line", path),
        "floors": _made(Floor, stored.pop("floors", ()), "outline", path),
    }
    eras = tuple(stored.pop("eras"))
    try:
        return Precinct(**stored | {key: tuple(value) for key, value in lists.items()} | {"eras": eras})
    except TypeError as error:
        raise InputError(f"precinct {path.name}: {error}") from error


def _made(kind: type[Any], tables: Iterable[dict[str, Any]], points: str, path: Path) -> list[Any]:
    found = []
    for table in tables:
        values = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in table.items()
            if key not in (points, "oval")
        }
        course = _oval(*table["oval"]) if "oval" in table else _line(table.get(points, []))
        try:
            found.append(kind(**values, **{points: course}))
        except TypeError as error:
            raise InputError(f"precinct {path.name}: {error}") from error
    return found


def _oval(x: float, y: float, half_x: float, half_y: float) -> Floats:
    """A closed ellipse: its middle and half axes, metres."""
    turn = np.linspace(0.0, 2 * np.pi, OVAL_CORNERS + 1)
    return np.stack([x + half_x * np.cos(turn), y + half_y * np.sin(turn)], axis=1)


def _line(points: list[list[float]]) -> Floats:
    return np.array(points, np.float64)
