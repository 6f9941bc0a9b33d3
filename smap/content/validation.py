"""Checking and normalising a record at the door: all faults at once, each says what to do. Pure."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import nh3

from smap.content.geometry import Fault, check_geometry
from smap.content.model import FIELDS, LAYERS, Field, Fields, Kind, LayerModel, Layers, layer_model
from smap.content.record import Draft, Geometry, Properties
from smap.errors import ValidationError

__all__ = ["check_feature", "draft_of", "slug_of"]

LONGEST_ID = 80
MOST_FAULTS = 100
"""That are told of one record; a body of 1 MB of empty vertices would have 1.7 million."""
LARGEST_NUMBER = 1e7
"""In metres a quarter of the way around the earth."""
_UNITS = {"m": "metres", "m2": "square metres", "min": "minutes", "%": "per cent", "deg": "degrees"}
RAW_FACTOR = 3
"""A text may come with this many code points for each that it is to have: decomposed Hangul takes three."""
DEFAULT_LICENCE = "CC-BY-4.0"
APPROXIMATE_FROM_M = 100.0
"""A position less sure than this is an area's, not a thing's, and is called approximate."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
"""RFC 3339."""
_YEAR = re.compile(r"-?\d{4}", re.ASCII)
"""ISO 8601, expanded by a sign: -0999 is 1000 BC."""
_PATH = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*")
"""Below the folder of the media: no part begins with a dot, so that none leads out of it."""
_MEMBERS = {"type", "id", "geometry", "properties", "bbox", "revision"}
_HIDDEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that no text of ours holds: controls, lone surrogates, private and unassigned."""
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides, which can make a text read as another (CVE-2021-42574)."""


def draft_of(feature: object, layer: str, layers: Layers = LAYERS) -> Draft:
    """Give the checked, normalised record of a feature. Errors: ValidationError with every fault."""
    draft, faults = check_feature(feature, layer, layers)
    if draft is None:
        raise ValidationError([fault.line for fault in faults])
    return draft


def check_feature(feature: object, layer: str, layers: Layers = LAYERS) -> tuple[Draft | None, list[Fault]]:
    """Give the normalised record of a GeoJSON feature, or None and everything that is wrong with it.

    Errors: NotFoundError for an unknown layer.
    """
    model = layer_model(layer, layers)
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        return None, [Fault("not_a_feature", "this is no GeoJSON feature: its type must be 'Feature'")]
    faults = [*_member_faults(feature), *_id_faults(feature.get("id"))]
    geometry, geometry_faults = check_geometry(feature.get("geometry"))
    faults += map(_named, geometry_faults)
    properties = _check_properties(feature.get("properties"), model, faults)
    if geometry is not None:
        faults += _line_faults(geometry, properties, model)
    if faults or geometry is None:
        return None, _first(faults)
    return Draft(layer, feature["id"], geometry, _completed(properties, model)), []


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


def _named(fault: Fault) -> Fault:
    """Each line begins with the field that it is about."""
    return fault if fault.line.startswith("geometry") else Fault(fault.code, f"geometry: {fault.line}")


def _id_faults(value: object) -> Iterator[Fault]:
    if not isinstance(value, str) or not _SLUG.fullmatch(value) or len(value) > LONGEST_ID:
        shape = f"give a-z, 0-9 and single hyphens, at most {LONGEST_ID} characters, as in 'sungnyemun'"
        yield Fault("id", f"id {_short(value)} is no slug: {shape}")


def _check_properties(value: object, model: LayerModel, faults: list[Fault]) -> Properties:
    if not isinstance(value, Mapping):
        faults.append(Fault("missing", "properties are missing: give an object with the record's fields"))
        return {}
    properties = _check_fields(value, model.fields, faults, "", f"the fields of {model.id}")
    if "category" in model.fields:
        faults += _category_faults(value.get("category"), model)
    faults += _time_faults(properties)
    return properties


