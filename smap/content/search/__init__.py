"""Finding things by name: Korean, English, Chinese, romanised, half typed, mistyped; best first."""

from smap.content.search.buildings import (
    BUILDINGS,
    INDEX,
    BuildingHit,
    build_index,
    index_beside,
    open_index,
    search_buildings,
)
from smap.content.search.find import Asked
from smap.content.search.places import MOST_SUGGESTED, SearchPage, search, search_page, suggest

__all__ = [
    "BUILDINGS",
    "INDEX",
    "MOST_SUGGESTED",
    "Asked",
    "BuildingHit",
    "SearchPage",
    "build_index",
    "index_beside",
    "open_index",
    "search",
    "search_buildings",
    "search_page",
    "suggest",
]
