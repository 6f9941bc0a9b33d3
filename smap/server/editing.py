"""Changing records over HTTP: create, save, publish. The work is done in threads, never on the event loop.

A change names the revision it was made from in If-Match (the ETag it read; `*` for any). Without it: 428; if
somebody saved in between: 412, with the newest revision in the body so that the editor can show both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.access import User
from smap.content.record import Record
from smap.content.repository import get_record
from smap.content.service import create_record, publish_record, save_record
from smap.errors import ConflictError, InputError
from smap.server.body import read_json
from smap.server.errors import Refusal
from smap.server.features import feature_etag, feature_of
from smap.server.links import GEOJSON, quoted
from smap.server.negotiation import json_response
from smap.server.session import Doorkeeper

__all__ = ["edit_routes", "names"]

_ADDED = frozenset({"revision", "status", "updated", "links"})
#: Writes wait for each other, and for an import that holds the database: in threads of their own, so that
#: waiting ones never take those of the readers.
WRITES_AT_ONCE = 4


def edit_routes(door: Doorkeeper) -> list[Route]:
    """The addresses that change content; they share theirs with reading and differ by method."""
    writes = CapacityLimiter(WRITES_AT_ONCE)
    in_thread = partial(to_thread.run_sync, limiter=writes)

    async def create(request: Request) -> Response:
        session = await door.for_change(request)
        feature = _feature(await read_json(request))
        record = await in_thread(_create, door, session.user, request.path_params["layer"], feature)
        where = f"/api/collections/{quoted(record.layer)}/items/{quoted(record.id)}"
        return _saved(record, status=HTTPStatus.CREATED, headers={"location": where})

    async def save(request: Request) -> Response:
        session = await door.for_change(request)
        header = _if_match(request)
        work = partial(save_record, feature=_feature(await read_json(request)))
        path = request.path_params
        return _saved(await in_thread(_change, door, session.user, path, header, work))

    async def publish(request: Request) -> Response:
        session = await door.for_change(request)
        header, path = _if_match(request), request.path_params
        return _saved(await in_thread(_change, door, session.user, path, header, publish_record))

    base = "/api/collections/{layer}/items"
    return [
        Route(base, create, methods=["POST"]),
        Route(f"{base}/{{id}}", save, methods=["PUT"]),
        Route(f"{base}/{{id}}/publish", publish, methods=["POST"]),
    ]


class _Work(Protocol):
    def __call__(
        self, engine: Engine, actor: User, layer: str, id: str, /, *, expected_revision: int, now: datetime
    ) -> Record: ...


def names(header: str, record: Record) -> bool:
    """Whether If-Match names this content of the record: strong comparison, RFC 9110 §13.1.1.

    Draft or published, plain or gzip, links of this host or of that: what was read is the same content.
    """
    own = _content_of(feature_etag(record))
    return header.strip() == "*" or own in {_content_of(tag.strip()) for tag in header.split(",")}


def _content_of(etag: str) -> str:
    """Revision and digest: `"r3-0123456789ab-draft"` → `"r3-0123456789ab`."""
    return "-".join(etag.rstrip('"').split("-")[:2])


def _if_match(request: Request) -> str:
    """428 without the header."""
    header = request.headers.get("if-match")
    if header is None:
        message = "If-Match is missing: send the ETag of the revision that the change was made from"
        raise Refusal(HTTPStatus.PRECONDITION_REQUIRED, message)
    return header


def _create(door: Doorkeeper, user: User, layer: str, feature: Mapping[str, Any]) -> Record:
    try:
        return create_record(door.content.engine(), user, layer, feature, now=door.now())
    except ConflictError as error:
        raise Refusal(HTTPStatus.CONFLICT, str(error)) from error


def _change(door: Doorkeeper, user: User, path: Mapping[str, str], header: str, work: _Work) -> Record:
    """Do the work; where somebody saved in between, tell what there is now."""
    engine, layer, id_ = door.content.engine(), path["layer"], path["id"]
    current = get_record(engine, layer, id_, drafts=True)
    if not names(header, current):
        raise _overtaken(current, f"If-Match {header[:200]!r} is not the ETag of {layer}/{id_} as it is now")
    try:
        return work(engine, user, layer, id_, expected_revision=current.revision, now=door.now())
    except ConflictError as error:
        raise _overtaken(get_record(engine, layer, id_, drafts=True), str(error)) from error


def _overtaken(current: Record, message: str) -> Refusal:
    told = {"etag": feature_etag(current)}
    return Refusal(HTTPStatus.PRECONDITION_FAILED, message, headers=told, current=feature_of(current))


def _feature(document: object) -> Mapping[str, Any]:
    """The body as a feature, less the members that our own answers add: what was read may be sent back."""
    if not isinstance(document, dict) or document.get("type") != "Feature":
        raise InputError("the body is no GeoJSON feature")
    return {name: value for name, value in document.items() if name not in _ADDED}


def _saved(
    record: Record, *, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    given = {"etag": feature_etag(record), "cache-control": "private, no-store", **(headers or {})}
    return json_response(feature_of(record), status=status, media_type=GEOJSON, headers=given)
