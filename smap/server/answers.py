"""One document, two forms: JSON for programs, a plain page for people who open the address in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smap.server.caching import REVALIDATE, conditional, content_etag
from smap.server.negotiation import JSON, json_bytes, language, wants_html

__all__ = ["document_answer", "page"]


def document_answer(
    request: Request,
    document: Mapping[str, Any],
    *,
    title: str,
    media_type: str = JSON,
    etag: str | None = None,
    cache: str = REVALIDATE,
    told: Callable[[], str] | None = None,
    more: Mapping[str, str] | None = None,
) -> Response:
    """The document as JSON, or as a page where Accept prefers one; with ETag, 304 and gzip.

    `etag` is the validator of the JSON form; without it, it comes from the document less its timeStamp, and
    is weak where there is one. `told` gives the page's main part as HTML, instead of the document as it is.
    `more`: headers of the JSON form.
    """
    headers = {"cache-control": cache, "vary": "Accept, Accept-Language"}
    if wants_html(request):
        body = _as_page(document, title, language(request), told and told()).encode()
        return conditional(request, body, "text/html", headers)
    lasting = {name: value for name, value in document.items() if name != "timeStamp"}
    stamped = {name: value for name, value in document.items() if name == "timeStamp"}
    body = json_bytes(lasting)
    headers |= more or {}
    headers["etag"] = etag or ("W/" if stamped else "") + content_etag(body)
    if stamped:
        body = body[:-1] + b"," + json_bytes(stamped)[1:]
    return conditional(request, body, media_type, headers)


def page(*, title: str, lang: str, body: str, head: str = "") -> str:
    """A whole page in our plain dress; `title` is text, `body` and `head` are HTML."""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="/icon.svg">\n'
        f'<link rel="stylesheet" href="/page.css">\n{head}</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _as_page(document: Mapping[str, Any], title: str, lang: str, told: str | None) -> str:
    links = "".join(
        f'<li><a href="{escape(item["href"])}">{escape(item.get("title") or item["rel"])}</a></li>'
        for item in document.get("links", [])
        if item["rel"] != "self"
    )
    if told is None:
        pretty = escape(json.dumps(document, ensure_ascii=False, indent=2))
        told = f'{_listing(document)}<h2>JSON</h2><pre tabindex="0">{pretty}</pre>'
    return page(
        title=f"{title} · S-Map API",
        lang=lang,
        body=f'<main class="wide"><p class="kind">S-Map API</p><h1>{escape(title)}</h1>'
        f'<ul class="links">{links}</ul>{told}</main>',
    )


def _listing(document: Mapping[str, Any]) -> str:
    """What the document lists, as links: collections by their title, features by their names."""
    rows = [(_href(item, "items", "self"), item["title"]) for item in document.get("collections", [])]
    rows += [(_href(item, "alternate"), _name(item)) for item in document.get("features", [])]
    cells = "".join(f'<li><a href="{escape(href)}">{escape(name)}</a></li>' for href, name in rows)
    return f'<ul class="listing">{cells}</ul>' if cells else ""


def _href(item: Mapping[str, Any], *rels: str) -> str:
    """The first link of the first of these kinds that there is."""
    found = [entry for rel in rels for entry in item.get("links", []) if entry["rel"] == rel]
    return str(found[0]["href"]) if found else "#"


def _name(feature: Mapping[str, Any]) -> str:
    properties = feature["properties"]
    return " · ".join(str(properties[key]) for key in ("name_ko", "name_en") if properties.get(key))
