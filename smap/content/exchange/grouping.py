"""Records that share one position as one place with a list: what a museum holds, what stands in a square."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from smap.content.exchange.incoming import Incoming
from smap.content.exchange.mapping import FieldMapping
from smap.content.exchange.pictures import joined_media
from smap.content.exchange.texts import filled
from smap.content.geometry import check_geometry
from smap.content.model import LayerModel

__all__ = ["grouped"]

_TEXTS = {
    "name_ko": "{name_ko} 외 {more}건",
    "name_en": "{name_en} and {more} more",
    "item_ko": "{name_ko}",
    "item_en": "{name_en}",
}
"""What a group says where the mapping does not: its first item and the number of the others; each item."""


def grouped(items: Iterable[Incoming], mapping: FieldMapping, model: LayerModel) -> Iterator[Incoming]:
    """Give one feature for each position; its id is of the position, so that it stays when items come or go.

    Of several items a field stays where all of them say the same; each is a fact of the place, and its
    picture stays. What has a
    fault, or no sound position, stays alone.
    """
    places: dict[str, list[Incoming]] = {}
    for item in items:
        place = _place(item)
        if place is None:
            yield item
        else:
            places.setdefault(place, []).append(item)
    for place, found in places.items():
        digest = hashlib.sha256(place.encode()).hexdigest()[:10]
        yield _joined(found, f"{mapping.prefix or model.id}-at-{digest}", mapping)


def _place(item: Incoming) -> str | None:
    if item.fault is not None or not isinstance(item.feature, Mapping):
        return None
    geometry, _ = check_geometry(item.feature.get("geometry"))
    return None if geometry is None else f"{geometry['type']} {geometry['coordinates']}"


def _joined(items: Sequence[Incoming], id: str, mapping: FieldMapping) -> Incoming:
    first: Mapping[str, Any] = items[0].feature  # type: ignore[assignment]
    records = [item.feature["properties"] for item in items]  # type: ignore[index]
    properties = records[0] if len(items) == 1 else _shared(records, mapping)
    ordinals = tuple(ordinal for item in items for ordinal in item.ordinals)
    notes = tuple(note for item in items for note in item.notes)
    return Incoming({**first, "id": id, "properties": properties}, ordinals, None, notes)


def _shared(records: Sequence[dict[str, Any]], mapping: FieldMapping) -> dict[str, Any]:
    first = records[0]
    same = {name: value for name, value in first.items() if all(r.get(name) == value for r in records)}
    texts = _TEXTS | dict(mapping.group)
    named = {**first, "more": len(records) - 1, "count": len(records)}
    own = {name: filled(texts[name], named) for name in ("name_ko", "name_en")}
    rest = {
        name: filled(value, same | own)
        for name, value in mapping.values.items()
        if name not in same and isinstance(value, str)
    }
    media = {"media": joined_media(records) or None}
    kept = {name: value for name, value in (same | rest | own | media).items() if value is not None}
    return kept | {"facts": [_fact(record, texts) for record in records]}


def _fact(record: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    fact = {
        "about": "other",
        "ko": filled(texts["item_ko"], record) or record.get("name_ko"),
        "en": filled(texts["item_en"], record) or record.get("name_en"),
        "source": record.get("source"),
        "source_url": record.get("source_url"),
        "date": record.get("source_date"),
    }
    return {name: value for name, value in fact.items() if value is not None}
