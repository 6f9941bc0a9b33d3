"""A JSON body that we do not trust: its type, size, depth and text are checked before anyone uses it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import NoReturn

from starlette.requests import Request

from smap.errors import InputError
from smap.server.errors import Refusal
from smap.server.negotiation import json_bytes

__all__ = ["DEEPEST", "MOST_BYTES", "parse_json", "read_json"]

#: The longest wall line with all its vertices takes about 100 kB; ten times that.
MOST_BYTES = 1 << 20
#: A GeoJSON MultiPolygon feature reaches six.
DEEPEST = 16
_TYPES = frozenset({"application/json", "application/geo+json"})


async def read_json(request: Request) -> object:
    """The body as JSON. 415 for another type, 413 for too much, InputError for what is no sound JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _TYPES:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json or geo+json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body exceeds {MOST_BYTES} bytes")
    return parse_json(bytes(body))


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
