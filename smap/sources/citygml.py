"""CityGML 2.0 (also 1.0, and what 3.0 writes alike): buildings with surfaces, read one object at a time.

OGC 12-019, chapter 10.3; geometry as GML 3.1.1 has it. Entities and document types are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from numpy.typing import NDArray

from smap.errors import InputError
from smap.geo.crs import northing_first
from smap.sources.held import GEOMETRY, HeldTable, table_of
from smap.sources.solids import MESH, Surface, footprint_of, height_of, mesh_bytes, union_of

__all__ = ["is_citygml", "read_citygml"]

_COLUMNS = ("gml_id", "height_m")
_NAMESPACE = re.compile(r"http://www\.opengis\.net/citygml/([0-9.]+)$")
_ATTRIBUTES = (
    *("class", "function", "usage", "yearOfConstruction", "roofType", "measuredHeight"),
    *("storeysAboveGround", "storeysBelowGround"),
)
_NUMBERS = frozenset({"yearOfConstruction", "measuredHeight", "storeysAboveGround", "storeysBelowGround"})
_PARTS = ("consistsOfBuildingPart", "buildingPart")
_BOUNDARIES = frozenset(
    {
        *("RoofSurface", "WallSurface", "GroundSurface", "ClosureSurface"),
        *("OuterCeilingSurface", "OuterFloorSurface"),
    }
)
_LODS = ("2", "1", "3", "4")
"""The finest below windows and doors first."""
_SHOWN = 3


@dataclass
class _Reading:
    """What a file tells while it is read. srs: the first name of a system; broken: the ids of buildings by
    what is amiss with them; told: faults of surfaces.
    """

    path: Path
    srs: str | None = None
    version: str | None = None
    told: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)


def is_citygml(head: str) -> bool:
    """Whether a text that begins so is CityGML."""
    return "<" in head and re.search(r"<(\w+:)?CityModel\b", head) is not None


def read_citygml(path: Path) -> HeldTable:
    """The buildings of a file; InputError (one line) for whatever is wrong with it.

    Where the system's own order is north first, and positions are only in its area when read so, they are.
    """
    reading = _Reading(path)
    try:
        buildings = list(_buildings(path, reading))
    except DefusedXmlException as error:
        raise InputError(f"{path}: holds entities or a document type, which are refused: {error}") from error
    except ParseError as error:
        raise InputError(f"{path}: truncated or damaged XML: {error}") from error
    except (ValueError, IndexError, TypeError, shapely.errors.ShapelyError) as error:
        raise InputError(f"{path}: damaged CityGML: {type(error).__name__}: {error}") from error
    if reading.version is None:
        raise InputError(f"{path}: no CityGML: its root is in no namespace of CityGML")
    system = None if reading.srs is None else _system(reading.srs)
    rows = [_row(one, reading, _is_turned(system, buildings)) for one in buildings]
    warnings = tuple(
        f"{path}: {len(ids):,} buildings with {_WORDS[fault]}, as {', '.join(ids[:_SHOWN])}"
        for fault, ids in reading.broken.items()
    )
    return HeldTable(table_of(rows, _COLUMNS), system, faults=dict(reading.told), warnings=warnings)


_WORDS = {
    "xlink_to_nothing": "an xlink to a surface that is not in them",
    "ring_unclosed": "rings that do not close (they are closed)",
}


@dataclass
class _Building:
    """said: its attributes. body, flat: surfaces of its finest level, and of level 0."""

    name: str
    said: dict[str, Any]
    body: list[Surface]
    flat: list[Surface]


def _buildings(path: Path, reading: _Reading) -> Iterator[_Building]:
    """Each building as it ends; what has been read is let go."""
    trail: list[Element] = []
    with path.open("rb") as file:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                _note_start(element, reading, len(trail))
                trail.append(element)
                continue
            trail.pop()
            if element.get("srsName") and reading.srs is None:
                reading.srs = element.get("srsName")
            if _local(element) == "Building":
                yield _building(element, reading)
            if _local(element) in ("cityObjectMember", "featureMember"):
                element.clear()
                trail[-1].remove(element)


def _note_start(element: Element, reading: _Reading, depth: int) -> None:
    if depth == 0 and (found := _NAMESPACE.match(element.tag.rpartition("}")[0].lstrip("{"))):
        reading.version = found[1]
    if reading.srs is None and element.get("srsName"):
        reading.srs = element.get("srsName")


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, *names: str) -> Iterator[Element]:
    for child in element:
        if _local(child) in names:
            yield child


def _building(element: Element, reading: _Reading) -> _Building:
    name = _id(element) or ""
    members = [element, *_parts(element)]
    known = {_id(one): one for one in element.iter() if _id(one)}
    body = [s for one in members for s in _finest(one, known, name, reading)]
    flat = [
        s
        for one in members
        for box in _children(one, "lod0FootPrint", "lod0RoofEdge", "lod0MultiSurface")
        for s in _polygons(box, None, known, name, reading)
    ]
    return _Building(name, _attributes(element), body, flat)


def _parts(element: Element) -> Iterator[Element]:
    for holder in _children(element, *_PARTS):
        for part in _children(holder, "BuildingPart"):
            yield part
            yield from _parts(part)


def _id(element: Element) -> str | None:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id"), None)


def _attributes(element: Element) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for child in element:
        local, text = _local(child), (child.text or "").strip()
        if local == "name" and text:
            said.setdefault("name", text)
        elif local in _ATTRIBUTES and text:
            said.setdefault(local, _number(text) if local in _NUMBERS else text)
        elif local.endswith("Attribute") and child.get("name"):
            value = next((v.text for v in child.iter() if _local(v) == "value" and v.text), None)
            if value is not None:
                said.setdefault(str(child.get("name")), value.strip())
    return said


def _number(text: str) -> float | None:
    try:
        return float(text[:4] if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text) else text)
    except ValueError:
        return None


def _finest(
    element: Element, known: Mapping[str | None, Element], name: str, reading: _Reading
) -> list[Surface]:
    """The surfaces of a building or part at the best level: those with a kind, else those of its shell."""
    for lod in _LODS:
        themed = [
            s
            for holder in _children(element, "boundedBy", "boundary")
            for boundary in holder
            if _local(boundary) in _BOUNDARIES
            for box in boundary.iter()
            if _local(box) in (f"lod{lod}MultiSurface", f"lod{lod}Geometry")
            for s in _polygons(box, _local(boundary), known, name, reading)
        ]
        shell = themed or [
            s
            for box in _children(element, f"lod{lod}Solid", f"lod{lod}MultiSurface", f"lod{lod}Geometry")
            for s in _polygons(box, None, known, name, reading)
        ]
        if shell:
            return shell
    return []


def _polygons(
    box: Element, kind: str | None, known: Mapping[str | None, Element], name: str, reading: _Reading
) -> Iterator[Surface]:
    yield from _walk(box, kind, known, name, reading)


def _walk(
    element: Element,
    kind: str | None,
    known: Mapping[str | None, Element],
    name: str,
    reading: _Reading,
    *,
    reverse: bool = False,
    depth: int = 0,
) -> Iterator[Surface]:
    """Polygons below an element, through links and turned surfaces."""
    link = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "href"), None)
    if link is not None and not len(element):
        target = known.get(link.removeprefix("#"))
        if target is None or depth > 20:
            reading.told["xlink_to_nothing"] += 1
            _tell(reading, "xlink_to_nothing", name)
        elif _local(target) in (
            "Polygon",
            "OrientableSurface",
            "CompositeSurface",
            "Triangle",
            "MultiSurface",
        ):
            yield from _walk(target, kind, known, name, reading, reverse=reverse, depth=depth + 1)
        return
    local = _local(element)
    if local in ("Polygon", "Triangle", "Rectangle"):
        if (surface := _polygon(element, kind, reverse, name, reading)) is not None:
            yield surface
        return
    if local in ("interior", "interiorWall"):
        return  # an inner shell of a solid is not seen from outside
    turned = local == "OrientableSurface" and element.get("orientation") == "-"
    for child in element:
        yield from _walk(child, kind, known, name, reading, reverse=reverse != turned, depth=depth)


def _polygon(
    element: Element, kind: str | None, reverse: bool, name: str, reading: _Reading
) -> Surface | None:
    rings = [
        _ring(ring, name, reading)
        for side in _children(element, "exterior", "interior")
        for ring in _children(side, "LinearRing")
    ]
    if not rings:
        reading.told["surfaces_degenerate"] += 1
        return None
    return Surface([ring[::-1] if reverse else ring for ring in rings], kind)


def _ring(element: Element, name: str, reading: _Reading) -> NDArray[np.float64]:
    """Corners without the last, which repeats the first."""
    texts = [child.text or "" for child in _children(element, "posList", "pos")]
    numbers = np.array(" ".join(texts).split(), np.float64)
    if len(numbers) % 3:
        raise ValueError(f"{len(numbers)} numbers in a ring of '{name}': three are wanted for each corner")
    corners = numbers.reshape(-1, 3)
    if len(corners) and (corners[0] == corners[-1]).all():
        return corners[:-1]
    reading.told["ring_unclosed"] += 1
    _tell(reading, "ring_unclosed", name)
    return corners


def _tell(reading: _Reading, fault: str, name: str) -> None:
    ids = reading.broken.setdefault(fault, [])
    if not ids or ids[-1] != name:
        ids.append(name)


def _system(srs: str) -> str:
    """As `parse_crs` takes it: an EPSG code, two of them, or the text itself."""
    if srs.startswith("urn:ogc:def:crs,"):
        codes = re.findall(r"crs:EPSG:[^:,]*:(\d+)", srs)
    else:
        codes = re.findall(r"(?:EPSG[:/][^:/]*[:/]|EPSG::?|epsg\.xml#)(\d+)", srs, re.IGNORECASE)
    return "EPSG:" + "+".join(codes) if codes else srs


def _is_turned(system: str | None, buildings: list[_Building]) -> bool:
    """Whether the first coordinate is the northing, judged by where the first building would lie."""
    ring = next((s.rings[0] for one in buildings for s in (*one.body, *one.flat) if len(s.rings[0])), None)
    return system is not None and ring is not None and northing_first(system, *ring[0, :2].tolist())


def _row(one: _Building, reading: _Reading, turned: bool) -> dict[str, Any]:
    body, flat = ([_turned(s) for s in each] if turned else each for each in (one.body, one.flat))
    with np.errstate(all="ignore"):
        # coordinates that are no numbers are judged later, with all others
        outline = union_of(flat) if flat else footprint_of(body)
        mesh = mesh_bytes(body, outline, reading.told)
        measured = one.said.get("measuredHeight")
        height = measured if measured is not None and 0.0 < measured < np.inf else height_of(body)
    wkb = None if outline is None else shapely.to_wkb(outline, byte_order=1)
    return {**one.said, "gml_id": one.name or None, "height_m": height, GEOMETRY: wkb, MESH: mesh}


def _turned(surface: Surface) -> Surface:
    """East before north; the corners keep their order, so that a surface looks the way it did."""
    return Surface([ring[:, [1, 0, 2]] for ring in surface.rings], surface.kind)
