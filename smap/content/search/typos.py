"""Words that differ by one or two letters: found by what is left when a letter is taken out. Pure.

Two words that differ by one edit become equal when at most one letter is taken out of each (the symmetric
deletes of SymSpell, W. Garbe 2012). Only the first seven letters are treated so, and the last seven of longer
words: an edit further on leaves them as they are. Pieces as candidates were tried in thought and left: a word
of 12 letters with two edits shares so few of its triples that thousands of names would have to be compared.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["edits", "most_edits", "variants"]

_SHORTEST, _LONG = 4, 9
_END = 7


def most_edits(word: str) -> int:
    """How many edits a word of this length may have: none below four letters, two from nine on."""
    if len(word) < _SHORTEST:
        return 0
    return 1 if len(word) < _LONG else 2


def variants(word: str) -> set[str]:
    """Give the words of the index under which `word` is found, and by which it finds."""
    if len(word) < _SHORTEST:
        return set()
    ends = [f"<{left}" for left in _left_out(word[:_END])]
    if len(word) > _END:
        ends += [f"{left}>" for left in _left_out(word[-_END:])]
    return {f"t{zlib.crc32(end.encode()):x}" for end in ends}


@lru_cache(maxsize=1 << 14)
def edits(one: str, other: str) -> int:
    """Give how many letters must be put in, left out, replaced or swapped with a neighbour.

    The optimal string alignment distance (Damerau 1964, in the form of Wagner and Fischer 1974); from 3 on
    only "more than two" is meant.
    """
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, two_before[j - 2] + 1)
            row.append(best)
        if min(row) > 2:
            return 3
    return row[-1]


def _left_out(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
