"""Tiles of all kinds, straight from archives: a raw ASGI application, because a route per tile costs more.

An archive's DEFLATE entry leaves as a gzip body untouched; a client without gzip gets it inflated, under
another ETag. Paths are keys of an index and never become file names. A range counts the bytes of the coding
that is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from smap.errors import FormatError
from smap.server.caching import IMMUTABLE, PRIVATE_IMMUTABLE, matches, range_of
from smap.server.errors import refuse
from smap.server.negotiation import accepts_gzip
from smap.server.shelf import Shelf, Shelved
from smap.store import StoredTile
from smap.store.release import Mount

__all__ = ["TileApp", "tile_answer"]

_ALLOW = "GET, HEAD, OPTIONS"

_log = logging.getLogger("smap.server")

SignedIn = Callable[[Scope], Awaitable[bool]]


class TileApp:
    """Answers /{name}/{version}/{path of the tile}; mounted at /tiles, /terrain and /basemap.

    key_of: the path in the archive that a path in the address stands for.
    """

    def __init__(
        self, shelf: Shelf, mount: Mount, signed_in: SignedIn, *, key_of: Callable[[str], str] = str
    ) -> None:
        self.shelf = shelf
        self.mount: Mount = mount
        self.signed_in = signed_in
        self.key_of = key_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._answer(scope)
        if scope["method"] == "HEAD":
            answer.body = b""
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            answer = refuse(HTTPStatus.METHOD_NOT_ALLOWED, f"tiles are read with {_ALLOW}")
            answer.headers["allow"] = _ALLOW
            return answer
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        name, _, rest = path.partition("/")
        version, _, key = rest.partition("/")
        shelved = self.shelf.find(self.mount, name, version)
        if shelved is None:
            return refuse(
                HTTPStatus.NOT_FOUND, f"no release names the {self.mount} {name!r}, version {version!r}"
            )
        if not shelved.public and not await self.signed_in(scope):
            return refuse(HTTPStatus.UNAUTHORIZED, f"{name!r} is for signed-in staff: sign in first")
        return _read(shelved, self.key_of(key), scope)


def _read(shelved: Shelved, key: str, scope: Scope) -> Response:
    """The gzip bytes leave unverified; whoever needs them inflated is told where they are damaged."""
    try:
        tile = shelved.reader.get(key)
        if tile is not None:
            return tile_answer(tile, Headers(scope=scope), method=scope["method"], public=shelved.public)
    except FormatError as error:
        _log.error("damaged tile: %s: %s: %s", shelved.name, key, error)
        return refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"the tile {key!r} is damaged in the store")
    return refuse(HTTPStatus.NOT_FOUND, f"no tile {key!r} in {shelved.name!r}, version {shelved.version!r}")


def tile_answer(tile: StoredTile, asked: Headers, *, method: str, public: bool) -> Response:
    """The answer for a tile that is there: 200, 206, 304 or 416 (RFC 9110 §13, §14).

    FormatError: the client wants plain bytes and the stored ones cannot be inflated.
    """
    if tile.encoding == "gzip" and not accepts_gzip(asked.get("accept-encoding", "")):
        tile = tile.as_identity()
    headers = _tile_headers(tile, public=public)
    if matches(asked.get("if-none-match", ""), tile.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        chosen = range_of(_range_header(asked, tile.etag, method), len(tile.body))
    except IndexError:
        answer = refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the tile has {len(tile.body)} bytes")
        answer.headers["content-range"] = f"bytes */{len(tile.body)}"
        return answer
    if tile.encoding:
        headers["content-encoding"] = tile.encoding
    if chosen is None:
        return Response(tile.body, headers=headers, media_type=tile.media_type)
    first, last = chosen
    headers["content-range"] = f"bytes {first}-{last}/{len(tile.body)}"
    part = tile.body[first : last + 1]
    return Response(part, HTTPStatus.PARTIAL_CONTENT, headers, tile.media_type)


def _range_header(asked: Headers, etag: str, method: str) -> str | None:
    """Range counts for GET only, and only while If-Range still names these bytes (strong comparison)."""
    if method != "GET" or asked.get("if-range", etag) != etag:
        return None
    return asked.get("range")


def _tile_headers(tile: StoredTile, *, public: bool) -> dict[str, str]:
    return {
        "etag": tile.etag,
        "cache-control": IMMUTABLE if public else PRIVATE_IMMUTABLE,
        "vary": "Accept-Encoding",
        "accept-ranges": "bytes",
    }
