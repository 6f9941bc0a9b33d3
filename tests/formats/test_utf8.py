"""Texts as bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.formats.utf8 import Utf8


def objects(texts: list[str | None]) -> NDArray[np.object_]:
    column = np.empty(len(texts), object)
    column[:] = texts
    return column


TEXTS = st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=20)


@given(TEXTS, st.lists(st.integers(0, 19), max_size=30))
def test_what_is_taken_is_what_objects_would_give(texts: list[str | None], places: list[int]) -> None:
    column = Utf8.of(objects(texts))
    chosen = np.array([place % len(texts) for place in places], np.int64)
    assert column.objects().tolist() == texts
    assert column.take(chosen).objects().tolist() == [texts[k] for k in chosen.tolist()]
    assert column.take(chosen).data.tobytes().decode() == "".join(texts[k] or "" for k in chosen.tolist())


@given(TEXTS, st.data())
def test_a_range_is_taken_as_any_other_choice(texts: list[str | None], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(texts) - 1))
    end = data.draw(st.integers(start + 1, len(texts)))
    taken = Utf8.of(objects(texts)).take(np.arange(start, end))
    assert taken.offsets[0] == 0
    assert taken.objects().tolist() == texts[start:end]


@given(TEXTS, TEXTS)
def test_sets_are_joined_and_more_may_be_unknown(one: list[str | None], other: list[str | None]) -> None:
    both = Utf8.concatenate([Utf8.of(objects(one)), Utf8.of(objects(other))]).with_unknown(2)
    assert both.objects().tolist() == [*one, *other, None, None]
    assert len(both) == len(one) + len(other) + 2


def test_words_stand_for_their_places() -> None:
    column = Utf8.of_words(("지반", "edge"), np.array([1, 0, 0, 1]))
    assert column.objects().tolist() == ["edge", "지반", "지반", "edge"]
