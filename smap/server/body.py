"""A JSON body that we do not trust: its type, size, depth and text are checked before anyone uses it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import NoReturn

from anyio import fail_after, to_thread
from starlette.requests import ClientDisconnect, Request

from smap.errors import InputError
from smap.server.errors import Refusal
from smap.server.negotiation import json_bytes

__all__ = ["DEEPEST", "MOST_BYTES", "PATIENCE_S", "parse_json", "read_json"]

#: The longest wall line with all its vertices takes about 100 kB; ten times that.
MOST_BYTES = 1 << 20
#: The longest wall line over the slowest phone (GPRS, 40 kbit/s) takes 20 s.
PATIENCE_S = 30.0
#: A GeoJSON MultiPolygon feature reaches six.
DEEPEST = 16
_TYPES = frozenset({"application/json", "application/geo+json"})


async def read_json(request: Request, *, most: int = MOST_BYTES) -> object:
    """The body as JSON, at most `most` bytes; parsed in a thread, because a megabyte takes 0.2 s.

    415 for another type, 413 for too much, 408 for what takes too long, 400 for what breaks off; InputError
    for what is no sound JSON.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _TYPES:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json or geo+json")
    try:
        with fail_after(PATIENCE_S):
            body = await _read(request, most)
    except TimeoutError:
        message = f"the body took longer than {PATIENCE_S:g} s"
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, message, headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body breaks off") from None
    return await to_thread.run_sync(parse_json, body)


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body exceeds {most} bytes")
    return bytes(body)


def parse_json(body: bytes) -> object:
    """The document in UTF-8 JSON bytes; InputError for broken JSON, NaN, lone surrogates or deep nesting."""
    try:
        document = json.loads(body.decode(), parse_constant=_no_constant)
        json_bytes(document)
    except RecursionError:
        raise InputError(f"the body is nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise InputError(f"the body is no sound JSON: {error}") from None
    if _depth(document) > DEEPEST:
        raise InputError(f"the body is nested deeper than {DEEPEST}")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _depth(document: object) -> int:
    """How deep lists and objects lie in each other, without recursion."""
    level, depth = [document], 0
    while level:
        level = [child for parent in level for child in _children(parent)]
        depth += 1
    return depth


def _children(parent: object) -> list[object]:
    if isinstance(parent, dict):
        return list(parent.values())
    return parent if isinstance(parent, list) else []
