"""Finding things by name: in Korean, English, Chinese characters, romanised, half typed, mistyped; best first."""

from smap.content.search.places import MOST_SUGGESTED, SearchPage, search, search_page, suggest

__all__ = ["MOST_SUGGESTED", "SearchPage", "search", "search_page", "suggest"]
