"""/place/{layer}/{id}: one record as a page that works without JavaScript, in four languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import segno
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
from smap.server.media import Media, Picture
from smap.server.negotiation import json_bytes, language, wants_html
from smap.server.particulars import dated, linked, lists, particulars, rights, said_in
from smap.server.words import CATEGORIES, LANGUAGES, MEANS, WORDS, word

__all__ = ["anchor", "place_page", "place_routes"]

#: The eye of a page's link stands this high above the ground and looks at this angle from straight down, from
#: the south: near enough to know the house, far enough to see its neighbours.
EYE_ABOVE_M, EYE_TILT_DEG = 260.0, 55.0
#: Ellipsoidal height of most of Seoul's streets, where no terrain is published: 20-60 m above N of 23 m.
USUAL_GROUND_M = 60.0
#: Metres of one degree along a meridian at 37.5 degrees north (WGS84).
METRES_PER_DEGREE = 110_990.0
_LOCALES = {"ko": "ko_KR", "en": "en_US", "ja": "ja_JP", "zh": "zh_CN"}
_KINDS = {
    "heritage": "LandmarksOrHistoricalBuildings",
    "wall": "LandmarksOrHistoricalBuildings",
    "tourism": "TouristAttraction",
}
"""What schema.org calls the places of a layer; any other is a Place."""
_HEADERS = {"cache-control": REVALIDATE, "vary": "Accept, Accept-Language"}


def place_routes(content: ContentBase, grounds: Grounds, media: Media) -> list[Route]:
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
            pictures=tuple(media.pictures_of(record)),
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
    pictures: Sequence[Picture] = (),
) -> str:
    """The whole page of a record; every text of it is escaped. `ground_m`: ellipsoidal height there.

    pictures: what stands for it, the best first.
    """
    said, model = record.properties, layers[record.layer]
    path = f"/place/{quoted(record.layer)}/{quoted(record.id)}"
    name, code = _name(said, lang)
    category = word(CATEGORIES, str(said["category"]), lang) if "category" in said else ""
    kind = " · ".join(escape(part) for part in (model.title.get(lang) or model.title["en"], category) if part)
    rows = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in _facts(record, model, lang))
    body = f"""<header><a class="home" href="/?lang={lang}">S-Map</a>
