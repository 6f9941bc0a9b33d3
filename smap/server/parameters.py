"""Query parameters, checked at the door: an unknown or senseless one is a 400 that names it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from smap.content.instants import Span
from smap.content.instants import span_of as instant_span
from smap.content.record import Bbox
from smap.content.systems import CRS84, System, box_of, system_of
from smap.errors import UsageError
from smap.server.negotiation import LANGUAGES

__all__ = [
    "DEFAULT_HITS",
    "DEFAULT_ITEMS",
    "FURTHEST_HIT",
    "MOST_HITS",
    "MOST_ITEMS",
    "SEARCH_LANGUAGES",
    "bbox_of",
    "check_known",
    "line_of",
    "names_of",
    "number_of",
    "place_of",
    "sort_keys_of",
    "span_of",
    "system_box_of",
    "system_in",
    "whole_number_of",
]

#: A page of records; more are had by paging.
DEFAULT_ITEMS, MOST_ITEMS = 10, 1000
#: What a search gives; nobody reads further.
DEFAULT_HITS, MOST_HITS = 20, 100
#: How far back hits are paged: the order of all that come before must be known.
FURTHEST_HIT = 1000
SEARCH_LANGUAGES = ("ko", "en", "ja", "zh")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_OPEN = ("", "..")
"""The ends of an interval that has none."""
FORMS = ("json", "html")
_WORDS: dict[str, Collection[str]] = {"draft": ("0", "1"), "filter-lang": ("cql2-text", "cql2-json")}
"""What parameters that take one of some words may say."""


def check_known(
    request: Request,
    known: Collection[str],
    *,
    languages: Collection[str] = LANGUAGES,
    forms: Collection[str] = FORMS,
) -> None:
    """UsageError for a parameter that this address lacks, one given twice, or a word it cannot take."""
    allowed = {**_WORDS, "lang": languages, "f": forms}
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            raise UsageError(f"unknown query parameter {name!r:.80}; known here: {', '.join(sorted(known))}")
        if names.count(name) > 1:
            raise UsageError(f"query parameter {name!r:.80} is given twice")
        value = request.query_params[name]
        if value not in allowed.get(name, (value,)):
            raise UsageError(f"query parameter {name}: {value!r:.80} is none of {', '.join(allowed[name])}")


def whole_number_of(request: Request, name: str, default: int, *, low: int, high: int | None = None) -> int:
    """A whole number ≥ `low`; more than `high` counts as `high` (OGC API Features, requirement 21)."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < low:
        raise UsageError(f"query parameter {name}: {text!r:.80} is not a whole number ≥ {low}")
    return int(text) if high is None else min(int(text), high)


def number_of(request: Request, name: str, *, low: float, high: float) -> float:
    """A number that must be there and lie within the bounds."""
    text = request.query_params.get(name, "")
    value = _number(text)
    if value is None or not low <= value <= high:
        raise UsageError(f"query parameter {name}: {text!r:.80} is not a number from {low:g} to {high:g}")
    return value


def place_of(request: Request, name: str) -> tuple[float, float] | None:
    """`lon,lat` in degrees; None where it is not given."""
    text = request.query_params.get(name)
    if text is None:
        return None
    values = [_number(part) for part in text.split(",")]
    if len(values) != 2 or values[0] is None or values[1] is None:
        raise UsageError(f"query parameter {name}: {text!r:.80} is not lon,lat in degrees")
    if abs(values[0]) > 180 or abs(values[1]) > 90:
        raise UsageError(
            f"query parameter {name}: {text!r:.80} leaves the earth: longitude first, in degrees"
        )
    return values[0], values[1]


