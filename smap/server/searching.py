"""/api/search: records by name, best first, as GeoJSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.record import Hit
from smap.content.search import search
from smap.server.answers import document_answer
from smap.server.contentbase import ContentBase
from smap.server.features import Clock, feature_of
from smap.server.links import GEOJSON, absolute, link, quoted
from smap.server.parameters import DEFAULT_HITS, MOST_HITS, check_known, whole_number_of
from smap.server.wire import PlaceFeature

__all__ = ["search_routes"]

KNOWN = frozenset({"q", "limit", "lang", "f"})


def search_routes(content: ContentBase, now: Clock) -> list[Route]:
    """The one address."""

    def find(request: Request) -> Response:
        check_known(request, KNOWN)
        lang = request.query_params.get("lang")
        limit = whole_number_of(request, "limit", DEFAULT_HITS, low=1, high=MOST_HITS)
        words = request.query_params.get("q", "")
        hits = search(content.engine(), words, lang=lang, limit=limit) if content.exists() else []
        return document_answer(request, _found(request, hits, now()), title="Search", media_type=GEOJSON)

    return [Route("/api/search", find)]


def _found(request: Request, hits: list[Hit], now: datetime) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [_hit(request, hit) for hit in hits],
        "numberMatched": len(hits),
        "numberReturned": len(hits),
        "timeStamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "links": [link(absolute(request, "/api/search", dict(request.query_params)), "self", GEOJSON)],
    }


def _hit(request: Request, hit: Hit) -> PlaceFeature:
    path = f"/place/{quoted(hit.record.layer)}/{quoted(hit.record.id)}"
    found = feature_of(hit.record, [link(absolute(request, path), "alternate", "text/html", "page")])
    found["properties"]["layer"] = hit.record.layer
    return found
