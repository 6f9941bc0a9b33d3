"""CSV out: one row a record, for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from smap.content.model import FIELDS, Fields
from smap.content.record import Record

__all__ = ["csv_of"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_of(records: Iterable[Record], fields: Fields = FIELDS) -> bytes:
    """Write records as CSV in UTF-8 with a byte order mark (spreadsheets need it for Korean).

    `fields`: those of the layer, each a column but the vertices, which say nothing without the line; lists
    are JSON text. Points stand in lon and lat, in degrees; other geometries as GeoJSON. A text that a
    spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV Injection; in Korean settings
    full-width signs too).
    """
    text = io.StringIO()
    writer = csv.writer(text)
    own = [name for name in fields if name != "vertices"]
    writer.writerow(["id", *own, "lon", "lat", "geometry"])
    for record in records:
        writer.writerow([_cell(value) for value in _row(record, own)])
    return text.getvalue().encode("utf-8-sig")


def _row(record: Record, names: Sequence[str]) -> list[object]:
    own = [record.properties.get(name) for name in names]
    if record.geometry["type"] == "Point":
        return [record.id, *own, *record.geometry["coordinates"], None]
    return [record.id, *own, None, None, json.dumps(record.geometry, separators=(",", ":"))]


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else value
