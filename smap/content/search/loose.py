"""Readings of a text that is not written as the name is: romanised in another way, or mistyped. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smap.content.search.fold import compact
from smap.content.search.grams import EDGE, few_pieces, phrase
from smap.content.search.hangul import is_hangul, keystrokes
from smap.content.search.index import SEARCHED, SOUNDED
from smap.content.search.reading import (
    EXACT,
    LOOSE,
    NOT,
    ONE_EDIT,
    SCATTERED,
    TWO_EDITS,
    Fit,
    Lines,
    Reading,
    Span,
    all_of,
    either,
    found_in,
    kind_of,
    word_spans,
)
from smap.content.search.romanise import loose_key
from smap.content.search.typos import edits, most_edits, variants

__all__ = ["Sound", "Typo"]


@dataclass(frozen=True)
class Sound(Reading):
    """A name as it is heard: the loose keys of all words stand in those of the record."""

    words: tuple[str, ...]
    worth: float = LOOSE

    @cached_property
    def _whole(self) -> str:
        return "".join(self.words)

    @property
    def quick(self) -> str:
        """All candidates, and a few too many."""
        return all_of(few_pieces("r", word) for word in self.words)

    @property
    def exact(self) -> str:
        """Just those that fit."""
        return all_of(phrase("r", word) for word in self.words)

    @property
    def first(self) -> tuple[str, ...]:
        """Those that fit best, the best first."""
        return (
            phrase("r", f"{EDGE}{self._whole}{EDGE}"),
            either(phrase("r", f"{edge}{self._whole}") for edge in (EDGE, " ")),
            phrase("r", self._whole),
        )

    def fit(self, lines: Lines) -> Fit:
        """How well a record fits."""
        without = compact(lines.sounds)
        if not all(word in lines.sounds or word in without for word in self.words):
            return NOT
        best = Fit(SCATTERED * self.worth, self.worth, 0.0, "", 0)
        for number, line in enumerate(lines.sounds.split(EDGE)):
            kind = max(kind_of(line, " ".join(self.words)), kind_of(compact(line), self._whole))
            if kind:
                share = len(self._whole) / len(compact(line))
                best = max(best, Fit(kind * self.worth, self.worth, share, SEARCHED[SOUNDED[number]], number))
        return best

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        """The field and the spans that were meant."""
        every = lines.sounds.split(EDGE)
        if not fit.language:
            fit = fit._replace(line=max(range(len(every)), key=lambda n: len(found_in(every[n], self.words))))
        shown = lines.names.split(EDGE)[list(SEARCHED).index(SOUNDED[fit.line])]
        meant = [word for word in word_spans(shown) if self._is_meant(shown[slice(*word)], every[fit.line])]
        return SOUNDED[fit.line], meant or [(0, len(shown))], True

    def _is_meant(self, word: str, line: str) -> bool:
        """Whether a word of the name, at its place among the keys, holds what was asked or is part of it."""
        key = loose_key(word)
        if not key:
            return " " not in line  # Korean: one word is the whole name
        return any(asked in key for asked in self.words) or key in self._whole


@dataclass(frozen=True)
class Typo(Reading):
    """Each word of the text is a word of the record but for one or two letters."""

    words: tuple[str, ...]
    korean: bool

    @property
    def quick(self) -> str:
        """All candidates, and a few too many."""
        return all_of(self._near(word) for word in self.words)

    def _near(self, word: str) -> str:
        """A word that is too short for a typo must be there as it is."""
        found = variants(word)
        whole = phrase("k" if self.korean else "r", word)
        return all_of(either(list(end)) for end in found) if found else whole

    @property
    def exact(self) -> str:
        """Just those that fit."""
        return self.quick

    @property
    def first(self) -> tuple[str, ...]:
        """Those that fit best, the best first."""
        return ()

    def fit(self, lines: Lines) -> Fit:
        """How well a record fits."""
        found = [self._nearest(word, lines) for word in self.words]
        if any(one is None for one in found):
            return NOT
        known = [one for one in found if one is not None]
        wrong = sum(one[0] for one in known)
        number = known[0][1]
        scale = ONE_EDIT if wrong <= 1 else TWO_EDITS
        language = "ko" if self.korean else SEARCHED[SOUNDED[number]]
        return Fit(EXACT * scale, scale, 1.0 / (1.0 + wrong), language, number)

    def _nearest(self, word: str, lines: Lines) -> tuple[int, int] | None:
        """The fewest edits to a word of the record, and its line; None where there are too many."""
        near = ((edits(word, key), number) for number, key in self._keys(lines))
        best = min(near, default=(9, 0))
        return best if best[0] <= most_edits(word) else None

    def _keys(self, lines: Lines) -> Iterator[tuple[int, str]]:
        if self.korean:
            name = lines.names.partition(EDGE)[0]
            yield from ((0, keystrokes(word)) for word in (*name.split(), compact(name)))
            return
        for number, line in enumerate(lines.sounds.split(EDGE)):
            yield from ((number, word) for word in (*line.split(), compact(line)) if word)

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        """The field and the spans that were meant."""
        field = "name_ko" if self.korean else SOUNDED[fit.line]
        shown = lines.names.split(EDGE)[list(SEARCHED).index(field)]
        write = keystrokes if is_hangul(shown) and self.korean else loose_key
        meant = [
            span
            for span in word_spans(shown)
            if any(edits(asked, write(shown[slice(*span)])) <= most_edits(asked) for asked in self.words)
        ]
        return field, meant or [(0, len(shown))], True
