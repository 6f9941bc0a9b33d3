"""Absolute addresses and link lists, from the request's own scheme and (allow-listed) host."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request

from smap.server.wire import Link

__all__ = ["GEOJSON", "SCHEMA", "absolute", "link", "quoted", "quoted_path"]

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"


def absolute(request: Request, path: str, query: Mapping[str, str] | None = None) -> str:
    """`/api` → `https://smap.example/api`; values of the query are percent-encoded."""
    base = f"{request.url.scheme}://{request.url.netloc}{path}"
    return f"{base}?{urlencode(query)}" if query else base


def quoted(segment: str) -> str:
    """One segment of a path, percent-encoded whole."""
    return quote(segment, safe="")


def quoted_path(path: str) -> str:
    """A whole path, percent-encoded: a line break in it cannot forge a line of the log."""
    return quote(path, safe="/:@!$&'()*+,;=~")


def link(href: str, rel: str, media_type: str = "application/json", title: str = "") -> Link:
    """A link object; without a title where none is given."""
    found = Link(href=href, rel=rel, type=media_type)
    if title:
        found["title"] = title
    return found
