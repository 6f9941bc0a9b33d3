"""/place/{layer}/{id}: one record as a page that works without JavaScript, in four languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import LAYERS, LayerModel, Layers
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
from smap.server.particulars import dated, linked, lists, particulars, said_in
from smap.server.words import CATEGORIES, LANGUAGES, MEANS, WORDS, word

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
            language(request, LANGUAGES),
            ground_m=_ground_under(record, grounds),
            absolute_of=lambda path: absolute(request, path),
            layers=content.models,
        )
        return conditional(request, html.encode(), "text/html", _HEADERS)

    return [Route("/place/{layer}/{id}", place)]


def place_page(
    record: Record,
    lang: str,
    *,
    ground_m: float,
    absolute_of: Callable[[str], str],
    layers: Layers = LAYERS,
) -> str:
    """The whole page of a record; every text of it is escaped. `ground_m`: ellipsoidal height there."""
    said, model = record.properties, layers[record.layer]
    path = f"/place/{quoted(record.layer)}/{quoted(record.id)}"
    name, code = _name(said, lang)
    category = word(CATEGORIES, str(said["category"]), lang) if "category" in said else ""
    kind = " · ".join(escape(part) for part in (model.title.get(lang) or model.title["en"], category) if part)
    rows = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in _facts(record, model, lang))
    body = f"""<header><a class="home" href="/?lang={lang}">S-Map</a>
<span class="languages">{_languages(path, lang)}</span></header>
<main><article>
<p class="kind">{kind}</p>
<h1{_marked(code, lang)}>{escape(name)}</h1>
<p class="names">{_other_names(said, code)}</p>
{_paragraphs(said, lang)}
<p><a class="go" href="{_viewer_link(record, lang, ground_m)}">{WORDS["view"][lang]}</a></p>
{lists(said, lang)}<dl>{rows}</dl>
</article></main>
<footer><a href="{path}?f=json">GeoJSON</a>
<a href="/api/collections/{quoted(record.layer)}">API</a></footer>"""
    return page(title=f"{name} · S-Map", lang=lang, body=body, head=_head(record, lang, absolute_of(path)))


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


def _name(said: Mapping[str, Any], lang: str) -> tuple[str, str]:
    return said_in(said, "name", lang) or ("", lang)


def _marked(code: str, lang: str) -> str:
    """What says that a text is not in the language of the page."""
    return "" if code == lang else f' lang="{code}"'


def _languages(path: str, lang: str) -> str:
    return " ".join(
        f'<a class="other" href="{path}?lang={code}" hreflang="{code}" lang="{code}">{name}</a>'
        for code, name in LANGUAGES.items()
        if code != lang
    )


def _other_names(said: Mapping[str, Any], shown: str) -> str:
    """The names in the other languages, in hanja and in Latin letters (language tags: RFC 5646)."""
    names = {code: said.get(f"name_{code}") for code in LANGUAGES if code != shown}
    names |= {"ko-Hani": said.get("name_hanja"), "ko-Latn": said.get("name_romanised")}
    return " · ".join(
        f'<span lang="{code}">{escape(str(name))}</span>' for code, name in names.items() if name
    )


def _texts(said: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """What there is to read, with its language: a summary, and the text, in English where it has no other."""
    if said.get(f"summary_{lang}"):
        yield str(said[f"summary_{lang}"]), lang
    text = said_in(said, "text", lang)
    if text is not None:
        yield text


def _paragraphs(said: Mapping[str, Any], lang: str) -> str:
    return "\n".join(
        f"<p{_marked(code, lang)}>{escape(part.strip())}</p>"
        for text, code in _texts(said, lang)
        for part in text.split("\n")
        if part.strip()
    )


def _facts(record: Record, model: LayerModel, lang: str) -> Iterator[tuple[str, str]]:
    """What else is known, as label and HTML; a field without a value has no line."""
    said = record.properties
    yield from particulars(said, model, lang)
    yield WORDS["position"][lang], _position(record, lang)
    if said.get("position_source"):
        told = escape(str(said["position_source"])) + dated(said.get("position_date"))
        yield WORDS["position_source"][lang], told
    source = linked(str(said["source"]), said.get("source_url"))
    yield WORDS["source"][lang], source + dated(said.get("source_date"))
    yield WORDS["licence"][lang], escape(str(said.get("licence", "CC-BY-4.0")))


def _position(record: Record, lang: str) -> str:
    said = record.properties
    lon, lat = anchor(record.geometry)
    parts = [f"{lat:.5f}°N {lon:.5f}°E"]
    if said.get("position_means"):
        parts.append(escape(word(MEANS, str(said["position_means"]), lang)))
    parts.append(f"± {said['position_accuracy_m']:g} m")
    if said.get("position_approximate"):
        parts.append(WORDS["approximate"][lang])
    return ", ".join(parts)


def _head(record: Record, lang: str, address: str) -> str:
    said = record.properties
    text = " ".join(next((text for text, _ in _texts(said, lang)), "").split())
    short = escape(text if len(text) <= 200 else text[:199].rstrip() + "…")
    lon, lat = anchor(record.geometry)
    meta = {
        "og:type": "place",
        "og:site_name": "S-Map",
        "og:title": _name(said, lang)[0],
        "og:url": f"{address}?lang={lang}",
        "og:locale": {"ko": "ko_KR", "en": "en_US", "ja": "ja_JP", "zh": "zh_CN"}[lang],
        "place:location:latitude": f"{lat:.6f}",
        "place:location:longitude": f"{lon:.6f}",
    }
    tags = "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in meta.items())
    described = (
        f'<meta name="description" content="{short}">\n<meta property="og:description" content="{short}">\n'
    )
    other = "".join(
        f'<link rel="alternate" hreflang="{code}" href="{escape(address)}?lang={code}">\n'
        for code in LANGUAGES
    )
    return f'{described}{tags}<link rel="canonical" href="{escape(address)}?lang={lang}">\n{other}'
