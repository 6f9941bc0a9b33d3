"""CSV in: encoding and delimiter are found; read as a stream, whatever a line holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from smap.content.exchange.file import encoding_of, open_file
from smap.content.exchange.row import Row, rows_of_table
from smap.errors import InputError

__all__ = ["LONGEST_CELL", "read_csv"]

LONGEST_CELL = 1_000_000
"""Characters; the longest cell of the city's open data (a description in HTML) has 57,578."""
LONGEST_RECORD = 4_000_000
"""Characters of a record with all its lines."""
_DELIMITERS = ",;\t|"
_FORMULA = ("=", "+", "-", "@")


class _Lines:
    """The lines of a stream, none of them kept: a record that does not end is refused, not gathered."""

    def __init__(self, stream: io.TextIOWrapper, path: Path) -> None:
        self._stream, self._path, self._record, self._number = stream, path, 0, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LONGEST_CELL + 1):
            self._number += 1
            self._record += len(line)
            if len(line) > LONGEST_CELL or self._record > LONGEST_RECORD:
                raise InputError(
                    f"{self._path}: the record at line {self._number} has over {LONGEST_CELL} characters "
                    f"in a line, or {LONGEST_RECORD} in all: is it CSV, and are its quotes closed?"
                )
            yield line

    def record_ends(self) -> None:
        """Count the next record from nothing."""
        self._record = 0


def read_csv(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """Give the rows of a CSV file (RFC 4180; comma, semicolon, tab or bar by its header line).

    Errors: InputError.
    """
    encoding = encoding_of(path, encoding)
    csv.field_size_limit(LONGEST_CELL)
    with open_file(path) as file:
        stream = io.TextIOWrapper(file, encoding, newline="")
        try:
            yield from rows_of_table(_records(_Lines(stream, path)), str(path))
        except csv.Error as error:
            raise InputError(f"{path} is no CSV that can be read: {error}") from None


def _records(lines: _Lines) -> Iterator[Sequence[str]]:
    source = iter(lines)
    first = next((line for line in source if line.strip()), "").removeprefix("\ufeff")
    for record in csv.reader(_chained(first, source), delimiter=_delimiter(first)):
        lines.record_ends()
        yield [_without_guard(cell) for cell in record]


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    """The delimiter that cuts the header into most names; quoted ones do not count."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _without_guard(cell: str) -> str:
    """Our own export puts an apostrophe before what a spreadsheet would run as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
