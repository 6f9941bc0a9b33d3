"""One record of somebody else's file, as a reader of its format gives it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smap.content.geometry import Fault
from smap.errors import InputError

__all__ = ["MOST_ROWS", "Row", "bounded", "rows_of_table"]

MOST_ROWS = 200_000
"""Of one file; the city's largest list that is content has 13,628."""


@dataclass(frozen=True)
class Row:
    """Fields by their names in the file, and its geometry as GeoJSON in the file's CRS where it has one.

    `fault`: what makes it unreadable, where the rest of the file can be read.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    geometry: Any = None
    fault: Fault | None = None


def bounded(rows: Iterable[Row], where: str) -> Iterator[Row]:
    """Give the rows, at most `MOST_ROWS`. Errors: InputError."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise InputError(f"{where} has more than {MOST_ROWS} records: split it")
        yield row


def rows_of_table(lines: Iterable[Sequence[str]], where: str) -> Iterator[Row]:
    """Give the rows of a table whose first line that is not empty names the columns.

    A line with more cells than columns is a fault of its own: its cells have slipped. Errors: InputError for
    a name that two columns have.
    """
    filled = (line for line in lines if any(cell.strip() for cell in line))
    header = [unicodedata.normalize("NFC", name).strip() for name in next(filled, [])]
    while header and not header[-1]:
        header.pop()
    _check_header(header, where)
    for line in filled:
        cells = [cell for cell in line[len(header) :] if cell.strip()]
        fault = None
        if cells:
            told = f"it has {len(header) + len(cells)} cells and more, the header names {len(header)}"
            fault = Fault("slipped_cells", f"{told}: a text with the delimiter in it needs quotes")
        values = [*line[: len(header)], *[""] * (len(header) - len(line))]
        yield Row(dict(zip(header, values, strict=True)), fault=fault)


def _check_header(header: Sequence[str], where: str) -> None:
    double = next((name for name in header if name and header.count(name) > 1), None)
    if double is not None:
        raise InputError(f"{where} has two columns {double[:60]!r}: rename one of them")
