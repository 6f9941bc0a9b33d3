"""The OpenAPI 3.0 document of the API: what exists, with the types of the wire as its schemas."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from smap.server.parameters import MOST_ITEMS
from smap.server.schema import schemas

__all__ = ["OPENAPI", "openapi"]

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

_GEOJSON = "application/geo+json"
_JSON = "application/json"


def openapi(server: str) -> dict[str, Any]:
    """The document; `server` is the address without a path, such as https://smap.example."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "S-Map",
            "version": version("smap"),
            "description": "Places, walls, alleys and ground heights of the virtual Seoul.",
            "license": {"name": "Texts CC BY 4.0; the source of each record stands in the record"},
        },
        "servers": [{"url": server}],
        "paths": _paths(),
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "__Host-smap"}},
        },
    }


def _paths() -> dict[str, Any]:
    layer, id_ = _in_path("layer"), _in_path("id")
    items = "/api/collections/{layer}/items"
    if_match = _parameter("If-Match", "header", {"type": "string"}, required=True)
    paging = [_parameter(name, "query", schema) for name, schema in _PAGING.items()]
    return {
        "/api": {"get": _get("Landing page", None)},
        "/api/conformance": {"get": _get("Conformance classes", None)},
        "/api/collections": {"get": _get("All layers", "Collections")},
        "/api/collections/{layer}": {"get": _get("One layer", "Collection", layer)},
        items: {
            "get": _get("Records of a layer", "FeaturePage", layer, *paging, media_type=_GEOJSON),
            "post": _write("Make a record as a draft", "201", layer, body=True),
        },
        items + "/{id}": {
            "get": _get("One record", "PlaceFeature", layer, id_, _DRAFT, media_type=_GEOJSON),
            "put": _write("Save the next revision as a draft", "200", layer, id_, if_match, body=True),
        },
        items + "/{id}/publish": {
            "post": _write("Publish the newest revision", "200", layer, id_, if_match, body=False)
        },
        "/api/search": {"get": _get("Search by name", "FeaturePage", *_SEARCH, media_type=_GEOJSON)},
        "/api/height": {"get": _get("Height of the ground", "Height", *_LONLAT)},
    }


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _in_path(name: str) -> dict[str, Any]:
    return _parameter(name, "path", {"type": "string"}, required=True)


_PAGING: dict[str, dict[str, Any]] = {
    "bbox": {"type": "string", "description": "west,south,east,north in degrees"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": 10},
    "offset": {"type": "integer", "minimum": 0, "default": 0},
    "datetime": {"type": "string"},
}
_DRAFT = _parameter("draft", "query", {"type": "string", "enum": ["1"]})
_SEARCH = (
    _parameter("q", "query", {"type": "string", "maxLength": 100}, required=True),
    _parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    _parameter("lang", "query", {"type": "string", "enum": ["ko", "en"]}),
)
_LONLAT = (
    _parameter("lon", "query", {"type": "number", "minimum": -180, "maximum": 180}, required=True),
    _parameter("lat", "query", {"type": "number", "minimum": -90, "maximum": 90}, required=True),
)


def _get(
    summary: str, schema: str | None, *parameters: dict[str, Any], media_type: str = _JSON
) -> dict[str, Any]:
    shape = _reference(schema) if schema else {"type": "object"}
    answers = {"200": {"description": summary, "content": {media_type: {"schema": shape}}}}
    return {"summary": summary, "parameters": list(parameters), "responses": {**answers, **_refusals()}}


def _write(summary: str, done: str, *parameters: dict[str, Any], body: bool) -> dict[str, Any]:
    token = _parameter("X-CSRF-Token", "header", {"type": "string"}, required=True)
    answer = {"description": summary, "content": {_GEOJSON: {"schema": _reference("PlaceFeature")}}}
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{"session": []}],
        "parameters": [*parameters, token],
        "responses": {done: answer, **_refusals()},
    }
    if body:
        shape = {"schema": {"type": "object", "required": ["type", "geometry", "properties"]}}
        operation["requestBody"] = {"required": True, "content": {_GEOJSON: shape, _JSON: shape}}
    return operation


def _refusals() -> dict[str, Any]:
    content = {_JSON: {"schema": _reference("Refused")}}
    return {"default": {"description": "A refusal, in one line", "content": content}}


def _reference(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}
