"""Names as the search sees them: folded, without spaces, and cut into pieces that an index can hold. Pure."""

from __future__ import annotations

import unicodedata

from smap.content.record import Properties

__all__ = ["SEARCHED", "bigram_query", "bigrams", "compact", "fold", "indexed", "names_of", "trigram_query"]

SEARCHED = {"name_ko": "ko", "name_hanja": "ko", "name_en": "en"}
"""The fields that are searched and the language of their readers."""


def fold(text: str) -> str:
    """Make texts comparable: NFC, no case, one space between words, nothing unprintable."""
    printable = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", printable).casefold())
    return " ".join(folded.split())


def compact(folded: str) -> str:
    """Leave the spaces out: Korean writes 남산타워 and 남산 타워."""
    return folded.replace(" ", "")


def names_of(properties: Properties) -> list[str]:
    """Give the folded names in the order of SEARCHED, "" where a record has none."""
    return [fold(properties.get(field, "")) for field in SEARCHED]


def indexed(names: list[str]) -> list[str]:
    """Give what the indexes hold of a record's names: each as written and without spaces."""
    return sorted({form for name in names if name for form in (name, compact(name))})


def bigrams(forms: list[str]) -> str:
    """Cut names into overlapping pairs of characters, each pair one word of hexadecimal digits.

    A trigram index cannot find words of two syllables, and Korean is full of them (종묘, 숭례문 is 3, 낙산).
    Hexadecimal words pass every tokenizer unchanged; the last character stands alone.
    """
    return " ".join(_hex(form[i : i + 2]) for form in forms for i in range(len(form)))


def bigram_query(word: str) -> str:
    """Give the FTS5 query that finds names that contain a word of one or two characters."""
    return _hex(word) if len(word) == 2 else f"{_hex(word)}*"


def trigram_query(word: str) -> str:
    """Give the FTS5 query that finds names that contain a word of three characters or more."""
    return '"' + word.replace('"', '""') + '"'


def _hex(text: str) -> str:
    return "".join(f"{ord(character):06x}" for character in text)
