"""Pictures of other people's lists as media of ours: only with a licence that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from smap.content.exchange.row import Row
from smap.content.exchange.texts import plain_text
from smap.content.model import FIELDS

__all__ = ["KOGL", "PICTURE", "PICTURE_NEEDS", "joined_media", "kogl_of", "with_picture"]

PICTURE = ("url", "kogl", "credit", "usual")
PICTURE_NEEDS = ("url", "credit")
"""What a mapping's [picture] may say, and what it must."""
KOGL: Mapping[str, str] = {
    "type-1": "KOGL type 1: attribution",
    "type-2": "KOGL type 2: attribution, no commercial use",
    "type-3": "KOGL type 3: attribution, no changes",
    "type-4": "KOGL type 4: attribution, no commercial use, no changes",
}
"""The four types of the Korea Open Government Licence (공공누리, kogl.or.kr)."""
_LEFT_OUT = "picture_left_out"
_TOLD = re.compile(r"(?:공공누리|kogl)?\s*(?:제\s*|type\s*-?\s*)?([1-4])\s*(?:유형)?", re.IGNORECASE)
"""Type3 (TourAPI), 공공누리 제1유형, 1유형, 1."""


def kogl_of(text: str) -> str | None:
    """The type of licence that a text names; None for any other text."""
    found = _TOLD.fullmatch(text.strip())
    return None if found is None else f"type-{found[1]}"


def with_picture(
    properties: dict[str, Any], row: Row, picture: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A row's properties with its picture, as a mapping's [picture] finds it, and what is to be counted.

    A picture whose licence is not known, or whose address is none, is left out.
    """
    url = _told(row, picture.get("url"))
    if not url:
        return properties, ()
    said = _told(row, picture.get("kogl"))
    kogl = kogl_of(said) if said else picture.get("usual")
    if kogl is None or not url.startswith(("https://", "http://")):
        return properties, (_LEFT_OUT,)
    medium = {
        "kind": "picture",
        "url": url,
        "licence": KOGL[kogl],
        "credit": picture["credit"],
        "kogl": kogl,
        "alt_ko": f"{properties.get('name_ko', '')} 사진",
        "alt_en": f"Picture of {properties.get('name_en', '')}",
    }
    return {**properties, "media": [medium]}, ()


def joined_media(records: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The pictures of several records, each once, as many as one record may have."""
    media = {medium["url"]: medium for record in records for medium in record.get("media", ())}
    return list(media.values())[: FIELDS["media"].most]


def _told(row: Row, column: str | None) -> str:
    value = None if column is None else row.fields.get(column)
    return plain_text(value).strip() if isinstance(value, str) else ""
