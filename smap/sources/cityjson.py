"""CityJSON 1.0 to 2.0, also as lines: each Building with its parts is one footprint, a height and attributes.

Roofs are not kept: a building is as tall as it says (measuredHeight) or as its geometry stands.
Specification: https://www.cityjson.org/specs/2.0.1/.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sources.held import GEOMETRY, HeldTable, table_of

__all__ = ["HEIGHT", "ID", "is_cityjson", "read_city"]

ID, HEIGHT = "cityobject_id", "height_m"
"""Columns that come from the objects themselves: the key of each, its height in metres."""

# Nesting of a geometry's boundaries above its surfaces (specification, section 3.2)
_DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
# A face looks down when its normal is steeper than this: cosine of 45 degrees
_DOWN = -math.sqrt(0.5)
# What shows in Python when a document is not built as the specification says
_DAMAGE = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError),
    shapely.errors.ShapelyError,
)
_EPSG = re.compile(r"EPSG(?:/[^/]*/|::|:|/)(\d+)$")


@dataclass(frozen=True)
class _Surface:
    """rings: the corners of each, float64 (k, 3); kind: "GroundSurface", … or None where nothing is said."""

    rings: list[NDArray[np.float64]]
    kind: str | None


def is_cityjson(head: str) -> bool:
    """Whether a text that begins so is CityJSON."""
    return re.search(r'"type"\s*:\s*"CityJSON(Feature)?"', head) is not None


def read_city(path: Path) -> HeldTable:
    """The buildings of a file; InputError (one line) for whatever is wrong with it."""
    try:
        documents = _documents(path)
        first = documents[0]
        if first.get("type") != "CityJSON":
            raise InputError(
                f"{path}: the first line is no CityJSON object: it holds scale and system of the rest"
            )
        with np.errstate(all="ignore"):
            # coordinates that are no numbers are judged later, with all others
            buildings = [
                one for document in documents for one in _buildings(document, first.get("transform"))
            ]
        return HeldTable(table_of(buildings), _system(first))
    except _DAMAGE as error:
        raise InputError(f"{path}: damaged CityJSON: {type(error).__name__}: {error}") from error


def _documents(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8-sig")
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _system(document: Mapping[str, Any]) -> str | None:
    said = (document.get("metadata") or {}).get("referenceSystem")
    found = _EPSG.search(said) if said else None
    return f"EPSG:{found[1]}" if found else said


def _buildings(document: Mapping[str, Any], transform: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    objects = document.get("CityObjects") or {}
    vertices = np.array(document.get("vertices") or np.empty((0, 3)), np.float64).reshape(-1, 3)
    if transform:
        vertices = vertices * np.array(transform["scale"]) + np.array(transform["translate"])
    for key, one in objects.items():
        if one["type"] == "Building":
            yield _building(key, one, objects, vertices)


def _building(
    key: str, one: Mapping[str, Any], objects: Mapping[str, Any], vertices: NDArray[np.float64]
) -> dict[str, Any]:
    members = [one, *_descendants(one, objects)]
    attributes = dict(one.get("attributes") or {})
    body = [s for m in members if (g := _finest(m)) is not None for s in _surfaces(g, vertices)]
    flat = [s for m in members for g in _of_lod_0(m) for s in _surfaces(g, vertices)]
    outline = _union(flat) if flat else _footprint(body)
    measured = attributes.get("measuredHeight")
    if not (isinstance(measured, int | float) and 0.0 < measured < math.inf):
        measured = _extent(body)
    wkb = None if outline is None else shapely.to_wkb(outline, byte_order=1)
    return {**attributes, ID: key, HEIGHT: measured, GEOMETRY: wkb}


def _descendants(one: Mapping[str, Any], objects: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in one.get("children") or []:
        if (child := objects.get(key)) is not None and child["type"] == "BuildingPart":
            yield child
            yield from _descendants(child, objects)


def _finest(one: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Its geometry of the finest level below 3, which is where windows and doors begin, and above 0."""
    known = [
        (float(g["lod"]), g)
        for g in one.get("geometry") or []
        if g["type"] in _DEPTH and float(g["lod"]) >= 1.0
    ]
    if not known:
        return None
    coarse = [pair for pair in known if pair[0] < 3.0]
    best: tuple[float, Mapping[str, Any]] = (max if coarse else min)(
        coarse or known, key=lambda pair: pair[0]
    )
    return best[1]


def _of_lod_0(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [g for g in one.get("geometry") or [] if g["type"] in _DEPTH and float(g["lod"]) < 1.0]


def _surfaces(geometry: Mapping[str, Any], vertices: NDArray[np.float64]) -> Iterator[_Surface]:
    depth = _DEPTH[geometry["type"]]
    semantics = geometry.get("semantics") or {}
    kinds = [str(s["type"]) for s in semantics.get("surfaces") or []]
    faces = list(_flat(geometry["boundaries"], depth))
    places = list(_flat(semantics["values"], depth)) if kinds and semantics.get("values") else []
    for number, face in enumerate(faces):
        place = places[number] if number < len(places) else None
        yield _Surface([_corners(ring, vertices) for ring in face], None if place is None else kinds[place])


def _corners(ring: list[int], vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.array(ring, np.int64)
    if (places < 0).any():
        raise IndexError(f"vertex {places.min()} of {len(vertices)}")
    return vertices[places]


def _flat(values: Sequence[Any] | None, depth: int) -> Iterator[Any]:
    for value in values or []:
        if depth:
            yield from _flat(value, depth - 1)
        else:
            yield value


def _footprint(body: list[_Surface]) -> shapely.Geometry | None:
    """What is called ground; without such, the faces that look down; without these, all seen from above."""
    ground = [s for s in body if s.kind == "GroundSurface"]
    return _union(ground or [s for s in body if _looks_down(s)] or body)


def _looks_down(surface: _Surface) -> bool:
    """By Newell's normal of the outer ring, which runs counter-clockwise seen from outside (section 3.3)."""
    ring = surface.rings[0] - surface.rings[0][0]
    normal = np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
    length = float(np.linalg.norm(normal))
    return length > 0.0 and float(normal[2]) / length < _DOWN


def _union(surfaces: list[_Surface]) -> shapely.Geometry | None:
    """The surfaces seen from above, as one (multi)polygon."""
    polygons = [
        shapely.Polygon(s.rings[0][:, :2], [hole[:, :2] for hole in s.rings[1:] if len(hole) >= 3])
        for s in surfaces
        if len(s.rings[0]) >= 3
    ]
    whole = [p for p in shapely.make_valid(np.array(polygons, object)) if p.area > 0.0]
    return shapely.union_all(whole) if whole else None


def _extent(body: list[_Surface]) -> float | None:
    heights = np.concatenate([ring[:, 2] for s in body for ring in s.rings]) if body else np.empty(0)
    return float(np.ptp(heights)) if len(heights) else None
