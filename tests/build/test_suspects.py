from __future__ import annotations

import numpy as np
import pytest

from smap.build.suspects import floors_against_height, garbled, suspects


@pytest.mark.parametrize(
    ("height", "floors", "against"),
    [
        (30.0, 10.0, False),
        (12.0, 10.0, True),
        (4.0, 2.0, True),
        (4.2, 2.0, False),
        (40.0, 1.0, False),
        (40.0, 3.0, True),
        (np.nan, 3.0, False),
        (0.0, 3.0, False),
        (9999.0, 3.0, False),
        (30.0, 0.0, False),
        (30.0, np.nan, False),
    ],
)
def test_floors_that_a_height_cannot_hold_are_seen(height: float, floors: float, against: bool) -> None:
    assert floors_against_height(np.array([height]), np.array([floors])).tolist() == [against]


@pytest.mark.parametrize("text", ["경복궁", "뷁똠 상가", "Café Zürich", "plain", "景福宮", "占星", None])
def test_sound_texts_are_not_called_garbled(text: str | None) -> None:
    assert garbled(np.array([text], object)).tolist() == [False]


@pytest.mark.parametrize(
    "text",
    [
        "경복궁".encode().decode("latin-1"),
        "경복궁".encode("cp949").decode("utf-8", "replace"),
        "\ufffd\ufffd".encode().decode("cp949", "replace"),
    ],
)
def test_what_is_left_of_korean_in_a_wrong_encoding_is_seen(text: str) -> None:
    assert garbled(np.array([text], object)).tolist() == [True]


def test_suspects_are_counted() -> None:
    texts = {"name": np.array(["숭례문", "\ufffd", None], object), "year": np.array([1.0, 2.0, np.nan])}
    found = suspects(np.array([3.0, 30.0, 9.0]), np.array([9.0, 9.0, 3.0]), texts)
    assert found == {"floors_against_height": 1, "texts_garbled": {"name": 1}}
