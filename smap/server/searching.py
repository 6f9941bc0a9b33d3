"""/api/search: records and buildings by name, best first, as GeoJSON; /api/search/suggest: while typing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.record import Hit, Match
from smap.content.search import BUILDINGS, MOST_SUGGESTED, Asked, BuildingHit, search_page, suggest
from smap.content.search.index import SEARCHED
from smap.server import wire
from smap.server.answers import document_answer
from smap.server.buildingnames import BuildingNames
from smap.server.contentbase import ContentBase
from smap.server.features import Clock, feature_of
from smap.server.links import GEOJSON, absolute, link, quoted
from smap.server.negotiation import json_response
from smap.server.parameters import (
    DEFAULT_HITS,
    FURTHEST_HIT,
    MOST_HITS,
    SEARCH_LANGUAGES,
    bbox_of,
    check_known,
    place_of,
    whole_number_of,
)

__all__ = ["search_routes"]

ASKED = frozenset({"q", "lang", "layer", "near", "bbox"})
KNOWN = ASKED | {"limit", "offset", "f"}

_Either = Hit | tuple[str, BuildingHit]


def search_routes(content: ContentBase, buildings: BuildingNames, now: Clock) -> list[Route]:
    """The two addresses."""

    def find(request: Request) -> Response:
        check_known(request, KNOWN, languages=SEARCH_LANGUAGES)
        limit = whole_number_of(request, "limit", DEFAULT_HITS, low=1, high=MOST_HITS)
        offset = whole_number_of(request, "offset", 0, low=0, high=FURTHEST_HIT)
        hits, matched = _search(_engine(content), buildings, _asked(request), offset + limit)
        document = _page(request, hits[offset:], matched, offset, limit, now())
        return document_answer(request, {**document}, title="Search", media_type=GEOJSON)

    def complete(request: Request) -> Response:
        check_known(request, ASKED, languages=SEARCH_LANGUAGES)
        hits = _suggest(_engine(content), buildings, _asked(request))
        told = wire.Suggestions(suggestions=[_suggestion(hit) for hit in hits])
        return json_response(told, headers={"cache-control": "no-cache"})

    return [Route("/api/search", find), Route("/api/search/suggest", complete)]


def _engine(content: ContentBase) -> Engine | None:
    return content.engine() if content.exists() else None


def _asked(request: Request) -> Asked:
    words = request.query_params
    place, box = place_of(request, "near"), bbox_of(request)
    return Asked(words.get("q", ""), words.get("lang"), words.get("layer"), place, box)


def _search(
    engine: Engine | None, buildings: BuildingNames, asked: Asked, most: int
) -> tuple[list[_Either], int]:
    """The best of records and buildings; a record comes before a building that fits as well."""
    hits: list[_Either] = []
    matched = 0
    if engine is not None and asked.layer != BUILDINGS:
        page = search_page(engine, asked, limit=most)
        hits, matched = list(page.hits), page.matched
    if asked.layer in (None, BUILDINGS):
        found, count = buildings.search(asked, most=most)
        hits, matched = _in_order([*hits, *found])[:most], matched + count
    return hits, matched


def _suggest(engine: Engine | None, buildings: BuildingNames, asked: Asked) -> list[_Either]:
    hits: list[_Either] = []
    if engine is not None and asked.layer != BUILDINGS:
        hits = list(suggest(engine, asked).hits)
    if asked.layer in (None, BUILDINGS):
        found, _ = buildings.search(replace(asked, begun=True), most=MOST_SUGGESTED)
        hits = _in_order([*hits, *found])
    return hits[:MOST_SUGGESTED]


def _in_order(hits: list[_Either]) -> list[_Either]:
    """By score; the order of equals stays."""
    return sorted(hits, key=lambda hit: -(hit.score if isinstance(hit, Hit) else hit[1].score))


def _page(
    request: Request, hits: list[_Either], matched: int, offset: int, limit: int, now: datetime
) -> wire.SearchPage:
    features = [_place_hit(request, hit) if isinstance(hit, Hit) else _building_hit(*hit) for hit in hits]
    return wire.SearchPage(
        type="FeatureCollection",
        features=features,
        numberMatched=matched,
        numberReturned=len(features),
        timeStamp=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        links=_links(request, matched, offset, limit),
    )


def _links(request: Request, matched: int, offset: int, limit: int) -> list[wire.Link]:
    asked = dict(request.query_params)
    links = [link(absolute(request, "/api/search", asked), "self", GEOJSON)]
    if offset + limit < matched and offset < FURTHEST_HIT:
        further = {**asked, "offset": str(offset + limit)}
        links.append(link(absolute(request, "/api/search", further), "next", GEOJSON, "next page"))
    if offset > 0:
        back = {**asked, "offset": str(max(offset - limit, 0))}
        links.append(link(absolute(request, "/api/search", back), "prev", GEOJSON, "previous page"))
    return links


def _place_hit(request: Request, hit: Hit) -> wire.PlaceHit:
    path = f"/place/{quoted(hit.record.layer)}/{quoted(hit.record.id)}"
    found = feature_of(hit.record, [link(absolute(request, path), "alternate", "text/html", "page")])
    told: Any = {**found, "score": hit.score, "match": _match(hit.match)}
    told["properties"]["layer"] = hit.record.layer
    if hit.distance_m is not None:
        told["distance_m"] = hit.distance_m
    return cast(wire.PlaceHit, told)


def _building_hit(tileset: str, hit: BuildingHit) -> wire.BuildingHit:
    properties = wire.BuildingProperties(
        layer="buildings", tileset=tileset, smap_id=hit.smap_id, name=hit.name, height=hit.height
    )
    if hit.name_en:
        properties["name_en"] = hit.name_en
    told = wire.BuildingHit(
        type="Feature",
        id=hit.smap_id,
        geometry={"type": "Point", "coordinates": (hit.lon, hit.lat)},
        properties=properties,
        score=hit.score,
        match=_match(hit.match),
    )
    if hit.distance_m is not None:
        told["distance_m"] = hit.distance_m
    return told


def _suggestion(hit: _Either) -> wire.Suggestion:
    told = _suggested_place(hit) if isinstance(hit, Hit) else _suggested_building(*hit)
    distance = hit.distance_m if isinstance(hit, Hit) else hit[1].distance_m
    if distance is not None:
        told["distance_m"] = distance
    return told


def _suggested_place(hit: Hit) -> wire.Suggestion:
    properties = hit.record.properties
    lon, lat = hit.place
    return wire.Suggestion(
        layer=hit.record.layer,
        id=hit.record.id,
        names={name: properties[name] for name in (*SEARCHED, hit.match.field) if name in properties},
        category=str(properties["category"]),
        lon=lon,
        lat=lat,
        match=_match(hit.match),
    )


def _suggested_building(tileset: str, hit: BuildingHit) -> wire.Suggestion:
    return wire.Suggestion(
        layer=BUILDINGS,
        id=hit.smap_id,
        names={"name": hit.name} | ({"name_en": hit.name_en} if hit.name_en else {}),
        tileset=tileset,
        lon=hit.lon,
        lat=hit.lat,
        match=_match(hit.match),
    )


def _match(match: Match) -> wire.Match:
    return wire.Match(field=match.field, ranges=list(match.ranges))
