"""How a search text may be meant: as it stands, half typed, on the other keyboard, romanised, mistyped. Pure.

A reading says with which query its candidates are found, which of them begin so, how well a record fits, and
which part of which of its names is meant.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from smap.content.search.fold import compact, fold
from smap.content.search.grams import EDGE, few_pieces, phrase
from smap.content.search.hangul import (
    as_hangul,
    choseong,
    is_choseong,
    is_hangul,
    keystrokes,
    stems,
    typing_pattern,
)
from smap.content.search.index import ADDRESSED, SEARCHED, SOUNDED
from smap.content.search.romanise import loose_key
from smap.content.search.typos import edits, most_edits, variants

__all__ = ["Fit", "Lines", "Reading", "begun_readings", "readings", "stem_readings", "typo_readings"]

EXACT, PREFIX, WORD, INSIDE, ADDRESS, SCATTERED = 0.95, 0.8, 0.7, 0.6, 0.5, 0.4
"""How well a name fits by kind. The share of the name that was asked for, or closeness, adds up to 0.05."""
MOST_SHARE = 0.05
OTHER_LANGUAGE = 0.03
"""What a fit in another language's name loses: never as much as a kind is worth."""
PLAIN, LOOSE, ONE_EDIT, TWO_EDITS = 1.0, 0.35, 0.12, 0.04
"""What a fit is worth by reading: the least of one is more than the most of the next."""
_FIELDS = (*SEARCHED, *ADDRESSED)
_LANGUAGES = (*SEARCHED.values(), *ADDRESSED.values())
_SHORTEST_SOUND = 3
_FEWEST_SYLLABLES = 2
_KEYS = re.compile(r"[A-Za-z]{3,}( [A-Za-z]+)*")

_FIRST_SYLLABLE = "가"
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


