"""A record whose every word wants to be markup: as if the checks at the door had failed."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from smap.content.model import LAYERS
from smap.content.record import Record
from smap.server.answers import document_answer
from smap.server.features import feature_of
from smap.server.places import place_page

WORDS = """<script>alert(1)</script>"'><img src=x onerror=alert(1)></title></pre><svg/onload=alert(1)>"""
#: What our pages are made of; a script, an image or a frame is none of it.
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "header",
    "a",
    "main",
    "article",
    "p",
    "h1",
    "h2",
    "dl",
    "dt",
    "dd",
    "time",
    "span",
    "footer",
    "ul",
    "li",
    "ol",
    "pre",
    "figure",
    "figcaption",
    "svg",
    "g",
    "path",
}
ATTRIBUTES = {
    "lang",
    "charset",
    "name",
    "content",
    "rel",
    "href",
    "class",
    "hreflang",
    "datetime",
    "property",
    "tabindex",
    "itemscope",
    "itemtype",
    "itemprop",
    "width",
    "height",
    "viewbox",
    "xmlns",
    "stroke",
    "fill",
    "transform",
    "d",
}


class Reader(HTMLParser):
    """What a browser would make of a page: its tags, attributes and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        said = dict(attrs)
        if said.get("property") == "og:image":
            self.links.append(said["content"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(source_url: str = "javascript:alert(1)") -> Record:
    """Every text is the attack; the address is one that runs a script."""
    kinds = ("line", "text", "date", "when", "choice")
    fields = {name: field for layer in LAYERS.values() for name, field in layer.fields.items()}
    said = {name: WORDS for name, field in fields.items() if field.kind in kinds}
    numbers = {"position_accuracy_m": 10.0, "length_m": 12.0, "position_approximate": True}
    entry = dict.fromkeys(
        [
            "ko",
            "en",
            "title_ko",
            "title_en",
            "name_ko",
            "alt_en",
            "source",
            "date",
            "credit",
            "licence",
            "kogl",
            "id",
        ],
        WORDS,
    )
    entry |= {"kind": "picture", "layer": WORDS, "source_url": source_url, "url": source_url}
    lists = {name: [entry] for name in ("facts", "stories", "stops", "media")}
    return Record(
        layer="heritage",
        id='"><script>',
        revision=1,
        status="published",
        geometry={"type": "Point", "coordinates": [126.97, 37.56]},
        properties={**said, **numbers, **lists, "source_url": source_url},
        updated=datetime(2026, 5, 1, tzinfo=UTC),
    )


def check(page: str) -> None:
    seen = Reader(page)
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    assert {urlsplit(link).scheme for link in seen.links} <= {"", "http", "https"}
    assert "<script>alert(1)</script>" in seen.text


@pytest.mark.parametrize("lang", ["ko", "en", "ja", "zh"])
@pytest.mark.parametrize("url", ["javascript:alert(1)", f"https://elsewhere.example/{WORDS}", WORDS])
def test_the_page_of_a_hostile_record_is_only_text(lang: str, url: str) -> None:
    check(place_page(hostile(url), lang, ground_m=60.0, absolute_of=lambda path: f"http://localhost{path}"))


def test_the_page_of_a_hostile_document_is_only_text() -> None:
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/api/collections/heritage/items",
            "query_string": b"f=html",
            "headers": [(b"host", b"localhost")],
        }
    )
    feature = feature_of(hostile(), [{"href": WORDS, "rel": WORDS, "title": WORDS}])
    document = {
        "features": [feature],
        "collections": [{"title": WORDS, "links": [{"href": WORDS, "rel": "items"}]}],
        "links": [{"href": WORDS, "rel": "next", "title": WORDS}],
    }
    check(bytes(document_answer(request, document, title=WORDS).body).decode())
