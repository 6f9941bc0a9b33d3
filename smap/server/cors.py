"""Any page on the web may read what is public; nothing but reading is ever allowed across origins.

`*` without credentials: a browser hands the answer to a foreign page only if it was asked without cookies.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ReadCors"]

_READ = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "ETag, Content-Crs, Content-Length, Content-Range, Content-Encoding, Accept-Ranges, Link"
    ),
}
_READ_RAW = tuple((name.encode(), value.encode()) for name, value in _READ.items())
_PREFLIGHT = {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Range, If-None-Match, If-Range, Accept, Accept-Language, Cache-Control",
    "access-control-max-age": "86400",
    "allow": "GET, HEAD, OPTIONS",
}


class ReadCors:
    """Adds the CORS headers to reads under the given paths and answers OPTIONS there."""

    def __init__(self, app: ASGIApp, *, paths: Sequence[str]) -> None:
        self.app = app
        self.paths = tuple(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; the answer of a read gets the headers, whatever its status."""
        if scope["type"] != "http" or not scope["path"].startswith(self.paths):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            answer = Response(status_code=HTTPStatus.NO_CONTENT, headers={**_READ, **_PREFLIGHT})
            await answer(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, _with_headers(send))
        else:
            await self.app(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def send_readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_READ_RAW]
        await send(message)

    return send_readable
