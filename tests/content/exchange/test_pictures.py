"""Pictures of services become media with a licence, or are left out and counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from smap.content.exchange.fetching import Client
from smap.content.exchange.importing import import_features
from smap.content.exchange.mapped import mapped_features
from smap.content.exchange.mapping import FieldMapping, read_mapping
from smap.content.exchange.pictures import KOGL, kogl_of
from smap.content.exchange.services import fetch_rows
from smap.content.model import LAYERS
from smap.errors import RecipeError
from tests.content.exchange.answers import khs_item
from tests.content.exchange.open_server import KEY, OpenServer, serving
from tests.content.samples import ADMIN, NOW

MAPPINGS = Path(__file__).resolve().parents[3] / "content" / "mappings"
TOUR = {"contenttypeid": "12", "mapx": "126.9769", "mapy": "37.5796", "modifiedtime": "20240301093000"}


@pytest.fixture
def server() -> Iterator[OpenServer]:
    with serving() as running:
        yield running


def fetched(
    server: OpenServer, service: str, mapping: str, layer: str, **asked: Any
) -> tuple[list[Any], FieldMapping]:
    chosen = read_mapping(MAPPINGS / mapping)
    client = Client(server.base, secret=KEY, per_second=1e9)
    rows = fetch_rows(service, client, key=KEY, **asked)
    return list(mapped_features(rows, chosen, LAYERS[layer], where=service)), chosen


def tour(number: int, url: str, kogl: str) -> dict[str, str]:
    own = {"contentid": str(number), "title": f"고궁 {number}", "firstimage": url, "cpyrhtDivCd": kogl}
    return TOUR | own


def test_a_touristic_picture_comes_in_with_its_type_and_without_one_is_counted(
    server: OpenServer, engine: Engine
) -> None:
    server.tour = [
        tour(1, "https://tong.visitkorea.or.kr/1.jpg", "Type1"),
        tour(2, "http://tong.visitkorea.or.kr/2.jpg", "Type3"),
        tour(3, "https://tong.visitkorea.or.kr/3.jpg", ""),
        tour(4, "https://tong.visitkorea.or.kr/4.jpg", "저작권자 확인 필요"),
        tour(5, "", "Type1"),
    ]
    items, mapping = fetched(server, "tour", "tourapi.toml", "tourism")
    report = import_features(engine, ADMIN, "tourism", items, now=NOW, key=mapping.key)
    assert (report.read, report.written, report.refused) == (5, 5, {})
    assert report.mended == {"picture_left_out": 2}
    media = [item.feature["properties"].get("media") for item in items]
    assert media[2:] == [None, None, None]
    assert media[0] == [
        {
            "kind": "picture",
            "url": "https://tong.visitkorea.or.kr/1.jpg",
            "licence": "KOGL type 1: attribution",
            "credit": "한국관광공사 (Korea Tourism Organization)",
            "kogl": "type-1",
            "alt_ko": "고궁 1 사진",
            "alt_en": "Picture of 고궁 1",
        }
    ]
    assert media[1][0]["kogl"] == "type-3"


def test_a_picture_of_the_heritage_service_is_of_type_1(server: OpenServer, engine: Engine) -> None:
    server.khs = [khs_item("서울 숭례문", "11", "10000000")]
    items, mapping = fetched(server, "khs", "khs.toml", "heritage", details=True)
    report = import_features(engine, ADMIN, "heritage", items, now=NOW, key=mapping.key)
    assert (report.written, report.mended) == (1, {})
    (medium,) = items[0].feature["properties"]["media"]
    assert (medium["url"], medium["kogl"]) == ("http://www.khs.go.kr/a.jpg", "type-1")


@pytest.mark.parametrize(
    ("told", "kogl"),
    [
        ("Type1", "type-1"),
        ("type 3", "type-3"),
        ("공공누리 제4유형", "type-4"),
        ("2유형", "type-2"),
        ("1", "type-1"),
        ("Type5", None),
        ("12", None),
        ("CC BY", None),
        ("", None),
    ],
)
def test_a_type_of_the_licence_is_read_in_all_its_forms(told: str, kogl: str | None) -> None:
    assert kogl_of(told) == kogl
    assert kogl is None or kogl in KOGL


def test_a_picture_without_an_address_of_the_web_is_left_out(server: OpenServer) -> None:
    server.tour = [tour(1, "javascript:alert(1)", "Type1"), tour(2, "2.jpg", "Type1")]
    items, _ = fetched(server, "tour", "tourapi.toml", "tourism")
    assert [list(item.notes) for item in items] == [["picture_left_out"]] * 2
    assert all("media" not in item.feature["properties"] for item in items)


def test_a_place_of_several_items_keeps_the_pictures_of_all(server: OpenServer) -> None:
    server.tour = [tour(n, f"https://tong.visitkorea.or.kr/{n % 2}.jpg", "Type1") for n in range(4)]
    chosen = read_mapping(MAPPINGS / "tourapi.toml")
    rows = fetch_rows("tour", Client(server.base, secret=KEY, per_second=1e9), key=KEY)
    grouping = FieldMapping(**{**vars(chosen), "group": {"by": "position"}})
    (item,) = mapped_features(rows, grouping, LAYERS["tourism"], where="tour")
    urls = [medium["url"] for medium in item.feature["properties"]["media"]]  # type: ignore[index]
    assert urls == [f"https://tong.visitkorea.or.kr/{n}.jpg" for n in (0, 1)]


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        ('url = "사진"', "needs credit"),
        ('credit = "시"', "needs url"),
        ('url = "사진"\ncredit = "시"\nusual = "type-5"', "usual is 'type-5'"),
        ('url = "사진"\ncredit = "시"\nalt = "글"', "unknown key 'alt'"),
    ],
)
def test_what_a_mapping_must_say_of_pictures_is_told(tmp_path: Path, picture: str, told: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(f'format = "csv"\n[fields]\nlon = "X"\nlat = "Y"\n[picture]\n{picture}\n')
    with pytest.raises(RecipeError, match=told):
        read_mapping(path)
