"""Rows as features of ours: the one place where a mapping is applied."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from smap.content.exchange.grouping import grouped
from smap.content.exchange.incoming import Incoming
from smap.content.exchange.mapping import FieldMapping, check_fields, columns_of
from smap.content.exchange.pictures import with_picture
from smap.content.exchange.row import Row
from smap.content.exchange.texts import filled, value_of
from smap.content.geometry import Fault, check_geometry
from smap.content.model import Kind, LayerModel
from smap.content.validation import slug_of
from smap.errors import InputError, RecipeError
from smap.geo.crs import Crs, to_lonlat

__all__ = ["mapped_features"]

_BATCH = 1_000
"""Rows whose positions are reprojected at once."""
_TABLES = ("csv", "xlsx", "geojson", "geojsonl", "shapefile", "gpkg")
"""Formats whose records all have the same fields; elsewhere a field without a value may be left out."""
_SINGLE = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_PLACES = 8
"""Decimals of reprojected degrees: 1 mm."""


def mapped_features(
    rows: Iterable[Row], mapping: FieldMapping, model: LayerModel, *, crs: Crs | None = None, where: str
) -> Iterator[Incoming]:
    """Give the features of rows, unchecked, in lon, lat of WGS84.

    A record without an id gets one of its key, else of its own English name, else of a hash over its name and
    place: the same at every import. Errors: RecipeError for a column that no row has, or a field that the
    layer has not; CrsError; whatever reading tells.
    """
    check_fields(mapping, model)
    features = _features(rows, mapping, model, crs, where)
    return grouped(features, mapping, model) if mapping.group else features


def _features(
    rows: Iterable[Row], mapping: FieldMapping, model: LayerModel, crs: Crs | None, where: str
) -> Iterator[Incoming]:
    seen: dict[str, None] = {}
    numbered = enumerate(rows, 1)
    while batch := list(islice(numbered, _BATCH)):
        for _, row in batch:
            seen |= dict.fromkeys(row.fields)
        geometries = [_geometry(row, mapping) for _, row in batch]
        placed = geometries if crs is None else _in_lonlat(geometries, crs)
        for (ordinal, row), geometry in zip(batch, placed, strict=True):
            yield _incoming(ordinal, row, geometry, mapping, model)
    _check_columns(seen, mapping, where)


def _check_columns(seen: Mapping[str, None], mapping: FieldMapping, where: str) -> None:
    if not seen and mapping.format in _TABLES[:2]:
        raise InputError(f"{where} holds no records")
    if not seen or mapping.format not in _TABLES:
        return
    known = list(dict.fromkeys(unicodedata.normalize("NFC", name) for name in seen))
    for columns in mapping.fields.values():
        missing = [name for name in columns_of(columns) if name not in known]
        if len(missing) == len(columns_of(columns)):
            has = ", ".join(name for name in known if name)
            raise RecipeError(f"{where} has no field {missing[0][:60]!r}; it has {has[:400]}")


def _geometry(row: Row, mapping: FieldMapping) -> Any:
    if "lon" not in mapping.fields:
        return _settled(row.geometry)
    lon, lat = (_first(row, mapping, name, "number") for name in ("lon", "lat"))
    if not all(isinstance(value, int | float) for value in (lon, lat)):
        return None
    return {"type": "Point", "coordinates": [float(lon), float(lat)]}


def _settled(geometry: Any) -> Any:
    """Heights are left out, a collection of one is that one; what is no geometry is left for the check."""
    if not isinstance(geometry, Mapping):
        return geometry
    kind, coordinates = geometry.get("type"), _flat(geometry.get("coordinates"))
    if kind in _SINGLE and isinstance(coordinates, list) and len(coordinates) == 1:
        return {"type": _SINGLE[kind], "coordinates": coordinates[0]}
    return {"type": kind, "coordinates": coordinates}


def _is_position(value: Any) -> bool:
    return len(value) >= 2 and all(isinstance(part, int | float) for part in value)


def _flat(value: Any, depth: int = 5) -> Any:
    if not isinstance(value, list | tuple) or depth == 0:
        return value
    return list(value[:2]) if _is_position(value) else [_flat(part, depth - 1) for part in value]


def _in_lonlat(geometries: Sequence[Any], crs: Crs) -> list[Any]:
    """Reproject all positions at once; what is no geometry is left for the check to name."""
    positions: list[list[float]] = []
    copies = [_with_positions(geometry, positions) for geometry in geometries]
    if positions:
        x, y = np.asarray(positions, dtype=np.float64).T
        lon, lat = to_lonlat(crs, x, y)
        for position, east, north in zip(positions, np.degrees(lon), np.degrees(lat), strict=True):
            position[:] = [round(float(east), _PLACES), round(float(north), _PLACES)]
    return copies


def _with_positions(geometry: Any, positions: list[list[float]]) -> Any:
    if not isinstance(geometry, Mapping):
        return geometry
    return {**geometry, "coordinates": _copied(geometry.get("coordinates"), positions)}


def _copied(value: Any, positions: list[list[float]]) -> Any:
    if not isinstance(value, list):
        return value
    if _is_position(value) and all(math.isfinite(part) for part in value):
        positions.append([float(value[0]), float(value[1])])
        return positions[-1]
    return [_copied(part, positions) for part in value]


def _incoming(ordinal: int, row: Row, geometry: Any, mapping: FieldMapping, model: LayerModel) -> Incoming:
    if row.fault is not None:
        return Incoming(None, (ordinal,), row.fault)
    geometry, notes, fault = _placed(geometry, mapping)
    own = _own_fields(row, mapping, model)
    properties = _with_values(own, mapping)
    given = own.get("id")
    id = _id(given if isinstance(given, str) else "", own, properties, geometry, mapping, model)
    properties.pop("id", None)
    properties, told = with_picture(properties, row, mapping.picture)
    feature = {"type": "Feature", "id": id, "geometry": geometry, "properties": properties}
    return Incoming(feature, (ordinal,), fault, (*notes, *told))


def _placed(geometry: Any, mapping: FieldMapping) -> tuple[Any, tuple[str, ...], Fault | None]:
    """Set swapped positions right where the mapping says so, and refuse what lies outside its box."""
    checked, faults = check_geometry(geometry)
    notes: tuple[str, ...] = ()
    if mapping.mend_swapped and [fault.code for fault in faults] == ["swapped_coordinates"]:
        mended = {**geometry, "coordinates": _swapped(geometry["coordinates"])}
        if check_geometry(mended)[0] is not None:  # of a line all positions have to be swapped
            geometry, notes = mended, ("swapped_coordinates",)
            checked, faults = check_geometry(geometry)
    if checked is None or mapping.clip is None:
        return geometry, notes, None
    return geometry, notes, _clip_fault(checked["coordinates"], mapping.clip)


def _swapped(value: Any) -> Any:
    return [value[1], value[0]] if _is_position(value) else [_swapped(part) for part in value]


def _clip_fault(coordinates: Any, clip: tuple[float, float, float, float]) -> Fault | None:
    west, south, east, north = clip
    x, y = np.asarray(list(_positions(coordinates)), dtype=np.float64).T
    outside = (x < west) | (x > east) | (y < south) | (y > north)
    if not outside.any():
        return None
    at = int(outside.argmax())
    box = f"{west:g}–{east:g} E, {south:g}–{north:g} N"
    return Fault("outside_clip", f"the position {x[at]:g}, {y[at]:g} lies outside the mapping's clip ({box})")


def _positions(value: Any) -> Iterator[Any]:
    if _is_position(value):
        yield value
        return
    for part in value:
        yield from _positions(part)


def _own_fields(row: Row, mapping: FieldMapping, model: LayerModel) -> dict[str, Any]:
    own = {}
    for name in mapping.fields:
        if name not in ("lon", "lat"):
            kind = model.fields[name].kind if name in model.fields else "line"
            value = _first(row, mapping, name, kind)
            if value not in (None, ""):
                own[name] = value
    return own


def _first(row: Row, mapping: FieldMapping, name: str, kind: Kind) -> Any:
    """The first column that says something; where the field has a table, something that stands in it."""
    table = mapping.maps.get(name)
    columns = columns_of(mapping.fields[name])
    found = [value for value in (_cell(row, column, kind, name, table) for column in columns) if value != ""]
    if table is None:
        return found[0] if found else None
    told = next((table[value] for value in found if value in table), None)
    return told if told is not None else table.get("*", found[0] if found else None)


def _cell(row: Row, column: str, kind: Kind, name: str, table: Mapping[str, Any] | None) -> Any:
    raw = row.fields.get(column)
    if raw is None and not column.isascii():
        raw = row.fields.get(unicodedata.normalize("NFD", column))
    value = value_of(raw, "line" if table is not None else kind, name)
    return "" if value is None else value


def _with_values(own: Mapping[str, Any], mapping: FieldMapping) -> dict[str, Any]:
    """Values that name other fields are filled when those are there: first from columns, then from values."""
    fields = {name: value for name, value in mapping.values.items() if not _is_template(value)} | dict(own)
    for name, value in mapping.values.items():
        if name not in fields and _is_template(value):
            text = filled(value, fields)
            if text is not None:
                fields[name] = text
    return fields


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "{" in value


def _id(
    given: str,
    own: Mapping[str, Any],
    properties: Mapping[str, Any],
    geometry: Any,
    mapping: FieldMapping,
    model: LayerModel,
) -> str:
    before = f"{mapping.prefix}-" if mapping.prefix else ""
    keyed = [str(properties.get(name, "")) for name in mapping.key]
    if given:
        return _slug(before + given, given)
    if keyed and all(keyed):
        return _slug(f"{mapping.prefix or model.id}-{'-'.join(keyed)}", "|".join(keyed))
    if slug_of(str(own.get("name_en", ""))):
        return slug_of(before + str(own["name_en"]))
    coordinates = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    key = f"{properties.get('name_ko', '')}|{properties.get('name_en', '')}|{coordinates}"
    return f"{mapping.prefix or model.id}-{_hash(key)}"


def _slug(text: str, whole: str) -> str:
    """A short name of Latin letters; one that loses characters on the way is told apart by a hash."""
    slug = slug_of(text)
    return slug if whole.isascii() and len(text) == len(slug) else f"{slug[:60]}-{_hash(whole)}".strip("-")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]