@dataclass(frozen=True)
class Words(Reading):
    """All words of the text stand in the names or addresses; with `begins`, at the beginning of a word."""

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
        if self.begins:
            return self.first[1]
        return _all(few_pieces("n", word) for word in self._words)

    @property
    def exact(self) -> str:
        return _all(phrase("n", word) for word in self._words)

    @property
    def first(self) -> tuple[str, ...]:
        forms = dict.fromkeys((self.query, self._whole))
        return (
            _either(phrase("n", f"{EDGE}{form}{EDGE}") for form in forms),
            _either(phrase("n", f"{edge}{form}") for form in forms for edge in (EDGE, " ")),
            _either(phrase("n", form) for form in forms),
        )

    def fit(self, lines: Lines) -> Fit:
        text = lines.names + EDGE + lines.addresses
        without = compact(text)
        if not all(word in text or word in without for word in self._words):
            return NOT
        best = NOT
        if self.query in text or self._whole in without:
            for number, line in enumerate(text.split(EDGE)):
                best = max(best, self._line_fit(number, line))
        return best if best.worth else Fit(SCATTERED * self.worth, self.worth, 0.0, "", 0)

    def _line_fit(self, number: int, line: str) -> Fit:
        without = compact(line)
        if self._whole not in without:
            return NOT
        kind = max(_kind(line, self.query), _kind(without, self._whole))
        if not kind:
            return NOT
        kind = min(kind, ADDRESS) if number >= len(SEARCHED) else kind
        return Fit(kind * self.worth, self.worth, len(self._whole) / len(without), _LANGUAGES[number], number)

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        every = (lines.names + EDGE + lines.addresses).split(EDGE)
        if not fit.language:  # no name holds all of it: the one that holds most words
            fit = fit._replace(line=max(range(len(every)), key=lambda n: len(_found(every[n], self._words))))
        line = every[fit.line]
        whole = _found(line, [self.query])
        if whole:
            return _FIELDS[fit.line], whole, True
        inside = _found(compact(line), [self._whole])
        return (
            (_FIELDS[fit.line], inside, False)
            if inside
            else (_FIELDS[fit.line], _found(line, self._words), True)
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
        if is_choseong(self.query):
            return self.exact
        return self._begun(few_pieces)

    @property
    def exact(self) -> str:
        if is_choseong(self.query):
            edges = ("",) if self._anywhere else (EDGE, " ")
            return _either(phrase("c", edge + self._initials) for edge in edges)
        return self._begun(phrase)

    @property
    def first(self) -> tuple[str, ...]:
        if not is_choseong(self.query):
            return ("", self.exact)
        edges = (EDGE, " ")
        return (
            phrase("c", f"{EDGE}{self._initials}{EDGE}"),
            _either(phrase("c", edge + self._initials) for edge in edges),
        )

    @cached_property
    def _initials(self) -> str:
        return choseong(self.query)

    def _begun(self, query: Callable[[str, str], str]) -> str:
        return _either(_all(self._parts(edge, query)) for edge in (EDGE, " "))

    def _parts(self, edge: str, query: Callable[[str, str], str]) -> Iterator[str]:
        """Syllables before the last one or a single consonant are sure; keys tell of what follows them."""
        single = next((at for at, one in enumerate(self.query) if one < _FIRST_SYLLABLE), None)
        sure = len(self.query) - 1 if single is None else single
        keys = keystrokes(self.query[max(0, sure - 1) : sure + 1])
        if sure:
            yield query("n", edge + self.query[:sure])
        yield query("k", keys if sure else edge + keys)
        if single is not None:
            yield query("c", edge + self._initials)

    def fit(self, lines: Lines) -> Fit:
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
        line = lines.names.partition(EDGE)[0]
        for form, spaces in ((line, True), (compact(line), False)):
            found = self._pattern.search(form)
            if found is not None:
                return "name_ko", [found.span()], spaces
        return "name_ko", [], True


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
        return _all(few_pieces("r", word) for word in self.words)

    @property
    def exact(self) -> str:
        return _all(phrase("r", word) for word in self.words)

    @property
    def first(self) -> tuple[str, ...]:
        return (
            phrase("r", f"{EDGE}{self._whole}{EDGE}"),
            _either(phrase("r", f"{edge}{self._whole}") for edge in (EDGE, " ")),
            phrase("r", self._whole),
        )

    def fit(self, lines: Lines) -> Fit:
        without = compact(lines.sounds)
        if not all(word in lines.sounds or word in without for word in self.words):
            return NOT
        best = Fit(SCATTERED * self.worth, self.worth, 0.0, "", 0)
        for number, line in enumerate(lines.sounds.split(EDGE)):
            kind = max(_kind(line, " ".join(self.words)), _kind(compact(line), self._whole))
            if kind:
                share = len(self._whole) / len(compact(line))
                best = max(best, Fit(kind * self.worth, self.worth, share, SEARCHED[SOUNDED[number]], number))
        return best

    def spans(self, fit: Fit, lines: Lines) -> tuple[str, list[Span], bool]:
        every = lines.sounds.split(EDGE)
        if not fit.language:
            fit = fit._replace(line=max(range(len(every)), key=lambda n: len(_found(every[n], self.words))))
        shown = lines.names.split(EDGE)[list(SEARCHED).index(SOUNDED[fit.line])]
        meant = [word for word in _word_spans(shown) if self._is_meant(shown[slice(*word)], every[fit.line])]
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
        return _all(_either(list(end)) for word in self.words for end in variants(word))

    @property
    def exact(self) -> str:
        return self.quick

    @property
    def first(self) -> tuple[str, ...]:
        return ()

    def fit(self, lines: Lines) -> Fit:
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
        field = "name_ko" if self.korean else SOUNDED[fit.line]
        shown = lines.names.split(EDGE)[list(SEARCHED).index(field)]
        write = keystrokes if is_hangul(shown) and self.korean else loose_key
        meant = [
            span
            for span in _word_spans(shown)
            if any(edits(asked, write(shown[slice(*span)])) <= most_edits(asked) for asked in self.words)
        ]
        return field, meant or [(0, len(shown))], True


def readings(text: str) -> list[Reading]:
    """Give the ways to understand a search text, those that are worth most first."""
    query = fold(text)
    found: list[Reading] = [Words(query)]
    if is_hangul(query):
        found += _korean(query)
    elif _KEYS.fullmatch(text.strip()):
        found += _on_the_other_keyboard(text.strip())
    keys = tuple(filter(None, map(loose_key, query.replace("-", "").split())))
    if not is_hangul(query) and any(len(key) >= _SHORTEST_SOUND for key in keys):
        found.append(Sound(keys))
    return found


def begun_readings(text: str) -> list[Reading]:
    """Give the ways to understand what is being typed: a first Latin letter begins a word."""
    found = readings(text)
    first = fold(text)
    return [Words(first, begins=True), *found[1:]] if len(first) == 1 and first.isascii() else found


def stem_readings(text: str) -> list[Reading]:
    """Give readings of a Korean text without its particle: 경복궁에서 as 경복궁. None where it has none."""
    *before, last = fold(text).split()
    return [Words(" ".join([*before, stem])) for stem in stems(last)]


def typo_readings(text: str) -> list[Reading]:
    """Give readings with one or two wrong letters in each word; none where a word is too short for that."""
    query = fold(text)
    forms = {tuple(query.split()), (compact(query),)} if is_hangul(query) else {tuple(query.split())}
    write = keystrokes if is_hangul(query) else loose_key
    found = [tuple(filter(None, (write(word) for word in form))) for form in sorted(forms)]
    found += [(keystrokes(stem),) for stem in stems(compact(query))]
    return [Typo(words, is_hangul(query)) for words in found if words and all(map(most_edits, words))]


def _korean(query: str) -> Iterator[Reading]:
    whole = compact(query)
    if all(is_hangul(character) for character in whole):
        yield Typing(whole)
    keys = keystrokes(whole).lower()
    if any(character < "가" for character in whole) and not is_choseong(whole) and len(keys) > 2:
        yield Words(keys, LOOSE)  # ㄴㄷㅐㅕㅣ: seoul, typed in Korean mode


def _on_the_other_keyboard(text: str) -> Iterator[Reading]:
    """rudqhrrnd: 경복궁, typed in English mode; whole syllables, and at most one consonant to come."""
    written = as_hangul(text)
    whole = compact(written)
    begun = whole[:-1] if is_choseong(whole[-1]) else whole
    if len(begun) >= _FEWEST_SYLLABLES and all(character >= "가" for character in begun):
        yield Words(written, LOOSE)
        yield Typing(whole)


def _kind(line: str, query: str) -> float:
    if line == query:
        return EXACT
    if line.startswith(query):
        return PREFIX
    if f" {query}" in line:
        return WORD
    return INSIDE if query in line else 0.0


def _found(line: str, words: list[str] | tuple[str, ...]) -> list[Span]:
    """The first place of each word, at the beginning of a word of the line where it is there."""
    spans = []
    for word in words:
        at = 0 if line.startswith(word) else line.find(f" {word}") + 1 or line.find(word)
        if at >= 0 and word:
            spans.append((at, at + len(word)))
    return spans


def _word_spans(line: str) -> list[Span]:
    return [found.span() for found in re.finditer(r"\S+", line)]


def _all(queries: Iterator[str]) -> str:
    return f"({' AND '.join(queries)})"


def _either(queries: Iterator[str] | list[str]) -> str:
    return f"({' OR '.join(queries)})"
