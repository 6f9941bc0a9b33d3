from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from smap.errors import InputError
from smap.sources.drafts import buildings_recipe, recipes_for, terrain_recipe
from smap.sources.inspect import inspect_vector, layers_of
from smap.sources.roles import roles_of
from smap.sources.vector import VectorSpec, read_features
from tests.sources.files import CITY_HALL, feature, geojson, korean_table, squares, write


def test_a_layer_is_told_with_its_fields_and_what_they_look_like(tmp_path: Path) -> None:
    info = inspect_vector(write(tmp_path / "a.gpkg", crs="EPSG:5186"))
    assert (info.format, info.layer, info.count, info.geometry) == ("GeoPackage", "a", 12, {"polygon": 12})
    assert info.crs is not None
    assert info.crs.code == "EPSG:5186"
    assert info.bounds_deg is not None
    np.testing.assert_allclose(info.bounds_deg[:2], CITY_HALL, atol=1e-6)
    assert [(f.name, f.role) for f in info.fields] == [(n, n) for n in ("id", "height", "floors", "name")]
    assert (info.fields[1].lowest, info.fields[1].highest) == (3.5, 30.0)
    assert info.fields[3].examples == ("경복궁 근정전", "plain", "숭례문")


def test_empty_values_are_not_counted_as_filled(tmp_path: Path) -> None:
    rings = [[[126.97, 37.56], [126.98, 37.56], [126.98, 37.57], [126.97, 37.56]]] * 3
    path = geojson(
        tmp_path / "a.geojson", [feature(r, name=n) for r, n in zip(rings, ["a", "", None], strict=True)]
    )
    assert inspect_vector(path).fields[0].filled == 1


def test_the_encoding_and_where_it_is_known_from_are_told(tmp_path: Path) -> None:
    detected = inspect_vector(korean_table(tmp_path / "a.shp", "CP949", None))
    assert (detected.encoding, detected.encoding_origin) == ("cp949", "detected")
    said = inspect_vector(korean_table(tmp_path / "b.shp", "UTF-8", "UTF-8"))
    assert (said.encoding, said.encoding_origin) == ("utf-8", "cpg")


def test_a_missing_system_is_a_fault_with_suggestions_and_goes_into_the_recipe(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", crs="EPSG:5186", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    info = inspect_vector(path)
    assert info.crs is None
    assert info.bounds_deg is None
    assert "EPSG:5186 would put it" in info.faults[0]
    assert tomllib.loads(buildings_recipe(info))["source"][0]["crs"] == "EPSG:5186"


def test_data_outside_their_area_are_a_fault(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", crs="EPSG:5186", shapes=squares(3, "EPSG:5179"), columns={"id": [1, 2, 3]}
    )
    assert "EPSG:5179 would put it" in inspect_vector(path).faults[0]


def test_an_empty_layer_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", shapes=np.empty(0, object), columns={"id": np.empty(0, np.int64)})
    assert "holds no features" in inspect_vector(path).faults[0]


def test_all_layers_of_a_geopackage_are_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", layer="old")
    write(path, layer="new", append=True)
    assert layers_of(path) == ["old", "new"]
    assert layers_of(write(tmp_path / "a.fgb")) == [None]


def test_the_recipe_reads_what_was_inspected(tmp_path: Path) -> None:
    info = inspect_vector(korean_table(tmp_path / "AL 건물.shp", "CP949", None))
    recipe = tomllib.loads(buildings_recipe(info))
    source = recipe["source"][0]
    assert recipe["tileset"] == {
        "name": "al-f3d51e5a",  # what is Korean in the name is told apart by its sum
        "kind": "buildings",
        "title": {"ko": "AL 건물", "en": "AL 건물"},
    }
    assert source["fields"] == {"id": "id", "name": "name", "height": "height", "floors": "floors"}
    chunk = next(
        read_features(VectorSpec(source["path"], fields=source["fields"], encoding=source["encoding"]))
    )
    assert chunk.columns["name"][0] == "경복궁 근정전"


def test_a_known_kind_of_file_gets_its_preset_in_the_recipe(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fgb", shapes=squares(2), columns={"osm_way_id": [1, 2], "levels": [1, 2]})
    source = tomllib.loads(buildings_recipe(inspect_vector(path)))["source"][0]
    assert source == {"path": str(path), "preset": "osm"}


def test_a_terrain_recipe_takes_all_sheets(tmp_path: Path) -> None:
    recipe = tomllib.loads(terrain_recipe([tmp_path / "a.tif", tmp_path / "b.tif"], name="DEM 5m"))
    assert recipe["tileset"] == {"name": "dem-5m", "kind": "terrain"}
    assert [Path(s["path"]).name for s in recipe["source"]] == ["a.tif", "b.tif"]


def test_recipes_are_written_for_every_file_of_a_folder_terrain_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write(data / "a.shp", encoding="UTF-8")
    (data / "dem.tif").touch()
    (data / "readme.txt").touch()
    written = recipes_for(data, tmp_path / "own")
    assert [p.name for p in written] == ["terrain.toml", "a.toml"]
    assert tomllib.loads(written[1].read_text("utf-8"))["ground"]["terrain"] == "terrain.toml"


def test_a_folder_without_anything_to_build_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()
    with pytest.raises(InputError, match="holds no building file"):
        recipes_for(tmp_path, tmp_path / "own")


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["gid", "bldg_height_2024", "nm"], {"gid": "id", "bldg_height_2024": "height"}),
        (
            ["관리번호", "건물명", "높이", "지상층수"],
            {"관리번호": "id", "건물명": "name", "높이": "height", "지상층수": "floors"},
        ),
        (["name_eng", "name"], {"name": "name"}),
        (["weight"], {}),
    ],
)
def test_fields_are_guessed_by_their_names(names: list[str], roles: dict[str, str]) -> None:
    assert roles_of(dict.fromkeys(names, "text")) == roles


def test_a_date_is_never_a_height() -> None:
    assert roles_of({"height": "other"}) == {}
