"""Days, years and moments on one scale, years before Christ among them. Pure.

The scale counts microseconds of the proleptic Gregorian calendar, UTC, from 1970: whole numbers that SQLite
compares exactly.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

__all__ = ["Span", "instant", "span_of"]

Span = tuple[int | None, int | None]
"""First and last microsecond, both included; None: open."""

_YEAR = re.compile(r"-?\d{4}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DAY_US = 86_400_000_000


def span_of(text: str) -> tuple[int, int] | None:
    """The first and last microsecond of a year (ISO 8601: -0999 is 1000 BC), a day or a moment (RFC 3339).

    None for what is none of these, such as the 31st of February.
    """
    if _YEAR.fullmatch(text):
        return _new_year(int(text)) * _DAY_US, _new_year(int(text) + 1) * _DAY_US - 1
    try:
        if _DAY.fullmatch(text):
            first = (date.fromisoformat(text) - date(1970, 1, 1)).days * _DAY_US
            return first, first + _DAY_US - 1
        if _MOMENT.fullmatch(text):
            return (at := _microseconds(datetime.fromisoformat(text))), at
    except (ValueError, OverflowError):
        pass
    return None


def instant(text: str | None, last: int) -> int | None:
    """The first (`last` 0) or last (1) microsecond of a text, for queries; None where there is none."""
    found = span_of(text) if isinstance(text, str) else None
    return found[last] if found else None


def _microseconds(moment: datetime) -> int:
    apart = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return apart.days * _DAY_US + apart.seconds * 1_000_000 + apart.microseconds


def _new_year(year: int) -> int:
    """Days from 1970-01-01 to the 1st of January; each 4th year is a leap year, but of centuries each 4th."""
    before = year - 1
    return 365 * before + before // 4 - before // 100 + before // 400 - 719_162
