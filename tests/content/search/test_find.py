"""Every form of question on a small city, through the index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from smap.content.database import writing
from smap.content.exchange.importing import import_features
from smap.content.ledger import append, set_published
from smap.content.record import Draft
from smap.content.search import Asked, search_page, suggest
from smap.content.search.find import MOST_JUDGED, distance_m
from smap.errors import NotFoundError
from tests.content.samples import ADMIN, NOW, alley, place

CITY = {
    "palace": ("경복궁", "Gyeongbokgung Palace", "景福宮", 126.977, 37.5796),
    "station": ("경복궁역", "Gyeongbokgung Station", None, 126.9735, 37.5758),
    "school": ("경기고등학교", "Gyeonggi High School", None, 127.0556, 37.5172),
    "gate": ("숭례문", "Sungnyemun Gate", "崇禮門", 126.9753, 37.56),
    "tower": ("남산 서울타워", "N Seoul Tower", None, 126.9883, 37.5512),
    "namsan": ("남산", "Namsan Mountain", "南山", 126.99, 37.551),
    "naksan": ("낙산", "Naksan Mountain", "駱山", 127.0075, 37.5805),
    "jongno": ("종로", "Jongno Street", None, 126.99, 37.57),
    "jongmyo": ("종묘", "Jongmyo Shrine", "宗廟", 126.9941, 37.5748),
}


@pytest.fixture
def city(engine: Engine) -> Engine:
    features = [
        place(id, lon, lat, name_ko=ko, name_en=en, name_hanja=hanja)
        for id, (ko, en, hanja, lon, lat) in CITY.items()
    ]
    assert import_features(engine, ADMIN, "heritage", features, now=NOW).written == len(CITY)
    return engine


def ids(engine: Engine, q: str, **asked: object) -> list[str]:
    page = search_page(engine, Asked(q, **asked))  # type: ignore[arg-type]
    assert page.matched == len(page.hits)
    return [hit.record.id for hit in page.hits]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ㄱㅂㄱ", ["palace", "station"]),
        ("ㅈㅁ", ["jongmyo"]),
        ("ㅅㄹㅁ", ["gate"]),
        ("경ㅂ", ["palace", "station"]),
        ("경보", ["palace", "station"]),
        ("경볶", []),
        ("낛", ["naksan"]),
        ("남산ㅅ", ["tower"]),
        ("rudqhrrnd", ["palace", "station"]),
        ("rudqh", ["palace", "station"]),
        ("RUDQHRRND", []),  # with Shift these are other letters
        ("ㄴㄷㅐㅕㅣ", ["tower"]),
        ("ㄴ대ㅕㅣ", ["tower"]),
        ("경복궁에서", ["palace", "station"]),
        ("숭례문은", ["gate"]),
        ("Kyongbokkung", ["palace", "station"]),
        ("Kyŏngbokkung", ["palace", "station"]),
        ("kyeongbok palace", ["palace"]),
        ("jongro", ["jongno"]),
        ("Chongmyo", ["jongmyo"]),
        ("sungryemun", ["gate"]),
        ("崇礼门", ["gate"]),
        ("宗庙", ["jongmyo"]),
        ("경북궁", ["palace"]),
        ("경복긍역", ["station"]),
        ("gyeongbukgung", ["palace", "station"]),
        ("gyeongbokgumg", ["palace", "station"]),
        ("쀍쀍", []),
    ],
)
def test_a_name_is_found_in_all_the_ways_in_which_people_ask_for_it(
    city: Engine, q: str, found: list[str]
) -> None:
    assert ids(city, q) == found


@pytest.mark.parametrize(
    ("q", "field", "meant"),
    [
        ("경복", "name_ko", ["경복"]),
        ("ㄱㅂ", "name_ko", ["경복"]),
        ("경보", "name_ko", ["경복"]),
        ("서울 남산", "name_ko", ["남산", "서울"]),
        ("서울타워", "name_ko", ["서울타워"]),
        ("tower", "name_en", ["Tower"]),
        ("宫", "name_hanja", ["宮"]),
        ("kyeongbok palace", "name_en", ["Gyeongbokgung", "Palace"]),
        ("경북궁", "name_ko", ["경복궁"]),
    ],
)
def test_a_hit_says_what_of_which_name_was_meant(city: Engine, q: str, field: str, meant: list[str]) -> None:
    hit = search_page(city, Asked(q)).hits[0]
    name = str(hit.record.properties[field])
    assert hit.match.field == field
    assert [name[start:end] for start, end in hit.match.ranges] == meant


def test_whole_names_come_before_beginnings_before_words_before_the_rest(
    engine: Engine,
) -> None:
    names = {
        "inside": "새명동숲길역",
        "word": "새 명동숲길역",
        "prefix": "명동숲길역터",
        "exact": "명동숲길역",
    }
    features = [place(id, name_ko=name, name_en="x") for id, name in names.items()]
    import_features(engine, ADMIN, "heritage", features, now=NOW)
    hits = search_page(engine, Asked("명동숲길역")).hits
    assert [hit.record.id for hit in hits] == ["exact", "prefix", "word", "inside"]


def test_loose_readings_are_worth_less_than_plain_ones_and_typos_least(city: Engine) -> None:
    plain = search_page(city, Asked("복")).hits
    loose = search_page(city, Asked("Kyongbokkung")).hits
    mistyped = search_page(city, Asked("gyeongbukgung")).hits
    worst = [min(hit.score for hit in hits) for hits in (plain, loose, mistyped)]
    best = [max(hit.score for hit in hits) for hits in (plain, loose, mistyped)]
    assert worst[0] > best[1]
    assert worst[1] > best[2]


def test_near_decides_among_equals_only(city: Engine) -> None:
    at_school = (127.0556, 37.5172)
    page = search_page(city, Asked("경복궁", near=at_school))
    assert [hit.record.id for hit in page.hits] == ["palace", "station"]
    mountains = search_page(city, Asked("mountain", near=(127.0075, 37.58))).hits
    assert [hit.record.id for hit in mountains] == ["naksan", "namsan"]
    assert mountains[0].distance_m == pytest.approx(55.6, abs=1.0)
    assert mountains[0].score > mountains[1].score
    mountains = search_page(city, Asked("mountain", near=(126.99, 37.55))).hits
    assert [hit.record.id for hit in mountains] == ["namsan", "naksan"]
    assert all(hit.distance_m is None for hit in search_page(city, Asked("mountain")).hits)


def test_a_degree_of_latitude_is_a_360th_of_the_earths_girth() -> None:
    assert distance_m((127.0, 37.0), (127.0, 38.0)) == pytest.approx(111_195, abs=1)
    assert distance_m((127.0, 37.5), (127.0, 37.5)) == 0.0


def test_a_layer_and_a_box_narrow_what_is_found(city: Engine) -> None:
    import_features(city, ADMIN, "alleys", [alley("lane", name_ko="종묘 골목", name_en="Lane")], now=NOW)
    assert ids(city, "종묘") == ["jongmyo", "lane"]
    assert ids(city, "종묘", layer="alleys") == ["lane"]
    assert ids(city, "종묘", layer="wall") == []
    assert ids(city, "mountain", box=(126.98, 37.54, 127.0, 37.56)) == ["namsan"]
    assert ids(city, "mountain", box=(127.0, 37.54, 126.98, 37.59)) == ["naksan"]  # across 180°
    with pytest.raises(NotFoundError, match="heritage"):
        search_page(city, Asked("종묘", layer="nope"))


def test_addresses_are_found_after_names(engine: Engine) -> None:
    named = {"name_ko": "사직로", "name_en": "Sajik-ro", "category": "site"}
    standing = {
        "name_ko": "집",
        "name_en": "House",
        "category": "site",
        "address_ko": "서울 종로구 사직로 161",
    }
    with writing(engine) as connection:
        for id, properties in (("house", standing), ("road", named)):
            draft = Draft("heritage", id, {"type": "Point", "coordinates": [127.0, 37.5]}, dict(properties))
            head = append(connection, None, draft, action="imported", author="lee", now=NOW)
            set_published(connection, head, draft)
    assert ids(engine, "사직로") == ["road", "house"]
    assert ids(engine, "종로구 161") == ["house"]
    hit = search_page(engine, Asked("사직로 161")).hits[0]
    assert (hit.match.field, hit.match.ranges) == ("address_ko", ((7, 14),))


@pytest.fixture
def crowd(engine: Engine) -> Engine:
    """More places of one kind than are judged one by one, each a little farther east."""
    count = MOST_JUDGED + 120
    features = [
        place(f"park-{n:03d}", 126.9 + n * 0.0004, 37.5, name_ko=f"{n}번공원", name_en="x")
        for n in range(count)
    ]
    features.append(place("park", 127.3, 37.6, name_ko="공원", name_en="y"))
    import_features(engine, ADMIN, "heritage", features, now=NOW)
    return engine


def test_how_many_match_is_told_truly_where_not_all_are_judged(crowd: Engine) -> None:
    page = search_page(crowd, Asked("공원"), limit=5)
    assert page.matched == MOST_JUDGED + 121
    assert page.hits[0].record.id == "park"
    scores = [hit.score for hit in page.hits]
    assert scores == sorted(scores, reverse=True)


def test_the_nearest_of_many_are_found(crowd: Engine) -> None:
    page = search_page(crowd, Asked("공원", near=(126.9802, 37.5)), limit=6)
    # the whole name first, wherever it is; then 126.98 is the 200th
    assert [hit.record.id for hit in page.hits] == [
        "park",
        "park-200",
        "park-201",
        "park-199",
        "park-202",
        "park-198",
    ]


def test_pages_follow_each_other_without_gap_or_double(city: Engine) -> None:
    whole = [hit.record.id for hit in search_page(city, Asked("n"), limit=9).hits]
    parts = [search_page(city, Asked("n"), limit=2, offset=offset) for offset in range(0, 9, 2)]
    assert [hit.record.id for page in parts for hit in page.hits] == whole
    assert {page.matched for page in parts} == {len(whole)}


def test_suggestions_are_eight_at_most_and_a_first_letter_begins_a_word(crowd: Engine) -> None:
    features = [
        place("soul", name_ko="가", name_en="Big Soul"),
        place("ghost", name_ko="나", name_en="Ghosts"),
    ]
    import_features(
        crowd,
        ADMIN,
        "tourism",
        [{**f, "properties": {**f["properties"], "category": "park"}} for f in features],
        now=NOW,
    )
    assert len(suggest(crowd, Asked("공원")).hits) == 8
    assert [hit.record.id for hit in suggest(crowd, Asked("s")).hits] == ["soul"]
    assert suggest(crowd, Asked(" ")).hits == ()


def test_the_time_of_writing_does_not_matter(engine: Engine) -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    import_features(engine, ADMIN, "heritage", [place("a", name_ko="옛이름", name_en="x")], now=NOW)
    import_features(engine, ADMIN, "heritage", [place("a", name_ko="새이름", name_en="x")], now=later)
    assert ids(engine, "옛이름") == []
    assert ids(engine, "새이름") == ["a"]
