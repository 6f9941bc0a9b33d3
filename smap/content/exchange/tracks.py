"""GPX and KML in, also KMZ: waypoints, routes, tracks, placemarks; heights are left out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from smap.content.exchange.file import open_file, open_zip
from smap.content.exchange.markup import Element, items, local, text_of
from smap.content.exchange.row import Row
from smap.errors import InputError

__all__ = ["read_gpx", "read_kml"]

Geometry = dict[str, Any]
_GPX = frozenset({"wpt", "rte", "trk"})
_SHAPES = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def read_gpx(path: Path) -> Iterator[Row]:
    """Give each waypoint, route and track of a GPX 1.1 file; `kind` tells which it is. Errors: InputError."""
    with open_file(path) as file:
        for _, item in items(file, _GPX, str(path)):
            yield Row(_leaves(item) | {"kind": local(item)}, _gpx_geometry(item))


def read_kml(path: Path) -> Iterator[Row]:
    """Give each placemark of a KML 2.2 file or of the first one in a KMZ, with its ExtendedData.

    A placemark that only places a model lies where the model does. Errors: InputError.
    """
    if not zipfile.is_zipfile(path):
        with open_file(path) as file:
            yield from _placemarks(file, str(path))
        return
    with open_zip(path) as archive:
        name = next((name for name in archive.namelist() if name.lower().endswith(".kml")), None)
        if name is None:
            raise InputError(f"{path} holds no .kml")
        with archive.open(name) as inner:
            yield from _placemarks(inner, f"{path}/{name[:60]}")


def _placemarks(file: IO[bytes], where: str) -> Iterator[Row]:
    for around, item in items(file, frozenset({"Placemark"}), where):
        folders = [text_of(child) for outer in around for child in outer if local(child) == "name"]
        yield Row({"folder": folders[-1] if folders else ""} | _leaves(item) | _extended(item), _shape(item))


def _leaves(item: Element) -> dict[str, str]:
    found = {local(child): text_of(child) for child in item if len(child) == 0}
    links = [child.get("href", "") for child in item if local(child) == "link"]
    return found | ({"link": links[0]} if links else {})


def _gpx_geometry(item: Element) -> Geometry | None:
    if local(item) == "wpt":
        return {"type": "Point", "coordinates": _lonlat(item)}
    parts = [item] if local(item) == "rte" else [part for part in item if local(part) == "trkseg"]
    lines = [[_lonlat(point) for point in part if local(point) in ("rtept", "trkpt")] for part in parts]
    return _gathered("LineString", [line for line in lines if len(line) > 1])


def _lonlat(point: Element) -> list[float] | None:
    return _numbers([point.get("lon", ""), point.get("lat", "")])


def _numbers(texts: list[str]) -> list[float] | None:
    try:
        return [float(text) for text in texts[:2]]
    except ValueError:
        return None


def _extended(item: Element) -> dict[str, str]:
    """Data (with a value inside) and SimpleData (of a schema), by their names."""
    data = {
        part.get("name", ""): " ".join(text_of(value) for value in part if local(value) == "value")
        for part in item.iter()
        if local(part) == "Data"
    }
    simple = {part.get("name", ""): text_of(part) for part in item.iter() if local(part) == "SimpleData"}
    return data | simple


def _shape(item: Element) -> Geometry | None:
    shapes = [part for part in item.iter() if local(part) in _SHAPES]
    kinds = {local(shape) for shape in shapes}
    if len(kinds) == 1:
        return _gathered(kinds.pop(), [_coordinates(shape) for shape in shapes])
    return None if shapes else _model_point(item)


def _gathered(kind: str, parts: list[Any]) -> Geometry | None:
    """One part is that shape, several are its Multi shape."""
    if len(parts) == 1:
        return {"type": kind, "coordinates": parts[0]}
    return {"type": _SHAPES[kind], "coordinates": parts} if parts else None


def _coordinates(shape: Element) -> Any:
    rings = [_tuples(text_of(part)) for part in shape.iter() if local(part) == "coordinates"]
    if local(shape) == "Polygon":
        return rings
    line = rings[0] if rings else []
    return line if local(shape) == "LineString" else (line[0] if line else None)


def _tuples(text: str) -> list[list[float] | None]:
    """ "lon,lat[,height]" apart by spaces (KML 2.2, 16.9)."""
    return [_numbers(part.split(",")) for part in text.split()]


def _model_point(item: Element) -> Geometry | None:
    location = next((part for part in item.iter() if local(part) == "Location"), None)
    if location is None:
        return None
    parts = {local(part): text_of(part) for part in location}
    return {"type": "Point", "coordinates": _numbers([parts.get("longitude", ""), parts.get("latitude", "")])}
