from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from smap.cli.main import main
from tests.sources.files import squares, write

Capture = pytest.CaptureFixture[str]


def test_a_file_is_told_to_people(tmp_path: Path, capsys: Capture) -> None:
    assert main(["inspect", str(write(tmp_path / "a.shp", crs="EPSG:5186", encoding="CP949"))]) == 0
    told = capsys.readouterr().out
    for fact in ("Shapefile", "EPSG:5186", "CP949", "12 (polygon 12)", "-> height", "경복궁 근정전"):
        assert fact in told


def test_columns_line_up_although_korean_is_twice_as_wide(tmp_path: Path, capsys: Capture) -> None:
    columns = {"높이": [3.0, 4.0], "height_of_roof": [5.0, 6.0]}
    main(["inspect", str(write(tmp_path / "a.fgb", shapes=squares(2), columns=columns))])
    rows = [line for line in capsys.readouterr().out.splitlines() if " number " in line]
    assert rows[0].index("number") + len("높이") == rows[1].index("number")


def test_json_is_one_line_and_whole(tmp_path: Path, capsys: Capture) -> None:
    assert main(["inspect", "--json", str(write(tmp_path / "a.geojson"))]) == 0
    out = capsys.readouterr().out
    told = json.loads(out)
    assert out.count("\n") == 1
    assert (told["format"], told["count"], told["crs"]["code"]) == ("GeoJSON", 12, "EPSG:4326")
    assert [f["looks_like"] for f in told["fields"]] == ["id", "height", "floors", "name"]
    assert len(told["layers"]) == 1


def test_json_lists_every_layer(tmp_path: Path, capsys: Capture) -> None:
    path = write(tmp_path / "a.gpkg", layer="old")
    write(path, layer="new", append=True)
    main(["inspect", "--json", str(path)])
    assert [layer["layer"] for layer in json.loads(capsys.readouterr().out)["layers"]] == ["old", "new"]


def test_a_recipe_is_toml(tmp_path: Path, capsys: Capture) -> None:
    assert main(["inspect", "--recipe", str(write(tmp_path / "a.gpkg"))]) == 0
    assert tomllib.loads(capsys.readouterr().out)["tileset"]["kind"] == "buildings"


def test_the_recipe_of_several_layers_builds_the_first_and_notes_the_others(
    tmp_path: Path, capsys: Capture
) -> None:
    path = write(tmp_path / "a.gpkg", layer="old")
    write(path, layer="new", append=True)
    assert main(["inspect", "--recipe", str(path)]) == 0
    printed = capsys.readouterr().out
    recipe = tomllib.loads(printed)
    assert (recipe["tileset"]["name"], recipe["source"][0]["layer"]) == ("a-old", "old")
    assert '# layer = "new"' in printed


def test_korean_file_names_make_names_that_differ(tmp_path: Path, capsys: Capture) -> None:
    names = set()
    for stem in ("종로", "중구"):
        main(["inspect", "--recipe", str(write(tmp_path / f"{stem}.fgb"))])
        names.add(tomllib.loads(capsys.readouterr().out)["tileset"]["name"])
    assert len(names) == 2


def test_a_file_that_a_build_would_refuse_ends_with_one(tmp_path: Path, capsys: Capture) -> None:
    path = write(
        tmp_path / "a.gpkg", crs="EPSG:5186", shapes=squares(3, "EPSG:5179"), columns={"id": np.arange(3)}
    )
    assert main(["inspect", str(path)]) == 1
    assert "FAULT" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.shp", "a.docx", "."])
def test_a_file_that_cannot_be_read_is_one_line(name: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    assert main(["inspect", str(tmp_path / name)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("smap inspect: ")


@pytest.mark.real
def test_the_real_elevation_is_told_with_its_unflagged_no_data(seoul_data: Path, capsys: Capture) -> None:
    assert main(["inspect", "--json", str(seoul_data / "terrain/seoul_dem_90m_epsg5186.tif")]) == 0
    assert json.loads(capsys.readouterr().out)["nodata_cells"] == 770


@pytest.mark.real
def test_the_real_buildings_are_counted(seoul_data: Path, capsys: Capture) -> None:
    path = seoul_data / "buildings/seoul_osm_buildings.geojsonl.gz"
    assert main(["inspect", "--json", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["invalid"], told["preset"]) == (162_005, 3, "osm")
