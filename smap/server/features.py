"""OGC API - Features over the published content, under /api: the API itself, and a record as a feature."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.record import Record
from smap.server.answers import document_answer
from smap.server.links import absolute, link
from smap.server.negotiation import json_bytes
from smap.server.openapi import OPENAPI, openapi
from smap.server.parameters import check_known
from smap.server.wire import Link, PlaceFeature

__all__ = ["COMMON", "CONFORMANCE", "Clock", "feature_etag", "feature_of", "feature_routes"]

_PARTS = {
    "ogcapi-features-1": ("core", "oas30", "geojson", "html"),
    "ogcapi-features-2": ("crs",),
    "ogcapi-features-3": ("queryables", "queryables-query-parameters", "filter", "features-filter"),
    "cql2": (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "property-property",
    ),
}
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/{part}/1.0/conf/{name}" for part, names in _PARTS.items() for name in names
)
"""OGC 17-069r4, 18-058r1, 19-079r2, 21-065r2; each has its test in tests/server/test_conformance.py."""
COMMON = frozenset({"f", "lang"})
Clock = Callable[[], datetime]


def feature_routes() -> list[Route]:
    """The addresses that tell of the API as a whole."""
    return [
        Route("/api", _landing),
        Route("/api/conformance", _conformance),
        Route("/api/openapi", _openapi),
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
    return document_answer(request, openapi(absolute(request, "")), title="OpenAPI", media_type=OPENAPI)
