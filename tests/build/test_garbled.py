from __future__ import annotations

import numpy as np
import pytest

from smap.build.garbled import count_garbled, garbled


@pytest.mark.parametrize(
    "text",
    ["경복궁", "뷁똠 상가", "Café Zürich", "plain", "景福宮", "占星", "慶會樓 2층", "ÄÖÜ äöü ÀÉÈ", None],
)
def test_sound_texts_are_not_called_garbled(text: str | None) -> None:
    assert garbled(np.array([text], object)).tolist() == [False]


@pytest.mark.parametrize(
    "text",
    [
        "경복궁".encode().decode("latin-1"),
        "경복궁".encode("cp949").decode("utf-8", "replace"),
        "경복궁".encode("cp949").decode("latin-1"),
        "세종로".encode("cp949").decode("cp1252"),
        "경복궁 2동".encode().decode("cp949", "replace"),
        "창덕궁길".encode().decode("cp949"),
        "\ufffd\ufffd".encode().decode("cp949", "replace"),
    ],
)
def test_what_is_left_of_korean_in_a_wrong_encoding_is_seen(text: str) -> None:
    assert garbled(np.array([text], object)).tolist() == [True]


def test_garbled_texts_are_counted_by_column() -> None:
    texts = {"name": np.array(["숭례문", "\ufffd", None], object), "year": np.array([1.0, 2.0, np.nan])}
    assert count_garbled(texts | {"use": np.array(["a", "b", "c"], object)}) == {"name": 1}
