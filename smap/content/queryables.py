"""What can be asked for of a layer (OGC 19-079r2), as names and as JSON Schema. Pure."""

from __future__ import annotations

from typing import Any

from smap.content.model import LISTS, LayerModel
from smap.content.schema import json_schema

__all__ = ["queryable_names", "queryables"]


def queryable_names(model: LayerModel) -> list[str]:
    """What a filter may speak of: `id`, `updated`, `geometry` and the layer's fields that are no lists."""
    own = [name for name, kind in model.fields.items() if kind.kind not in LISTS]
    return ["id", "updated", "geometry", *(name for name in own if name not in ("id", "updated", "geometry"))]


def queryables(model: LayerModel, address: str) -> dict[str, Any]:
    """The JSON Schema of the queryables (OGC 19-079r2, requirement 5); `address`: its own."""
    own = json_schema(model)["properties"]
    known: dict[str, Any] = {
        "id": {"type": "string", "x-ogc-role": "id"},
        "updated": {"type": "string", "format": "date-time"},
        "geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": model.title["en"],
        "properties": {
            name: {"title": name} | (known.get(name) or own[name]) for name in queryable_names(model)
        },
        "additionalProperties": False,
    }
