"""The editors' own sentences: their length, their languages, and that no two say the same."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from tests.content_files.conftest import Content

SHORTEST, LONGEST = 150, {"ko": 600, "en": 900}
"""English takes more letters for the same content."""
LONGEST_SUMMARY = 600
GRAM = 5
HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
HAN = re.compile(r"[\u4e00-\u9fff]")
TRADITIONAL = frozenset(
    "國寶門宮東樓閣園館圖書時間開關長張韓漢號會議員學習體驗劉龍鐵車馬鳥魚風飛來見觀說語讀寫華萬與為從後發現場"
)
"""Characters that simplified Chinese writes otherwise, of those that names in Seoul are made of."""
MOST_SHARED = 0.3
"""Of the shorter text's 5-grams: names and dates recur, sentences must not."""


def texts(content: Content, language: str) -> dict[str, str]:
    return values(content, f"text_{language}")


def values(content: Content, field: str) -> dict[str, str]:
    return {
        f"{layer}/{feature['id']}": feature["properties"][field]
        for layer, features in content.items()
        for feature in features
    }


def grams(text: str) -> set[str]:
    return {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}


def shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / min(len(one), len(other))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_text_tells_enough_and_not_too_much(content: Content, language: str) -> None:
    lengths = {where: len(text) for where, text in texts(content, language).items()}
    assert {where: n for where, n in lengths.items() if not SHORTEST <= n <= LONGEST[language]} == {}


@pytest.mark.parametrize("field", ["text_ko", "text_en", "summary_ja", "summary_zh"])
def test_no_two_texts_share_three_tenths_of_their_wording(content: Content, field: str) -> None:
    cut = {where: grams(text) for where, text in values(content, field).items()}
    alike = {
        (one, other): round(shared(cut[one], cut[other]), 2)
        for one, other in combinations(cut, 2)
        if shared(cut[one], cut[other]) > MOST_SHARED
    }
    assert alike == {}


def test_two_copies_of_a_text_would_be_found() -> None:
    text = "한양도성의 남쪽 정문으로 1398년에 완성되었다."
    assert shared(grams(text), grams(text)) == 1.0


def test_korean_texts_are_korean_and_english_ones_hold_no_hangul(content: Content) -> None:
    hangul = re.compile(r"[가-힣]")
    for where, text in texts(content, "ko").items():
        assert len(hangul.findall(text)) > len(text) / 2, where
        assert text.endswith("."), where
    for where, text in texts(content, "en").items():
        assert hangul.search(text) is None, where
        assert text.endswith("."), where


def test_japanese_names_and_summaries_are_japanese(content: Content) -> None:
    for where, text in values(content, "summary_ja").items():
        assert KANA.search(text), where
        assert text.endswith("。"), where
        assert len(text) <= LONGEST_SUMMARY, where
    for field in ("name_ja", "summary_ja"):
        for where, text in values(content, field).items():
            assert HANGUL.search(text) is None, where
            assert KANA.search(text) or HAN.search(text), where


def test_chinese_names_and_summaries_are_chinese(content: Content) -> None:
    for where, text in values(content, "summary_zh").items():
        assert text.endswith("。"), where
        assert len(text) <= LONGEST_SUMMARY, where
    for field in ("name_zh", "summary_zh"):
        for where, text in values(content, field).items():
            assert HAN.search(text), where
            assert HANGUL.search(text) is None, where
            assert KANA.search(text) is None, where


def test_chinese_is_written_in_simplified_characters(content: Content) -> None:
    for field in ("name_zh", "summary_zh"):
        for where, text in values(content, field).items():
            assert not set(text) & TRADITIONAL, (where, set(text) & TRADITIONAL)


def test_texts_do_without_praise(content: Content) -> None:
    words = (
        "아름다운",
        "환상적",
        "꼭 가볼",
        "힐링",
        "핫플",
        "stunning",
        "breathtaking",
        "must-see",
        "hidden gem",
    )
    for language in ("ko", "en"):
        for where, text in texts(content, language).items():
            assert not [word for word in words if word in text.lower()], where


def test_romanised_names_carry_no_hyphened_gate_or_breve(content: Content) -> None:
    for features in content.values():
        for feature in features:
            name = feature["properties"]["name_en"]
            assert not re.search(r"-mun\b|-gung\b|[ŏŭ]", name), name
