"""Query parameters, checked at the door: an unknown or senseless one is a 400 that names it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from starlette.requests import Request

from smap.content.record import Bbox
from smap.errors import UsageError

__all__ = [
    "DEFAULT_HITS",
    "DEFAULT_ITEMS",
    "MOST_HITS",
    "MOST_ITEMS",
    "bbox_of",
    "check_datetime",
    "check_known",
    "number_of",
    "whole_number_of",
]

#: A page of records; more are had by paging.
DEFAULT_ITEMS, MOST_ITEMS = 10, 1000
#: What a search gives; nobody reads further.
DEFAULT_HITS, MOST_HITS = 20, 100

_MOMENT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?"
_DATETIME = re.compile(rf"{_MOMENT}|({_MOMENT}|\.\.|)/({_MOMENT}|\.\.|)", re.ASCII)


def check_known(request: Request, known: Collection[str]) -> None:
    """UsageError for a parameter that this address does not have, or one given twice."""
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            raise UsageError(f"unknown query parameter {name!r}; known here: {', '.join(sorted(known))}")
        if names.count(name) > 1:
            raise UsageError(f"query parameter {name!r} is given twice")


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


def check_datetime(request: Request) -> None:
    """`datetime` must be well formed; our records have no time of their own, so each of them matches."""
    text = request.query_params.get("datetime")
    if text is not None and not _DATETIME.fullmatch(text):
        raise UsageError(f"datetime: {text!r} is not an RFC 3339 date, time or interval")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
