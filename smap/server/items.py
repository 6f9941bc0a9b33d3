"""/api/collections/{layer}/items: records as GeoJSON, a table or a page, by all that OGC API has."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import ColumnElement
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.exchange.table import csv_of
from smap.content.filtering import condition, during, equals, ordering
from smap.content.model import LayerModel, layer_model
from smap.content.queryables import queryable_names
from smap.content.record import Bbox, Page, Record
from smap.content.repository import get_record, list_records
from smap.content.systems import CRS84, System, placed
from smap.errors import UsageError
from smap.server.answers import document_answer
from smap.server.caching import conditional
from smap.server.contentbase import ContentBase
from smap.server.features import COMMON, Clock, feature_etag, feature_of
from smap.server.links import GEOJSON, absolute, link, quoted
from smap.server.negotiation import language
from smap.server.parameters import (
    DEFAULT_ITEMS,
    FORMS,
    MOST_ITEMS,
    check_known,
    names_of,
    sort_keys_of,
    span_of,
    system_box_of,
    system_in,
    whole_number_of,
)
from smap.server.particulars import said_in
from smap.server.session import Doorkeeper
from smap.server.wire import FeaturePage, Link
from smap.server.words import CATEGORIES, word

__all__ = ["item_routes"]

CSV = "text/csv"
_PAGING = frozenset({"limit", "offset"})
_ASKED = frozenset(
    {
        *("bbox", "bbox-crs", "crs", "datetime", "draft"),
        *("filter", "filter-lang", "filter-crs", "sortby", "properties"),
    }
)
#: Of a record's summary on the page of a list, in characters.
_SHORT = 200


@dataclass(frozen=True)
class _Asked:
    """What a request wants of a layer, all of it checked."""

    model: LayerModel
    box: Bbox | None
    box_system: System
    where: list[ColumnElement[bool]]
    order: list[ColumnElement[Any]]
    names: list[str] | None
    system: System
    limit: int
    offset: int


def item_routes(content: ContentBase, door: Doorkeeper, now: Clock) -> list[Route]:
    """The addresses of records, reading only."""

    def items(request: Request) -> Response:
        asked = _asked(request, content)
        drafts = door.sees_drafts(request)
        found = list_records(
            content.engine(),
            asked.model.id,
            bbox=asked.box,
            system=asked.box_system,
            limit=asked.limit,
            offset=asked.offset,
            drafts=drafts,
            where=asked.where,
            order=asked.order,
        )
        found = Page([_cut(record, asked.names) for record in found.records], found.matched)
        cache = "private, no-store" if drafts else "no-cache"
        if request.query_params.get("f") == "csv":
            return _table(request, asked, found, cache)
        return _list(request, asked, found, now(), cache)

    def item(request: Request) -> Response:
        check_known(request, COMMON | {"draft", "crs"})
        return _item(request, content, drafts=door.sees_drafts(request))

    return [
        Route("/api/collections/{layer}/items", items),
        Route("/api/collections/{layer}/items/{id}", item),
    ]


def _asked(request: Request, content: ContentBase) -> _Asked:
    model = layer_model(request.path_params["layer"], content.models)
    reserved = COMMON | _PAGING | _ASKED
    fields = [name for name in queryable_names(model) if name not in reserved | {"geometry"}]
    check_known(request, reserved.union(fields), forms=(*FORMS, "csv"))
    box, box_system = system_box_of(request)
    return _Asked(
        model=model,
        box=box,
        box_system=box_system,
        where=[*_conditions(request, model), *_equalities(request, model, fields)],
        order=ordering(model, sort_keys_of(request)),
        names=names_of(request, "properties", tuple(model.fields)),
        system=system_in(request, "crs"),
        limit=whole_number_of(request, "limit", DEFAULT_ITEMS, low=1, high=MOST_ITEMS),
        offset=whole_number_of(request, "offset", 0, low=0),
    )


def _conditions(request: Request, model: LayerModel) -> Iterator[ColumnElement[bool]]:
    span = span_of(request)
    if span is not None:
        yield from during(model, span)
    text, spoken = request.query_params.get("filter"), system_in(request, "filter-crs")
    if text is not None:
        # the parser is for those who filter only: it takes 60 ms to import
        from smap.content.cql2 import parse_json, parse_text

        as_json = request.query_params.get("filter-lang") == "cql2-json"
        yield condition((parse_json if as_json else parse_text)(text), model, spoken)


def _equalities(request: Request, model: LayerModel, fields: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Each queryable is a parameter too (OGC 19-079r2, requirement 10)."""
    for name, value in request.query_params.items():
        if name in fields:
            yield equals(model, name, value)


def _cut(record: Record, names: Sequence[str] | None) -> Record:
    """Only the properties that were asked for."""
    if names is None:
        return record
    return replace(
        record, properties={name: record.properties[name] for name in names if name in record.properties}
    )


def _in(record: Record, system: System) -> Record:
    return record if system.uri == CRS84 else replace(record, geometry=placed(record.geometry, system))


