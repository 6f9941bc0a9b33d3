from __future__ import annotations

import pytest

from smap.content.search.romanise import as_spelled, loose_key, romanised

#: Official names (road signs, stations, the notice's own examples): the outside witness.
OFFICIAL = {
    "경복궁": "gyeongbokgung",
    "숭례문": "sungnyemun",
    "흥인지문": "heunginjimun",
    "종로": "jongno",
    "독립문": "dongnimmun",
    "왕십리": "wangsimni",
    "선릉": "seolleung",
    "한라산": "hallasan",
    "신라": "silla",
    "백마": "baengma",
    "별내": "byeollae",
    "대관령": "daegwallyeong",
    "압구정": "apgujeong",
    "낙동강": "nakdonggang",
    "광희문": "gwanghuimun",
    "북악": "bugak",
    "여의도": "yeouido",
    "집현전": "jiphyeonjeon",
    "해돋이": "haedoji",
    "같이": "gachi",
    "좋고": "joko",
    "놓다": "nota",
}


@pytest.mark.parametrize("korean", OFFICIAL)
def test_names_are_romanised_as_the_signs_have_them(korean: str) -> None:
    assert romanised(korean) == OFFICIAL[korean]


def test_many_write_syllable_by_syllable() -> None:
    assert as_spelled("종로") == "jongro"
    assert as_spelled("숭례문 2층") == "sungryemun 2cheung"


@pytest.mark.parametrize(
    "ways",
    [
        ("Gyeongbokgung", "Kyongbokkung", "Kyŏngbokkung", "Kyeongbokgung", "kyong-bok gung"),
        ("Changdeokgung", "Ch'angdŏkkung"),
        ("Jongno", "Chongno", "Chong-no"),
        ("Itaewon", "It'aewŏn"),
        ("Sinchon", "Shinchon", "Sinch'on"),
        ("Seoul", "Soul", "Sŏul"),
        ("Deoksugung", "Tŏksugung", "Toksugung"),
    ],
)
def test_ways_of_writing_a_name_share_a_key(ways: tuple[str, ...]) -> None:
    assert len({loose_key(way) for way in ways}) == 1


def test_other_names_have_other_keys() -> None:
    names = ("Jongmyo", "Jongno", "Namsan", "Naksan", "Deoksugung", "Changdeokgung")
    assert len({loose_key(name) for name in names}) == len(names)
