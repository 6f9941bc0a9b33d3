"""The OpenAPI 3.0 document of the API: what exists, with the types of the wire as its schemas."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from smap.content.filtering import LONGEST
from smap.content.model import FIELDS, LISTS
from smap.content.systems import CRS84, SYSTEMS
from smap.server.heights import LEAST_STEP_M, MOST_PLACES
from smap.server.links import SCHEMA
from smap.server.parameters import (
    DEFAULT_HITS,
    DEFAULT_ITEMS,
    FURTHEST_HIT,
    MOST_HITS,
    MOST_ITEMS,
    SEARCH_LANGUAGES,
)
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
    layer = _in_path("layer", "a layer's id, as /api/collections lists it")
    id_ = _in_path("id", "a record's id")
    items = "/api/collections/{layer}/items"
    if_match = _parameter(
        "If-Match", "header", {"type": "string"}, "the ETag of the revision that was read", required=True
    )
    return {
        "/api": {"get": _get("Landing page", None, *_FORM)},
        "/api/conformance": {"get": _get("Conformance classes", None, *_FORM)},
        "/api/collections": {"get": _get("All layers", "Collections", *_FORM)},
        "/api/collections/{layer}": {"get": _get("One layer", "Collection", layer, *_FORM)},
        "/api/collections/{layer}/schema": {
            "get": _get("Fields of a layer", None, layer, *_FORM, media_type=SCHEMA)
        },
        "/api/collections/{layer}/queryables": {
            "get": _get("What can be asked for of a layer", None, layer, *_FORM, media_type=SCHEMA)
        },
        items: {
            "get": _records(layer),
            "post": _write("Make a record as a draft", "201", layer, body=True),
        },
        items + "/{id}": {
            "get": _get("One record", "PlaceFeature", layer, id_, _CRS, _DRAFT, *_FORM),
            "put": _write("Save the next revision as a draft", "200", layer, id_, if_match, body=True),
        },
        items + "/{id}/publish": {
            "post": _write("Publish the newest revision", "200", layer, id_, if_match, body=False)
        },
        "/api/search": {"get": _get("Search by name", "SearchPage", *_SEARCH, *_PART, _JSON_OR_PAGE)},
        "/api/search/suggest": {"get": _get("Names for a text being typed", "Suggestions", *_SEARCH)},
        "/api/height": {
            "get": _get("Height of the ground", "Height", *_LONLAT, *_FORM),
            "post": _ask("Heights of the ground at many positions", "Heights", _POSITIONS),
        },
        "/api/profile": {
            "get": _get("Profile of the ground along a line", "Profile", _LINE, _STEP, *_FORM),
            "post": _ask("Profile of the ground along a GeoJSON line", "Profile", _LINESTRING, _STEP),
        },
        "/pictures/{layer}/{id}.webp": {"get": _rendering(layer, id_)},
        "/catalog.json": {"get": _get("What may be shown now", "Catalog")},
        "/session": {"get": _get("Who is signed in, and the token for X-CSRF-Token", "Session")},
    }


def _reference(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _parameter(
    name: str, place: str, schema: dict[str, Any], description: str, *, required: bool = False, **more: Any
) -> dict[str, Any]:
    told = {"name": name, "in": place, "required": required, "description": description}
    return {**told, "schema": schema, **more}


def _in_path(name: str, description: str) -> dict[str, Any]:
    return _parameter(name, "path", {"type": "string"}, description, required=True)


def _in_query(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return _parameter(name, "query", schema, description, **more)


#: OGC 17-069r4, requirement 17: the form of bbox.
_BBOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_UNFOLDED = {"style": "form", "explode": False}
_SYSTEM = {"type": "string", "enum": list(SYSTEMS), "default": CRS84}
_CRS = _in_query("crs", _SYSTEM, "the reference system of the answer, in its own order of axes")
_PAGING = (
    _in_query("bbox", _BBOX, "west,south,east,north in degrees, else as bbox-crs orders them", **_UNFOLDED),
    _in_query("bbox-crs", _SYSTEM, "the reference system of bbox"),
    _in_query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_ITEMS},
        "how many records at most",
    ),
    _in_query("offset", {"type": "integer", "minimum": 0, "default": 0}, "how many records to pass over"),
    _in_query("datetime", {"type": "string"}, "a day, a moment, or two with / between; .. is an open end"),
    _CRS,
)
_CHOOSING = (
    _in_query("filter", {"type": "string", "maxLength": LONGEST}, "a condition in CQL2 (OGC 21-065r2)"),
    _in_query(
        "filter-lang",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        "how the filter is written",
    ),
    _in_query("filter-crs", _SYSTEM, "the reference system of the filter's geometries"),
    _in_query("sortby", {"type": "string"}, "queryables with commas between; - before one: downwards"),
    _in_query("properties", {"type": "string"}, "the fields to be given, with commas between"),
)
_DRAFT = _in_query("draft", {"type": "string", "enum": ["0", "1"]}, "1: the newest revisions, for editors")
_LANG = _in_query("lang", {"type": "string", "enum": ["ko", "en"]}, "of titles and pages")
_FORM = (_in_query("f", {"type": "string", "enum": ["json", "html"]}, "data or a page"), _LANG)
_ITEMS_FORM = (
    _in_query("f", {"type": "string", "enum": ["json", "html", "csv"]}, "data, a page or a table"),
    _LANG,
)
_SEARCH = (
    _in_query("q", {"type": "string", "maxLength": 100}, "what is sought"),
    _in_query("lang", {"type": "string", "enum": list(SEARCH_LANGUAGES)}, "names of it first"),
    _in_query("layer", {"type": "string"}, "of one layer, or `buildings`"),
    _in_query(
        "near",
        {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "lon,lat in degrees: what is closer comes first among equals",
        **_UNFOLDED,
    ),
    _in_query("bbox", _BBOX, "west,south,east,north in degrees", **_UNFOLDED),
)
_PART = (
    _in_query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_HITS, "default": DEFAULT_HITS},
        "how many hits at most",
    ),
    _in_query(
        "offset",
        {"type": "integer", "minimum": 0, "maximum": FURTHEST_HIT, "default": 0},
        "how many hits to pass over",
    ),
)
_JSON_OR_PAGE = _FORM[0]
_LONLAT = (
    _in_query("lon", {"type": "number", "minimum": -180, "maximum": 180}, "degrees", required=True),
    _in_query("lat", {"type": "number", "minimum": -90, "maximum": 90}, "degrees", required=True),
)
_LINE = _in_query(
    "line",
    {"type": "array", "items": {"type": "number"}, "minItems": 4},
    "lon,lat,lon,lat,… in degrees",
    required=True,
    **_UNFOLDED,
)
_STEP = _in_query("step", {"type": "number", "minimum": LEAST_STEP_M}, "metres between points")
_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
_POSITIONS = {
    "type": "object",
    "required": ["positions"],
    "properties": {"positions": {"type": "array", "items": _PAIR, "minItems": 1, "maxItems": MOST_PLACES}},
}
_LINESTRING = _reference("LineString")
_FEATURES = frozenset({"FeaturePage", "PlaceFeature", "SearchPage"})


def _get(
    summary: str, schema: str | None, *parameters: dict[str, Any], media_type: str = _JSON
) -> dict[str, Any]:
    shape = _reference(schema) if schema else {"type": "object"}
    media_type = _GEOJSON if schema in _FEATURES else media_type
    content: dict[str, Any] = {media_type: {"schema": shape}}
    if any(parameter["name"] == "f" for parameter in parameters):
        content["text/html"] = {"schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": {"description": summary, "content": content}}
    return {
        "summary": summary,
        "operationId": _operation(summary),
        "parameters": list(parameters),
        "responses": {**answers, **_refusals()},
    }


def _rendering(*parameters: dict[str, Any]) -> dict[str, Any]:
    """Of a record's own media the paths have slashes, which a template of OpenAPI 3.0 cannot say."""
    operation = _get("Rendering of a record's place in the sample city", None, *parameters)
    picture = {"schema": {"type": "string", "format": "binary"}}
    operation["responses"]["200"]["content"] = {"image/webp": picture}
    return operation


def _records(layer: dict[str, Any]) -> dict[str, Any]:
    """The list of records; the fields that ours have in common stand here, a layer's others in queryables."""
    names = {name: field for name, field in FIELDS.items() if field.kind not in LISTS}
    fields = [_in_query("id", {"type": "string"}, "records with this id")]
    fields += [_in_query(name, {"type": "string"}, f"records with this {name}") for name in names]
    operation = _get(
        "Records of a layer", "FeaturePage", layer, *_PAGING, *_CHOOSING, *fields, _DRAFT, *_ITEMS_FORM
    )
    operation["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    return operation


def _write(summary: str, done: str, *parameters: dict[str, Any], body: bool) -> dict[str, Any]:
    token = _parameter("X-CSRF-Token", "header", {"type": "string"}, "that of GET /session", required=True)
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
    text = {"schema": {"type": "string"}}
    content = {_JSON: {"schema": _reference("Refused")}, "text/html": text}
    no_http = {**content, "text/plain": text}
    return {
        "400": {
            "description": "A refusal, in one line; in plain text of what is no HTTP at all",
            "content": no_http,
        },
        "default": {"description": "A refusal, in one line", "content": content},
    }
