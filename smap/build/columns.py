"""Columns of property tables of buildings: those that all of them have, and what ours are called."""

from __future__ import annotations

__all__ = ["PUBLISHED", "label_of"]

PUBLISHED = ("smap_id", "id", "name", "height", "floors", "height_source", "ground_source")
"""In the order of the property table."""

_LABELS = {
    "smap_id": ("S-Map 식별자", "S-Map id"),
    "id": ("원본 식별자", "id of the source"),
    "name": ("이름", "name"),
    "name_en": ("영문 이름", "English name"),
    "height": ("높이 (m)", "height (m)"),
    "floors": ("지상 층수", "floors"),
    "floors_below": ("지하 층수", "floors below ground"),
    "height_source": ("높이의 근거", "how its height is known"),
    "height_error_m": ("높이 오차 (m)", "error of its height (m)"),
    "ground_source": ("땅 높이의 근거", "how its ground is known"),
    "buildings": ("묶인 건물 수", "buildings of the block"),
    "pnu": ("필지 번호", "parcel number"),
    "dong": ("동", "dong"),
    "use": ("용도", "use"),
    "structure": ("구조", "structure"),
    "year_built": ("사용승인 연도", "year of approval"),
    "address": ("주소", "address"),
    "lot": ("지번", "lot"),
    "roof_shape": ("지붕 모양", "roof shape"),
    "surface": ("조사된 면", "surveyed surface"),
}


def label_of(column: str) -> str:
    """Korean and English words for one of our columns; nothing for a source's own."""
    return " · ".join(_LABELS.get(column, ()))
