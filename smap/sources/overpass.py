"""Answers of Overpass in JSON: buildings and their parts among ways and relations, with all their tags.

`out geom` brings positions with each way, `out body` and `>` bring nodes beside them; both are read.
https://wiki.openstreetmap.org/wiki/OSM_JSON.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from smap.errors import InputError
from smap.sources.held import GEOMETRY, HeldTable, table_of

__all__ = ["is_overpass", "read_overpass"]

_COLUMNS = ("@id", "height", "building:levels", "name", "building", "building:part", "part_of")
"""Columns that are there even where no building has such a tag, so that the preset osm knows the file."""
_SHOWN = 3
_LOST = {
    "unclosed_ring": "rings that do not close",
    "missing_node": "positions that are not in the file (ask Overpass for `out geom`, or for `>;` too)",
}

_Place = tuple[float, float]
_Line = list[_Place]


class _UnusableError(Exception):
    """Why an element has no outline; a key of _LOST."""


@dataclass
class _Elements:
    """What a document holds, by number. part_of: the building of a part, as relations name it."""

    nodes: dict[int, _Place] = field(default_factory=dict)
    ways: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    relations: list[Mapping[str, Any]] = field(default_factory=list)
    part_of: dict[str, str] = field(default_factory=dict)


def is_overpass(head: str) -> bool:
    """Whether a text that begins so is an answer of Overpass."""
    return re.search(r'"(osm3s|generator)"\s*:\s*(\{|"Overpass)', head) is not None or (
        re.search(r'"elements"\s*:\s*\[', head) is not None and '"Feature' not in head
    )


def read_overpass(path: Path) -> HeldTable:
    """The buildings of a file; InputError (one line) for whatever is wrong with it."""
    document = _document(path)
    if said := document.get("remark"):
        raise InputError(f"{path}: Overpass did not finish its answer: {str(said)[:120]}")
    try:
        elements = _elements(document["elements"])
        found, lost = _buildings(elements)
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise InputError(f"{path}: damaged answer of Overpass: {type(error).__name__}: {error}") from error
    warnings = tuple(
        f"{path}: {len(ids):,} buildings are left out for {_LOST[reason]}, as {', '.join(ids[:_SHOWN])}"
        for reason, ids in lost.items()
    )
    return HeldTable(
        table_of(found, _COLUMNS), "EPSG:4326", {reason: len(ids) for reason, ids in lost.items()}, warnings
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.name.lower().endswith(".gz") else data).decode("utf-8-sig")
        document = json.loads(text)
    except (ValueError, EOFError, gzip.BadGzipFile, zlib.error, RecursionError) as error:
        raise InputError(f"{path}: truncated or damaged JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("elements"), list):
        raise InputError(f"{path}: an answer of Overpass holds a list of elements, and this does not")
    return document


def _elements(found: Sequence[Mapping[str, Any]]) -> _Elements:
    elements = _Elements()
    for one in found:
        if one["type"] == "node":
            elements.nodes[one["id"]] = _place(one)
        elif one["type"] == "way":
            elements.ways[one["id"]] = one
        elif one["type"] == "relation":
            elements.relations.append(one)
    for relation in elements.relations:
        if _tags(relation).get("type") == "building":
            elements.part_of.update(_roles(relation))
    return elements


def _roles(relation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each part of a relation of type building, and its outline."""
    members = [(m.get("role"), f"{m['type']}/{m['ref']}") for m in relation.get("members", [])]
    outline = next((name for role, name in members if role == "outline"), None)
    for role, name in members:
        if role == "part" and outline is not None:
            yield name, outline


def _buildings(elements: _Elements) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    found, lost = [], dict[str, list[str]]()
    for one in [*elements.ways.values(), *elements.relations]:
        tags = _tags(one)
        is_area = one["type"] == "way" or tags.get("type") == "multipolygon"
        if not is_area or not any(tags.get(key, "no") != "no" for key in ("building", "building:part")):
            continue
        name = f"{one['type']}/{one['id']}"
        try:
            outline = _of_way(one, elements) if one["type"] == "way" else _of_relation(one, elements)
        except _UnusableError as error:
            lost.setdefault(str(error), []).append(name)
            continue
        plain = {key: str(value) for key, value in tags.items()}
        found.append(
            {
                **plain,
                "@id": name,
                "part_of": elements.part_of.get(name),
                GEOMETRY: shapely.to_wkb(outline, byte_order=1),
            }
        )
    return found, lost


def _tags(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return one.get("tags") or {}


def _of_way(way: Mapping[str, Any], elements: _Elements) -> shapely.Geometry:
    line = _line(way, elements)
    if len(line) < 4 or line[0] != line[-1]:
        raise _UnusableError("unclosed_ring")
    return shapely.Polygon(line)


def _of_relation(relation: Mapping[str, Any], elements: _Elements) -> shapely.Geometry:
    """Rings of the members by their roles, joined where several ways make one; inner ones are cut out."""
    lines: dict[bool, list[_Line]] = {True: [], False: []}
    for member in relation.get("members", []):
        if member["type"] == "way" and member.get("role") in ("outer", "inner", "", None):
            own = member if "geometry" in member else elements.ways.get(member["ref"])
            if own is None:
                raise _UnusableError("missing_node")
            lines[member.get("role") != "inner"].append(_line(own, elements))
    outer, inner = (
        shapely.union_all([shapely.Polygon(ring) for ring in _rings(lines[k])]) for k in (True, False)
    )
    if outer.is_empty:
        raise _UnusableError("missing_node" if not lines[True] else "unclosed_ring")
    return shapely.difference(outer, inner)


def _line(way: Mapping[str, Any], elements: _Elements) -> _Line:
    if "geometry" in way:
        if any(place is None for place in way["geometry"]):
            raise _UnusableError("missing_node")
        return [_place(place) for place in way["geometry"]]
    found = [elements.nodes.get(number) for number in way.get("nodes", [])]
    if not found or None in found:
        raise _UnusableError("missing_node")
    return [place for place in found if place is not None]


def _place(said: Mapping[str, Any]) -> _Place:
    lon, lat = float(said["lon"]), float(said["lat"])
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError(f"a position of {lon}, {lat}")
    return lon, lat


def _rings(lines: list[_Line]) -> Iterator[_Line]:
    """Closed rings of lines that meet at their ends, whichever way each runs."""
    rest = [list(line) for line in lines if len(line) >= 2]
    while rest:
        ring = rest.pop()
        while ring[0] != ring[-1]:
            at = next((i for i, other in enumerate(rest) if ring[-1] in (other[0], other[-1])), None)
            if at is None:
                raise _UnusableError("unclosed_ring")
            other = rest.pop(at)
            ring += (other if other[0] == ring[-1] else other[::-1])[1:]
        if len(ring) < 4:
            raise _UnusableError("unclosed_ring")
        yield ring
