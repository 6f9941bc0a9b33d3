"""Korean in Latin letters, and one loose key for all the ways in which people write it. Pure.

Sources: Revised Romanization of Korean (Ministry of Culture and Tourism, notice 2000-8) with the sound
changes of the standard pronunciation (표준 발음법) that it follows; McCune and Reischauer 1939 differs
in letters that the loose key does not tell apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["as_spelled", "loose_key", "romanised"]

_FIRST, _LAST, _FINALS_EACH, _VOWELS_EACH = 0xAC00, 0xD7A3, 28, 21
_LETTER_TABLES = (
    "g kk n d tt r m b pp s ss - j jj ch k t p h",
    "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    "- g kk gs n nj nh d l lg lm lb ls lt lp lh m b bs s ss ng j ch k t p h",
    "k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
)
_INITIALS, _VOWELS, _FINALS, _HEARD = (table.split() for table in _LETTER_TABLES)
_SOUND_OF_FINAL = dict(zip(_FINALS[1:], _HEARD, strict=True))
"""표준 발음법 8–11: only seven consonants are heard at the end of a syllable."""
_SPLIT = {
    two: (two[0], two[1:]) for two in ("gs", "nj", "nh", "lg", "lm", "lb", "ls", "lt", "lp", "lh", "bs")
}
"""What stays and what moves on, where a vowel follows (표준 발음법 14)."""
_NASAL = {"k": "ng", "t": "n", "p": "m"}
_ASPIRATED = {"g": "k", "d": "t", "b": "p", "j": "ch"}
_PALATAL = {"d": "j", "t": "ch"}

_LETTERS = re.compile(r"[^a-z0-9]+")
_SAME = (
    (re.compile("tch|ch|jj|z"), "j"),
    (re.compile("sh"), "s"),
    (re.compile("ph|f|v"), "p"),
    (re.compile("eo"), "o"),
    (re.compile("eu|woo|oo"), "u"),
    (re.compile("ee"), "i"),
    (re.compile("[gqc]"), "k"),
    (re.compile("d"), "t"),
    (re.compile("b"), "p"),
    (re.compile("r"), "l"),
    (re.compile(r"([a-z])\1+"), r"\1"),
)


def romanised(text: str) -> str:
    """Give Hangul as it is heard, in the Revised Romanisation: 숭례문 → sungnyemun. The rest stays."""
    return _written(text, sounds=True)


def as_spelled(text: str) -> str:
    """Give Hangul syllable by syllable, without sound changes, as many write it: 종로 → jongro."""
    return _written(text, sounds=False)


@lru_cache(maxsize=1 << 14)
def loose_key(text: str) -> str:
    """Give the key that ways of romanising share: Gyeongbokgung, Kyŏngbokkung, Kyeong-bok gung → kyonkpokunk.

    k and g, t and d, p and b, ch and j, l and r, o and eo, u and eu, s and sh are one; doubled letters are
    single; marks, hyphens and spaces are left out.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    key = _LETTERS.sub("", plain)
    for pattern, letter in _SAME:
        key = pattern.sub(letter, key)
    return key


def _written(text: str, *, sounds: bool) -> str:
    pieces: list[str] = []
    run: list[tuple[str, str, str]] = []
    for character in text:
        if _FIRST <= ord(character) <= _LAST:
            run.append(_parts(character))
            continue
        pieces += [_joined(run, sounds=sounds), character]
        run = []
    return "".join([*pieces, _joined(run, sounds=sounds)])


def _parts(syllable: str) -> tuple[str, str, str]:
    """Initial, vowel and final in letters; "" for none."""
    rest, final = divmod(ord(syllable) - _FIRST, _FINALS_EACH)
    initial, vowel = divmod(rest, _VOWELS_EACH)
    return _INITIALS[initial].strip("-"), _VOWELS[vowel], _FINALS[final].strip("-")


def _joined(run: list[tuple[str, str, str]], *, sounds: bool) -> str:
    """A run of syllables: each final meets the initial that follows."""
    written = ""
    initial = run[0][0] if run else ""
    for number, (_, vowel, final) in enumerate(run):
        follows = run[number + 1] if number + 1 < len(run) else None
        if follows is None or not sounds:
            heard, next_initial = _SOUND_OF_FINAL.get(final, ""), follows[0] if follows else ""
        else:
            heard, next_initial = _meeting(final, follows[0], follows[1])
        written += initial + vowel + heard
        initial = next_initial
    return written


def _meeting(final: str, initial: str, vowel: str) -> tuple[str, str]:
    """What is heard of a final and of the initial after it (표준 발음법 12–20)."""
    if not final:
        return "", initial
    if not initial:
        return _before_vowel(final, vowel)
    if final in ("h", "nh", "lh") and initial in _ASPIRATED:
        return final[:-1], _ASPIRATED[initial]
    if initial == "h" and final in ("d", "j"):
        return "", "ch" if final == "j" or vowel == "i" else "t"
    return _between_consonants(_SOUND_OF_FINAL[final], initial)


def _before_vowel(final: str, vowel: str) -> tuple[str, str]:
    if final == "ng":
        return "ng", ""
    if final in ("h", "nh", "lh"):
        return "", {"h": "", "nh": "n", "lh": "r"}[final]
    stays, moves = _SPLIT.get(final, ("", final))
    if vowel == "i" and moves in _PALATAL:
        return stays, _PALATAL[moves]
    return _SOUND_OF_FINAL.get(stays, ""), "r" if moves == "l" else moves


def _between_consonants(heard: str, initial: str) -> tuple[str, str]:
    if initial == "r":
        if heard in ("n", "l"):
            return "l", "l"
        return _NASAL.get(heard, heard), "n"
    if initial in ("n", "m"):
        if heard == "l" and initial == "n":
            return "l", "l"
        return _NASAL.get(heard, heard), initial
    return heard, initial
