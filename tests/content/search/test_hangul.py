from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.content.search.hangul import (
    as_hangul,
    choseong,
    is_choseong,
    keystrokes,
    stems,
    typing_pattern,
)

syllables = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)


@given(syllables)
def test_what_is_typed_on_the_wrong_keyboard_comes_back_as_it_was_meant(text: str) -> None:
    assert as_hangul(keystrokes(text)) == text


@given(syllables)
def test_initials_are_those_of_the_standards_own_decomposition(text: str) -> None:
    """The outside witness is Unicode's canonical decomposition in the standard library."""
    first = [unicodedata.normalize("NFD", syllable)[0] for syllable in text]
    # the conjoining initials from U+1100 on stand in the order of the compatibility letters
    expected = "".join("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[ord(jamo) - 0x1100] for jamo in first)
    assert choseong(text) == expected


@given(syllables)
def test_whatever_is_typed_so_far_finds_what_is_being_typed(text: str) -> None:
    keys = keystrokes(text)
    for typed in range(1, len(keys) + 1):
        so_far = as_hangul(keys[:typed])
        assert re.match(typing_pattern(so_far), text), (so_far, text)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("rudqhrrnd", "경복궁"),
        ("gksrkd", "한강"),
        ("Tkdans", "쌍문"),
        ("ekfr", "닭"),
        ("dhkdl", "와이"),
        ("seoul", "ㄴ대ㅕㅣ"),
        ("rudq", "경ㅂ"),
        ("r1k", "ㄱ1ㅏ"),
    ],
)
def test_keys_write_what_a_keyboard_in_korean_mode_would(keys: str, text: str) -> None:
    assert as_hangul(keys) == text


@pytest.mark.parametrize(
    ("typed", "name", "found"),
    [
        ("경ㅂ", "경복궁", True),
        ("경보", "경복궁", True),
        ("경볶", "경복궁", False),
        ("경ㅂㄱ", "경복궁", True),
        ("ㄱㅂㄱ", "경복궁", True),
        ("ㄱㅂㅁ", "경복궁", False),
        ("낛", "낙산", True),  # what a keyboard shows before the vowel of 산
        ("남", "나무", True),
        ("고", "관악", True),
        ("다", "닭", True),
        ("ㄳ", "강서", True),
        ("궁", "경복", False),
    ],
)
def test_a_half_typed_text_finds_what_it_may_become(typed: str, name: str, found: bool) -> None:
    assert bool(re.match(typing_pattern(typed), name)) is found


def test_only_single_consonants_are_initials() -> None:
    assert [is_choseong(text) for text in ("ㄱㅂㄱ", "ㄳ", "경ㅂ", "ㅏ", "abc", "")] == [
        True,
        True,
        *[False] * 4,
    ]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("경복궁에서", ["경복궁"]),
        ("숭례문은", ["숭례문"]),
        ("종묘까지는", ["종묘", "종묘까지"]),
        ("종묘", []),
        ("문은", []),
    ],
)
def test_a_particle_is_taken_off_where_two_syllables_stay(word: str, found: list[str]) -> None:
    assert stems(word) == found
