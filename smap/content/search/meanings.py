"""How a search text may be meant: as it is, half typed, on the other keyboard, romanised, mistyped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smap.content.search.fold import compact, fold
from smap.content.search.hangul import as_hangul, is_choseong, is_hangul, keystrokes, stems
from smap.content.search.loose import Sound, Typo
from smap.content.search.plain import Typing, Words
from smap.content.search.reading import LOOSE, Reading
from smap.content.search.romanise import loose_key
from smap.content.search.typos import most_edits

__all__ = ["begun_readings", "readings", "stem_readings", "typo_readings"]

_SHORTEST_SOUND = 3
_FEWEST_SYLLABLES = 2
_KEYS = re.compile(r"[A-Za-z]{3,}( [A-Za-z]+)*")


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
    return [Typo(words, is_hangul(query)) for words in found if any(map(most_edits, words))]


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
