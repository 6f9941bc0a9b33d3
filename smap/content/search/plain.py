"""Readings of a text as it stands: all its words, or the beginning of a Korean name. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from smap.content.search.fold import compact
from smap.content.search.grams import EDGE, few_pieces, phrase, word_of
from smap.content.search.hangul import choseong, is_choseong, keystrokes, typing_pattern
from smap.content.search.index import ADDRESSED, SEARCHED
from smap.content.search.reading import (
    ADDRESS,
    EXACT,
    INSIDE,
    LOOSE,
    NOT,
    PLAIN,
    PREFIX,
    SCATTERED,
    WORD,
    Fit,
    Lines,
    Reading,
    Span,
    all_of,
    either,
    found_in,
    kind_of,
)

__all__ = ["Typing", "Words"]

_FIELDS = (*SEARCHED, *ADDRESSED)
_LANGUAGES = (*SEARCHED.values(), *ADDRESSED.values())
_FIRST_SYLLABLE = "가"


@dataclass(frozen=True)
class Words(Reading):
    """All words of the text stand in the names or addresses.

    With `begins` it is one Latin letter, at the beginning of a word of a name.
    """

    query: str
    worth: float = PLAIN
    begins: bool = False

    @cached_property
    def _words(self) -> list[str]:
        return self.query.split()

    @cached_property
    def _whole(self) -> str:
        return compact(self.query)

    @property
    def quick(self) -> str:
        """All candidates, and a few too many."""
        if self.begins:
            return self.first[1]
        return all_of(few_pieces("n", word) for word in self._words)

    @property
    def exact(self) -> str:
        """Just those that fit."""
        if self.begins:
            return self.first[1]
        return all_of(phrase("n", word) for word in self._words)

    @property
    def first(self) -> tuple[str, ...]:
        """Those that fit best, the best first."""
        forms = dict.fromkeys((self.query, self._whole))
        if self.begins:
            # a prefix of one letter would be looked up as thousands of pieces
            return phrase("n", f"{EDGE}{self.query}{EDGE}"), word_of("i", self.query)
        return (
            either(phrase("n", f"{EDGE}{form}{EDGE}") for form in forms),
            either(phrase("n", f"{edge}{form}") for form in forms for edge in (EDGE, " ")),
            either(phrase("n", form) for form in forms),
        )

    def fit(self, lines: Lines) -> Fit:
        """How well a record fits."""
        text = lines.names + EDGE + lines.addresses
        without = compact(text)
        if not all(word in text or word in without for word in self._words):
            return NOT
        best = NOT
        if self.query in text or self._whole in without:
            whole = self._whole
            for number, line in enumerate(text.split(EDGE)):
                if line and (whole in line or " " in line):
                    best = max(best, self._line_fit(number, line))
        return best if best.worth else Fit(SCATTERED * self.worth, self.worth, 0.0, "", 0)

    def _line_fit(self, number: int, line: str) -> Fit:
        without = compact(line)
        if self._whole not in without:
            return NOT
        kind = max(kind_of(line, self.query), kind_of(without, self._whole))
        if not kind:
            return NOT
        kind = min(kind, ADDRESS) if number >= len(SEARCHED) else kind
        return Fit(kind * self.worth, self.worth, len(self._whole) / len(without), _LANGUAGES[number], number)

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        """The field and the spans that were meant."""
        every = (lines.names + EDGE + lines.addresses).split(EDGE)
        if not fit.language:  # no name holds all of it: the one that holds most words
            fit = fit._replace(
                line=max(range(len(every)), key=lambda n: len(found_in(every[n], self._words)))
            )
        line = every[fit.line]
        whole = found_in(line, [self.query])
        if whole:
            return _FIELDS[fit.line], whole, True
        inside = found_in(compact(line), [self._whole])
        return (
            (_FIELDS[fit.line], inside, False)
            if inside
            else (_FIELDS[fit.line], found_in(line, self._words), True)
        )


@dataclass(frozen=True)
class Typing(Reading):
    """A Korean text that is not finished, or the initial consonants of a name: 경ㅂ, ㄱㅂㄱ."""

    query: str
    worth: float = LOOSE

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        begin = "" if self._anywhere else "(?:^|(?<= ))"
        return re.compile(begin + typing_pattern(self.query), re.MULTILINE)

    @cached_property
    def _anywhere(self) -> bool:
        return is_choseong(self.query) and len(choseong(self.query)) > 2

    @property
    def quick(self) -> str:
        """All candidates, and a few too many."""
        if is_choseong(self.query):
            return self.exact
        return self._begun(few_pieces)

    @property
    def exact(self) -> str:
        """Just those that fit."""
        if is_choseong(self.query):
            edges = ("",) if self._anywhere else (EDGE, " ")
            return either(phrase("c", edge + self._initials) for edge in edges)
        return self._begun(phrase)

    @property
    def first(self) -> tuple[str, ...]:
        """Those that fit best, the best first."""
        if not is_choseong(self.query):
            return ("", self.exact)
        edges = (EDGE, " ")
        return (
            phrase("c", f"{EDGE}{self._initials}{EDGE}"),
            either(phrase("c", edge + self._initials) for edge in edges),
        )

    @cached_property
    def _initials(self) -> str:
        return choseong(self.query)

    def _begun(self, query: Callable[[str, str], str]) -> str:
        return either(all_of(self._parts(edge, query)) for edge in (EDGE, " "))

    def _parts(self, edge: str, query: Callable[[str, str], str]) -> Iterator[str]:
        """Syllables before the last one or a single consonant are sure; keys tell of what follows them."""
        single = next((at for at, one in enumerate(self.query) if one < _FIRST_SYLLABLE), None)
        sure = len(self.query) - 1 if single is None else single
        keys = keystrokes(self.query[max(0, sure - 1) : sure + 1])
        if sure:
            yield query("n", edge + self.query[:sure])
        if single != 0:  # a first consonant alone is among the initials
            yield query("k", keys if sure else edge + keys)
        if single is not None:
            yield query("c", edge + self._initials)

    def fit(self, lines: Lines) -> Fit:
        """How well a record fits."""
        best = NOT
        line = lines.names.partition(EDGE)[0]
        for form in (line, compact(line)):
            found = self._pattern.search(form)
            if found is None:
                continue
            whole = found.span() == (0, len(form))
            kind = EXACT if whole else PREFIX if found.start() == 0 else INSIDE
            kind = WORD if kind == INSIDE and form[found.start() - 1] == " " else kind
            best = max(best, Fit(kind * self.worth, self.worth, len(found[0]) / len(form), "ko", 0))
        return best

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        """The field and the spans that were meant."""
        line = lines.names.partition(EDGE)[0]
        for form, spaces in ((line, True), (compact(line), False)):
            found = self._pattern.search(form)
            if found is not None:
                return "name_ko", [found.span()], spaces
        return "name_ko", [], True
