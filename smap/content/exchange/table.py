"""CSV out: one row a record, for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from smap.content.model import FIELDS
from smap.content.record import Record

__all__ = ["csv_of"]

_COLUMNS = ("id", *(name for name in FIELDS if name != "vertices"), "lon", "lat", "geometry")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_of(records: Iterable[Record]) -> bytes:
    """Write records as CSV in UTF-8 with a byte order mark (spreadsheets need it for Korean).

    Points stand in lon and lat, in degrees; other geometries as GeoJSON. A text that a spreadsheet would run
    as a formula gets an apostrophe before it (OWASP, CSV Injection; in Korean settings full-width signs too).
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for record in records:
        writer.writerow([_cell(value) for value in _row(record)])
    return text.getvalue().encode("utf-8-sig")


def _row(record: Record) -> list[object]:
    own = [record.properties.get(name) for name in _COLUMNS[1:-3]]
    if record.geometry["type"] == "Point":
        return [record.id, *own, *record.geometry["coordinates"], None]
    return [record.id, *own, None, None, json.dumps(record.geometry, separators=(",", ":"))]


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
