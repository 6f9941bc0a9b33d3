"""What holds for every answer: which Host names are ours, the security headers, one line of log.

The log names method, path, status, bytes and milliseconds. It leaves out the query (words that people search
for), the client's address and every header, so neither keys nor personal data can get into it.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smap.server.errors import refuse
from smap.server.links import quoted_path

__all__ = ["HostCheck", "RequestLog", "SecurityHeaders", "host_name", "is_loopback", "policy_of"]

#: 'self' only, and what three.js and the meshopt decoder need on top: WebAssembly, workers made from a blob,
#: textures that lie inside a GLB (read again through blob: and data: addresses).
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "connect-src": "'self' blob: data:",
    "img-src": "'self' data: blob:",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
#: Two years, the least that browsers' preload lists take.
HSTS = "max-age=63072000"

#: RFC 9110 §7.2 as far as we are ever called: an address in brackets or a name, and perhaps a port.
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)

_PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by load balancers, which call a server by its address; what they answer names nothing."""

_access = logging.getLogger("smap.access")


class HostCheck:
    """Refuses a Host that is not ours: a page elsewhere cannot reach us by a name that it controls."""

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self.app = app
        self.allowed = frozenset(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 421."""
        if scope["type"] != "http" or self._may_ask(scope):
            await self.app(scope, receive, send)
            return
        message = "this server does not answer to that host name: add it to SMAP_ALLOWED_HOSTS"
        await refuse(HTTPStatus.MISDIRECTED_REQUEST, message)(scope, receive, send)

    def _may_ask(self, scope: Scope) -> bool:
        name = host_name(_host_of(scope))
        return name in self.allowed or is_loopback(name) or scope["path"] in _PROBES


class SecurityHeaders:
    """Adds the headers that a browser needs to keep our pages ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the headers added to the answer's start."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        extra = _headers_for(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, send_guarded)


class RequestLog:
    """One line for each request, free of personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, count, and log at the end."""
        if scope["type"] != "http" or not _access.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        seen = {"status": 0, "bytes": 0}

        async def send_counted(message: Message) -> None:
            seen["status"] = message.get("status", seen["status"])
            seen["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            _log_line(scope, seen["status"], seen["bytes"], time.perf_counter() - began)


def _log_line(scope: Scope, status: int, size: int, seconds: float) -> None:
    path = quoted_path(scope["path"])
    _access.info("%s %s %d %d %.1f ms", scope["method"], path, status, size, seconds * 1000)


def _host_of(scope: Scope) -> str:
    """The Host header; "" where it is missing or comes twice, so that nobody reads another one than we do."""
    given = Headers(scope=scope).getlist("host")
    return given[0] if len(given) == 1 else ""


def host_name(header: str) -> str:
    """The name in a Host header without its port, lower case: `[::1]:8000` → `::1`; "" where it is none.

    The whole header must be a name and a port, because our absolute links repeat it: of
    `localhost:80@elsewhere.example` a browser would go elsewhere.
    """
    found = _HOST.fullmatch(header.strip().lower())
    return (found[1] or found[2]) if found else ""


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def policy_of(*, frame_ancestors: str) -> str:
    """The Content-Security-Policy with the given frame-ancestors."""
    parts = {**POLICY, "frame-ancestors": frame_ancestors}
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _dress(frame_ancestors: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of an answer, as they go onto the wire; made once."""
    headers = {
        "content-security-policy": policy_of(frame_ancestors=frame_ancestors),
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), payment=(), usb=()",
    }
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


_ANYWHERE, _NOWHERE, _OWN = _dress("*"), _dress("'none'"), _dress("'self'")
_TILE = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
)
"""A tile is no document: nothing may run in it, and the rest speaks of pages. A first picture is made of some
two hundred tiles, and these lines come with each of them."""
_TILES = ("/tiles/", "/terrain/")
_TLS_ONLY = ((b"strict-transport-security", HSTS.encode()),)


def _headers_for(scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
    dress = _dress_for(scope["path"], scope.get("query_string", b""))
    return dress + _TLS_ONLY if scope.get("scheme") == "https" else dress


def _dress_for(path: str, query: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Any page may frame the viewer (?embed): our cookie is SameSite=Lax, so no session reaches a frame."""
    if path.startswith(_TILES):
        return _TILE
    if path.startswith("/edit"):
        return _NOWHERE
    embedded = path == "/" and "embed" in parse_qs(query.decode("latin-1"), keep_blank_values=True)
    return _ANYWHERE if embedded else _OWN
