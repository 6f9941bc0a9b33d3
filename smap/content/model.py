"""The model of a content record: the fields of every record and those of each layer. Pure data.

Every text is plain text: no markup is stored, and who shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from smap.errors import NotFoundError

__all__ = [
    "ALWAYS",
    "FIELDS",
    "LAYERS",
    "LISTS",
    "MOST_POSITIONS",
    "Field",
    "Fields",
    "Kind",
    "LayerModel",
    "Layers",
    "layer_model",
]

Kind = Literal[
    "line",
    "text",
    "date",
    "when",
    "moment",
    "url",
    "path",
    "number",
    "count",
    "truth",
    "choice",
    "choices",
    "outline",
    "items",
]
"""What a field holds. `when`: a year or a day; `moment`: a time of RFC 3339; `path`: of a file among the
content's media; `count`: a whole number; `choices`: several of the choices; `outline`: a ring of lon, lat;
`items`: objects with own fields."""

LISTS: frozenset[Kind] = frozenset({"choices", "outline", "items"})
"""The kinds whose values are lists."""
MOST_POSITIONS = 10_000
"""Of one geometry; the longest line of the curated content has 70."""


@dataclass(frozen=True)
class Field:
    """One field of a record.

    `limit`: the longest length in characters (a line is text without line breaks); `least`: the smallest
    number, None for any that is more than 0; `unit`: of a number (UCUM); `label`: what an
    operator calls it; `needs`: fields that must come with it.
    Of items: their `fields`, what `each` is called, the `most` of them, and `one_of`: groups of fields of
    which at least one must be there as a whole.
    """

    kind: Kind
    required: bool = False
    limit: int = 200
    choices: tuple[str, ...] = ()
    least: float | None = None
    unit: str = "m"
    needs: tuple[str, ...] = ()
    fields: Fields = field(default_factory=dict)
    each: str = "item"
    most: int = 200
    one_of: tuple[tuple[str, ...], ...] = ()
    label: Words = field(default_factory=dict)


Fields: TypeAlias = Mapping[str, Field]
Words: TypeAlias = Mapping[str, str]
"""Language code to text."""


@dataclass(frozen=True)
class LayerModel:
    """One layer: its titles by language, its fields and its categories.

    `geometry`: the kinds of geometry of all its records (none: any); `drawn`: those of some categories;
    `traced`: categories whose lines name a source for each of their positions (`vertices`), others may;
    `style`: colour and letter, where an operator chose them.
    """

    id: str
    title: Words
    fields: Fields
    categories: tuple[str, ...]
    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traced: frozenset[str] = frozenset()
    geometry: tuple[str, ...] = ()
    style: Words = field(default_factory=dict)


Layers: TypeAlias = Mapping[str, LayerModel]


def _each(names: str, kind: Field) -> dict[str, Field]:
    """The same field under each of some names."""
    return dict.fromkeys(names.split(), kind)


_LINE, _LONG, _SOURCE, _URL = (
    Field("line"),
    Field("line", limit=300),
    Field("line", limit=500),
    Field("url", limit=2000),
)
_SUMMARY, _TEXT = Field("text", limit=600), Field("text", limit=5000)
_MEASURE = Field("number")
_MINUTES = Field("number", unit="min")
_SLUG = Field("line", limit=80)
_ACCURACY = Field("number", required=True)


def _required(kind: Field) -> Field:
    return Field(kind.kind, required=True, limit=kind.limit)


POSITION_MEANS = (
    "gate_centre",
    "building_centre",
    "summit",
    "site_centre",
    "area_centre",
    "entrance",
    "marker",
    "line",
)
_ABOUT = (
    "built rebuilt lost restored designated builder use material height length width area count event person "
    "name visit other"
)
_VERTEX = {
    "name_ko": Field("line", required=True),
    "name_en": Field("line", required=True),
    "source": Field("line", required=True, limit=500),
    "date": Field("date", required=True),
    "position_accuracy_m": _ACCURACY,
}
"""One control point of a line; the positions stand in the geometry only."""
_FACT = {
    "about": Field("choice", required=True, choices=tuple(_ABOUT.split())),
    "ko": _required(_LONG),
    "en": _required(_LONG),
    "source": _required(_SOURCE),
    "source_url": _URL,
    "date": Field("date", required=True),
}
"""One fact: what it is about, a line in both languages, where it is from and when that was read."""
_MEDIUM = {
    "kind": Field("choice", required=True, choices=("picture", "rendering", "drawing", "audio")),
    "path": Field("path"),
    "url": _URL,
    "licence": Field("line", required=True, limit=100),
    "credit": Field("line", required=True),
    "kogl": Field("choice", choices=("type-1", "type-2", "type-3", "type-4")),
    "alt_ko": _required(_LONG),
    "alt_en": _required(_LONG),
}
"""A picture or a sound, with what may be done with it and words for those who do not see it.

