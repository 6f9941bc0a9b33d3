from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.content.search.fold import compact, fold, fold_with_origins, spans_in


@pytest.mark.parametrize(
    "ways",
    [
        ("崇禮門", "崇礼门", "崇礼門"),
        ("景福宮", "景福宫"),
        ("宗廟", "宗庙"),
        ("Ｎ서울", "n서울", " N서울 "),
        ("タワー", "たわー"),
        ("ㄱㅂㄱ", "ㄱㅂㄱ "),
        (unicodedata.normalize("NFD", "종묘"), "종묘"),
    ],
)
def test_ways_of_writing_a_name_fold_to_one(ways: tuple[str, ...]) -> None:
    assert len({fold(way) for way in ways}) == 1


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=20))
def test_every_folded_character_comes_from_one_of_the_text_in_their_order(text: str) -> None:
    folded, origins = fold_with_origins(text)
    assert len(folded) == len(origins)
    assert origins == sorted(origins)
    assert all(0 <= origin < len(unicodedata.normalize("NFC", text)) for origin in origins)


def test_spans_lead_back_to_the_text_as_written() -> None:
    text = "  N  서울타워"
    assert fold(text) == "n 서울타워"
    assert spans_in(text, [(2, 4)], spaces=True) == [[5, 7]]
    at = compact(fold(text)).index("서울")
    assert spans_in(text, [(at, at + 2)], spaces=False) == [[5, 7]]
    assert spans_in("Straße", [(4, 6)], spaces=True) == [[4, 5]]
    assert spans_in("남산타워", [(0, 2), (2, 4)], spaces=True) == [[0, 4]]
