from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.search import search
from smap.content.service import create_record, publish_record, save_record
from smap.errors import UsageError
from tests.content.rounds import rounds
from tests.content.samples import ADMIN, EDITOR, NOW, content, place

PLAIN = 0.37
"""The least score of a name that holds every word as it stands."""
NAMES = [
    ("jongmyo", "종묘", "Jongmyo Shrine", "宗廟"),
    ("jongmyo-square", "종묘광장", "Jongmyo Square", None),
    ("namsan-tower", "남산 서울타워", "N Seoul Tower", None),
    ("namsan", "남산", "Namsan Mountain", "南山"),
    ("sungnyemun", "숭례문", "Sungnyemun Gate", "崇禮門"),
    ("palace", "경복궁", "Gyeongbokgung Palace", "景福宮"),
]


@pytest.fixture
def city(engine: Engine) -> Engine:
    features = [place(id, name_ko=ko, name_en=en, name_hanja=hanja) for id, ko, en, hanja in NAMES]
    assert import_features(engine, ADMIN, "heritage", features, now=NOW).written == len(NAMES)
    return engine


def ids(engine: Engine, q: str, lang: str | None = None) -> list[str]:
    return [hit.record.id for hit in search(engine, q, lang=lang)]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("종묘", ["jongmyo", "jongmyo-square"]),  # two syllables
        ("묘", ["jongmyo", "jongmyo-square"]),  # one, inside
        ("문", ["sungnyemun"]),  # one, at the end
        ("숭례문", ["sungnyemun"]),
        (unicodedata.normalize("NFD", "종묘"), ["jongmyo", "jongmyo-square"]),
        ("宗廟", ["jongmyo"]),
        ("宮", ["palace"]),
        ("SQUARE", ["jongmyo-square"]),
        ("bokgung", ["palace"]),
        ("남산서울타워", ["namsan-tower"]),  # without the space
        ("종묘 광장", ["jongmyo-square"]),  # with a space that the name has not
        ("tower seoul", ["namsan-tower"]),  # in another order
        ("gate  sungnyemun", ["sungnyemun"]),
        ("nowhere", []),
        ("", []),
        ("  ", []),
        ('"', []),
        ("*", []),
        ("종* OR 문", []),
        ("x\x00z", []),
        ("\ud800", []),
    ],
)
def test_a_name_is_found_by_what_it_contains(city: Engine, q: str, found: list[str]) -> None:
    assert ids(city, q) == found


def test_the_exact_name_comes_before_one_that_begins_so_before_one_that_contains(city: Engine) -> None:
    assert ids(city, "남산") == ["namsan", "namsan-tower"]
    assert ids(city, "seoul") == ["namsan-tower"]
    scores = [hit.score for hit in search(city, "jongmyo")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert search(city, "종묘")[0].score == 1


def test_the_readers_language_comes_first_among_equals(city: Engine) -> None:
    features = [
        place("roman", name_ko="로마자", name_en="Seowon Gate"),
        place("hangul", name_ko="Seowon Gate", name_en="Other"),
    ]
    import_features(city, ADMIN, "heritage", features, now=NOW)
    assert ids(city, "seowon gate", "ko") == ["hangul", "roman"]
    assert ids(city, "seowon gate", "en") == ["roman", "hangul"]


def test_a_draft_is_found_by_editors_only_and_its_old_name_by_the_public(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    assert search(engine, "종묘") == []
    assert len(search(engine, "종묘", drafts=True)) == 1
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)
    renamed = place(name_ko="정전")
    save_record(engine, EDITOR, "heritage", "jongmyo", renamed, expected_revision=1, now=NOW)
    assert [len(search(engine, q)) for q in ("종묘", "정전")] == [1, 0]
    assert [len(search(engine, q, drafts=True)) for q in ("종묘", "정전")] == [0, 1]


def test_a_search_text_that_is_too_long_is_refused(city: Engine) -> None:
    with pytest.raises(UsageError, match="100 is the most"):
        search(city, "가" * 101)


def test_no_more_than_the_limit_is_given(city: Engine) -> None:
    assert len(search(city, "n", limit=2)) == 2


# no syllable that is a particle: a text is also read without it
letters = st.text("종묘광장산a B", min_size=1, max_size=6).filter(lambda text: bool(text.strip()))


@pytest.mark.long
@given(st.lists(letters, min_size=1, max_size=5), letters)
@settings(max_examples=rounds(600), deadline=None)
def test_search_finds_just_the_names_that_hold_every_word(names: list[str], q: str) -> None:
    with content() as engine:
        features = [place(f"place-{number}", name_ko=name, name_en="x") for number, name in enumerate(names)]
        import_features(engine, ADMIN, "heritage", features, now=NOW)
        expected = {
            f"place-{number}"
            for number, name in enumerate(names)
            if all(
                word in " ".join(name.lower().split()) or word in "".join(name.lower().split())
                for word in q.lower().split()
            )
        }
        plain = {hit.record.id for hit in search(engine, q, limit=99) if hit.score >= PLAIN}
        assert plain == expected
