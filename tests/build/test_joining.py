"""Joins: attributes of a second file by BD_MGT_SN or PNU, with what matched and what did not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build.executors import SerialExecutor
from smap.build.progress import SilentProgress
from smap.build.recipe import read_recipe
from smap.build.stock import Stock, read_stock
from smap.build.work import Clock, Work
from smap.errors import InputError, RecipeError, SmapError
from tests.sources.files import squares, write
from tests.sources.offices import (
    Houses,
    al_d010,
    f_fac_building,
    made_houses,
    management_numbers,
    tl_spbd_buld,
)

HEAD = '[tileset]\nname = "town"\nkind = "buildings"\nattribution = "made"\n[[source]]\n'
MADE = '[source.fields]\nid = "id"\nname = "name"\nheight = "height"\nfloors = "floors"\n'


def stock_of(folder: Path, text: str) -> Stock:
    recipe = folder / "town.toml"
    recipe.write_text(HEAD + text, encoding="utf-8")
    return read_stock(read_recipe(recipe), work(folder))


def work(folder: Path) -> Work:
    def nothing(_: Any) -> Path:
        raise AssertionError

    return Work(folder, folder, SerialExecutor(), SilentProgress(), Clock(), nothing)


def few(folder: Path, **columns: list[Any]) -> Path:
    """Four houses with ids 1 to 4 beside one table of the given columns."""
    own = {
        "id": ["1", "2", "3", ""],
        "name": ["own", "", "", ""],
        "height": [0.0, 9.0, 0.0, 0.0],
        "floors": [1] * 4,
    }
    write(folder / "own.fgb", shapes=squares(4), columns=own)
    return write(folder / "more.gpkg", shapes=squares(len(columns["key"])), columns=columns)


def join(fields: str = 'name = "label"', **more: str) -> str:
    lines = "".join(f"{k} = {v}\n" for k, v in more.items())
    table = f'[[source.join]]\npath = "more.gpkg"\nkey = "key"\n{lines}[source.join.fields]\n{fields}\n'
    return f'path = "own.fgb"\n{MADE}{table}'


def test_a_join_fills_what_the_source_does_not_know_and_only_that(tmp_path: Path) -> None:
    few(tmp_path, key=["1", "2", "9"], label=["other", "둘째", "nobody"], tall=[7.0, 8.0, 3.0])
    stock = stock_of(tmp_path, join('name = "label"\nheight = "tall"'))
    assert stock.name.tolist() == ["own", "둘째", None, None]
    assert stock.height.tolist() == [7.0, 9.0, 0.0, 0.0]
    assert stock.read == 4


def test_what_matched_and_what_did_not_is_counted(tmp_path: Path) -> None:
    few(tmp_path, key=["1", "2", "2", "9", ""], label=["a", "b", "c", "d", "e"])
    (figures,) = stock_of(tmp_path, join()).figures["joins"]
    assert figures == {
        "files": ["more.gpkg"],
        "rows": 5,
        "rows_without_key": 1,
        "double_keys": 1,
        "disagreeing": {"name": 1},
        "keys_without_feature": 1,
        "matched": 2,
        "unmatched": 1,
        "without_key": 1,
        "texts_that_are_no_numbers": {},
    }


def test_rows_of_a_double_key_give_what_those_that_know_it_agree_on(tmp_path: Path) -> None:
    few(tmp_path, key=["2", "2", "3", "3"], label=["", "둘", "x", "y"], tall=[None, 4.0, 5.0, 5.0])
    stock = stock_of(tmp_path, join('name = "label"\nheight = "tall"'))
    assert stock.name.tolist() == ["own", "둘", None, None]
    assert stock.height.tolist() == [0.0, 9.0, 5.0, 0.0]


def test_further_fields_and_kept_ones_become_columns(tmp_path: Path) -> None:
    few(tmp_path, key=["1", "3"], label=["a", "b"], owner=["city", ""])
    stock = stock_of(tmp_path, join('use = "label"', keep='["owner"]'))
    assert stock.further["use"].tolist() == ["a", None, "b", None]
    assert stock.further["owner"].tolist() == ["city", None, None, None]


def test_the_geometry_of_a_joined_file_is_not_used(tmp_path: Path) -> None:
    few(tmp_path, key=["1"], label=["a"])
    write(tmp_path / "more.gpkg", crs=None, shapes=squares(1), columns={"key": ["2"], "label": ["far"]})
    stock = stock_of(tmp_path, join())
    assert len(stock) == 4
    assert stock.name[1] == "far"


def test_a_join_that_meets_nobody_says_how_both_keys_look(tmp_path: Path) -> None:
    few(tmp_path, key=["x-1", "x-2"], label=["a", "b"])
    (warning,) = stock_of(tmp_path, join()).warnings
    assert "'id' is like '9', 'key' is like 'a-9'" in warning


def test_25_zips_of_the_address_office_join_with_the_integrated_buildings_by_parcel(tmp_path: Path) -> None:
    houses = made_houses(50)
    al_d010(tmp_path, houses, 23)
    for gu in range(25):
        part = slice(2 * gu, 2 * gu + 2)
        two = Houses(houses.shapes[part], houses.id[part], houses.height[part], houses.floors[part])
        tl_spbd_buld(tmp_path / "juso", two, f"TL_SPBD_BULD_{gu:02}", start=2 * gu)
    stock = stock_of(
        tmp_path,
        'path = "AL_D010_11_20220115.zip"\npreset = "al_d010"\n[[source.join]]\n'
        'path = "juso/TL_SPBD_BULD_*.zip"\nkey = "BD_MGT_SN"\non = "pnu"\npreset = "tl_spbd_buld"\n',
    )
    (figures,) = stock.figures["joins"]
    assert (figures["rows"], figures["matched"], figures["unmatched"], figures["double_keys"]) == (
        50,
        50,
        0,
        0,
    )
    np.testing.assert_array_equal(stock.floors, houses.floors)
    assert [name or "" for name in stock.name[:2]] == ["경복궁 근정전", "뷁똠 상가"]


def test_facilities_join_by_the_management_number(tmp_path: Path) -> None:
    houses = made_houses(8)
    tl_spbd_buld(tmp_path, houses)
    f_fac_building(tmp_path, houses)
    stock = stock_of(
        tmp_path,
        'path = "TL_SPBD_BULD.zip"\npreset = "tl_spbd_buld"\n[[source.join]]\n'
        'path = ["F_FAC_BUILDING_11_202401.zip"]\nkey = "BD_MGT_SN"\n'
        '[source.join.fields]\nheight = "HEIGHT"\n',
    )
    assert stock.id.tolist() == management_numbers(8)
    np.testing.assert_array_equal(np.nan_to_num(stock.height), houses.height)


def test_a_list_of_paths_is_one_source(tmp_path: Path) -> None:
    houses = made_houses(8)
    tl_spbd_buld(tmp_path, houses, "a")
    tl_spbd_buld(tmp_path, houses, "b", start=8)
    few(tmp_path, key=management_numbers(3, 6), label=["a", "b", "c"], tall=[5.0, 6.0, 7.0])
    stock = stock_of(
        tmp_path,
        'path = ["a.zip", "b.zip"]\npreset = "tl_spbd_buld"\n[[source.join]]\n'
        'path = "more.gpkg"\nkey = "key"\n[source.join.fields]\nheight = "tall"\n',
    )
    assert stock.id.tolist() == management_numbers(16)
    assert set(stock.source) == {"tl_spbd_buld"}
    (figures,) = stock.figures["joins"]
    assert (figures["matched"], figures["keys_without_feature"]) == (3, 0)
    assert stock.warnings == ()


def table(folder: Path, text: str, codec: str, name: str = "more.csv") -> None:
    few(folder, key=["1"], label=["a"])
    (folder / name).write_bytes(text.encode(codec))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_a_csv_joins_whatever_its_encoding_and_separator(codec: str, separator: str, tmp_path: Path) -> None:
    rows = [
        ["key", "owner", "label", "tall"],
        ["2", "시", '"경복궁\n근정전"', "12미터"],
        ["3", "", "뷁", "x"],
    ]
    table(tmp_path, "\r\n".join(separator.join(row) for row in rows) + "\r\n", codec)
    text = join('name = "label"\nheight = "tall"').replace("more.gpkg", "more.csv")
    stock = stock_of(tmp_path, text)
    assert stock.name.tolist() == ["own", "경복궁\n근정전", "뷁", None]
    assert stock.figures["joins"][0]["texts_that_are_no_numbers"] == {"height": 1}


def test_a_csv_with_a_row_too_long_or_without_a_header_is_refused(tmp_path: Path) -> None:
    text = join().replace("more.gpkg", "more.csv")
    for broken, words in [
        ("key,label\n1,a\n2,b,c\n", "more.csv: damaged or unreadable CSV (utf-8): CSV parse error"),
        ("key\n1\n", "must name at least two fields"),
        ("key,label\n1,\udcff\ud7a4", "neither UTF-8 nor CP949"),
        ("label,nothing\na,b\n", "no field 'key' (for key of the join); the file has: label, nothing"),
    ]:
        few(tmp_path, key=["1"], label=["a"])
        (tmp_path / "more.csv").write_bytes(broken.encode("utf-8", "surrogateescape"))
        with pytest.raises(SmapError) as caught:
            stock_of(tmp_path, text)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_table_of_a_shapefile_joins_alone(tmp_path: Path) -> None:
    few(tmp_path, key=["1"], label=["a"])
    write(
        tmp_path / "t.shp",
        shapes=squares(2),
        columns={"key": ["2", "3"], "label": ["둘", "셋"]},
        encoding="CP949",
    )
    for part in (".shp", ".shx", ".prj"):
        (tmp_path / "t.shp").with_suffix(part).unlink()
    stock = stock_of(tmp_path, join().replace("more.gpkg", "t.dbf"))
    assert stock.name.tolist() == ["own", "둘", "셋", None]


def test_a_csv_is_no_source_of_buildings(tmp_path: Path) -> None:
    few(tmp_path, key=["1"], label=["a"])
    (tmp_path / "more.csv").write_text("key,label\n1,a\n")
    with pytest.raises(InputError, match=r"unknown format '\.csv'"):
        stock_of(tmp_path, 'path = "more.csv"\n')


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (
            join(key='"BD"').replace('key = "key"\n', ""),
            RecipeError,
            "no field 'BD' (for key of the join); the file has: key",
        ),
        (join().replace("more.gpkg", "gone.gpkg"), InputError, "gone.gpkg: no such file"),
        (join('name = "LABEL"'), RecipeError, "no field 'LABEL' (for name)"),
        (join().replace('key = "key"\n', ""), RecipeError, "[source.join] key: missing"),
        (join().split("[source.join.fields]")[0], RecipeError, "this join takes nothing over"),
        (join(on='"name"'), RecipeError, "'name' is unknown; known: id, pnu"),
        (join(on='"pnu"'), RecipeError, "the source has no 'pnu'"),
        (join('id = "label"'), RecipeError, "[source.join.fields] id: unknown key"),
        (join(where='"label >"'), RecipeError, "cannot be understood"),
        (join().replace('"more.gpkg"', "[]"), RecipeError, "is not a text or a list of texts"),
    ],
)
def test_a_join_that_cannot_be_made_is_one_line(
    text: str, error: type[SmapError], words: str, tmp_path: Path
) -> None:
    few(tmp_path, key=["1"], label=["a"])
    with pytest.raises(error) as caught:
        stock_of(tmp_path, text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_table_makes_another_build(tmp_path: Path) -> None:
    from smap.build.inputs import digest_of

    few(tmp_path, key=["1"], label=["a"])
    (tmp_path / "town.toml").write_text(HEAD + join(), encoding="utf-8")
    recipe = read_recipe(tmp_path / "town.toml")
    before = digest_of(recipe, "1")
    assert digest_of(recipe, "1") == before
    write(tmp_path / "more.gpkg", shapes=squares(3), columns={"key": ["1", "2", "3"], "label": ["c"] * 3})
    assert digest_of(recipe, "1") != before