def _check_fields(
    given: Mapping[str, Any], fields: Fields, faults: list[Fault], where: str, known: str
) -> Properties:
    unknown = sorted(str(name) for name in given if name not in fields)
    if unknown:
        line = f"{where}unknown field {_listed(unknown)}; {known} are {', '.join(fields)}"
        faults.append(Fault("unknown_field", line))
    checked: Properties = {}
    for name, field in fields.items():
        value = _normalised(given.get(name), field)
        if value is None:
            if field.required:
                faults.append(Fault("missing", f"{where}{name} is missing"))
            continue
        checked[name] = value
        found = [Fault(code, f"{where}{name} {line}") for code, line in _value_faults(value, name, field)]
        faults += found
        if field.kind == "items" and isinstance(value, list) and not found:
            checked[name] = [
                _check_item(item, field, faults, f"{name}: {field.each} {number}")
                for number, item in enumerate(value, 1)
            ]
    faults += _company_faults(checked, fields, where)
    return checked


def _check_item(item: object, field: Field, faults: list[Fault], where: str) -> Properties:
    if not isinstance(item, Mapping):
        faults.append(Fault("value", f"{where} is no object"))
        return {}
    checked = _check_fields(item, field.fields, faults, f"{where}: ", "the fields here")
    if field.one_of and not any(set(group) <= checked.keys() for group in field.one_of):
        groups = ", or ".join(" and ".join(group) for group in field.one_of)
        faults.append(Fault("missing", f"{where}: give {groups}"))
    return checked


def _company_faults(checked: Properties, fields: Fields, where: str) -> Iterator[Fault]:
    for name in checked:
        for needed in fields[name].needs:
            if needed not in checked:
                yield Fault("missing", f"{where}{needed} is missing: {name} needs it")


def _normalised(value: object, field: Field) -> object:
    """Texts in NFC with plain line ends and nothing around them, an empty one is no value; numbers as floats.

    A client that guesses a column's type by its first values (GDAL) would else make 20 an integer column and
    cut 2.5 down to 2. A text far too long stays as it is, to be refused: sorting combining marks takes the
    square of their number (CPython 3.11: 80,000 in 5 s).
    """
    if field.kind == "number" and type(value) is int and abs(value) < LARGEST_NUMBER:
        return float(value)
    if field.kind == "count" and type(value) is float and value.is_integer() and value < LARGEST_NUMBER:
        return int(value)
    if field.kind in ("when", "choice") and type(value) is int and abs(value) < LARGEST_NUMBER:
        return f"{value:05d}" if value < 0 else f"{value:04d}" if field.kind == "when" else str(value)
    if field.kind == "outline" and isinstance(value, list) and len(value) >= 4 and value[0] != value[-1]:
        return [*value, value[0]]
    if not isinstance(value, str) or len(value) > RAW_FACTOR * field.limit:
        return value
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text or None


def _value_faults(value: object, name: str, field: Field) -> Iterator[tuple[str, str]]:
    """The code and the end of the line of each fault; those of lists are counted by their name."""
    if field.kind in ("number", "count"):
        yield from _number_faults(value, field)
    elif field.kind == "truth":
        if not isinstance(value, bool):
            yield "value", f"is {_short(value)}: give true or false"
    elif field.kind in ("items", "choices", "outline"):
        yield from ((name, line) for line in _list_faults(value, field))
    elif not isinstance(value, str):
        yield "value", f"is {_short(value)}: give a text"
    else:
        yield from _text_faults(value, field)


def _list_faults(value: object, field: Field) -> Iterator[str]:
    if not isinstance(value, list):
        yield "is no list"
    elif not value:
        yield "is an empty list: leave it out"
    elif len(value) > field.most:
        yield f"has {len(value)} of them: {field.most} is the most"
    elif field.kind == "choices":
        yield from _choices_faults(value, field)
    elif field.kind == "outline":
        yield from (f"is no outline: {fault.line}" for fault in _outline_faults(value))


def _choices_faults(value: list[object], field: Field) -> Iterator[str]:
    wrong = next((one for one in value if one not in field.choices), None)
    if wrong is not None:
        yield f"holds {_short(wrong)}: give some of {', '.join(field.choices)}"
    elif len(set(value)) < len(value):
        yield "says the same twice"


def _outline_faults(ring: list[object]) -> list[Fault]:
    return check_geometry({"type": "Polygon", "coordinates": [ring]})[1]


def _number_faults(value: object, field: Field) -> Iterator[tuple[str, str]]:
    kind = "whole number" if field.kind == "count" else "number"
    unit = f" of {_UNITS.get(field.unit, field.unit)}" if field.unit else ""
    types = int if field.kind == "count" else int | float
    least = 0 if field.kind == "count" else field.least
    if isinstance(value, bool) or not isinstance(value, types):
        yield "value", f"is {_short(value)}: give a {kind}{unit}"
    elif not (-LARGEST_NUMBER < value < LARGEST_NUMBER and math.isfinite(value)):
        yield "value", f"is {_short(value)}: give a {kind}{unit}, less than {LARGEST_NUMBER:,.0f}"
    elif value <= 0 if least is None else value < least:
        bound = "more than 0" if least is None else f"{least:g} or more"
        yield "value", f"is {_short(value)}: give a {kind}{unit}, {bound}"


