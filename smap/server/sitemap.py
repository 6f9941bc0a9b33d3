"""/robots.txt and /sitemap.xml: what search engines may read, every place's page in its four languages.

The protocol is that of sitemaps.org 0.9: an index, and below it files of at most 50,000 addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.record import Record
from smap.content.repository import list_records
from smap.errors import NotFoundError
from smap.server.caching import REVALIDATE, conditional
from smap.server.contentbase import ContentBase
from smap.server.links import absolute, quoted
from smap.server.words import LANGUAGES

__all__ = ["sitemap_routes"]

#: Of one file: with four languages 20,000 addresses, 10 MB; 50,000 and 50 MB are allowed.
PLACES = 5000
_XML = "application/xml"
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CACHE = {"cache-control": REVALIDATE}


def sitemap_routes(content: ContentBase) -> list[Route]:
    """The addresses for search engines."""

    def robots(request: Request) -> Response:
        lines = ["User-agent: *", "Disallow: /edit", "Disallow: /session"]
        told = "\n".join([*lines, f"Sitemap: {absolute(request, '/sitemap.xml')}", ""])
        return conditional(request, told.encode(), "text/plain", _CACHE)

    def index(request: Request) -> Response:
        files = [
            f"/sitemap/{quoted(info.id)}/{number}.xml"
            for info in content.layers()
            for number in range(-(-info.count // PLACES))
        ]
        rows = "".join(f"<sitemap><loc>{escape(absolute(request, path))}</loc></sitemap>\n" for path in files)
        body = f"{_HEAD}<sitemapindex {_SPACE}>\n{rows}</sitemapindex>\n"
        return conditional(request, body.encode(), _XML, _CACHE)

    def places(request: Request) -> Response:
        layer, number = request.path_params["layer"], request.path_params["number"]
        found = list_records(content.engine(), layer, limit=PLACES, offset=min(number, 10**9) * PLACES)
        if not found.records:
            raise NotFoundError(f"the sitemap of {layer} has no part {number}")
        return conditional(request, _file(request, found.records).encode(), _XML, _CACHE)

    return [
        Route("/robots.txt", robots),
        Route("/sitemap.xml", index),
        Route("/sitemap/{layer}/{number:int}.xml", places),
    ]


def _file(request: Request, records: Iterable[Record]) -> str:
    rows = "".join(_place(request, record) for record in records)
    return f'{_HEAD}<urlset {_SPACE} xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{rows}</urlset>\n'


def _place(request: Request, record: Record) -> str:
    """A page for each language, and with each the others (Google, Localized versions of your pages)."""
    address = escape(absolute(request, f"/place/{quoted(record.layer)}/{quoted(record.id)}"))
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}?lang={code}"/>' for code in LANGUAGES
    )
    day = record.updated.date().isoformat()
    return "".join(
        f"<url><loc>{address}?lang={code}</loc><lastmod>{day}</lastmod>{others}</url>\n" for code in LANGUAGES
    )
