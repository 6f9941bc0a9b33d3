"""Checking and normalising a record at the door: all faults at once, each says what to do. Pure."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import nh3

from smap.content.geometry import MOST_POSITIONS, Fault, check_geometry
from smap.content.model import FIELDS, LAYERS, VERTEX_FIELDS, Field, LayerModel, layer_model
from smap.content.record import Draft, Geometry, Properties
from smap.errors import ValidationError

__all__ = ["check_feature", "draft_of", "slug_of"]

LONGEST_ID = 80
MOST_FAULTS = 100
"""That are told of one record; a body of 1 MB of empty vertices would have 1.7 million."""
LARGEST_NUMBER = 1e7
"""Metres: a quarter of the way around the earth."""
RAW_FACTOR = 3
"""A text may come with this many code points for each that it is to have: decomposed Hangul takes three."""
DEFAULT_LICENCE = "CC-BY-4.0"
APPROXIMATE_FROM_M = 100.0
"""A position less sure than this is an area's, not a thing's, and is called approximate."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MEMBERS = {"type", "id", "geometry", "properties", "bbox", "revision"}
_HIDDEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that no text of ours holds: controls, lone surrogates, private and unassigned."""
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides, which can make a text read as another (CVE-2021-42574)."""


def draft_of(feature: object, layer: str) -> Draft:
    """Give the checked, normalised record of a feature. Errors: ValidationError with every fault."""
    draft, faults = check_feature(feature, layer)
    if draft is None:
        raise ValidationError([fault.line for fault in faults])
    return draft


def check_feature(feature: object, layer: str) -> tuple[Draft | None, list[Fault]]:
    """Give the normalised record of a GeoJSON feature, or None and everything that is wrong with it.

    Errors: NotFoundError for an unknown layer.
    """
    model = layer_model(layer)
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        return None, [Fault("not_a_feature", "this is no GeoJSON feature: its type must be 'Feature'")]
    faults = [*_member_faults(feature), *_id_faults(feature.get("id"))]
    geometry, geometry_faults = check_geometry(feature.get("geometry"))
    faults += geometry_faults
    properties = _check_properties(feature.get("properties"), model, faults)
    if geometry is not None:
        faults += _line_faults(geometry, properties, model)
    if faults or geometry is None:
        return None, _first(faults)
    return Draft(layer, feature["id"], geometry, _completed(properties)), []


def slug_of(name: str) -> str:
    """Make an id of an English name: "Sungnyemun Gate" gives "sungnyemun-gate"; "" where nothing is left."""
    short = name[: RAW_FACTOR * FIELDS["name_en"].limit]
    plain = unicodedata.normalize("NFKD", short.casefold()).encode("ascii", "ignore").decode("ascii")
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))[:LONGEST_ID].strip("-")