`kogl`: the type of the Korea Open Government Licence (kogl.or.kr), where it is under one.
"""

FIELDS: Fields = MappingProxyType(
    {
        "name_ko": Field("line", required=True),
        "name_en": Field("line", required=True),
        "name_hanja": _LINE,
        **_each("name_ja name_zh name_romanised", _LINE),
        "text_ko": Field("text", required=True, limit=5000),
        "text_en": Field("text", required=True, limit=5000),
        **_each("text_ja text_zh", _TEXT),
        **_each("summary_ja summary_zh", _SUMMARY),
        "category": Field("choice", required=True),
        "source": Field("line", required=True, limit=500),
        "source_url": _URL,
        "source_date": Field("date", required=True),
        "licence": Field("line", limit=100),
        "position_source": Field("line", required=True, limit=500),
        "position_date": Field("date", required=True),
        "position_accuracy_m": _ACCURACY,
        "position_means": Field("choice", required=True, choices=POSITION_MEANS),
        "position_approximate": Field("truth"),
        "valid_from": Field("when"),
        "valid_to": Field("when"),
        "designation_ko": _LINE,
        "designation_en": _LINE,
        "designated": Field("line", limit=40),
        "built": Field("line", limit=100),
        "khs_id": Field("line", limit=40),
        "building": _LINE,
        "building_area_m2": Field("number", unit="m2"),
        "length_m": _MEASURE,
        "vertices": Field("items", fields=_VERTEX, each="vertex", most=MOST_POSITIONS),
        "facts": Field("items", fields=_FACT, each="fact"),
        "media": Field("items", fields=_MEDIUM, each="medium", one_of=(("path",), ("url",))),
    }
)
"""The fields of every record, in the order in which they are kept and written; a layer adds its own."""
ALWAYS = frozenset({"name_ko", "name_en", "source", "source_date", "position_accuracy_m"})
"""What a record says in whatever layer, also in those that an operator declares."""

_HERITAGE: Fields = {
    **_each("khs_kind khs_number khs_city", Field("line", limit=20)),
    **_each("era_ko era_en", _LINE),
    **_each("materials_ko materials_en", _LINE),
    **_each("holder_ko holder_en", _LINE),
    **_each("museum_ko museum_en", _LINE),
    "movable": Field("truth"),
    "model": _SLUG,
    "eras": Field("choices", choices=("today", "hanyang")),
    "outline": Field(
        "outline", most=MOST_POSITIONS, needs=("outline_source", "outline_date", "outline_accuracy_m")
    ),
    "outline_source": _SOURCE,
    "outline_date": Field("date"),
    "outline_accuracy_m": _MEASURE,
}
"""`khs_kind`, `khs_number`, `khs_city`: the Korea Heritage Service's ccbaKdcd, ccbaAsno, ccbaCtcd."""

_STOP = {
    "layer": Field("line", limit=80, needs=("id",)),
    "id": Field("line", limit=80, needs=("layer",)),
    "minutes": _MINUTES,
    "name_ko": _LINE,
    "name_en": _LINE,
}
_COURSE: Fields = {
    "stops": Field("items", fields=_STOP, each="stop", one_of=(("layer", "id"), ("name_ko", "name_en"))),
    "minutes": _MINUTES,
    "climb_m": Field("number", least=0),
}
"""A way to go: its stops in order, each a record or a name; the time; the sum of what it rises."""
_TOURISM: Fields = {
    "tour_type": Field("choice", choices=("12", "14", "15", "25", "28", "32", "38", "39")),
    "tour_id": Field("line", limit=20),
    **_each("hours_ko hours_en closed_ko closed_en fee_ko fee_en", Field("text", limit=600)),
    "phone": Field("line", limit=60),
    **_each("accessibility_ko accessibility_en season_ko season_en", Field("text", limit=600)),
    **_COURSE,
}
"""`tour_type`, `tour_id`: the Korea Tourism Organization's contenttypeid and contentid."""

