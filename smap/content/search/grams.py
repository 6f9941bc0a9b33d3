"""What the index holds of a record: short pieces of its names as words of hexadecimal digits. Pure.

One full-text table holds several alphabets side by side, told apart by the first letter of each word:

    n  names and addresses, folded           k  Korean names as keystrokes
    c  initial consonants of Korean names    r  loose keys of romanised names
    t  names with a letter left out          i  first Latin letters of words
    g  cells on the map                      l  the layer

A line stands between two line breaks, so that a piece can say "at the beginning". Pieces are pairs of
characters; triples where the first two are narrow, four where the first three are ASCII: Latin letters and
single Korean ones are few, so that shorter pieces are too common to find anything by.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from operator import and_

__all__ = ["CELL_SIZES_DEG", "EDGE", "around", "cells", "few_pieces", "phrase", "sequence", "word_of"]

EDGE = "\n"
CELL_SIZES_DEG = (0.32, 0.16, 0.08, 0.04, 0.02, 0.01, 0.005)
"""Sides of the cells of the map; one of 0.005° is about 440 m wide and 560 m high in Seoul."""
_PAIR, _TRIPLE, _QUAD = 2, 3, 4
_FEW = 4
_FIRST_JAMO, _LAST_JAMO = "\u3131", "\u318e"
_LAST_ASCII = "\x7f"


def sequence(alphabet: str, line: str) -> list[str]:
    """Give the words of a line in their order; the last ones are what is left of a piece at its end."""
    framed = f"{EDGE}{line}{EDGE}"
    widths = _widths(framed)
    digits = framed.encode("utf-16-be", "surrogatepass").hex()
    if len(digits) == 4 * len(framed):  # else a character takes two units, and is never narrow
        return [alphabet + digits[4 * at : 4 * (at + width)] for at, width in enumerate(widths[:-1])]
    return [word_of(alphabet, framed[at : at + width]) for at, width in enumerate(widths[:-1])]


def word_of(alphabet: str, piece: str) -> str:
    """Write a piece so that every tokenizer leaves it as it is."""
    return alphabet + piece.encode("utf-16-be", "surrogatepass").hex()


def phrase(alphabet: str, text: str) -> str:
    """Give the FTS5 query for lines that hold `text`: nothing more and nothing less."""
    pieces = list(_pieces(text))
    words = [word_of(alphabet, text[at : at + width]) for at, width in pieces]
    if pieces and sum(pieces[-1]) == len(text):
        return f'"{" ".join(words)}"'
    # what is left at the end is the beginning of a piece of the line
    words.append(word_of(alphabet, text[len(pieces) :]))
    return f'"{" ".join(words)}"*'


def few_pieces(alphabet: str, text: str) -> str:
    """Give a quick FTS5 query for lines that may hold `text`: a few of its pieces."""
    pieces = list(_pieces(text))
    if not pieces:
        return phrase(alphabet, text)
    last = len(pieces) - 1
    chosen = sorted({round(last * step / (_FEW - 1)) for step in range(_FEW)})
    words = [word_of(alphabet, text[at : at + width]) for at, width in map(pieces.__getitem__, chosen)]
    return f"({' AND '.join(words)})"


def cells(lon: float, lat: float) -> list[str]:
    """Give the words of the cells that hold a place (degrees), the largest first."""
    return [_cell(size, *_column_row(size, lon, lat)) for size in CELL_SIZES_DEG]


def around(lon: float, lat: float) -> Iterator[tuple[str, float]]:
    """Give FTS5 queries for the nine cells about a place (degrees), the smallest first.

    Each with the distance in degrees up to which they hold everything.
    """
    for size in reversed(CELL_SIZES_DEG):
        column, row = _column_row(size, lon, lat)
        yield _any(_cell(size, column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)), size


def _any(words: Iterable[str]) -> str:
    return f"({' OR '.join(words)})"


def _column_row(size: float, lon: float, lat: float) -> tuple[int, int]:
    return math.floor(lon / size), math.floor(lat / size)


def _cell(size: float, column: int, row: int) -> str:
    """Numbers as digits only: the tokenizer would part a minus sign."""
    return f"g{CELL_SIZES_DEG.index(size)}x{column + 100_000}y{row + 100_000}"


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where each whole piece of a text begins, and how wide it is; they follow each other without a gap."""
    for at, width in enumerate(_widths(text)):
        if at + width > len(text):
            return
        yield at, width


def _widths(text: str) -> list[int]:
    """How wide the piece is that begins at each character, as that and the two after it tell."""
    narrow = [_is_narrow(character) for character in text]
    latin = [character <= _LAST_ASCII for character in text]
    triples = [*map(and_, narrow, narrow[1:]), False]
    quads = [*map(and_, map(and_, latin, latin[1:]), latin[2:]), False, False]
    return [
        _QUAD if quad else _TRIPLE if triple else _PAIR for quad, triple in zip(quads, triples, strict=False)
    ]


def _is_narrow(character: str) -> bool:
    return character <= _LAST_ASCII or _FIRST_JAMO <= character <= _LAST_JAMO
