from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyogrio import raw

from smap.content.exchange.mapping import FieldMapping
from smap.content.exchange.shapes import layer_crs, read_shapes
from smap.errors import CrsError, InputError, MissingExtraError
from tests.content.exchange.files import VALUES, features

NAMES = ["경복궁", "창덕궁"]


def written(path: Path, encoding: str = "UTF-8") -> Path:
    """A layer of points in a Korean grid; one of them has a height, one has no area."""
    points = shapely.points([[200000.0, 600000.0, 5.0], [200100.0, 600000.0, 5.0]])
    raw.write(
        str(path),
        shapely.to_wkb(points),
        [np.array(NAMES, dtype=object), np.array([1.5, np.nan])],
        ["이름" if path.suffix == ".gpkg" else "name", "area"],
        geometry_type="Point Z",
        crs="EPSG:5186",
        driver="GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile",
        encoding=encoding,
    )
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "CP949"])
@pytest.mark.parametrize("has_cpg", [True, False])
def test_a_shapefile_says_its_encoding_or_it_is_found(tmp_path: Path, encoding: str, has_cpg: bool) -> None:
    path = written(tmp_path / "a.shp", encoding)
    if not has_cpg:
        path.with_suffix(".cpg").unlink()
    rows = list(read_shapes(path))
    assert [row.fields["name"] for row in rows] == NAMES
    assert [row.fields["area"] for row in rows] == [1.5, None]
    assert rows[0].geometry == {"type": "Point", "coordinates": [200000.0, 600000.0]}


def test_texts_that_no_encoding_fits_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp", "CP949")
    path.with_suffix(".cpg").unlink()
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace("경복궁".encode("cp949"), b"\xff" * 6))
    with pytest.raises(InputError, match="neither utf-8 nor cp949"):
        list(read_shapes(path))


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg"])
def test_positions_are_turned_by_what_the_file_says(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)
    form, column = ("gpkg", "이름") if name == "a.gpkg" else ("shapefile", "name")
    found = features(path, FieldMapping(form, {"name_ko": column}, VALUES))
    assert found[0]["geometry"]["coordinates"] == pytest.approx([127.0, 38.0], abs=1e-7)


def test_a_zipped_shapefile_is_read(tmp_path: Path) -> None:
    written(tmp_path / "a.shp")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in tmp_path.glob("a.*"):
            if part != path:
                archive.write(part, part.name)
    found = features(path, FieldMapping("shapefile", {"name_ko": "name"}, VALUES))
    assert [item["properties"]["name_ko"] for item in found] == NAMES


def test_a_file_without_a_crs_wants_one_in_the_mapping(tmp_path: Path) -> None:
    path = written(tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match=r"names no CRS .*\.prj"):
        layer_crs(path)
    mapping = FieldMapping("shapefile", {"name_ko": "name"}, VALUES, crs="EPSG:5186")
    assert features(path, mapping)[0]["geometry"]["coordinates"] == pytest.approx([127.0, 38.0], abs=1e-7)


def test_a_layer_is_chosen_by_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg")
    assert len(list(read_shapes(path, layer="a"))) == 2
    with pytest.raises(InputError, match="cannot be read by GDAL"):
        list(read_shapes(path, layer="b"))


def test_more_than_one_piece_is_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smap.content.exchange.shapes._PIECE", 1)
    rows = list(read_shapes(written(tmp_path / "a.gpkg")))
    assert [row.fields["이름"] for row in rows] == NAMES


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.zip"])
def test_what_gdal_cannot_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot read"):
        list(read_shapes(tmp_path / name))
    (tmp_path / name).write_bytes(b"PK\x03\x04 no file of that kind")
    with pytest.raises(InputError, match=r"cannot be read by GDAL|no zip file") as caught:
        list(read_shapes(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_without_gdal_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    with pytest.raises(MissingExtraError, match="needs the extra 'build'"):
        list(read_shapes(tmp_path / "a.shp"))