def _first(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= MOST_FAULTS:
        return faults
    more = Fault(faults[MOST_FAULTS].code, f"and {len(faults) - MOST_FAULTS} more faults")
    return [*faults[:MOST_FAULTS], more]


def _member_faults(feature: Mapping[str, Any]) -> Iterator[Fault]:
    unknown = sorted(str(name) for name in feature if name not in _MEMBERS)
    if unknown:
        line = f"unknown members of the feature: {_listed(unknown)}; fields stand in properties"
        yield Fault("unknown_field", line)


def _id_faults(value: object) -> Iterator[Fault]:
    if not isinstance(value, str) or not _SLUG.fullmatch(value) or len(value) > LONGEST_ID:
        shape = f"give a-z, 0-9 and single hyphens, at most {LONGEST_ID} characters, as in 'sungnyemun'"
        yield Fault("id", f"id {_short(value)} is no slug: {shape}")


def _check_properties(value: object, model: LayerModel, faults: list[Fault]) -> Properties:
    if not isinstance(value, Mapping):
        faults.append(Fault("missing", "properties are missing: give an object with the record's fields"))
        return {}
    properties = _check_fields(value, FIELDS, faults, "")
    faults += _category_faults(value.get("category"), model)
    return properties


def _check_fields(
    given: Mapping[str, Any], fields: Mapping[str, Field], faults: list[Fault], where: str
) -> Properties:
    unknown = sorted(str(name) for name in given if name not in fields)
    if unknown:
        known = ", ".join(fields)
        faults.append(
            Fault("unknown_field", f"{where}unknown field {_listed(unknown)}; the fields are {known}")
        )
    checked: Properties = {}
    for name, field in fields.items():
        value = _normalised(given.get(name), field)
        if value is None:
            if field.required:
                faults.append(Fault("missing", f"{where}{name} is missing"))
            continue
        checked[name] = value
        faults += (Fault(code, f"{where}{name} {line}") for code, line in _value_faults(value, field))
        if field.kind == "vertices" and isinstance(value, list) and len(value) <= MOST_POSITIONS:
            checked[name] = [_check_vertex(vertex, number, faults) for number, vertex in enumerate(value, 1)]
    return checked


def _check_vertex(vertex: object, number: int, faults: list[Fault]) -> Properties:
    if not isinstance(vertex, Mapping):
        faults.append(Fault("vertices", f"vertex {number} is no object"))
        return {}
    return _check_fields(vertex, VERTEX_FIELDS, faults, f"vertex {number}: ")


def _normalised(value: object, field: Field) -> object:
    """Texts in NFC with plain line ends and nothing around them, an empty one is no value; numbers as floats.

    A client that guesses a column's type by its first values (GDAL) would else make 20 an integer column and
    cut 2.5 down to 2. A text far too long stays as it is, to be refused: sorting combining marks takes the
    square of their number (CPython 3.11: 80,000 in 5 s).
    """
    if field.kind == "number" and type(value) is int and abs(value) < LARGEST_NUMBER:
        return float(value)
    if not isinstance(value, str) or len(value) > RAW_FACTOR * field.limit:
        return value
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text or None


def _value_faults(value: object, field: Field) -> Iterator[Fault]:
    if field.kind == "number":
        yield from _number_faults(value)
    elif field.kind == "truth":
        if not isinstance(value, bool):
            yield Fault("value", f"is {_short(value)}: give true or false")
    elif field.kind == "vertices":
        yield from _list_faults(value)
    elif not isinstance(value, str):
        yield Fault("value", f"is {_short(value)}: give a text")
    else:
        yield from _text_faults(value, field)


def _list_faults(value: object) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("vertices", "is no list")
    elif len(value) > MOST_POSITIONS:
        yield Fault("vertices", f"has {len(value)} points: {MOST_POSITIONS} is the most")


def _number_faults(value: object) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Fault("value", f"is {_short(value)}: give a number of metres")
    elif not (0 < value < LARGEST_NUMBER and math.isfinite(value)):
        yield Fault("value", f"is {_short(value)}: give metres, more than 0")


def _text_faults(text: str, field: Field) -> Iterator[Fault]:
    if len(text) > field.limit:
        yield Fault("too_long", f"has {len(text)} characters: {field.limit} is the most")
        return
    breaks = {"\n", "\t"} if field.kind == "text" else set()
    if any((unicodedata.category(c) in _HIDDEN and c not in breaks) or c in _BIDI for c in text):
        yield Fault("value", "holds control characters: give plain text")
        return
    if nh3.is_html(text):
        yield Fault("html", "holds HTML: give plain text")
    if field.kind == "date" and not _is_date(text):
        yield Fault("value", f"is {_short(text)}: give a date as YYYY-MM-DD")
    if field.kind == "url" and not _is_web_address(text):
        yield Fault("value", f"is {_short(text)}: give an address that begins with https:// or http://")
    if field.choices and text not in field.choices:
        yield Fault("value", f"is {_short(text)}: give one of {', '.join(field.choices)}")


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and dt.date.fromisoformat(text))
    except ValueError:
        return False


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not set(text) & set(" <>\"'\\")


def _category_faults(value: object, model: LayerModel) -> Iterator[Fault]:
    category = _normalised(value, FIELDS["category"])
    if not isinstance(category, str) or category in model.categories:
        return
    homes = [layer.id for layer in LAYERS.values() if category in layer.categories]
    if homes:
        hint = f"it belongs to the layer {' or '.join(homes)}"
    else:
        hint = f"the categories are {', '.join(model.categories)}"
    yield Fault("category", f"category {_short(category)} is not one of the layer {model.id}: {hint}")


def _line_faults(geometry: Geometry, properties: Properties, model: LayerModel) -> Iterator[Fault]:
    category, vertices = properties.get("category"), properties.get("vertices")
    kind = geometry["type"]
    if not isinstance(category, str):
        return
    if category not in model.lines:
        if vertices is not None:
            yield Fault("vertices", f"vertices belong to lines of {_listed(sorted(_line_categories()))} only")
    elif kind not in {"LineString", "MultiLineString"}:
        yield Fault("geometry", f"the category {category} is drawn as a LineString, not as a {kind}")
    elif kind == "LineString":
        yield from _vertices_faults(vertices, len(geometry["coordinates"]))
    elif vertices is not None:
        yield Fault("vertices", "vertices belong to a LineString, not to a MultiLineString")


def _vertices_faults(vertices: object, expected: int) -> Iterator[Fault]:
    count = len(vertices) if isinstance(vertices, list) else 0
    if count != expected:
        line = f"there are {count} vertices for {expected} positions of the line: give one for each, in order"
        yield Fault("vertices", line)


def _line_categories() -> set[str]:
    return {category for layer in LAYERS.values() for category in layer.lines}


def _completed(properties: Properties) -> Properties:
    approximate = properties["position_accuracy_m"] > APPROXIMATE_FROM_M
    given: Properties = {"licence": DEFAULT_LICENCE} | properties
    if approximate:
        given["position_approximate"] = True
    return {name: given[name] for name in FIELDS if name in given}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _listed(names: list[str]) -> str:
    shown = ", ".join(_short(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
