"""The model of a content record: its fields and, for each layer, the categories. Pure data.

Every text is plain text: no markup is stored, and who shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from smap.errors import NotFoundError

__all__ = ["FIELDS", "LAYERS", "VERTEX_FIELDS", "Field", "Kind", "LayerModel", "layer_model"]

Kind = Literal["line", "text", "date", "url", "number", "truth", "choice", "vertices"]


@dataclass(frozen=True)
class Field:
    """One field of a record; a line is text without line breaks, `limit` its longest length in characters."""

    kind: Kind
    required: bool = False
    limit: int = 200
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerModel:
    """One layer: its titles, its categories, and those of them that are drawn as lines."""

    id: str
    title: Mapping[str, str]
    categories: tuple[str, ...]
    lines: frozenset[str] = frozenset()


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

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "name_ko": Field("line", required=True),
        "name_en": Field("line", required=True),
        "name_hanja": Field("line"),
        "text_ko": Field("text", required=True, limit=5000),
        "text_en": Field("text", required=True, limit=5000),
        "category": Field("choice", required=True),
        "source": Field("line", required=True, limit=500),
        "source_url": Field("url", limit=2000),
        "source_date": Field("date", required=True),
        "licence": Field("line", limit=100),
        "position_source": Field("line", required=True, limit=500),
        "position_date": Field("date", required=True),
        "position_accuracy_m": Field("number", required=True),
        "position_means": Field("choice", required=True, choices=POSITION_MEANS),
        "position_approximate": Field("truth"),
        "designation_ko": Field("line"),
        "designation_en": Field("line"),
        "designated": Field("line", limit=40),
        "built": Field("line", limit=100),
        "khs_id": Field("line", limit=40),
        "building": Field("line"),
        "building_area_m2": Field("number"),
        "length_m": Field("number"),
        "vertices": Field("vertices"),
    }
)
"""The fields of every record, in the order in which they are kept and written."""

VERTEX_FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "name_ko": Field("line", required=True),
        "name_en": Field("line", required=True),
        "source": Field("line", required=True, limit=500),
        "date": Field("date", required=True),
        "position_accuracy_m": Field("number", required=True),
    }
)
"""The fields of one control point of a line; the positions stand in the geometry only."""

_HERITAGE = (
    "palace palace_gate palace_hall gate shrine tomb pagoda monument bridge beacon belfry school residence "
    "prehistoric temple tower site"
)

LAYERS: Mapping[str, LayerModel] = MappingProxyType(
    {
        layer.id: layer
        for layer in (
            LayerModel("heritage", {"ko": "문화유산", "en": "Heritage"}, tuple(_HERITAGE.split())),
            LayerModel(
                "tourism",
                {"ko": "관광", "en": "Places to visit"},
                ("landmark", "museum", "market", "park", "square", "stream", "temple", "viewpoint"),
            ),
            LayerModel(
                "wall",
                {"ko": "한양도성", "en": "City Wall"},
                ("section", "gate", "gate_site", "water_gate", "stamp", "summit", "area"),
                frozenset({"section"}),
            ),
            LayerModel(
                "alleys", {"ko": "골목길", "en": "Alleys"}, ("alley", "alley_area"), frozenset({"alley"})
            ),
        )
    }
)
"""The layers in the order in which they are listed."""


def layer_model(layer: str) -> LayerModel:
    """Give a layer's model. Errors: NotFoundError that names the layers there are."""
    try:
        return LAYERS[layer]
    except KeyError:
        known = ", ".join(LAYERS)
        raise NotFoundError(f"there is no layer '{layer[:80]}'; the layers are {known}") from None
