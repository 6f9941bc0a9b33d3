"""Geometries of records: checking them at the door, their extent, and whether they meet a box. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from smap.content.model import MOST_POSITIONS
from smap.content.record import Bbox, Geometry
from smap.geo.crs import KOREA

__all__ = ["GEOMETRIES", "Fault", "check_geometry", "extent_of", "meets"]

Position: TypeAlias = tuple[float, float]
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2}
GEOMETRIES = tuple(_DEPTHS)
"""The kinds of geometry (RFC 7946) that a record may have."""


class Fault(NamedTuple):
    """Something wrong with a record: a short code to count by, and a line for people."""

    code: str
    line: str


def check_geometry(value: object) -> tuple[Geometry | None, list[Fault]]:
    """Check a GeoJSON geometry; give it with plain float coordinates, or None and what is wrong with it."""
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        return None, [Fault("geometry", "geometry is missing: give a GeoJSON geometry with lon, lat")]
    kind, coordinates = value["type"], value.get("coordinates")
    if kind not in _DEPTHS:
        known = ", ".join(GEOMETRIES)
        return None, [Fault("geometry", f"geometry type {kind[:40]!r} is not one of {known}")]
    try:
        plain = _plain(coordinates, _DEPTHS[kind])
        positions = list(_positions(plain, _DEPTHS[kind]))
        _check_shape(kind, plain, positions)
    except ValueError as error:
        return None, [Fault("geometry", str(error))]
    faults = _place_faults(positions)
    return (None if faults else {"type": kind, "coordinates": plain}), faults


def _plain(value: object, depth: int) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"coordinates hold {str(value)[:40]!r} where a list should be")
    if depth:
        return [_plain(part, depth - 1) for part in value]
    if len(value) != 2:
        raise ValueError(f"a position has {len(value)} numbers: give two, lon and lat")
    return [_number(part) for part in value]


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a coordinate is {str(value)[:40]!r}: give numbers, lon and lat in degrees")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("a coordinate is not a finite number")
    return number


def _positions(coordinates: Sequence[Any], depth: int) -> Iterator[Position]:
    if depth == 0:
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _positions(part, depth - 1)


def _check_shape(kind: str, coordinates: list[Any], positions: list[Position]) -> None:
    if len(positions) > MOST_POSITIONS:
        raise ValueError(f"the geometry has {len(positions)} positions: {MOST_POSITIONS} is the most")
    if not positions:
        raise ValueError("the geometry is empty")
    for line in _lines(kind, coordinates):
        _check_ring(line) if kind == "Polygon" else _check_line(line)


def _lines(kind: str, coordinates: list[Any]) -> list[Any]:
    """The lines or rings of a geometry; points have none."""
    return {"Point": [], "MultiPoint": [], "LineString": [coordinates]}.get(kind, coordinates)


def _check_line(line: list[Any]) -> None:
    if len(line) < 2 or all(position == line[0] for position in line):
        raise ValueError("a line needs two different positions")


def _check_ring(ring: list[Any]) -> None:
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a polygon's ring needs four positions, the last one equal to the first")
    if len({tuple(position) for position in ring}) < 3:
        raise ValueError("a polygon's ring needs three different positions")


def _place_faults(positions: list[Position]) -> list[Fault]:
    outside = [position for position in positions if not _inside(position, KOREA)]
    if not outside:
        return []
    lon, lat = outside[0]
    if lon == 0 and lat == 0:
        return [Fault("zero_coordinates", "the position is 0, 0: the source had none; give lon, lat")]
    if all(_inside((y, x), KOREA) for x, y in outside):
        better = f"give lon, lat: {lat!r}, {lon!r}"
        return [
            Fault("swapped_coordinates", f"the position {lon!r}, {lat!r} has lat and lon swapped: {better}")
        ]
    west, south, east, north = KOREA
    box = f"{west:g}–{east:g} E, {south:g}–{north:g} N"
    return [Fault("outside_area", f"the position {lon!r}, {lat!r} lies outside Korea ({box}); give lon, lat")]


def _inside(position: Position, box: Bbox) -> bool:
    return box[0] <= position[0] <= box[2] and box[1] <= position[1] <= box[3]


def extent_of(geometry: Geometry) -> Bbox:
    """Give the box around a checked geometry."""
    positions = list(_positions(geometry["coordinates"], _DEPTHS[geometry["type"]]))
    lons, lats = zip(*positions, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def meets(geometry: Geometry, box: Bbox) -> bool:
    """Tell whether a checked geometry and a box (west ≤ east) share a point; edges belong to both."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind in ("Point", "MultiPoint"):
        return any(_inside(position, box) for position in _positions(coordinates, _DEPTHS[kind]))
    if any(_crosses(a, b, box) for line in _lines(kind, coordinates) for a, b in pairwise(line)):
        return True
    return kind == "Polygon" and _holds(coordinates, (box[0], box[1]))


def _crosses(start: Sequence[float], end: Sequence[float], box: Bbox) -> bool:
    """Clip a segment by the box: Liang and Barsky 1984, A new concept and method for line clipping."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        step = end[axis] - start[axis]
        low, high = box[axis] - start[axis], box[axis + 2] - start[axis]
        if step == 0:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / step, high / step))
        first, last = max(first, near), min(last, far)
    return first <= last


def _holds(rings: Sequence[Sequence[Sequence[float]]], position: Position) -> bool:
    """Count the edges east of the position: an odd count of all rings is inside (holes take away)."""
    x, y = position
    inside = False
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise(ring):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                inside = not inside
    return inside
