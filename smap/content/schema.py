"""The model of a layer as JSON Schema, for the readers of a snapshot and of the API. Pure."""

from __future__ import annotations

from typing import Any

from smap.content.model import Field, Fields, LayerModel

__all__ = ["json_schema"]

_YEAR_OR_DAY = r"^(-?\d{4}|\d{4}-\d{2}-\d{2})$"
_POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


def json_schema(model: LayerModel) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of the properties of a layer's records.

    What a form needs beyond it stands in words of its own: `x-smap-kind` of each field (`Kind`),
    `x-smap-label` by language where an operator named it, `x-smap-geometry`: the kinds of geometry
    (none: any), `x-smap-drawn`: those of some categories. Units as in OGC API - Features - Part 5
    (OGC 23-058): `x-ogc-unit`, in UCUM.
    """
    schema = _object(model.fields)
    if model.categories:
        schema["properties"]["category"]["enum"] = list(model.categories)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.title["en"],
        "x-smap-geometry": list(model.geometry),
        "x-smap-drawn": {category: list(kinds) for category, kinds in model.drawn.items()},
    }
    return head | schema


def _object(fields: Fields) -> dict[str, Any]:
    needs = {name: list(field.needs) for name, field in fields.items() if field.needs}
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    } | ({"dependentRequired": needs} if needs else {})


def _field(field: Field) -> dict[str, Any]:
    unit = {"x-ogc-unit": field.unit} if field.kind == "number" and field.unit else {}
    label = {"x-smap-label": dict(field.label)} if field.label else {}
    return _typed(field) | {"x-smap-kind": field.kind} | unit | label


def _typed(field: Field) -> dict[str, Any]:
    match field.kind:
        case "number":
            return {"type": "number"} | _bound(field)
        case "count":
            return {"type": "integer", "minimum": 0}
        case "truth":
            return {"type": "boolean"}
        case "items":
            return {"type": "array", "items": _item(field), "minItems": 1, "maxItems": field.most}
        case "choices":
            one = {"type": "string", "enum": list(field.choices)}
            return {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
        case "outline":
            return {"type": "array", "items": _POSITION, "minItems": 4, "maxItems": field.most}
        case _:
            return _text(field)


def _bound(field: Field) -> dict[str, Any]:
    return {"exclusiveMinimum": 0} if field.least is None else {"minimum": field.least}


def _item(field: Field) -> dict[str, Any]:
    ways = [{"required": list(group)} for group in field.one_of]
    return _object(field.fields) | ({"anyOf": ways} if ways else {})


def _text(field: Field) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": field.limit}
    if field.choices:
        text["enum"] = list(field.choices)
    if field.kind == "when":
        text["pattern"] = _YEAR_OR_DAY
    formats = {"date": "date", "moment": "date-time", "url": "uri"}
    return text | ({"format": formats[field.kind]} if field.kind in formats else {})
