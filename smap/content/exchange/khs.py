"""Open data of the Korea Heritage Service (국가유산청) as rows: its lists and its details, XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from smap.content.exchange.file import open_file
from smap.content.exchange.markup import Element, items, local, text_of
from smap.content.exchange.row import Row

__all__ = ["khs_rows", "khs_total", "read_khs"]

_TOTAL = re.compile(rb"<totalCnt>\s*(?:<!\[CDATA\[)?\s*(\d{1,9})")
_NUMBER = "ccbaAsno"
_NUMBER_DIGITS = 13
"""Of ccbaAsno; whatever handles it as a number loses its zeros, and without them nothing is found."""


def read_khs(path: Path) -> Iterator[Row]:
    """Give one row for each item of a list, or the one of a detail. Errors: InputError."""
    with open_file(path) as file:
        yield from khs_rows(file, str(path))


def khs_rows(stream: IO[bytes], where: str) -> Iterator[Row]:
    """Give the rows of an answer; a detail has its keys and position beside the item. Errors: InputError."""
    for around, item in items(stream, frozenset({"item"}), where):
        fields = _leaves(around[-1]) | _leaves(item) if around else _leaves(item)
        number = fields.get(_NUMBER, "")
        if number.isdigit():
            fields[_NUMBER] = number.zfill(_NUMBER_DIGITS)
        yield Row(fields)


def khs_total(body: bytes, least: int) -> int:
    """Give how many items a list says there are in all; `least` where it says nothing."""
    found = _TOTAL.search(body)
    return max(int(found[1]), least) if found else least


def _leaves(element: Element) -> dict[str, str]:
    """The texts of an element's children that hold nothing but text; empty ones are no value."""
    return {local(child): text_of(child) for child in element if len(child) == 0 and text_of(child)}
