"""OGC API - Features - Part 1: Core (OGC 17-069r4) over the published content, under /api."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import layer_model
from smap.content.record import LayerInfo, Page, Record
from smap.content.repository import get_record, list_records
from smap.content.schema import json_schema
from smap.errors import NotFoundError
from smap.server.answers import document_answer
from smap.server.caching import conditional
from smap.server.contentbase import ContentBase
from smap.server.links import GEOJSON, SCHEMA, absolute, link, quoted
from smap.server.negotiation import json_bytes, language
from smap.server.openapi import OPENAPI, openapi
from smap.server.parameters import (
    DEFAULT_ITEMS,
    MOST_ITEMS,
    bbox_of,
    check_datetime,
    check_known,
    whole_number_of,
)
from smap.server.session import Doorkeeper
from smap.server.wire import Collection, Collections, FeaturePage, Link, PlaceFeature

__all__ = ["CONFORMANCE", "feature_etag", "feature_of", "feature_routes"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")
)
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
"""OGC API - Features - Part 5: Schemas (OGC 23-058)."""
COMMON = frozenset({"f", "lang"})
ITEMS = COMMON | {"bbox", "limit", "offset", "datetime", "draft"}

Clock = Callable[[], datetime]


def feature_routes(content: ContentBase, door: Doorkeeper, now: Clock) -> list[Route]:
    """The addresses of the API, reading only."""

    def collections(request: Request) -> Response:
        check_known(request, COMMON)
        return _collections(request, content)

    def collection(request: Request) -> Response:
        check_known(request, COMMON)
        info = _layer(content, request.path_params["layer"])
        document = _collection(request, info)
        return document_answer(request, {**document}, title=document["title"])

    def schema(request: Request) -> Response:
        check_known(request, COMMON)
        model = layer_model(request.path_params["layer"], content.models)
        return document_answer(request, json_schema(model), title=model.title["en"], media_type=SCHEMA)

    def items(request: Request) -> Response:
        check_known(request, ITEMS)
        return _items(request, content, now, drafts=door.sees_drafts(request))

    def item(request: Request) -> Response:
        check_known(request, COMMON | {"draft"})
        return _item(request, content, drafts=door.sees_drafts(request))

    return [
        Route("/api", _landing),
        Route("/api/conformance", _conformance),
        Route("/api/openapi", _openapi),
        Route("/api/collections", collections),
        Route("/api/collections/{layer}", collection),
        Route("/api/collections/{layer}/schema", schema),
        Route("/api/collections/{layer}/items", items),
        Route("/api/collections/{layer}/items/{id}", item),
    ]


def feature_of(record: Record, links: list[Link] | None = None) -> PlaceFeature:
    """A record as GeoJSON with what an editor must know of it: revision, status, time of the last change."""
    found = PlaceFeature(
        type="Feature",
        id=record.id,
        geometry={"type": record.geometry["type"], "coordinates": record.geometry["coordinates"]},
        properties=dict(record.properties),
        revision=record.revision,
        status=record.status,
        updated=record.updated.isoformat(),
    )
    if links is not None:
        found["links"] = links
    return found


def feature_etag(record: Record, base: str = "") -> str:
    """The validator of a record: its revision and a digest, because a restored backup counts anew.

    A draft's differs, because publishing changes its status; so does that of a body with links, by their
    `base`.
    """
    said = [record.layer, record.id, record.geometry, record.properties, record.updated.isoformat()]
    parts = [f"r{record.revision}", _digest(json_bytes(said))]
    parts += ["draft"] if record.status == "draft" else []
    parts += [f"at{_digest(base.encode())}"] if base else []
    return f'"{"-".join(parts)}"'


def _digest(data: bytes) -> str:
    """48 bits: two contents of one record share them once in 280 million million."""
    return hashlib.sha256(data).hexdigest()[:12]


def _landing(request: Request) -> Response:
    check_known(request, COMMON)
    document = {
        "title": "S-Map",
        "description": "Places, walls and alleys of the virtual Seoul",
        "links": [
            link(absolute(request, "/api"), "self", title="this page"),
            link(absolute(request, "/api/openapi"), "service-desc", OPENAPI, "OpenAPI"),
            link(absolute(request, "/api/conformance"), "conformance", title="conformance"),
            link(absolute(request, "/api/collections"), "data", title="collections"),
        ],
    }
    return document_answer(request, document, title="S-Map")


def _conformance(request: Request) -> Response:
    check_known(request, COMMON)
    return document_answer(request, {"conformsTo": list(CONFORMANCE)}, title="Conformance")


def _openapi(request: Request) -> Response:
    check_known(request, COMMON)
    body = json_bytes(openapi(absolute(request, "")))
    return conditional(request, body, OPENAPI, {"cache-control": "no-cache"})


def _collections(request: Request, content: ContentBase) -> Response:
    document = Collections(
        collections=[_collection(request, info) for info in content.layers()],
        links=[link(absolute(request, "/api/collections"), "self", title="this page")],
    )
    return document_answer(request, {**document}, title="Collections")


def _layer(content: ContentBase, layer: str) -> LayerInfo:
    for info in content.layers():
        if info.id == layer:
            return info
    raise NotFoundError(f"no layer {layer!r} here: /api/collections lists those there are")


def _collection(request: Request, info: LayerInfo) -> Collection:
    base = absolute(request, f"/api/collections/{quoted(info.id)}")
    found = Collection(
        id=info.id,
        title=info.title.get(language(request), info.id),
        itemType="feature",
        crs=[CRS84],
        links=[
            link(base, "self", title="this collection"),
            link(f"{base}/schema", SCHEMA_REL, SCHEMA, "fields of the items"),
            link(f"{base}/items", "items", GEOJSON, "items"),
            link(f"{base}/items?f=html", "items", "text/html", "items as a page"),
        ],
    )
    if info.extent is not None:
        found["extent"] = {"spatial": {"bbox": [list(info.extent)], "crs": CRS84}}
    return found


def _items(request: Request, content: ContentBase, now: Clock, *, drafts: bool) -> Response:
    check_datetime(request)
    limit = whole_number_of(request, "limit", DEFAULT_ITEMS, low=1, high=MOST_ITEMS)
    offset = whole_number_of(request, "offset", 0, low=0)
    layer = request.path_params["layer"]
    found = list_records(
        content.engine(), layer, bbox=bbox_of(request), limit=limit, offset=offset, drafts=drafts
    )
    document = FeaturePage(
        type="FeatureCollection",
        features=[feature_of(record, _place_links(request, record)) for record in found.records],
        numberMatched=found.matched,
        numberReturned=len(found.records),
        timeStamp=now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        links=_paging(request, layer, found, limit, offset),
    )
    cache = "private, no-store" if drafts else "no-cache"
    return document_answer(request, {**document}, title=layer, media_type=GEOJSON, cache=cache)


def _paging(request: Request, layer: str, found: Page, limit: int, offset: int) -> list[Link]:
    path = f"/api/collections/{quoted(layer)}"
    asked = dict(request.query_params)

    def items(**changed: str) -> str:
        return absolute(request, f"{path}/items", {**asked, **changed})

    links = [
        link(items(), "self", GEOJSON, "this page"),
        link(items(f="html"), "alternate", "text/html", "this page for reading"),
        link(absolute(request, path), "collection", title="the collection"),
    ]
    if offset + len(found.records) < found.matched:
        links.append(link(items(offset=str(offset + limit)), "next", GEOJSON, "next page"))
    if offset > 0:
        links.append(link(items(offset=str(max(offset - limit, 0))), "prev", GEOJSON, "previous page"))
    return links


def _place_links(request: Request, record: Record) -> list[Link]:
    path = f"/place/{quoted(record.layer)}/{quoted(record.id)}"
    return [link(absolute(request, path), "alternate", "text/html", "page")]


def _item(request: Request, content: ContentBase, *, drafts: bool) -> Response:
    layer, id_ = request.path_params["layer"], request.path_params["id"]
    record = get_record(content.engine(), layer, id_, drafts=drafts)
    base = f"/api/collections/{quoted(layer)}"
    links = [
        link(absolute(request, f"{base}/items/{quoted(id_)}"), "self", GEOJSON, "this record"),
        link(absolute(request, base), "collection", title="the collection"),
        *_place_links(request, record),
    ]
    document: Mapping[str, object] = {**feature_of(record, links)}
    return document_answer(
        request,
        document,
        title=str(record.properties.get("name_ko", record.id)),
        media_type=GEOJSON,
        etag=feature_etag(record, absolute(request, "")),
        cache="private, no-store" if drafts else "no-cache",
    )