def bbox_of(request: Request) -> Bbox | None:
    """`bbox=west,south,east,north` in degrees (CRS84); of six numbers the heights are left out."""
    text = request.query_params.get("bbox")
    if text is None:
        return None
    numbers = [_number(part) for part in text.split(",")]
    values = [value for value in numbers if value is not None]
    if len(values) != len(numbers) or len(values) not in (4, 6):
        raise UsageError(f"bbox: {text!r:.80} is not west,south,east,north in degrees")
    west, south = values[:2]
    east, north = values[2:4] if len(values) == 4 else values[3:5]
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise UsageError(f"bbox: {text!r:.80} leaves the earth or has its south above its north")
    return west, south, east, north


def line_of(request: Request, name: str) -> NDArray[np.float64]:
    """`lon,lat,lon,lat,…` in degrees: float64 (n, 2), at least two places."""
    text = request.query_params.get(name, "")
    numbers = [_number(part) for part in text.split(",")]
    values = [value for value in numbers if value is not None]
    if len(values) != len(numbers) or len(values) < 4 or len(values) % 2:
        raise UsageError(f"query parameter {name}: {text!r:.80} is not lon,lat,lon,lat,… in degrees")
    line = np.array(values).reshape(-1, 2)
    if (np.abs(line) > [180.0, 90.0]).any():
        raise UsageError(
            f"query parameter {name}: {text!r:.80} leaves the earth: longitude first, in degrees"
        )
    return line


def span_of(request: Request) -> Span | None:
    """`datetime`: a day, a moment or an interval of two, whose ends may be open; None where it is not given.

    A day counts as its whole span.
    """
    text = request.query_params.get("datetime")
    if text is None:
        return None
    ends = text.split("/")
    spans = [None if len(ends) == 2 and end in _OPEN else _moment(end, text) for end in ends]
    if len(ends) > 2 or not any(spans):
        raise UsageError(f"datetime: {text!r:.80} is not an RFC 3339 date, time or interval")
    first, last = spans[0], spans[-1]
    if first and last and last[0] < first[0]:
        raise UsageError(f"datetime: {text!r:.80} ends before it begins")
    return first[0] if first else None, last[1] if last else None


def _moment(text: str, whole: str) -> tuple[int, int]:
    """A moment or a day; not for a year, nor for what is none, such as the 31st of February."""
    found = instant_span(text) if len(text) >= len("2020-01-01") else None
    if found is None:
        raise UsageError(f"datetime: {whole!r:.80} is not an RFC 3339 date, time or interval")
    return found


def system_in(request: Request, name: str) -> System:
    """The reference system that a parameter names; CRS84 where it is not given."""
    return system_of(request.query_params.get(name, CRS84), name)


def system_box_of(request: Request) -> tuple[Bbox | None, System]:
    """`bbox` in the system and the order of axes of `bbox-crs`, as x before y; and that system."""
    system = system_in(request, "bbox-crs")
    text = request.query_params.get("bbox")
    if text is None or system.uri == CRS84:
        return bbox_of(request), system
    values = [_number(part) for part in text.split(",")]
    numbers = tuple(value for value in values if value is not None)
    if len(numbers) != len(values) or len(numbers) not in (4, 6):
        raise UsageError(f"bbox: {text!r:.80} is not four or six numbers in the system of bbox-crs")
    return box_of(numbers, system, "bbox"), system


def names_of(request: Request, name: str, known: Collection[str]) -> list[str] | None:
    """Some of the `known` names, with commas between; None where the parameter is not given."""
    text = request.query_params.get(name)
    if text is None:
        return None
    for part in text.split(","):
        if part not in known:
            raise UsageError(f"{name}: {part!r:.80} is none of {', '.join(known)}")
    return text.split(",")


def sort_keys_of(request: Request) -> list[tuple[str, bool]]:
    """`sortby=-name_en,+built`: names, and whether downwards. A + that was not encoded comes as a space."""
    text = request.query_params.get("sortby", "")
    parts = text.split(",") if text else []
    return [(part[1:] if part[:1] in ("+", "-", " ") else part, part.startswith("-")) for part in parts]


def _number(text: str) -> float | None:
    """Digits of ASCII only: Python's own reading takes 1_0 and ١٠ too."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
