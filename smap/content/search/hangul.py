"""Hangul as arithmetic: initial consonants, keystrokes of the Dubeolsik keyboard, particles. Pure.

Syllables: The Unicode Standard 15, section 3.12. Keys: KS X 5002 (Dubeolsik), the usual keyboard.
"""

from __future__ import annotations

import re

__all__ = [
    "as_hangul",
    "choseong",
    "is_choseong",
    "is_hangul",
    "keystrokes",
    "stems",
    "typing_pattern",
]

_FIRST, _LAST = 0xAC00, 0xD7A3
_VOWELS_EACH, _FINALS_EACH = 21, 28
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_KEYS = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
_PAIRS = (
    "ㅘ=ㅗㅏ ㅙ=ㅗㅐ ㅚ=ㅗㅣ ㅝ=ㅜㅓ ㅞ=ㅜㅔ ㅟ=ㅜㅣ ㅢ=ㅡㅣ ㄳ=ㄱㅅ ㄵ=ㄴㅈ ㄶ=ㄴㅎ ㄺ=ㄹㄱ ㄻ=ㄹㅁ "
    "ㄼ=ㄹㅂ ㄽ=ㄹㅅ ㄾ=ㄹㅌ ㄿ=ㄹㅍ ㅀ=ㄹㅎ ㅄ=ㅂㅅ"
)
_TWO_KEYS = dict(pair.split("=") for pair in _PAIRS.split())
_ONE_OF_TWO = {two: one for one, two in _TWO_KEYS.items()}
_JAMO_OF = {key: jamo for jamo, key in _KEYS.items()}
_SHIFTED = frozenset("QWERTOP")
_PARTICLE_WORDS = (
    "에서부터 으로부터 에서는 에서도 에게서 이라는 까지는 한테서 이랑 에서 에는 에도 으로 까지 부터 "
    "처럼 보다 에게 한테 하고 이나 라는 마다 조차 밖에 은 는 이 가 을 를 의 에 로 와 과 도 만 랑 나"
)
_PARTICLES = _PARTICLE_WORDS.split()
"""What hangs on a noun: 조사 of the standard grammar (국립국어원), those that people type behind a place."""
_SHORTEST_STEM = 2


def is_hangul(text: str) -> bool:
    """Whether a text holds any syllable or single letter of Hangul."""
    return any(_is_syllable(c) or c in _KEYS or c in _TWO_KEYS for c in text)


def is_choseong(text: str) -> bool:
    """Whether a text is of single consonants only, as in ㄱㅂㄱ (and ㄳ, which two of them become)."""
    return bool(text) and all(c in _INITIALS or (c in _TWO_KEYS and c in _FINALS) for c in text)


def choseong(text: str) -> str:
    """Give the initial consonants: 경복궁 → ㄱㅂㄱ. ㄳ becomes ㄱㅅ, other characters stay."""
    return "".join(_initial(character) for character in text)


def keystrokes(text: str) -> str:
    """Give the keys that write a text in Korean mode: 경복궁 → rudqhrrnd. What is no Hangul stays.

    A final consonant and the initial of the next syllable have the same key, and what has two strokes is two
    keys: what is typed so far is thus always the beginning of what it becomes.
    """
    return "".join(_KEYS.get(jamo, jamo) for jamo in _strokes(text))


def as_hangul(keys: str) -> str:
    """Give what these keys write in Korean mode: rudqhrrnd → 경복궁; what joins no syllable stays single."""
    jamo = [_JAMO_OF.get(key if key in _SHIFTED else key.lower(), key) for key in keys]
    written: list[str] = []
    at = 0
    while at < len(jamo):
        taken, character = _next_character(jamo, at)
        written.append(character)
        at += taken
    return "".join(written)


def stems(word: str) -> list[str]:
    """Give what is left of a word without a particle, the longest particle first: 경복궁에서 → 경복궁."""
    found = [word[: -len(p)] for p in _PARTICLES if word.endswith(p) and len(word) - len(p) >= _SHORTEST_STEM]
    return [stem for stem in sorted(found, key=len) if _is_syllable(stem[-1])]


