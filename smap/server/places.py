"""/place/{layer}/{id}: one record as a page that works without JavaScript, in Korean or English."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import LAYERS
from smap.content.record import Geometry, Record
from smap.content.repository import get_record
from smap.errors import NotFoundError, StorageError
from smap.server.answers import page
from smap.server.caching import REVALIDATE, conditional
from smap.server.contentbase import ContentBase
from smap.server.features import feature_etag, feature_of
from smap.server.heights import Grounds
from smap.server.links import GEOJSON, absolute, quoted
from smap.server.negotiation import json_bytes, language, wants_html
from smap.server.words import CATEGORIES, MEANS, WORDS

__all__ = ["anchor", "place_page", "place_routes"]

#: The eye of a page's link stands this high above the ground and looks at this angle from straight down, from
#: the south: near enough to know the house, far enough to see its neighbours.
EYE_ABOVE_M, EYE_TILT_DEG = 260.0, 55.0
#: Ellipsoidal height of most of Seoul's streets, where no terrain is published: 20-60 m above N of 23 m.
USUAL_GROUND_M = 60.0
#: Metres of one degree along a meridian at 37.5 degrees north (WGS84).
METRES_PER_DEGREE = 110_990.0
_HEADERS = {"cache-control": REVALIDATE, "vary": "Accept, Accept-Language"}


def place_routes(content: ContentBase, grounds: Grounds) -> list[Route]:
    """The one address; JSON by `?f=json` or Accept."""

    def place(request: Request) -> Response:
        record = get_record(content.engine(), request.path_params["layer"], request.path_params["id"])
        if not wants_html(request, default=True):
            body = json_bytes(feature_of(record))
            return conditional(request, body, GEOJSON, {**_HEADERS, "etag": feature_etag(record)})
        html = place_page(
            record,
            language(request),
            ground_m=_ground_under(record, grounds),
            absolute_of=lambda path: absolute(request, path),
        )
        return conditional(request, html.encode(), "text/html", _HEADERS)

    return [Route("/place/{layer}/{id}", place)]


def place_page(record: Record, lang: str, *, ground_m: float, absolute_of: Callable[[str], str]) -> str:
    """The whole page of a record; every text of it is escaped. `ground_m`: ellipsoidal height there."""
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
<p><a class="go" href="{_viewer_link(record, lang, ground_m)}">{words["view"]}</a></p>
<dl>{"".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in _facts(record, lang))}</dl>
</article></main>
<footer><a href="{path}?f=json">GeoJSON</a>
<a href="/api/collections/{quoted(record.layer)}">API</a></footer>"""
    title = f"{said[f'name_{lang}']} · S-Map"
    return page(title=title, lang=lang, body=body, head=_head(record, lang, absolute_of(path)))


def anchor(geometry: Geometry) -> tuple[float, float]:
    """Lon, lat to look at: the point, the middle one of several or of a line, the first of an area."""
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


def _viewer_link(record: Record, lang: str, ground_m: float) -> str:
    """The viewer with the place in the middle and its card open."""
    lon, lat = anchor(record.geometry)
    south = lat - EYE_ABOVE_M * math.tan(math.radians(EYE_TILT_DEG)) / METRES_PER_DEGREE
    at = f"{lon:.6f},{south:.6f},{ground_m + EYE_ABOVE_M:.0f},0,{EYE_TILT_DEG:.0f}"
    place = f"{quoted(record.layer)}/{quoted(record.id)}"
    return f"/?at={at}&amp;place={place}&amp;lang={lang}"


def _ground_under(record: Record, grounds: Grounds) -> float:
    try:
        return grounds.height(*anchor(record.geometry))["height_ellipsoidal_m"]
    except (NotFoundError, StorageError):
        return USUAL_GROUND_M  # the page is about the place; /api/height is where a damaged terrain is told


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
    yield words["position_source"], f"{escape(str(said['position_source']))} {_date(said['position_date'])}"
    yield words["source"], f"{_source(said)} {_date(said['source_date'])}"
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


def _date(day: object) -> str:
    text = escape(str(day))
    return f'<time datetime="{text}">({text})</time>'


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
