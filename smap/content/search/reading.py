"""What every way of understanding a search text has in common. Pure.

A reading says with which query its candidates are found, which of them begin so, how well a record fits, and
which part of which of its names is meant.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "ADDRESS",
    "EXACT",
    "INSIDE",
    "LOOSE",
    "MOST_SHARE",
    "NOT",
    "ONE_EDIT",
    "OTHER_LANGUAGE",
    "PLAIN",
    "PREFIX",
    "SCATTERED",
    "TWO_EDITS",
    "WORD",
    "Fit",
    "Lines",
    "Reading",
    "Span",
    "all_of",
    "either",
    "found_in",
    "kind_of",
    "word_spans",
]

EXACT, PREFIX, WORD, INSIDE, ADDRESS, SCATTERED = 0.95, 0.8, 0.7, 0.6, 0.5, 0.4
"""How well a name fits by kind. The share of the name that was asked for, or closeness, adds up to 0.05."""
MOST_SHARE = 0.05
OTHER_LANGUAGE = 0.03
"""What a fit in another language's name loses: never as much as a kind is worth."""
PLAIN, LOOSE, ONE_EDIT, TWO_EDITS = 1.0, 0.35, 0.12, 0.04
"""What a fit is worth by reading: the least of one is more than the most of the next."""

Span = tuple[int, int]


class Lines(NamedTuple):
    """What the index holds of a record, each as its lines joined by line breaks."""

    names: str
    addresses: str
    sounds: str


class Fit(NamedTuple):
    """How well a record fits, from 0 (not at all) to 1, by a reading that is worth `scale` at most.

    share: of a name that was meant. language: of its readers. line: of names and addresses, or sounds.
    """

    worth: float
    scale: float
    share: float
    language: str
    line: int


NOT = Fit(0.0, 0.0, 0.0, "", 0)


class Reading(ABC):
    """One way to understand a search text."""

    @property
    @abstractmethod
    def quick(self) -> str:
        """The FTS5 query for all candidates; some may not fit."""

    @property
    @abstractmethod
    def exact(self) -> str:
        """The FTS5 query for just those that fit."""

    @property
    @abstractmethod
    def first(self) -> tuple[str, ...]:
        """FTS5 queries for those that fit best, the best first: whole names, beginnings of names or words."""

    @abstractmethod
    def fit(self, lines: Lines) -> Fit:
        """How well a record fits."""

    @abstractmethod
    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        """The field that fits, the spans in its folded form, and whether that is with its spaces."""


def kind_of(line: str, query: str) -> float:
    """Give how a line holds a query: EXACT, PREFIX, WORD, INSIDE, or 0 where it does not."""
    if line == query:
        return EXACT
    if line.startswith(query):
        return PREFIX
    if f" {query}" in line:
        return WORD
    return INSIDE if query in line else 0.0


def found_in(line: str, words: list[str] | tuple[str, ...]) -> list[Span]:
    """The first place of each word, at the beginning of a word of the line where it is there."""
    spans = []
    for word in words:
        at = 0 if line.startswith(word) else line.find(f" {word}") + 1 or line.find(word)
        if at >= 0 and word:
            spans.append((at, at + len(word)))
    return spans


def word_spans(line: str) -> list[Span]:
    """Give the spans of the words of a line."""
    return [found.span() for found in re.finditer(r"\S+", line)]


def all_of(queries: Iterator[str]) -> str:
    """Give the FTS5 query for what fits all queries."""
    return f"({' AND '.join(queries)})"


def either(queries: Iterator[str] | list[str]) -> str:
    """Give the FTS5 query for what fits any query."""
    return f"({' OR '.join(queries)})"