_WALL: Fields = {
    "section": _SLUG,
    "state": Field("choice", choices=("standing", "restored", "lost")),
    "lost_year": Field("when"),
    "masonry": Field("choice", choices=("taejo", "sejong", "sukjong", "sunjo", "modern", "mixed")),
    "height_m": _MEASURE,
    "width_m": _MEASURE,
    **_COURSE,
}
"""`masonry`: the reign whose way of laying stones a segment shows, or modern."""

_STORY = {
    "along_m": Field("number", least=0),
    "lon": Field("number", unit="deg", needs=("lat",)),
    "lat": Field("number", unit="deg", needs=("lon",)),
    "title_ko": Field("line", required=True),
    "title_en": Field("line", required=True),
    "ko": Field("text", required=True, limit=2000),
    "en": Field("text", required=True, limit=2000),
    "source": _required(_SOURCE),
    "source_url": _URL,
    "date": Field("date", required=True),
}
_ALLEYS: Fields = {
    "width_m": _MEASURE,
    "steps": Field("count", unit=""),
    "slope_percent": Field("number", least=0, unit="%", needs=("slope_source",)),
    "slope_source": _SOURCE,
    "stories": Field("items", fields=_STORY, each="story", one_of=(("along_m",), ("lon", "lat"))),
    **_each("then_ko then_en now_ko now_en", Field("text", limit=2000)),
}
"""What nobody measured is left out, which means: not known."""

_HERITAGE_WORDS = (
    "palace palace_gate palace_hall gate shrine tomb pagoda monument bridge beacon belfry school residence "
    "prehistoric temple tower site"
)
_TOURISM_WORDS = "landmark museum market park square stream temple viewpoint course"
_WALL_WORDS = "section segment gate gate_site water_gate stamp summit area walk"
_AS_LINE = ("LineString", "MultiLineString")

LAYERS: Layers = MappingProxyType(
    {
        layer.id: layer
        for layer in (
            LayerModel(
                "heritage",
                {"ko": "문화유산", "en": "Heritage", "ja": "文化遺産", "zh": "文化遗产"},
                {**FIELDS, **_HERITAGE},
                tuple(_HERITAGE_WORDS.split()),
            ),
            LayerModel(
                "tourism",
                {"ko": "관광", "en": "Places to visit", "ja": "観光", "zh": "旅游"},
                {**FIELDS, **_TOURISM},
                tuple(_TOURISM_WORDS.split()),
                drawn={"course": (*_AS_LINE, "MultiPoint")},
            ),
            LayerModel(
                "wall",
                {"ko": "한양도성", "en": "City Wall", "ja": "漢陽都城", "zh": "汉阳都城"},
                {**FIELDS, **_WALL},
                tuple(_WALL_WORDS.split()),
                drawn=dict.fromkeys(("section", "segment", "walk"), _AS_LINE),
                traced=frozenset({"section"}),
            ),
            LayerModel(
                "alleys",
                {"ko": "골목길", "en": "Alleys", "ja": "路地", "zh": "小巷"},
                {**FIELDS, **_ALLEYS},
                ("alley", "alley_area"),
                drawn={"alley": _AS_LINE},
                traced=frozenset({"alley"}),
            ),
        )
    }
)
"""Our own layers in the order in which they are listed; an operator may declare more."""


def layer_model(layer: str, layers: Layers = LAYERS) -> LayerModel:
    """Give a layer's model. Errors: NotFoundError that names the layers there are."""
    try:
        return layers[layer]
    except KeyError:
        known = ", ".join(layers)
        raise NotFoundError(f"there is no layer '{layer[:80]}'; the layers are {known}") from None
