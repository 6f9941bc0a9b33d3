"""Lines and areas for a map: from GDAL's formats and from plain lists, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from smap.errors import SmapError
from smap.sources.mapfile import MapSpec, read_shapes

LINE = [[126.97, 37.56], [126.98, 37.57], [126.99, 37.57]]
SQUARE = [[[126.97, 37.56], [126.98, 37.56], [126.98, 37.57], [126.97, 37.57], [126.97, 37.56]]]


def write_json(path: Path, body: Any) -> MapSpec:
    data = json.dumps(body).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return MapSpec(str(path))


def collection(*geometries: Any) -> dict[str, Any]:
    features = [{"type": "Feature", "properties": {"n": n}, "geometry": g} for n, g in enumerate(geometries)]
    return {"type": "FeatureCollection", "features": features}


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def member(path: Path, body: Any, **more: Any) -> MapSpec:
    return MapSpec(write_json(path, body).path, member="roads", **more)


@pytest.mark.parametrize("name", ["plain.json", "plain.json.gz"])
def test_a_list_of_coordinate_lists_is_as_many_lines(tmp_path: Path, name: str) -> None:
    found = read_shapes(member(tmp_path / name, {"roads": [LINE, LINE[:2]], "other": 3}), "lines")
    assert shapely.get_num_coordinates(found.shapes).tolist() == [3, 2]
    np.testing.assert_allclose(shapely.get_coordinates(found.shapes)[:3], LINE, atol=1e-12)


def test_a_line_of_one_point_is_counted_and_left_out(tmp_path: Path) -> None:
    found = read_shapes(member(tmp_path / "r.json", {"roads": [LINE, LINE[:1], []]}), "lines")
    assert (len(found.shapes), found.read, found.dropped) == (1, 3, {"no_geometry": 2})


def test_lists_in_a_korean_grid_are_placed_by_the_crs_of_the_recipe(tmp_path: Path) -> None:
    spec = member(
        tmp_path / "r.json", {"roads": [[[198_000.0, 551_900.0], [198_100.0, 551_900.0]]]}, crs="EPSG:5186"
    )
    assert shapely.get_coordinates(read_shapes(spec, "lines").shapes)[0] == pytest.approx(
        [126.977, 37.566], abs=2e-3
    )


def test_lines_of_several_parts_come_apart_and_points_are_counted(tmp_path: Path) -> None:
    body = collection(geometry("MultiLineString", [LINE, LINE[:2]]), geometry("Point", LINE[0]), None)
    found = read_shapes(write_json(tmp_path / "l.geojson", body), "lines")
    assert (len(found.shapes), found.read, found.dropped) == (2, 3, {"no_geometry": 1, "not_a_line": 1})


def test_areas_are_lines_by_their_outline(tmp_path: Path) -> None:
    found = read_shapes(write_json(tmp_path / "a.geojson", collection(geometry("Polygon", SQUARE))), "lines")
    assert [one.geom_type for one in found.shapes] == ["LineString"]


def test_an_area_that_crosses_itself_is_made_sound(tmp_path: Path) -> None:
    bow = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    placed = [[[126.97 + 0.01 * x, 37.56 + 0.01 * y] for x, y in bow[0]]]
    found = read_shapes(write_json(tmp_path / "a.geojson", collection(geometry("Polygon", placed))), "areas")
    assert shapely.is_valid(found.shapes).all()
    assert shapely.area(found.shapes).sum() == pytest.approx(0.5e-4, rel=1e-6)


def test_a_condition_chooses(tmp_path: Path) -> None:
    spec = write_json(
        tmp_path / "l.geojson", collection(geometry("LineString", LINE), geometry("LineString", LINE[:2]))
    )
    assert read_shapes(MapSpec(spec.path, where="n = 1"), "lines").read == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"roads": [LINE, [["a", 1.0]]]}, r"roads, line 2: no list of coordinates"),
        ({"roads": [LINE, [1.0, 2.0, 3.0]]}, r"roads, line 2: no list of coordinates"),
        ({"roads": [[[1.0], [2.0, 3.0]]]}, r"roads, line 1: no list of coordinates"),
        ({"roads": []}, r"the layer is empty"),
        ({"roads": [LINE[:1]]}, r"holds no lines, only 1 nothing"),
        ({"streets": [LINE]}, r"no member 'roads'; the file has: streets"),
        ([LINE], r"no member 'roads'; the file has: no lists"),
        (
            {"roads": [[[198_000.0, 551_900.0], [198_100.0, 551_900.0]]]},
            r"names no CRS; set crs =: .*EPSG:5186",
        ),
    ],
)
def test_what_is_no_list_of_lines_is_one_clear_line(tmp_path: Path, body: Any, message: str) -> None:
    with pytest.raises(SmapError, match=message) as refusal:
        read_shapes(member(tmp_path / "r.json", body), "lines")
    assert "\n" not in str(refusal.value)


def test_lists_without_a_member_are_named(tmp_path: Path) -> None:
    with pytest.raises(SmapError, match=r"set member = to one of: roads, lanes"):
        read_shapes(write_json(tmp_path / "r.json", {"roads": [LINE], "lanes": [LINE]}), "lines")


def test_lists_that_are_cut_short_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"roads": [LINE]}).encode())[:-12])
    with pytest.raises(SmapError, match="truncated or damaged"):
        read_shapes(MapSpec(str(path), member="roads"), "lines")


def test_areas_are_asked_for_and_only_lines_are_there(tmp_path: Path) -> None:
    with pytest.raises(SmapError, match=r"holds no areas, only 1 LineString"):
        read_shapes(write_json(tmp_path / "l.geojson", collection(geometry("LineString", LINE))), "areas")


def test_a_broken_line_of_a_file_of_lines_is_named(tmp_path: Path) -> None:
    feature = json.dumps({"type": "Feature", "properties": {}, "geometry": geometry("LineString", LINE)})
    path = tmp_path / "l.geojsonl"
    path.write_text(f"{feature}\n{feature[:60]}\n{feature}\n", encoding="utf-8")
    with pytest.raises(SmapError, match=r"line 2"):
        read_shapes(MapSpec(str(path)), "lines")


def test_a_line_with_a_coordinate_that_is_no_number_is_counted_and_left_out(tmp_path: Path) -> None:
    spec = member(tmp_path / "r.json", {"roads": [LINE, [[float("nan"), 37.5], [127.0, 37.5]]]})
    found = read_shapes(spec, "lines")
    assert (len(found.shapes), found.dropped) == (1, {"no_geometry": 1})