def _text_faults(text: str, field: Field) -> Iterator[tuple[str, str]]:
    if len(text) > field.limit:
        yield "too_long", f"has {len(text)} characters: {field.limit} is the most"
        return
    breaks = {"\n", "\t"} if field.kind == "text" else set()
    if any((unicodedata.category(c) in _HIDDEN and c not in breaks) or c in _BIDI for c in text):
        yield "value", "holds control characters: give plain text"
        return
    if nh3.is_html(text):
        yield "html", "holds HTML: give plain text"
    if field.kind in _SHAPES:
        fits, shape = _SHAPES[field.kind]
        if not fits(text):
            yield "value", f"is {_short(text)}: give {shape}"
    if field.choices and text not in field.choices:
        yield "value", f"is {_short(text)}: give one of {', '.join(field.choices)}"


def _is_when(text: str) -> bool:
    return bool(_YEAR.fullmatch(text)) or _is_date(text)


def _is_moment(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text) and dt.datetime.fromisoformat(text))
    except ValueError:
        return False


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


def _is_path(text: str) -> bool:
    return bool(_PATH.fullmatch(text))


_SHAPES: Mapping[Kind, tuple[Callable[[str], bool], str]] = {
    "date": (_is_date, "a date as YYYY-MM-DD"),
    "when": (_is_when, "a year as YYYY or a date as YYYY-MM-DD"),
    "moment": (_is_moment, "a time with its zone as YYYY-MM-DDThh:mm:ss+09:00"),
    "url": (_is_web_address, "an address that begins with https:// or http://"),
    "path": (_is_path, "a path below the folder of the media, as in 'gates/sungnyemun.jpg'"),
}


def _time_faults(properties: Properties) -> Iterator[Fault]:
    """A year holds all of its days, so a year and a day are compared by their years."""
    first, last = properties.get("valid_from"), properties.get("valid_to")
    if not (isinstance(first, str) and isinstance(last, str) and _is_when(first) and _is_when(last)):
        return
    bare = _YEAR.fullmatch(first) or _YEAR.fullmatch(last)
    if (_year(last) < _year(first)) or (not bare and last < first):
        yield Fault("value", f"valid_to {last} lies before valid_from {first}")


def _year(when: str) -> int:
    return int(when[:5] if when.startswith("-") else when[:4])


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
    if model.geometry and kind not in model.geometry:
        shapes = " or ".join(model.geometry)
        yield Fault("geometry", f"a record of {model.id} is drawn as a {shapes}, not as a {kind}")
    if not isinstance(category, str):
        return
    drawn = model.drawn.get(category)
    if drawn is None:
        if vertices:
            lines = sorted(category for layer in LAYERS.values() for category in layer.drawn)
            yield Fault("vertices", f"vertices belong to lines of {', '.join(lines)} only")
    elif kind not in drawn:
        yield Fault(
            "geometry", f"the category {category} is drawn as a {' or '.join(drawn)}, not as a {kind}"
        )
    elif kind == "LineString" and (vertices or category in model.traced):
        yield from _vertices_faults(vertices, len(geometry["coordinates"]))
    elif vertices and kind != "LineString":
        yield Fault("vertices", f"vertices belong to a LineString, not to a {kind}")


def _vertices_faults(vertices: object, expected: int) -> Iterator[Fault]:
    count = len(vertices) if isinstance(vertices, list) else 0
    if count != expected:
        line = (
            f"vertices: there are {count} for {expected} positions of the line: give one for each, in order"
        )
        yield Fault("vertices", line)


def _completed(properties: Properties, model: LayerModel) -> Properties:
    approximate = properties["position_accuracy_m"] > APPROXIMATE_FROM_M
    given: Properties = {"licence": DEFAULT_LICENCE} | properties
    if approximate:
        given["position_approximate"] = True
    return {name: given[name] for name in model.fields if name in given}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _listed(names: list[str]) -> str:
    shown = ", ".join(_short(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
