"""The OpenAPI 3.0 document of the API: what exists, with the types of the wire as its schemas."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from smap.server.heights import LEAST_STEP_M, MOST_PLACES
from smap.server.links import SCHEMA
from smap.server.parameters import DEFAULT_HITS, DEFAULT_ITEMS, MOST_HITS, MOST_ITEMS
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
    return {
        "/api": {"get": _get("Landing page", None, *_FORM)},
        "/api/conformance": {"get": _get("Conformance classes", None, *_FORM)},
        "/api/collections": {"get": _get("All layers", "Collections", *_FORM)},
        "/api/collections/{layer}": {"get": _get("One layer", "Collection", layer, *_FORM)},
        "/api/collections/{layer}/schema": {
            "get": _get("Fields of a layer", None, layer, *_FORM, media_type=SCHEMA)
        },
        items: {
            "get": _get("Records of a layer", "FeaturePage", layer, *_PAGING, _DRAFT, *_FORM),
            "post": _write("Make a record as a draft", "201", layer, body=True),
        },
        items + "/{id}": {
            "get": _get("One record", "PlaceFeature", layer, id_, _DRAFT, *_FORM),
            "put": _write("Save the next revision as a draft", "200", layer, id_, if_match, body=True),
        },
        items + "/{id}/publish": {
            "post": _write("Publish the newest revision", "200", layer, id_, if_match, body=False)
        },
        "/api/search": {"get": _get("Search by name", "FeaturePage", *_SEARCH, *_FORM)},
        "/api/height": {
            "get": _get("Height of the ground", "Height", *_LONLAT, *_FORM),
            "post": _ask("Heights of the ground at many positions", "Heights", _POSITIONS),
        },
        "/api/profile": {
            "get": _get("Profile of the ground along a line", "Profile", _LINE, _STEP, *_FORM),
            "post": _ask("Profile of the ground along a GeoJSON line", "Profile", _LINESTRING, _STEP),
        },
        "/catalog.json": {"get": _get("What may be shown now", "Catalog")},
        "/session": {"get": _get("Who is signed in, and the token for X-CSRF-Token", "Session")},
    }


def _reference(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _parameter(
    name: str, place: str, schema: dict[str, Any], *, required: bool = False, **more: Any
) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema, **more}


def _in_path(name: str) -> dict[str, Any]:
    return _parameter(name, "path", {"type": "string"}, required=True)


def _in_query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return _parameter(name, "query", schema, **more)


#: OGC 17-069r4, requirement 17: the form of bbox.
_BBOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_PAGING = (
    _in_query("bbox", _BBOX, style="form", explode=False, description="west,south,east,north in degrees"),
    _in_query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_ITEMS}),
    _in_query("offset", {"type": "integer", "minimum": 0, "default": 0}),
    _in_query("datetime", {"type": "string"}),
)
_DRAFT = _in_query(
    "draft", {"type": "string", "enum": ["0", "1"]}, description="1: the newest revisions, for editors"
)
_FORM = (
    _in_query("f", {"type": "string", "enum": ["json", "html"]}),
    _in_query("lang", {"type": "string", "enum": ["ko", "en"]}),
)
_SEARCH = (
    _in_query("q", {"type": "string", "maxLength": 100}),
    _in_query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_HITS, "default": DEFAULT_HITS}),
)
_LONLAT = (
    _in_query("lon", {"type": "number", "minimum": -180, "maximum": 180}, required=True),
    _in_query("lat", {"type": "number", "minimum": -90, "maximum": 90}, required=True),
)
_LINE = _in_query(
    "line",
    {"type": "array", "items": {"type": "number"}, "minItems": 4},
    required=True,
    style="form",
    explode=False,
    description="lon,lat,lon,lat,… in degrees",
)
_STEP = _in_query("step", {"type": "number", "minimum": LEAST_STEP_M}, description="metres between points")
_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
_POSITIONS = {
    "type": "object",
    "required": ["positions"],
    "properties": {"positions": {"type": "array", "items": _PAIR, "minItems": 1, "maxItems": MOST_PLACES}},
}
_LINESTRING = _reference("LineString")
_FEATURES = frozenset({"FeaturePage", "PlaceFeature"})


def _get(
    summary: str, schema: str | None, *parameters: dict[str, Any], media_type: str = _JSON
) -> dict[str, Any]:
    shape = _reference(schema) if schema else {"type": "object"}
    media_type = _GEOJSON if schema in _FEATURES else media_type
    answers = {"200": {"description": summary, "content": {media_type: {"schema": shape}}}}
    return {
        "summary": summary,
        "operationId": _operation(summary),
        "parameters": list(parameters),
        "responses": {**answers, **_refusals()},
    }


def _write(summary: str, done: str, *parameters: dict[str, Any], body: bool) -> dict[str, Any]:
    token = _parameter("X-CSRF-Token", "header", {"type": "string"}, required=True)
    answer = {"description": summary, "content": {_GEOJSON: {"schema": _reference("PlaceFeature")}}}
    operation: dict[str, Any] = {
        "summary": summary,
        "operationId": _operation(summary),
        "security": [{"session": []}],
        "parameters": [*parameters, token],
        "responses": {done: answer, **_refusals()},
    }
    if body:
        shape = {"schema": {"type": "object", "required": ["type", "geometry", "properties"]}}
        operation["requestBody"] = {"required": True, "content": {_GEOJSON: shape, _JSON: shape}}
    return operation


def _ask(summary: str, schema: str, body: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """A question too long for an address; it changes nothing."""
    operation = _get(summary, schema, *parameters)
    return {**operation, "requestBody": {"required": True, "content": {_JSON: {"schema": body}}}}


def _operation(summary: str) -> str:
    """A name for generated clients: "One layer" → oneLayer."""
    joined = "".join(word.capitalize() for word in re.findall("[a-z]+", summary.lower(), re.ASCII))
    return f"{joined[:1].lower()}{joined[1:]}"


def _refusals() -> dict[str, Any]:
    content = {_JSON: {"schema": _reference("Refused")}}
    return {"default": {"description": "A refusal, in one line", "content": content}}
