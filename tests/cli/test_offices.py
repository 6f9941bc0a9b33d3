"""The files of Korean offices as they are sent: from `inspect --recipe` to a built city without an edit."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from smap.cli.main import main
from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import to_ecef
from smap.sources.vector import VectorSpec, read_features
from smap.store import open_tiles
from tests.sources.files import squares, write
from tests.sources.offices import (
    VINTAGES,
    Houses,
    al_d010,
    al_d198,
    f_fac_building,
    made_houses,
    real_houses,
    spoil_prj,
    tl_spbd_buld,
)

Capture = pytest.CaptureFixture[str]
# Way there and back on the grids of today is exact to under a millimetre; that from Bessel differs by up to
# 5 cm with the parameters, of which an office may have used others
TOLERANCE_M = {5186: 0.02, 5179: 0.02, 5174: 0.06}


def recipe_of(path: Path, capsys: Capture, *more: str, rc: int = 0) -> Path:
    capsys.readouterr()
    assert main(["inspect", "--recipe", *more, str(path)]) == rc
    recipe = path.with_suffix(".toml")
    recipe.write_text(capsys.readouterr().out, encoding="utf-8")
    return recipe


def built(recipe: Path, capsys: Capture) -> dict[str, Any]:
    words = ["build", str(recipe), "--workspace", str(recipe.parent / "var"), "--jobs", "1", "--json"]
    assert main(words) == 0, capsys.readouterr().err
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def rows_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties in the tiles, by id."""
    found: dict[str, dict[str, Any]] = {}
    with open_tiles(Path(report["out"]) / f"{report['tileset']}.3tz") as tiles:
        for name in tiles.names():
            glb = tiles.get(name) if name.endswith(".glb") else None
            table = decode_glb(glb.identity()).table if glb else None
            if table:
                columns = {field: column.values.tolist() for field, column in table.columns.items()}
                rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
                found |= {row["id"]: row for row in rows if row["id"]}
    return found


def off_m(recipe: Path, houses: Houses) -> float:
    """How far the first vertex of any house lies from the truth, after reading as the recipe says."""
    source = tomllib.loads(recipe.read_text("utf-8"))["source"][0]
    spec = VectorSpec(**source)
    (chunk,) = read_features(spec)
    starts = chunk.footprints.feature_vertices
    truth = np.radians(houses.corners)
    worst = 0.0
    for row, a, b in zip(chunk.ordinal, starts[:-1], starts[1:], strict=True):
        ours = chunk.footprints.lonlat[a:b]
        apart = to_ecef(ours[:, 0], ours[:, 1]) - to_ecef(truth[row, 0], truth[row, 1])
        worst = max(worst, float(np.linalg.norm(apart, axis=1).min()))
    return worst


@pytest.mark.parametrize("fields", VINTAGES)
def test_al_d010_of_every_vintage_builds_without_an_edit(
    fields: int, tmp_path: Path, capsys: Capture
) -> None:
    houses = made_houses()
    recipe = recipe_of(al_d010(tmp_path, houses, fields), capsys)
    report = built(recipe, capsys)
    assert report["features_read"] == report["features_built"] == len(houses)
    assert off_m(recipe, houses) <= TOLERANCE_M[VINTAGES[fields][1]]
    rows = rows_of(report)
    assert set(rows) == set(houses.id)
    first = rows[houses.id[1]]
    assert (first["use"], first["structure"]) == ("제1종근린생활시설", "철근콘크리트구조")
    assert first["address"] == "서울특별시 중구 태평로1가"
    if fields == 29:
        assert [rows[i]["name"] or "" for i in houses.id[:4]] == houses.names[:4]
        assert float(first["floors"]) == houses.floors[1]


@pytest.mark.parametrize(
    ("write", "code", "name"),
    [(f_fac_building, 5186, "뷁똠 상가"), (tl_spbd_buld, 5179, "뷁똠 상가"), (al_d198, 5186, None)],
)
def test_its_siblings_build_without_an_edit(
    write: Callable[[Path, Houses], Path], code: int, name: str | None, tmp_path: Path, capsys: Capture
) -> None:
    houses = made_houses()
    recipe = recipe_of(write(tmp_path, houses), capsys)
    report = built(recipe, capsys)
    assert report["features_built"] == len(houses)
    assert off_m(recipe, houses) <= TOLERANCE_M[code]
    if name:
        assert name in {row["name"] for row in rows_of(report).values()}


@pytest.mark.real
@pytest.mark.parametrize("fields", VINTAGES)
def test_a_real_gu_as_al_d010_builds_without_an_edit(
    fields: int, seoul_data: Path, tmp_path: Path, capsys: Capture
) -> None:
    houses = real_houses(seoul_data)
    recipe = recipe_of(al_d010(tmp_path, houses, fields), capsys)
    report = built(recipe, capsys)
    assert report["features_read"] == len(houses) == 4_990
    assert report["features_built"] >= 0.999 * len(houses)
    assert off_m(recipe, houses) <= TOLERANCE_M[VINTAGES[fields][1]]


