"""Bad data is gathered, counted and told; none of it is lost without a word, none of it stops the reading."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from smap.cli.main import main
from smap.errors import InputError, RecipeError
from smap.sources import integrity
from smap.sources.inspect import inspect_vector, layers_of
from smap.sources.vector import FeatureChunk, VectorSpec, read_features
from tests.sources.files import feature, geojson, squares, write, zipped

Capture = pytest.CaptureFixture[str]
ID = {"id": "id"}


def read(path: Path, **fields: str) -> FeatureChunk:
    (chunk,) = read_features(VectorSpec(path, fields=fields or ID))
    return chunk


def ring(number: int) -> list[Any]:
    corners: list[Any] = shapely.get_coordinates(squares(12)[number]).tolist()
    return corners


def collection(path: Path, *geometries: dict[str, Any] | None) -> Path:
    features = [{"type": "Feature", "properties": {"id": i}, "geometry": g} for i, g in enumerate(geometries)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def with_nan(path: Path, count: int, broken: set[int]) -> Path:
    """Squares, of which some have a vertex whose x is not a number."""
    shapes = shapely.to_wkb(squares(count), byte_order=1)
    for i in broken:
        bad = bytearray(shapes[i])
        bad[13 + 16 : 13 + 24] = np.array([np.nan]).tobytes()
        shapes[i] = bytes(bad)
    ids = [np.arange(count)]
    options = {"SPATIAL_INDEX": "NO"} if path.suffix == ".fgb" else {}
    pyogrio.raw.write(str(path), shapes, ids, ["id"], crs="EPSG:4326", geometry_type="Polygon", **options)
    return path


def test_mixed_geometry_types_are_read_as_far_as_they_are_areas(tmp_path: Path) -> None:
    polygon = {"type": "Polygon", "coordinates": [ring(0)]}
    point = {"type": "Point", "coordinates": ring(1)[0]}
    line = {"type": "LineString", "coordinates": ring(2)[:2]}
    both = {
        "type": "GeometryCollection",
        "geometries": [{"type": "Polygon", "coordinates": [ring(3)]}, point],
    }
    several = {"type": "MultiPolygon", "coordinates": [[ring(4)], [ring(5)]]}
    path = collection(tmp_path / "a.geojson", polygon, point, line, both, None, several)
    found = read(path)
    assert found.columns["id"].tolist() == ["0", "3", "5"]
    assert (found.read, found.dropped) == (6, {"no_geometry": 1, "not_a_polygon": 2})
    kinds = inspect_vector(path).geometry
    assert kinds["point"] == kinds["linestring"] == kinds["geometrycollection"] == kinds["none"] == 1


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb"])
def test_an_outline_with_a_coordinate_that_is_no_number_is_counted_as_unusable(
    name: str, tmp_path: Path
) -> None:
    path = with_nan(tmp_path / name, 3, {1})
    found = read(path)
    assert found.columns["id"].tolist() == ["0", "2"]
    assert (found.read, found.dropped) == (3, {"unusable_geometry": 1})
    told = inspect_vector(path)
    assert (told.invalid, told.faults) == (1, ())
    assert told.bounds_deg is not None


def test_a_file_without_a_number_among_its_coordinates_is_told_without_a_warning(tmp_path: Path) -> None:
    xy = np.full((1, 5, 2), np.nan)
    head = shapely.to_wkb(squares(1), byte_order=1)[0][:13]
    blank = np.array([head + xy.tobytes()], object)
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(str(path), blank, [np.arange(1)], ["id"], crs="EPSG:4326", geometry_type="Polygon")
    assert "no coordinates that are numbers" in inspect_vector(path).faults[0]
    assert read(path).dropped == {"unusable_geometry": 1}


@pytest.mark.parametrize("blank", [0, 2, 4])
@pytest.mark.parametrize("name", ["a.fgb", "a.gpkg", "a.geojsonl"])
def test_a_feature_without_an_outline_takes_nothing_from_the_others(
    name: str, blank: int, tmp_path: Path
) -> None:
    shapes = shapely.to_wkb(squares(5), byte_order=1).astype(object)
    shapes[blank] = None
    options = {"SPATIAL_INDEX": "NO"} if name.endswith("fgb") else {}
    path = tmp_path / name
    pyogrio.raw.write(
        str(path), shapes, [np.arange(5)], ["id"], crs="EPSG:4326", geometry_type="Polygon", **options
    )
    found = read(path)
    assert found.columns["id"].tolist() == [str(i) for i in range(5) if i != blank]
    assert (found.read, found.dropped) == (5, {"no_geometry": 1})


def test_only_a_flatgeobuf_without_an_index_is_read_the_long_way(tmp_path: Path) -> None:
    assert integrity.has_index(write(tmp_path / "a.fgb", SPATIAL_INDEX="YES"))
    assert not integrity.has_index(with_nan(tmp_path / "b.fgb", 3, set()))


def test_a_hole_outside_its_shell_becomes_a_part_of_its_own_and_counts_as_repaired(tmp_path: Path) -> None:
    shell, far = squares(2)
    holed = shapely.Polygon(shell.exterior, [far.exterior])
    found = read(write(tmp_path / "a.fgb", shapes=np.array([holed]), columns={"id": [1]}))
    assert found.repaired == 1
    assert inspect_vector(tmp_path / "a.fgb").invalid == 1
    assert (len(found.footprints), len(found.footprints.polygons) - 1, len(found.footprints.rings) - 1) == (
        1,
        2,
        2,
    )


def test_an_outline_of_a_million_vertices_is_counted_and_costs_no_time(tmp_path: Path) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 1_000_000, endpoint=False)
    radius = 0.001 * (1.0 + 0.3 * (np.arange(len(turn)) % 2))
    xy = np.stack([126.98 + radius * np.cos(turn), 37.56 + radius * np.sin(turn)], axis=1)
    shapes = np.array([shapely.Polygon(xy), squares(1)[0]])
    path = write(tmp_path / "a.fgb", shapes=shapes, columns={"id": [1, 2]})
    began = time.process_time()
    found = read(path)
    assert inspect_vector(path).invalid == 1
    # GEOS alone would look at such a star for minutes
    assert time.process_time() - began < 10.0
    assert found.columns["id"].tolist() == ["2"]
    assert found.dropped == {"too_many_vertices": 1}


def test_rows_of_a_table_beyond_the_shapes_are_counted_and_doubted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    few = write(tmp_path / "few.shp", shapes=squares(5), columns={"id": [1] * 5}, encoding="UTF-8")
    for part in (".shp", ".shx"):
        shutil.copy(few.with_suffix(part), path.with_suffix(part))
    for source in (path, zipped(tmp_path / "z.zip", "a")):
        found = read(source)
        assert (found.read, len(found.footprints), found.dropped) == (12, 5, {"no_geometry": 7})
        assert "7 rows more than there are shapes" in found.warnings[0]
        assert "7 rows more" in inspect_vector(source).warnings[0]


def test_a_truth_value_is_no_height(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [feature(ring(0), height=True), feature(ring(1), height=False)])
    found = read(path, height="height")
    assert np.isnan(found.columns["height"].astype(float)).all()
    assert found.unreadable == {"height": 2}


def test_an_archive_that_unpacks_beyond_reason_is_refused_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    with path.with_suffix(".dbf").open("ab") as table:
        table.write(b"\0" * (65 << 20))
    packed = zipped(tmp_path / "a.zip", "a")
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda _: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match=r"'a.dbf' would unpack from .* to 68,\d+,\d+ bytes"):
        read(packed)


def test_the_table_in_an_archive_is_never_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.shp", encoding="CP949")
    packed = zipped(tmp_path / "a.zip", "a")
    whole = zipfile.ZipFile.read

    def but_no_table(archive: zipfile.ZipFile, name: str) -> bytes:
        assert not name.endswith(".dbf")
        return whole(archive, name)

    monkeypatch.setattr(zipfile.ZipFile, "read", but_no_table)
    assert read(packed).read == 12


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}.txt", b"")
    with pytest.raises(InputError, match="holds 1,001 files, more than 1,000"):
        read(path)


def test_a_gz_that_unpacks_beyond_reason_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr(integrity, "_BEARABLE", 1 << 20)
    path = tmp_path / "a.geojson.gz"
    path.write_bytes(gzip.compress(b'{"type": "FeatureCollection", "features": [' + b" " * (8 << 20) + b"]}"))
    with pytest.raises(InputError, match="no building file does"):
        read(path)


def test_tables_of_a_geopackage_are_told_as_such(tmp_path: Path, capsys: Capture) -> None:
    path = _with_table(write(tmp_path / "a.gpkg"))
    assert layers_of(path) == ["a", "facts"]
    assert main(["inspect", "--json", str(path)]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert "it can only be joined" in layers[1]["warnings"][0]
    assert main(["inspect", "--recipe", str(path)]) == 0
    assert 'layer = "a"' in capsys.readouterr().out


def test_a_geopackage_of_tables_alone_has_no_recipe(tmp_path: Path, capsys: Capture) -> None:
    path = _with_table(write(tmp_path / "a.gpkg"))
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM gpkg_contents WHERE table_name = 'a'")
        database.execute("DELETE FROM gpkg_geometry_columns")
        database.execute("DROP TABLE a")
    database.close()
    assert main(["inspect", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["layer"] == "facts"
    assert main(["inspect", "--recipe", str(path)]) == 1
    assert "buildings need polygons" in capsys.readouterr().err


def _with_table(path: Path) -> Path:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE facts(fid INTEGER PRIMARY KEY, k TEXT)")
        database.execute("INSERT INTO facts VALUES (1, 'a')")
        row = (
            "INSERT INTO gpkg_contents(table_name, data_type, identifier) VALUES ('facts', 'attributes', 'f')"
        )
        database.execute(row)
    database.close()
    return path


def test_points_have_no_recipe_and_one_line_says_so(tmp_path: Path, capsys: Capture) -> None:
    points = shapely.points([[126.978, 37.5665]])
    path = write(tmp_path / "a.gpkg", shapes=points, columns={"id": [1]}, geometry_type="Point")
    assert main(["inspect", "--recipe", str(path)]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "the layer 'a' holds 1 point: buildings need polygons" in told.err


@pytest.mark.parametrize("name", ["a.fgb", "a.gpkg", "a.shp", "a.geojson"])
def test_a_condition_that_cannot_be_understood_is_answered_with_how_to_write_one(
    name: str, tmp_path: Path
) -> None:
    path = write(tmp_path / name, encoding="UTF-8" if name == "a.shp" else None)
    with pytest.raises(RecipeError) as caught:
        list(read_features(VectorSpec(path, where="gu = 'Jung'")))
    told = str(caught.value)
    assert "where = \"gu = 'Jung'\" cannot be understood" in told
    assert "texts in single quotes and names as the file has them: id, height, floors, name" in told
    assert "b'" not in told
