"""Other people's files as features of ours: a TOML file says which of their fields becomes which of ours."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nh3
import numpy as np

from smap.content.exchange.file import read_text
from smap.content.exchange.geojson import MOST_FEATURES, parse_features
from smap.content.model import LAYERS, LISTS, Fields
from smap.content.validation import slug_of
from smap.errors import InputError, RecipeError
from smap.geo.crs import parse_crs, to_lonlat

__all__ = ["FieldMapping", "read_mapped", "read_mapping"]

_FORMATS = ("csv", "geojson")
_KEYS = ("format", "encoding", "crs", "fields", "values")
_OURS: Fields = {name: field for layer in LAYERS.values() for name, field in layer.fields.items()}
LONGEST_CELL = 1_000_000
"""Characters; the longest cell of the city's open data (a description in HTML) has 20,000."""


@dataclass(frozen=True)
class FieldMapping:
    """How a file becomes features: our field by their column, and our fields with one value for all.

    `lon` and `lat` name the columns of a CSV's positions: degrees, or x and y in the units of `crs`.
    """

    format: str
    fields: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    crs: str | None = None
    ours: Fields = field(default_factory=lambda: _OURS)


def read_mapping(path: Path, ours: Fields = _OURS) -> FieldMapping:
    """Read a mapping to our fields, those of one layer or of all.

    Errors: RecipeError for what it must not say; InputError where it cannot be read.
    """
    try:
        given = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{path} is no TOML: {error}") from None
    _check_names(given, _KEYS, f"{path}: unknown key")
    fields, values = _section(given, "fields", path, ours), _section(given, "values", path, ours)
    if given.get("format") not in _FORMATS:
        raise RecipeError(
            f"{path}: format is {str(given.get('format'))[:40]!r}: give one of {', '.join(_FORMATS)}"
        )
    texts = [given.get("encoding", ""), given.get("crs", ""), *fields.values()]
    if not all(isinstance(text, str) for text in texts):
        raise RecipeError(f"{path}: encoding, crs and every column under [fields] must be texts")
    if given["format"] == "csv" and not {"lon", "lat"} <= fields.keys():
        raise RecipeError(f"{path}: a csv needs lon and lat under [fields]: the columns of its positions")
    encoding = given.get("encoding", "utf-8-sig")
    return FieldMapping(given["format"], fields, values, encoding, given.get("crs"), ours)


def read_mapped(path: Path, mapping: FieldMapping, layer: str) -> list[dict[str, Any]]:
    """Give the features of a file, unchecked, in lon, lat of WGS84; markup in texts is taken out.

    A record without an id gets one of its English name where that is mapped to a column of its own, else of
    the layer and a hash over name and position, which is the same at every import. Errors: InputError;
    RecipeError for a column that the file has not; CrsError.
    """
    text = read_text(path, mapping.encoding)
    rows, geometries = (
        _csv_rows(text, mapping, path) if mapping.format == "csv" else _geojson_rows(text, path)
    )
    _check_columns(rows, mapping, path)
    if mapping.crs is not None:
        geometries = _in_lonlat(geometries, mapping.crs, str(path))
    return [_feature(row, geometry, mapping, layer) for row, geometry in zip(rows, geometries, strict=True)]


def _section(given: Mapping[str, Any], name: str, path: Path, ours: Fields) -> dict[str, Any]:
    section = given.get(name, {})
    if not isinstance(section, dict):
        raise RecipeError(f"{path}: [{name}] must be a table of our fields")
    known = ("id", "lon", "lat", *(name for name, field in ours.items() if field.kind not in LISTS))
    _check_names(section, known, f"{path}: [{name}] has an unknown field")
    return section


def _check_names(given: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise RecipeError(f"{what} {unknown[:60]!r}; known are {', '.join(known)}")


def _csv_rows(text: str, mapping: FieldMapping, path: Path) -> tuple[list[dict[str, Any]], list[Any]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""), restkey="")]
    except csv.Error as error:
        raise InputError(f"{path} is no CSV that can be read: {error}") from None
    if len(rows) > MOST_FEATURES:
        raise InputError(f"{path} has {len(rows)} rows: {MOST_FEATURES} is the most; split it")
    _check_columns(rows, mapping, path)
    lon, lat = mapping.fields["lon"], mapping.fields["lat"]
    return rows, [_point(row.get(lon), row.get(lat)) for row in rows]


