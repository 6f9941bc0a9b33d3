"""XLSX in: one sheet as rows of text (ECMA-376), as a stream."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from smap.content.exchange.file import open_zip
from smap.content.exchange.row import Row, rows_of_table
from smap.errors import InputError

__all__ = ["read_xlsx"]

LARGEST_WORKBOOK_MB = 128
"""Unpacked; 200,000 rows of ten columns have about 60."""
LARGEST_PART = 4 * 1024**2
"""Bytes of what is read whole and is neither a sheet nor its texts: styles, names, links."""
MOST_LINES = 1_048_576
"""Rows of a sheet (ECMA-376 part 1, 18.3.1.73); a file may claim more."""
MOST_COLUMNS = 512


def read_xlsx(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Give the rows of a sheet, the first by default, every cell as text.

    openpyxl reads it row by row, through defusedxml. (python-calamine 0.9 is faster, but makes room for every
    cell between the first and the last: two cells in opposite corners end the process, 549 GB.)
    Errors: InputError.
    """
    with open_zip(path, most_mb=LARGEST_WORKBOOK_MB) as archive, path.open("rb") as file:
        _check_parts(archive, path)
        book = _open(file, path)
        try:
            yield from rows_of_table(_lines(_sheet(book, sheet, path), path), str(path))
        finally:
            book.close()


def _check_parts(archive: zipfile.ZipFile, path: Path) -> None:
    for entry in archive.infolist():
        streamed = "worksheets/" in entry.filename or "sharedStrings" in entry.filename
        if not streamed and entry.filename.endswith((".xml", ".rels")) and entry.file_size > LARGEST_PART:
            size = entry.file_size // 1024**2
            raise InputError(f"{path}: its part {entry.filename[:60]!r} has {size} MB: save the sheet as CSV")


def _open(file: BinaryIO, path: Path) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and charts, which are not read
        return _told(path, lambda: openpyxl.load_workbook(file, read_only=True, data_only=True))


def _told(path: Path, work: Any) -> Any:
    """openpyxl tells of a broken file by whatever its own code trips over."""
    try:
        return work()
    except InputError:
        raise
    except StopIteration:
        return None
    except Exception as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{path} is no XLSX workbook that can be read: {told[:200]}") from error


def _sheet(book: Any, name: str | None, path: Path) -> Any:
    names = book.sheetnames
    if name is not None and name not in names:
        raise InputError(f"{path} has no sheet {name[:60]!r}; it has {', '.join(names)[:300]}")
    sheets = [sheet for sheet in book.worksheets if name is None or sheet.title == name]
    if not sheets:
        raise InputError(f"{path} has no sheet with cells")
    return sheets[0]


def _lines(sheet: Any, path: Path) -> Iterator[Sequence[str]]:
    lines = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
    for _ in range(MOST_LINES):
        line = _told(path, lambda: next(lines))
        if line is None:
            return
        if line[MOST_COLUMNS:] not in ((), (None,)):
            raise InputError(f"{path} has more than {MOST_COLUMNS} columns: leave out those not needed")
        if line.count(None) < len(line):  # nearly all of a million lines may be empty
            yield [_text(cell) for cell in line]
    raise InputError(f"{path} has more than {MOST_LINES} lines: it claims more than a sheet can have")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ") if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
