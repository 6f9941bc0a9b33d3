"""Texts as property tables hold them: all their bytes in one, so that no Python object exists per text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Utf8"]


@dataclass(frozen=True)
class Utf8:
    """n texts. data: uint8 (b,), their UTF-8 one after the other. offsets: int64 (n + 1,) into data.

    known: bool (n,), false where there is no text.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.known)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.objects())

    @staticmethod
    def of(column: NDArray[np.object_]) -> Utf8:
        """From objects (n,), str or None."""
        known = np.array([text is not None for text in column.tolist()], bool)
        texts = column.tolist() if known.all() else np.where(known, column, "").tolist()
        joined = "".join(texts)
        data = joined.encode("utf-8", "surrogatepass")
        length = len
        if len(data) != len(joined):
            length = {text: len(text.encode("utf-8", "surrogatepass")) for text in set(texts)}.__getitem__
        counts = np.fromiter(map(length, texts), np.int64, len(texts))
        return Utf8(np.frombuffer(data, np.uint8), _ends(counts), known)

    @staticmethod
    def of_words(words: Sequence[str], codes: NDArray[np.integer[Any]]) -> Utf8:
        """The words that these are the places of, int (n,)."""
        return Utf8.of(np.array([*words, None], object)[:-1]).take(codes)

    @staticmethod
    def concatenate(parts: Sequence[Utf8]) -> Utf8:
        """Several sets as one, in order."""
        counts = np.concatenate([np.diff(part.offsets) for part in parts])
        data = np.concatenate([part.data for part in parts])
        return Utf8(data, _ends(counts), np.concatenate([part.known for part in parts]))

    def take(self, chosen: NDArray[np.integer[Any]]) -> Utf8:
        """The chosen ones, in the order given."""
        if len(chosen) and chosen[-1] - chosen[0] == len(chosen) - 1 and (np.diff(chosen) == 1).all():
            start, end = int(chosen[0]), int(chosen[-1]) + 1
            first, last = int(self.offsets[start]), int(self.offsets[end])
            offsets = self.offsets[start : end + 1] - first
            return Utf8(self.data[first:last], offsets, self.known[start:end])
        begin = self.offsets[chosen]
        counts = self.offsets[chosen + 1] - begin
        offsets = _ends(counts)
        place = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], counts)
        return Utf8(self.data[place], offsets, self.known[chosen])

    def with_unknown(self, count: int) -> Utf8:
        """With so many more at the end of which nothing is known."""
        offsets = np.concatenate([self.offsets, np.full(count, self.offsets[-1])])
        return Utf8(self.data, offsets, np.concatenate([self.known, np.zeros(count, bool)]))

    def tolist(self) -> list[str | None]:
        """All of them, None where nothing is known."""
        return list(self.objects())

    def objects(self) -> NDArray[np.object_]:
        """As objects (n,), str or None."""
        text = self.data.tobytes().decode("utf-8", "surrogatepass")
        ends = self.offsets
        if len(text) != len(self.data):
            starts = (self.data & 0xC0) != 0x80  # bytes at which a character begins
            ends = np.concatenate([[0], np.cumsum(starts)])[self.offsets]
        places = ends.tolist()
        column = np.empty(len(self), object)
        column[:] = [text[a:b] for a, b in pairwise(places)]
        column[~self.known] = None
        return column


def _ends(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
