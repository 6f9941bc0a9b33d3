"""Changing records over HTTP: create, save, publish. The work is done in threads, never on the event loop.

A change names the revision it was made from in If-Match (the ETag it read). Without it: 428; if somebody
saved in between: 412, with the newest revision in the body so that the editor can show both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from anyio import to_thread
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

__all__ = ["edit_routes", "revision_of"]

_ETAG = re.compile(r'"r([0-9]{1,15})(?:-draft)?(?:-gzip)?"', re.ASCII)
_ADDED = frozenset({"revision", "status", "updated", "links"})


def edit_routes(door: Doorkeeper) -> list[Route]:
    """The addresses that change content; they share theirs with reading and differ by method."""

    async def create(request: Request) -> Response:
        session = await door.for_change(request)
        feature = _feature(await read_json(request))
        record = await to_thread.run_sync(_create, door, session.user, request.path_params["layer"], feature)
        where = f"/api/collections/{quoted(record.layer)}/items/{quoted(record.id)}"
        return _saved(record, status=HTTPStatus.CREATED, headers={"location": where})

    async def save(request: Request) -> Response:
        session = await door.for_change(request)
        revision = revision_of(request)
        work = partial(save_record, feature=_feature(await read_json(request)), expected_revision=revision)
        return _saved(await to_thread.run_sync(_change, door, session.user, request.path_params, work))

    async def publish(request: Request) -> Response:
        session = await door.for_change(request)
        work = partial(publish_record, expected_revision=revision_of(request))
        return _saved(await to_thread.run_sync(_change, door, session.user, request.path_params, work))

    base = "/api/collections/{layer}/items"
    return [
        Route(base, create, methods=["POST"]),
        Route(f"{base}/{{id}}", save, methods=["PUT"]),
        Route(f"{base}/{{id}}/publish", publish, methods=["POST"]),
    ]


def revision_of(request: Request) -> int:
    """The revision that If-Match names. 428 without the header, 412 where it is no ETag of ours."""
    header = request.headers.get("if-match")
    if header is None:
        message = "If-Match is missing: send the ETag of the revision that the change was made from"
        raise Refusal(HTTPStatus.PRECONDITION_REQUIRED, message)
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise Refusal(HTTPStatus.PRECONDITION_FAILED, f"If-Match: {header!r} is not an ETag of a record here")
    return int(found[1])


def _create(door: Doorkeeper, user: User, layer: str, feature: Mapping[str, Any]) -> Record:
    try:
        return create_record(door.content.engine(), user, layer, feature, now=door.now())
    except ConflictError as error:
        raise Refusal(HTTPStatus.CONFLICT, str(error)) from error


def _change(door: Doorkeeper, user: User, path: Mapping[str, str], work: Callable[..., Record]) -> Record:
    """Do the work; where somebody saved in between, tell what there is now."""
    engine, layer, id_ = door.content.engine(), path["layer"], path["id"]
    try:
        return work(engine, user, layer, id_, now=door.now())
    except ConflictError as error:
        current = get_record(engine, layer, id_, drafts=True)
        raise Refusal(
            HTTPStatus.PRECONDITION_FAILED,
            str(error),
            headers={"etag": feature_etag(current)},
            current=feature_of(current),
        ) from error


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
