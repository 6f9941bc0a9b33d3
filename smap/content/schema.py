"""The model of a layer as JSON Schema, for the readers of a snapshot and of the API. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smap.content.model import FIELDS, VERTEX_FIELDS, Field, layer_model

__all__ = ["json_schema"]


def json_schema(layer: str) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of the properties of a layer's records. Errors: NotFoundError."""
    model = layer_model(layer)
    schema = _object(FIELDS)
    schema["properties"]["category"] = {"type": "string", "enum": list(model.categories)}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": model.title["en"]}
    return head | schema


def _object(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    if field.kind == "number":
        return {"type": "number", "exclusiveMinimum": 0}
    if field.kind == "truth":
        return {"type": "boolean"}
    if field.kind == "vertices":
        return {"type": "array", "items": _object(VERTEX_FIELDS)}
    text: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": field.limit}
    if field.choices:
        text["enum"] = list(field.choices)
    formats = {"date": "date", "url": "uri"}
    return text | ({"format": formats[field.kind]} if field.kind in formats else {})