def typing_pattern(text: str) -> str:
    """Give a regular expression for what a Korean text may become while it is typed.

    A single consonant is any syllable that begins with it; the last syllable may get a final consonant, and
    its own may move on: 경ㅂ, 경보 and 남 find 경복, 경복 and 나무.
    """
    return "".join(_begun(c) for c in text[:-1]) + _typed_last(text[-1])


def _is_syllable(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def _parts(syllable: str) -> tuple[int, int, int]:
    number = ord(syllable) - _FIRST
    rest, final = divmod(number, _FINALS_EACH)
    return (*divmod(rest, _VOWELS_EACH), final)


def _syllable(initial: int, vowel: int, final: int = 0) -> str:
    return chr(_FIRST + (initial * _VOWELS_EACH + vowel) * _FINALS_EACH + final)


def _initial(character: str) -> str:
    if _is_syllable(character):
        return _INITIALS[_parts(character)[0]]
    return _TWO_KEYS[character] if character in _TWO_KEYS and character in _FINALS else character


def _strokes(text: str) -> str:
    pieces = []
    for character in text:
        if _is_syllable(character):
            initial, vowel, final = _parts(character)
            pieces += [_INITIALS[initial], _VOWELS[vowel], _FINALS[final]]
        else:
            pieces.append(character)
    return "".join(_TWO_KEYS.get(jamo, jamo) for jamo in "".join(pieces))


def _next_character(jamo: list[str], at: int) -> tuple[int, str]:
    """How many letters the next character takes, and the character."""
    if at + 1 >= len(jamo) or jamo[at] not in _INITIALS or jamo[at + 1] not in _VOWELS:
        return 1, jamo[at]
    taken, vowel = _joined(jamo, at + 1, _VOWELS)
    end = at + 1 + taken
    taken, final = _joined(jamo, end, _FINALS[1:]) if end < len(jamo) and jamo[end] in _FINALS else (0, "")
    follows = end + taken
    if (
        taken and follows < len(jamo) and jamo[follows] in _VOWELS
    ):  # the last consonant begins the next syllable
        taken, final = (1, jamo[end]) if taken == 2 else (0, "")
    written = _syllable(_INITIALS.index(jamo[at]), _VOWELS.index(vowel), _FINALS.index(final))
    return end + taken - at, written


def _joined(jamo: list[str], at: int, allowed: str | tuple[str, ...]) -> tuple[int, str]:
    """One letter, or two that are typed one after the other and are one: ㅗ and ㅏ are ㅘ."""
    two = _ONE_OF_TWO.get("".join(jamo[at : at + 2]))
    return (2, two) if two is not None and two in allowed else (1, jamo[at])


def _begun(character: str) -> str:
    """Any syllable that begins with a single consonant; anything else as it is."""
    if character in _INITIALS:
        initial = _INITIALS.index(character)
        return f"[{_syllable(initial, 0)}-{_syllable(initial, _VOWELS_EACH - 1, _FINALS_EACH - 1)}]"
    if character in _TWO_KEYS and character in _FINALS:
        return "".join(_begun(one) for one in _TWO_KEYS[character])
    return re.escape(character)


def _typed_last(character: str) -> str:
    if not _is_syllable(character):
        return _begun(character)
    initial, vowel, final = _parts(character)
    if not final:
        return _open(initial, vowel)
    strokes = _TWO_KEYS.get(_FINALS[final], _FINALS[final])
    kept, moved = strokes[:-1], strokes[-1]
    grown = "".join(_syllable(initial, vowel, _FINALS.index(f)) for f in _grown(_FINALS[final]))
    before = _syllable(initial, vowel, _FINALS.index(kept))
    moves = f"|{before}{_begun(moved)}" if moved in _INITIALS else ""
    return f"(?:[{grown}]{moves})"


def _open(initial: int, vowel: int) -> str:
    """A syllable without a final consonant: with any, and with the vowels that its own may grow to."""
    vowels = [_VOWELS.index(v) for v in _grown(_VOWELS[vowel])]
    ranges = (f"{_syllable(initial, v)}-{_syllable(initial, v, _FINALS_EACH - 1)}" for v in vowels)
    return f"[{''.join(ranges)}]"


def _grown(letter: str) -> list[str]:
    """A letter, and those of two strokes that begin with it."""
    return [letter, *(one for one, two in _TWO_KEYS.items() if two[0] == letter)]
