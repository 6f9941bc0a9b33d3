"""Columns of sources as columns of ours."""

from __future__ import annotations

import pyarrow as pa

from smap.sources.columns import texts


def test_texts_that_come_again_and_again_are_one_object_each() -> None:
    found = texts(pa.array([" 종로구", "중구", None, " "] * 1000))
    assert found[:4].tolist() == ["종로구", "중구", None, None]
    assert len({id(text) for text in found if text is not None}) == 2


def test_texts_that_differ_stay_as_they_are() -> None:
    found = texts(pa.array([f" {number} " for number in range(5000)]))
    assert found.tolist() == [str(number) for number in range(5000)]
