"""/place/{layer}/{id}: one record as a page that works without JavaScript, in Korean or English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import LAYERS
from smap.content.record import Geometry, Record
from smap.content.repository import get_record
from smap.server.answers import page
from smap.server.caching import REVALIDATE, conditional
from smap.server.contentbase import ContentBase
from smap.server.features import feature_etag, feature_of
from smap.server.links import GEOJSON, absolute, quoted
from smap.server.negotiation import json_bytes, language, wants_html
from smap.server.words import CATEGORIES, MEANS, WORDS

__all__ = ["anchor", "place_page", "place_routes"]

#: Metres that a page's link looks from: near enough to know the house, far enough to see its neighbours.
LOOK_FROM_M = 450
_HEADERS = {"cache-control": REVALIDATE, "vary": "Accept, Accept-Language"}


def place_routes(content: ContentBase) -> list[Route]:
    """The one address; JSON by `?f=json` or Accept."""

    def place(request: Request) -> Response:
        record = get_record(content.engine(), request.path_params["layer"], request.path_params["id"])
        if not wants_html(request, default=True):
            body = json_bytes(feature_of(record))
            return conditional(request, body, GEOJSON, {**_HEADERS, "etag": feature_etag(record)})
        html = place_page(record, language(request), lambda path: absolute(request, path))
        return conditional(request, html.encode(), "text/html", _HEADERS)

    return [Route("/place/{layer}/{id}", place)]


def place_page(record: Record, lang: str, absolute_of: Callable[[str], str]) -> str:
    """The whole page of a record; every text of the record is escaped."""
    said, words = record.properties, WORDS[lang]
    other = "en" if lang == "ko" else "ko"
    path = f"/place/{quoted(record.layer)}/{quoted(record.id)}"
    layer = LAYERS[record.layer].title[lang]
    category = CATEGORIES.get(str(said["category"]), {}).get(lang, str(said["category"]))
    body = f"""<header><a class="home" href="/?lang={lang}">S-Map</a>
<a class="other" href="{path}?lang={other}" hreflang="{other}" lang="{other}">{words["other"]}</a></header>
<main><article>
<p class="kind">{escape(layer)} · {escape(category)}</p>
<h1>{escape(str(said[f"name_{lang}"]))}</h1>
<p class="names">{_other_names(said, other)}</p>
{_paragraphs(str(said[f"text_{lang}"]))}
<p><a class="go" href="{_viewer_link(record, lang)}">{words["view"]}</a></p>
<dl>{"".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in _facts(record, lang))}</dl>
</article></main>
<footer><a href="{path}?f=json">GeoJSON</a>
<a href="/api/collections/{quoted(record.layer)}">API</a></footer>"""
    title = f"{said[f'name_{lang}']} · S-Map"
    return page(title=title, lang=lang, body=body, head=_head(record, lang, absolute_of(path)))


def anchor(geometry: Geometry) -> tuple[float, float]:
    """Lon, lat to look at: the point, the middle vertex of a line, the first corner of an area."""
    positions = geometry["coordinates"]
    if geometry["type"] in ("Polygon", "MultiLineString"):
        positions = positions[0]
    if geometry["type"] == "Point":
        lon, lat = positions[:2]
    elif geometry["type"] == "Polygon":
        lon, lat = positions[0][:2]
    else:
        lon, lat = positions[len(positions) // 2][:2]
    return float(lon), float(lat)


def _viewer_link(record: Record, lang: str) -> str:
    lon, lat = anchor(record.geometry)
    place = f"{quoted(record.layer)}/{quoted(record.id)}"
    return f"/?at={lon:.6f},{lat:.6f},{LOOK_FROM_M},0,-45&amp;place={place}&amp;lang={lang}"


def _other_names(said: Mapping[str, Any], other: str) -> str:
    names = [(other, said[f"name_{other}"]), ("zh-Hant", said.get("name_hanja"))]
    return " · ".join(f'<span lang="{code}">{escape(str(name))}</span>' for code, name in names if name)


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{escape(part.strip())}</p>" for part in text.split("\n") if part.strip())


def _facts(record: Record, lang: str) -> Iterator[tuple[str, str]]:
    """What else is known, as label and HTML; a field without a value has no line."""
    said, words = record.properties, WORDS[lang]
    designation = [said.get(f"designation_{lang}"), said.get("designated")]
    plain = {
        "designation": ", ".join(str(part) for part in designation if part),
        "built": said.get("built"),
        "length": f"{said['length_m']:,.0f} m" if said.get("length_m") else None,
        "position": _position(record, lang),
    }
    yield from ((words[key], escape(str(value))) for key, value in plain.items() if value)
    yield words["position_source"], escape(f"{said['position_source']} ({said['position_date']})")
    yield words["source"], f"{_source(said)} ({escape(str(said['source_date']))})"
    yield words["licence"], escape(str(said.get("licence", "CC-BY-4.0")))


def _position(record: Record, lang: str) -> str:
    said, words = record.properties, WORDS[lang]
    lon, lat = anchor(record.geometry)
    means = MEANS.get(str(said["position_means"]), {}).get(lang, str(said["position_means"]))
    rough = f", {words['approximate']}" if said.get("position_approximate") else ""
    return f"{lat:.5f}°N {lon:.5f}°E, {means}, ± {said['position_accuracy_m']:g} m{rough}"


def _source(said: Mapping[str, Any]) -> str:
    """The source, linked where its address is one of the web's."""
    name, url = escape(str(said["source"])), str(said.get("source_url") or "")
    if not url.startswith(("https://", "http://")):
        return name
    return f'<a href="{escape(url)}" rel="noopener external">{name}</a>'


def _head(record: Record, lang: str, address: str) -> str:
    said = record.properties
    text = " ".join(str(said[f"text_{lang}"]).split())
    short = escape(text if len(text) <= 200 else text[:199].rstrip() + "…")
    lon, lat = anchor(record.geometry)
    meta = {
        "og:type": "place",
        "og:site_name": "S-Map",
        "og:title": str(said[f"name_{lang}"]),
        "og:url": f"{address}?lang={lang}",
        "og:locale": {"ko": "ko_KR", "en": "en_US"}[lang],
        "place:location:latitude": f"{lat:.6f}",
        "place:location:longitude": f"{lon:.6f}",
    }
    tags = "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in meta.items())
    described = (
        f'<meta name="description" content="{short}">\n<meta property="og:description" content="{short}">\n'
    )
    other = "".join(
        f'<link rel="alternate" hreflang="{code}" href="{escape(address)}?lang={code}">\n' for code in WORDS
    )
    return f'{described}{tags}<link rel="canonical" href="{escape(address)}?lang={lang}">\n{other}'
