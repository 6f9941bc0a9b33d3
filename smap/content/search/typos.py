"""Words that differ by one or two letters: found by what is left when a letter is taken out. Pure.

Two words that differ by one edit become equal when at most one letter is taken out of each (the symmetric
deletes of SymSpell, W. Garbe 2012). That is asked of the first seven letters, and of the last seven of longer
words, so that two edits are found unless both are at one end. Triples as candidates were left: a word of 12
letters with two edits shares so few of them that thousands of names would have to be compared.
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


@lru_cache(maxsize=1 << 14)
def variants(word: str) -> tuple[tuple[str, ...], ...]:
    """Give the words of the index by which `word` is found: of its beginning, and of its end if it is long.

    One of each group must be there.
    """
    if len(word) < _SHORTEST:
        return ()
    ends = [("t", word[:_END])]
    if len(word) > _END:
        ends.append(("e", word[-_END:]))
    return tuple(
        tuple({f"{kind}{zlib.crc32(left.encode()):x}" for left in _left_out(end)}) for kind, end in ends
    )


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
