"""What a mapping says: which of somebody else's fields becomes which of ours. A TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from smap.content.exchange.file import read_text
from smap.content.exchange.pictures import KOGL, PICTURE, PICTURE_NEEDS
from smap.content.model import LISTS, LayerModel
from smap.content.record import Bbox
from smap.errors import RecipeError

__all__ = ["FORMATS", "FieldMapping", "check_fields", "columns_of", "read_mapping"]

FORMATS = (
    "csv",
    "xlsx",
    "geojson",
    "geojsonl",
    "khs",
    "tourapi",
    "seoul",
    "gpx",
    "kml",
    "shapefile",
    "gpkg",
)
"""`khs`: XML of the Korea Heritage Service; `seoul`: JSON of data.seoul.go.kr; `geojsonl`: one a line."""
_PLACELESS = ("csv", "xlsx", "khs", "tourapi", "seoul")
"""Formats without geometries: positions stand in two columns."""
_PLACE = ("id", "lon", "lat")
_GROUP = ("by", "name_ko", "name_en", "item_ko", "item_en")
Columns: TypeAlias = str | Sequence[str]
"""A column, or several of which the first that says something is taken."""


@dataclass(frozen=True)
class FieldMapping:
    """How a file becomes features: our field by their column, and our fields with one value for all.

    `fields`: `lon` and `lat` name the columns of positions: degrees, or x and y in the units of `crs`.
    `values`: what stands where no column says anything; {name} in a text stands for another field of ours.
    `maps`: by our field, their value to ours; "*" is for all others.
    `table`: a sheet or a layer. `prefix`: of the ids. `key`: our fields that tell one record from all others.
    `match_m`: how far from a record of the same name a record may lie to be the same. `clip`: west, south,
    east, north; what lies outside is refused. `mend_swapped`: whether swapped lat and lon are set right.
    `group`: `by` = "position", and texts for the place that several items share.
    `picture`: the columns `url` and `kogl` of a picture and its licence, whom to `credit`, and the `usual`
    type of licence where the column says nothing.
    """

    format: str
    fields: Mapping[str, Columns]
    values: Mapping[str, Any] = field(default_factory=dict)
    encoding: str | None = None
    crs: str | None = None
    maps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    table: str | None = None
    prefix: str | None = None
    key: Sequence[str] = ()
    match_m: float | None = None
    clip: Bbox | None = None
    mend_swapped: bool = False
    group: Mapping[str, str] = field(default_factory=dict)
    picture: Mapping[str, str] = field(default_factory=dict)


def read_mapping(path: Path) -> FieldMapping:
    """Read a mapping. Errors: RecipeError for what it must not say; InputError where it cannot be read."""
    try:
        given = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{path} is no TOML: {error}") from None
    _check_names(given, (*_KINDS, "map"), f"{path}: unknown key")
    for name, value in given.items():
        fits, shape = _KINDS.get(name, _KINDS["fields"])
        if not fits(value):
            raise RecipeError(f"{path}: {name} must be {shape}, not {str(value)[:60]!r}")
    mapping = _mapping(given)
    _check(mapping, path)
    return mapping


def check_fields(mapping: FieldMapping, model: LayerModel) -> None:
    """Refuse a mapping that speaks of fields which the layer has not. Errors: RecipeError."""
    known = (*_PLACE, *(name for name, kind in model.fields.items() if kind.kind not in LISTS))
    _check_names(mapping.fields, known, "[fields] of the mapping has an unknown field")
    _check_names(mapping.values, known[3:], "[values] of the mapping has an unknown field")
    _check_names(mapping.maps, known, "[map] of the mapping has an unknown field")
    _check_names(dict.fromkeys(mapping.key), known[3:], "key of the mapping has an unknown field")


def columns_of(columns: Columns) -> Sequence[str]:
    """Give the columns that may fill a field, in their order."""
    return [columns] if isinstance(columns, str) else columns


def _mapping(given: Mapping[str, Any]) -> FieldMapping:
    own = {name: value for name, value in given.items() if name not in ("format", "fields", "map", "clip")}
    clip = tuple(given["clip"]) if "clip" in given else None
    form, fields, maps = given.get("format", ""), given.get("fields", {}), given.get("map", {})
    return FieldMapping(form, fields, maps=maps, clip=clip, **own)


def _check(mapping: FieldMapping, path: Path) -> None:
    if mapping.format not in FORMATS:
        raise RecipeError(f"{path}: format is {mapping.format[:40]!r}: give one of {', '.join(FORMATS)}")
    for name, columns in mapping.fields.items():
        if not (isinstance(columns, str) or _texts(columns)):
            raise RecipeError(f"{path}: [fields] {name[:60]}: columns must be texts, or lists of texts")
    if not all(isinstance(table, dict) for table in mapping.maps.values()):
        raise RecipeError(f"{path}: [map] must hold a table for each field: [map.category]")
    if ("lon" in mapping.fields) != ("lat" in mapping.fields):
        raise RecipeError(f"{path}: lon and lat come together under [fields]")
    if mapping.format in _PLACELESS and "lon" not in mapping.fields:
        raise RecipeError(f"{path}: a {mapping.format} needs lon and lat under [fields]: its positions")
    _check_names(mapping.group, _GROUP, f"{path}: [group] has an unknown key")
    if mapping.group and mapping.group.get("by") != "position":
        raise RecipeError(f'{path}: [group] must say  by = "position"')
    if mapping.picture:
        _check_picture(mapping.picture, path)


def _check_picture(picture: Mapping[str, str], path: Path) -> None:
    _check_names(picture, PICTURE, f"{path}: [picture] has an unknown key")
    missing = next((name for name in PICTURE_NEEDS if not picture.get(name)), None)
    if missing is not None:
        raise RecipeError(f"{path}: [picture] needs {missing}: the column of the address, and whom to credit")
    usual = picture.get("usual")
    if usual is not None and usual not in KOGL:
        raise RecipeError(f"{path}: [picture] usual is {usual[:40]!r}: give one of {', '.join(KOGL)}")


def _check_names(given: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise RecipeError(f"{what} {unknown[:60]!r}; known are {', '.join(known)}")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _box(value: object) -> bool:
    if not (isinstance(value, list) and len(value) == 4 and all(isinstance(x, int | float) for x in value)):
        return False
    return bool(value[0] < value[2] and value[1] < value[3])


def _table(value: object) -> bool:
    return isinstance(value, dict)


def _texts_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "format": (_text, "a text"),
    "encoding": (_text, "a text"),
    "crs": (_text, "a text"),
    "table": (_text, "a text"),
    "prefix": (_text, "a text"),
    "key": (_texts, "a list of our fields"),
    "match_m": (_number, "a number of metres"),
    "clip": (_box, "west, south, east, north in degrees"),
    "mend_swapped": (lambda value: isinstance(value, bool), "true or false"),
    "group": (_texts_by_name, "a table of texts"),
    "picture": (_texts_by_name, "a table of texts"),
    "fields": (_table, "a table of our fields"),
    "values": (_table, "a table of our fields"),
}