def _crs_header(system: System) -> dict[str, str]:
    """OGC 18-058r1, requirement 16."""
    return {"content-crs": f"<{system.uri}>"}


def _list(request: Request, asked: _Asked, found: Page, now: datetime, cache: str) -> Response:
    records = [_in(record, asked.system) for record in found.records]
    document = FeaturePage(
        type="FeatureCollection",
        features=[feature_of(record, _place_links(request, record)) for record in records],
        numberMatched=found.matched,
        numberReturned=len(records),
        timeStamp=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        links=_paging(request, asked, found, GEOJSON),
    )
    lang = language(request)
    return document_answer(
        request,
        {**document},
        title=asked.model.title.get(lang, asked.model.id),
        media_type=GEOJSON,
        cache=cache,
        told=lambda: _listing(found, lang),
        more=_crs_header(asked.system),
    )


def _table(request: Request, asked: _Asked, found: Page, cache: str) -> Response:
    """Without the byte order mark that spreadsheets need: programs read this. The next page is in Link."""
    if asked.system.uri != CRS84:
        raise UsageError("crs: a table is given in CRS84 only, as lon and lat; ask for f=json")
    fields = {name: asked.model.fields[name] for name in asked.names or asked.model.fields}
    body = csv_of(found.records, fields).removeprefix(codecs.BOM_UTF8)
    links = [entry for entry in _paging(request, asked, found, CSV) if entry["rel"] in ("next", "prev")]
    headers = {"cache-control": cache, "vary": "Accept, Accept-Language", **_crs_header(asked.system)}
    if links:
        headers["link"] = ", ".join(f'<{entry["href"]}>; rel="{entry["rel"]}"' for entry in links)
    return conditional(request, body, CSV, headers)


def _paging(request: Request, asked: _Asked, found: Page, media_type: str) -> list[Link]:
    path = f"/api/collections/{quoted(asked.model.id)}"
    given = dict(request.query_params)

    def items(**changed: str) -> str:
        return absolute(request, f"{path}/items", {**given, **changed})

    links = [
        link(items(), "self", media_type, "this page"),
        link(items(f="html"), "alternate", "text/html", "this page for reading"),
        link(items(f="csv"), "alternate", CSV, "this page as a table"),
        link(absolute(request, path), "collection", title="the collection"),
    ]
    if asked.offset + len(found.records) < found.matched:
        links.append(link(items(offset=str(asked.offset + asked.limit)), "next", media_type, "next page"))
    if asked.offset > 0:
        before = str(max(asked.offset - asked.limit, 0))
        links.append(link(items(offset=before), "prev", media_type, "previous page"))
    return links


def _listing(found: Page, lang: str) -> str:
    """The names, each with its kind and the beginning of what there is to read."""
    rows = "".join(f"<li>{_row(record, lang)}</li>" for record in found.records)
    return f'<p class="names">{len(found.records)} / {found.matched}</p><ul class="listing">{rows}</ul>'


def _row(record: Record, lang: str) -> str:
    said = record.properties
    name = (said_in(said, "name", lang) or (record.id, lang))[0]
    other = said.get("name_en" if lang == "ko" else "name_ko")
    names = escape(f"{name} · {other}" if other and other != name else name)
    address = f"/place/{quoted(record.layer)}/{quoted(record.id)}?lang={lang}"
    kind = escape(word(CATEGORIES, str(said["category"]), lang)) if "category" in said else ""
    text = (said_in(said, "summary", lang) or said_in(said, "text", lang) or ("", lang))[0]
    flat = " ".join(text.split())
    short = flat if len(flat) <= _SHORT else f"{flat[: _SHORT - 1].rstrip()}…"
    return f'<a href="{address}">{names}</a> {kind}<span class="source">{escape(short)}</span>'


def _place_links(request: Request, record: Record) -> list[Link]:
    path = f"/place/{quoted(record.layer)}/{quoted(record.id)}"
    return [link(absolute(request, path), "alternate", "text/html", "page")]


def _item(request: Request, content: ContentBase, *, drafts: bool) -> Response:
    layer, id_ = request.path_params["layer"], request.path_params["id"]
    system = system_in(request, "crs")
    record = get_record(content.engine(), layer, id_, drafts=drafts)
    base = f"/api/collections/{quoted(layer)}"
    links = [
        link(absolute(request, f"{base}/items/{quoted(id_)}"), "self", GEOJSON, "this record"),
        link(absolute(request, base), "collection", title="the collection"),
        *_place_links(request, record),
    ]
    # an editor's If-Match names a record as it is kept: in another system it has another validator
    kept = system.uri == CRS84
    return document_answer(
        request,
        {**feature_of(_in(record, system), links)},
        title=str(record.properties.get("name_ko", record.id)),
        media_type=GEOJSON,
        etag=feature_etag(record, absolute(request, "")) if kept else None,
        cache="private, no-store" if drafts else "no-cache",
        more=_crs_header(system),
    )
