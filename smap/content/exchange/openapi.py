"""Answers of two open APIs as rows: TourAPI (Korea Tourism Organization) and data.seoul.go.kr, both JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smap.content.exchange.file import read_text
from smap.content.exchange.row import Row
from smap.errors import InputError

__all__ = ["Answer", "read_seoul", "read_tour", "seoul_answer", "tour_answer"]

_TOUR_GOOD = ("0000", "00")
_TOUR_EMPTY = "03"
_SEOUL_GOOD, _SEOUL_EMPTY = "INFO-000", "INFO-200"
_TAGGED = re.compile(r"<(CODE|MESSAGE|returnReasonCode|returnAuthMsg|errMsg)>([^<]{0,200})")


class Answer:
    """The rows of one answer, and how many there are in all."""

    def __init__(self, rows: list[Mapping[str, Any]], total: int) -> None:
        self.rows, self.total = rows, total


def read_tour(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """Give the rows of a stored answer of TourAPI. Errors: InputError."""
    yield from map(Row, tour_answer(read_text(path, encoding), str(path)).rows)


def read_seoul(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """Give the rows of a stored answer, or of a file of data.seoul.go.kr in JSON. Errors: InputError."""
    yield from map(Row, seoul_answer(read_text(path, encoding), str(path)).rows)


def tour_answer(text: str, where: str) -> Answer:
    """Read an answer of KorService2: `items` is an object, a list or "". Errors: InputError with its code."""
    document = _document(text, where)
    response = _table(document.get("response")) or document
    head = _table(response.get("header")) or response
    code = str(head.get("resultCode", ""))
    if code == _TOUR_EMPTY:
        return Answer([], 0)
    if code not in _TOUR_GOOD:
        raise InputError(f"{where} tells of a fault: {code or 'no code'} {head.get('resultMsg', '')}"[:300])
    body = _table(response.get("body"))
    found = _table(body.get("items")).get("item", [])
    rows = found if isinstance(found, list) else [found]
    return Answer(_tables(rows, where), _count(body.get("totalCount"), len(rows)))


def seoul_answer(text: str, where: str) -> Answer:
    """Read an answer of data.seoul.go.kr; no data and faults stand at its root. Errors: InputError."""
    document = _document(text, where)
    if isinstance(document.get("DATA"), list):
        return Answer(_tables(document["DATA"], where), len(document["DATA"]))
    service = next((part for part in document.values() if isinstance(part, Mapping) and "row" in part), {})
    result = _table(service.get("RESULT")) or _table(document.get("RESULT")) or document
    code = str(result.get("CODE", ""))
    if code == _SEOUL_EMPTY:
        return Answer([], 0)
    if code != _SEOUL_GOOD:
        raise InputError(f"{where} tells of a fault: {code or 'no code'} {result.get('MESSAGE', '')}"[:300])
    rows = _tables(service.get("row", []), where)
    return Answer(rows, _count(service.get("list_total_count"), len(rows)))


def _document(text: str, where: str) -> Mapping[str, Any]:
    """Both services tell of a bad key in XML, whatever was asked for."""
    try:
        document = json.loads(text)
    except (RecursionError, ValueError):
        tagged = dict(_TAGGED.findall(text[:10_000]))
        if tagged:
            raise InputError(f"{where} tells of a fault: {' '.join(tagged.values())}") from None
        raise InputError(f"{where} is no JSON that can be read: it begins with {text[:40]!r}") from None
    if not isinstance(document, dict):
        raise InputError(f"{where} holds no object")
    return document


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(rows: object, where: str) -> list[Mapping[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(f"{where} holds something that is no row")
    return rows


def _count(value: object, least: int) -> int:
    text = str(value)
    return max(int(text), least) if text.isascii() and text.isdigit() and len(text) < 10 else least