<span class="languages">{_languages(path, lang)}</span></header>
<main><article itemscope itemtype="https://schema.org/{_KINDS.get(record.layer, "Place")}">
{_microdata(record, lang, absolute_of, pictures)}
<p class="kind">{kind}</p>
<h1{_marked(code, lang)}>{escape(name)}</h1>
<p class="names">{_other_names(said, code)}</p>
{_figure(pictures, lang)}
{_paragraphs(said, lang)}
<p><a class="go" href="{_viewer_link(record, lang, ground_m)}">{WORDS["view"][lang]}</a></p>
{lists(said, lang)}<dl>{rows}</dl>
{_qr(absolute_of(path), lang)}
</article></main>
<footer><a href="{path}?f=json">GeoJSON</a>
<a href="/api/collections/{quoted(record.layer)}">API</a></footer>"""
    return page(
        title=f"{name} · S-Map", lang=lang, body=body, head=_head(record, lang, absolute_of, pictures)
    )


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


def _microdata(
    record: Record, lang: str, absolute_of: Callable[[str], str], pictures: Sequence[Picture]
) -> str:
    """The place in the words of schema.org, as HTML microdata: our pages hold no script, not even of data."""
    said = record.properties
    lon, lat = anchor(record.geometry)
    name = _name(said, lang)[0]
    others = {str(said[key]) for key in ("name_ko", "name_en", "name_ja", "name_zh") if said.get(key)} - {
        name
    }
    told = [
        ("name", name),
        ("description", _short(said, lang)),
        *(("alternateName", o) for o in sorted(others)),
    ]
    metas = "".join(f'<meta itemprop="{key}" content="{escape(value)}">' for key, value in told if value)
    address = absolute_of(f"/place/{quoted(record.layer)}/{quoted(record.id)}")
    links = f'<link itemprop="url" href="{escape(address)}?lang={lang}">'
    for picture in pictures[:1]:
        links += f'<link itemprop="image" href="{escape(_address(picture, absolute_of))}">'
    return (
        f'{metas}{links}<span itemprop="geo" itemscope itemtype="https://schema.org/GeoCoordinates">'
        f'<meta itemprop="latitude" content="{lat:.6f}">'
        f'<meta itemprop="longitude" content="{lon:.6f}"></span>'
    )


def _figure(pictures: Sequence[Picture], lang: str) -> str:
    """The first picture that lies here, with whose it is; "" where there is none."""
    shown = next((picture for picture in pictures if not picture.foreign), None)
    if shown is None:
        return ""
    size = f'width="{shown.width}" height="{shown.height}"'
    alt = escape(_alt(shown, lang))
    return (
        f'<figure class="picture"><img src="{escape(shown.address)}" {size} alt="{alt}">'
        f"<figcaption>{rights(shown.medium, lang)}</figcaption></figure>"
    )


def _alt(picture: Picture, lang: str) -> str:
    found = said_in(picture.medium, "alt", lang)
    return found[0] if found else ""


def _address(picture: Picture, absolute_of: Callable[[str], str]) -> str:
    return picture.address if picture.foreign else absolute_of(picture.address)


def _qr(address: str, lang: str) -> str:
    """The page's own address, to be read by a phone (ISO/IEC 18004); black on white also where it is dark."""
    code = segno.make(f"{address}?lang={lang}", micro=False, error="m")
    drawn = code.svg_inline(scale=3, light="#fff", svgclass="code", lineclass=None)
    return f'<figure class="qr">{drawn}<figcaption>{WORDS["qr"][lang]}</figcaption></figure>'


def _short(said: Mapping[str, Any], lang: str) -> str:
    text = " ".join(next((text for text, _ in _texts(said, lang)), "").split())
    return text if len(text) <= 200 else text[:199].rstrip() + "…"


def _shared(
    pictures: Sequence[Picture], lang: str, absolute_of: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """What networks show beside the name (https://ogp.me)."""
    if not pictures:
        yield "og:image", absolute_of("/icon.svg")
        yield "og:image:alt", "S-Map"
        return
    best = pictures[0]
    yield "og:image", _address(best, absolute_of)
    yield "og:image:alt", _alt(best, lang)
    if best.width:
        yield "og:image:width", str(best.width)
        yield "og:image:height", str(best.height)


def _head(record: Record, lang: str, absolute_of: Callable[[str], str], pictures: Sequence[Picture]) -> str:
    said = record.properties
    address = absolute_of(f"/place/{quoted(record.layer)}/{quoted(record.id)}")
    short = escape(_short(said, lang))
    lon, lat = anchor(record.geometry)
    meta = [
        ("og:type", "place"),
        ("og:site_name", "S-Map"),
        ("og:title", _name(said, lang)[0]),
        ("og:url", f"{address}?lang={lang}"),
        *_shared(pictures, lang, absolute_of),
        ("og:locale", _LOCALES[lang]),
        *(("og:locale:alternate", locale) for code, locale in _LOCALES.items() if code != lang),
        ("place:location:latitude", f"{lat:.6f}"),
        ("place:location:longitude", f"{lon:.6f}"),
    ]
    tags = "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in meta)
    described = (
        f'<meta name="description" content="{short}">\n<meta property="og:description" content="{short}">\n'
    )
    other = "".join(
        f'<link rel="alternate" hreflang="{code}" href="{escape(address)}?lang={code}">\n'
        for code in LANGUAGES
    )
    return f'{described}{tags}<link rel="canonical" href="{escape(address)}?lang={lang}">\n{other}'
