"""The viewer's files as Vite built them, held in memory beside their gzip forms."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.server.answers import page
from smap.server.caching import IMMUTABLE, REVALIDATE, content_etag, gzip_etag, matches
from smap.server.errors import refuse
from smap.server.negotiation import accepts_gzip, language
from smap.server.session import is_secure

__all__ = ["VIEWER", "Asset", "bundle_routes", "read_bundle"]

VIEWER = Path(__file__).with_name("viewer")
STYLE = Path(__file__).with_name("page.css")

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
#: Formats that hold compressed bytes already.
_DENSE = frozenset({".png", ".webp", ".woff2"})
#: `assets/index-BkQ3x_9a.js`: Vite puts eight characters of the content's hash before the suffix.
_HASHED = re.compile(r"assets/.+-[\w-]{8}\.\w+(\.map)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str
    cache: str


def read_bundle(folder: Path) -> dict[str, Asset]:
    """Every file under the folder by its relative path; nothing where the viewer was not built."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): _asset(path, folder) for path in files}


def bundle_routes(folder: Path = VIEWER) -> list[Route]:
    """`/`, `/edit`, the page style, and at the very end every other file of the bundle."""
    files = read_bundle(folder)
    style = _asset(STYLE, STYLE.parent)

    async def viewer(request: Request) -> Response:
        return _send(request, files["index.html"]) if "index.html" in files else _not_built(request)

    async def edit(request: Request) -> Response:
        if not is_secure(request.scope):
            return _needs_https(request)
        return _send(request, files["edit.html"]) if "edit.html" in files else _not_built(request)

    async def page_style(request: Request) -> Response:
        return _send(request, style)

    async def any_file(request: Request) -> Response:
        found = files.get(request.path_params["path"])
        if found is None:
            return refuse(HTTPStatus.NOT_FOUND, f"nothing here: {request.url.path:.100}", request=request)
        return _send(request, found)

    return [
        Route("/", viewer),
        Route("/edit", edit),
        Route("/edit.html", edit),
        Route("/page.css", page_style),
        Route("/{path:path}", any_file),
    ]


def _asset(path: Path, folder: Path) -> Asset:
    body = path.read_bytes()
    packed = None if path.suffix in _DENSE else gzip.compress(body, 9, mtime=0)
    return Asset(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        media_type=_TYPES.get(path.suffix, "application/octet-stream"),
        etag=content_etag(body),
        cache=IMMUTABLE if _HASHED.fullmatch(path.relative_to(folder).as_posix()) else REVALIDATE,
    )


def _send(request: Request, asset: Asset) -> Response:
    headers = {"cache-control": asset.cache, "vary": "Accept-Encoding", "etag": asset.etag}
    packed = asset.packed if accepts_gzip(request.headers.get("accept-encoding", "")) else None
    if packed is not None:
        headers["etag"] = gzip_etag(asset.etag)
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if packed is not None:
        headers["content-encoding"] = "gzip"
    return Response(packed or asset.body, headers=headers, media_type=asset.media_type)


_NOT_BUILT: Mapping[str, tuple[str, str]] = {
    "ko": (
        "화면이 아직 만들어지지 않았습니다",
        "서버는 돌고 있습니다. <code>make setup</code> 을 실행하면 화면이 만들어집니다.",
    ),
    "en": ("The viewer is not built yet", "The server runs. <code>make setup</code> builds the viewer."),
}
_HTTPS: Mapping[str, tuple[str, str]] = {
    "ko": (
        "편집은 HTTPS 로만 할 수 있습니다",
        "비밀번호가 암호화되지 않은 채 오가지 않도록, 이 주소에서는 로그인할 수 없습니다. "
        "HTTPS 주소로 열거나, 서버가 있는 컴퓨터에서 http://localhost 로 여십시오.",
    ),
    "en": (
        "Editing needs HTTPS",
        "So that no password travels in the clear, there is no sign-in at this address. "
        "Open it by HTTPS, or by http://localhost on the server itself.",
    ),
}


def _not_built(request: Request) -> Response:
    api = '<p><a href="/api">API</a> · <a href="/catalog.json">catalog.json</a></p>'
    return _notice(request, _NOT_BUILT, HTTPStatus.OK, api)


def _needs_https(request: Request) -> Response:
    return _notice(request, _HTTPS, HTTPStatus.FORBIDDEN, "")


def _notice(request: Request, words: Mapping[str, tuple[str, str]], status: int, more: str) -> Response:
    lang = language(request)
    title, text = words[lang]
    body = f'<main><p class="kind">S-Map</p><h1>{title}</h1><p>{text}</p>{more}</main>'
    headers = {"cache-control": "no-store", "vary": "Accept-Language"}
    return Response(page(title=f"{title} · S-Map", lang=lang, body=body), status, headers, "text/html")