@pytest.mark.parametrize("fields", VINTAGES)
def test_without_a_prj_the_likely_code_is_named_and_written_into_the_recipe(
    fields: int, tmp_path: Path, capsys: Capture
) -> None:
    houses = made_houses()
    path = spoil_prj(al_d010(tmp_path, houses, fields), None)
    code = f"EPSG:{VINTAGES[fields][1]}"
    assert main(["inspect", str(path)]) == 1
    assert f"set crs =: {code} would put it at 126.98" in capsys.readouterr().out
    recipe = recipe_of(path, capsys)
    assert built(recipe, capsys)["features_built"] == len(houses)
    assert off_m(recipe, houses) <= TOLERANCE_M[VINTAGES[fields][1]]


@pytest.mark.parametrize(("fields", "code"), [(23, 5174), (24, 5186)])
def test_of_several_codes_that_fit_that_of_the_vintage_is_named_first(
    fields: int, code: int, tmp_path: Path, capsys: Capture
) -> None:
    """At 36.4 N both 5174 and 5186 put the data in Korea, 100 km apart."""
    houses = made_houses(4)
    south = shapely.transform(houses.shapes, lambda xy: xy + np.array([0.4, -1.2]))
    moved = Houses(south, houses.id, houses.height, houses.floors)
    path = spoil_prj(al_d010(tmp_path, moved, fields), None)
    assert main(["inspect", str(path)]) == 1
    assert f"set crs =: EPSG:{code} would put it at 127.379 E, 36.367 N; EPSG:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fields", "wrong", "right"),
    [
        (23, 5186, 5174),
        (23, 5179, 5174),
        (29, 5181, 5186),
        (29, 5174, 5186),
        (29, 5187, 5186),
        (29, 5179, 5186),
    ],
)
def test_a_prj_of_another_zone_is_refused_in_one_line_with_the_likely_code(
    fields: int, wrong: int, right: int, tmp_path: Path, capsys: Capture
) -> None:
    path = spoil_prj(al_d010(tmp_path, made_houses(), fields), wrong)
    assert main(["inspect", "--recipe", str(path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert f"EPSG:{wrong} " in told.err
    first = told.err.split("would put it")[0].split("EPSG:")[-1]
    assert first.strip() == str(right)
    recipe = tmp_path / "own.toml"
    recipe.write_text(
        f'[tileset]\nname = "a"\nkind = "buildings"\n[[source]]\npath = "{path}"\npreset = "al_d010"\n'
    )
    assert main(["build", str(recipe), "--workspace", str(tmp_path / "var"), "--jobs", "1"]) == 2
    assert f"EPSG:{right} would put it" in capsys.readouterr().err


@pytest.mark.parametrize(("wrong", "metres"), [(2097, "255 m"), (5181, "313 m")])
def test_a_prj_of_a_near_relation_is_doubted(
    wrong: int, metres: str, tmp_path: Path, capsys: Capture
) -> None:
    path = spoil_prj(al_d010(tmp_path, made_houses(), 23), wrong)
    assert main(["inspect", str(path)]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if "WARNING" in one)
    assert metres in line
    assert "write EPSG:5174 into its .prj" in line
    chunk = next(read_features(VectorSpec(path, preset="al_d010")))
    assert "EPSG:5174" in chunk.warnings[0]


def test_parcels_elsewhere_in_korea_are_not_asked_to_lie_in_seoul(tmp_path: Path) -> None:
    there = shapely.transform(squares(3), lambda xy: xy + np.array([2.1, -2.4]))
    path = write(tmp_path / "a.fgb", shapes=there, columns={"PNU": ["2611010100100010000"] * 3})
    assert next(read_features(VectorSpec(path, fields={"pnu": "PNU"}))).read == 3


def test_a_few_parcels_of_seoul_in_a_file_of_elsewhere_are_not_its_system(tmp_path: Path) -> None:
    there = shapely.transform(squares(3), lambda xy: xy + np.array([0.4, -1.2]))
    numbers = ["3011010100100010000", "3011010100100020000", "1114010300100010000"]
    path = write(tmp_path / "a.fgb", shapes=there, columns={"PNU": numbers})
    assert next(read_features(VectorSpec(path, fields={"pnu": "PNU"}))).read == 3


@pytest.mark.parametrize(
    ("wrong", "told"), [(None, "set crs =: EPSG:5179"), (5186, "EPSG:5179 would put it")]
)
def test_the_address_office_s_file_without_its_system_or_with_another_is_told_the_right_one(
    wrong: int | None, told: str, tmp_path: Path, capsys: Capture
) -> None:
    path = spoil_prj(tl_spbd_buld(tmp_path, made_houses()), wrong)
    assert main(["inspect", str(path)]) == 1
    assert told in capsys.readouterr().out


def test_an_encoding_given_to_inspect_goes_into_the_recipe(tmp_path: Path, capsys: Capture) -> None:
    path = al_d010(tmp_path, made_houses(), 29)
    recipe = recipe_of(path, capsys, "--encoding", "euc-kr")
    assert tomllib.loads(recipe.read_text("utf-8"))["source"][0]["encoding"] == "cp949"
    assert main(["inspect", "--encoding", "utf-8", str(path)]) == 2
    assert 'set encoding = "cp949"' in capsys.readouterr().err
