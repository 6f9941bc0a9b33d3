"""Query parameters, checked at the door: an unknown or senseless one is a 400 that names it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from smap.content.record import Bbox
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
    "check_datetime",
    "check_known",
    "line_of",
    "number_of",
    "place_of",
    "whole_number_of",
]

#: A page of records; more are had by paging.
DEFAULT_ITEMS, MOST_ITEMS = 10, 1000
#: What a search gives; nobody reads further.
DEFAULT_HITS, MOST_HITS = 20, 100
#: How far back hits are paged: the order of all that come before must be known.
FURTHEST_HIT = 1000
SEARCH_LANGUAGES = ("ko", "en", "ja", "zh")

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_OPEN = ("", "..")
"""The ends of an interval that has none."""
_WORDS: dict[str, Collection[str]] = {"f": ("json", "html"), "draft": ("0", "1")}
"""What parameters that take one of some words may say."""


def check_known(request: Request, known: Collection[str], *, languages: Collection[str] = LANGUAGES) -> None:
    """UsageError for a parameter that this address lacks, one given twice, or a word it cannot take."""
    allowed = {**_WORDS, "lang": languages}
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            raise UsageError(f"unknown query parameter {name!r}; known here: {', '.join(sorted(known))}")
        if names.count(name) > 1:
            raise UsageError(f"query parameter {name!r} is given twice")
        value = request.query_params[name]
        if value not in allowed.get(name, (value,)):
            raise UsageError(f"query parameter {name}: {value!r} is none of {', '.join(allowed[name])}")


def whole_number_of(request: Request, name: str, default: int, *, low: int, high: int | None = None) -> int:
    """A whole number ≥ `low`; more than `high` counts as `high` (OGC API Features, requirement 21)."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < low:
        raise UsageError(f"query parameter {name}: {text!r} is not a whole number ≥ {low}")
    return int(text) if high is None else min(int(text), high)


def number_of(request: Request, name: str, *, low: float, high: float) -> float:
    """A number that must be there and lie within the bounds."""
    text = request.query_params.get(name, "")
    value = _number(text)
    if value is None or not low <= value <= high:
        raise UsageError(f"query parameter {name}: {text!r} is not a number from {low:g} to {high:g}")
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
        raise UsageError(f"bbox: {text!r} is not west,south,east,north in degrees")
    west, south = values[:2]
    east, north = values[2:4] if len(values) == 4 else values[3:5]
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise UsageError(f"bbox: {text!r} leaves the earth or has its south above its north")
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


def check_datetime(request: Request) -> None:
    """`datetime` must be well formed; our records have no time of their own, so each of them matches."""
    text = request.query_params.get("datetime")
    if text is None:
        return
    ends = text.split("/")
    moments = [_moment(end) for end in ends if len(ends) == 1 or end not in _OPEN]
    if len(ends) > 2 or None in moments or not moments:
        raise UsageError(f"datetime: {text!r} is not an RFC 3339 date, time or interval")
    first, *rest = (moment for moment in moments if moment is not None)
    if rest and rest[0] < first:
        raise UsageError(f"datetime: {text!r} ends before it begins")


def _moment(text: str) -> datetime | None:
    """A moment in UTC; None for what is none, such as the 31st of February."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(text: str) -> float | None:
    """Digits of ASCII only: Python's own reading takes 1_0 and ١٠ too."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