def _point(lon: Any, lat: Any) -> dict[str, Any] | None:
    try:
        return {"type": "Point", "coordinates": [float(lon), float(lat)]}
    except (TypeError, ValueError):
        return None


def _geojson_rows(text: str, path: Path) -> tuple[list[dict[str, Any]], list[Any]]:
    features = parse_features(text, str(path), any_crs=True)
    if not all(isinstance(feature, dict) for feature in features):
        raise InputError(f"{path} is no GeoJSON FeatureCollection: it holds something that is no feature")
    rows = [
        feature["properties"] if isinstance(feature.get("properties"), dict) else {} for feature in features
    ]
    return rows, [feature.get("geometry") for feature in features]


def _check_columns(rows: Sequence[Mapping[str, Any]], mapping: FieldMapping, path: Path) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row if name))
    if not rows:
        raise InputError(f"{path} holds no records")
    missing = next((theirs for theirs in mapping.fields.values() if theirs not in columns), None)
    if missing is not None:
        raise RecipeError(f"{path} has no field {missing[:60]!r}; it has {', '.join(columns)[:400]}")


def _in_lonlat(geometries: Sequence[Any], crs: str, where: str) -> list[Any]:
    """Reproject all positions at once; what is no geometry is left for the check to name."""
    parsed = parse_crs(crs, where=where)
    positions: list[list[float]] = []
    copies = [_with_positions(geometry, positions) for geometry in geometries]
    if positions:
        x, y = np.asarray(positions, dtype=np.float64).T
        lon, lat = to_lonlat(parsed, x, y)
        for position, east, north in zip(positions, np.degrees(lon), np.degrees(lat), strict=True):
            position[:] = [round(float(east), 8), round(float(north), 8)]
    return copies


def _with_positions(geometry: Any, positions: list[list[float]]) -> Any:
    if not isinstance(geometry, Mapping):
        return geometry
    return {**geometry, "coordinates": _copy(geometry.get("coordinates"), positions)}


def _copy(value: Any, positions: list[list[float]]) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) >= 2 and all(isinstance(part, int | float) and math.isfinite(part) for part in value):
        positions.append([float(value[0]), float(value[1])])
        return positions[-1]
    return [_copy(part, positions) for part in value]


def _feature(row: Mapping[str, Any], geometry: Any, mapping: FieldMapping, layer: str) -> dict[str, Any]:
    given = dict(mapping.values) | {
        ours: value
        for ours, theirs in mapping.fields.items()
        if ours not in ("lon", "lat")
        and (value := _value(ours, row.get(theirs), mapping.ours)) not in (None, "")
    }
    id = given.pop("id", None) or _own_id(given, geometry, layer)
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": given}


def _value(ours: str, value: Any, fields: Fields) -> Any:
    if not isinstance(value, str):
        return str(value) if value is not None and ours in ("id", "khs_id") else value
    kind = fields[ours].kind if ours in fields else "line"
    if kind in ("number", "count"):
        try:
            return float(value) if value.strip() else None
        except ValueError:
            return value
    if kind == "truth":
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    plain = _plain(value)
    return plain if kind == "text" else " ".join(plain.split())


def _plain(value: str) -> str:
    """Take markup out: nh3 drops tags and scripts, then its entities become characters again."""
    if not nh3.is_html(value):
        return html.unescape(value).replace("\xa0", " ")
    text = nh3.clean(
        value.replace("<br", "\n<br").replace("</p", "\n</p").replace("</div", "\n</div"), tags=set()
    )
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    return "\n".join(line for line in lines if line)


def _own_id(given: Mapping[str, Any], geometry: Any, layer: str) -> str:
    slug = slug_of(str(given.get("name_en", "")))
    coordinates = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    key = f"{given.get('name_ko', '')}|{given.get('name_en', '')}|{coordinates}"
    return slug or f"{layer}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:10]}"
