"""Buildings of several parts, and what begins above the ground."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.formats.glb import GlbTile, decode_glb
from smap.geo.ellipsoid import from_ecef
from smap.store import open_tiles
from tests.build.town import recipe_text, write_town
from tests.scene.shapes import CITY_HALL, METRES

FIELDS = """roof_shape = "roof"
min_height = "from"
min_level = "from_level"
part = "part"
part_of = "of"
name = "name"
"""
SILENT = dict.fromkeys(("key", "tall", "levels", "roof", "from", "from_level", "part", "of", "name"))


def box(x: float, y: float, width: float, depth: float, **said: Any) -> dict[str, Any]:
    """A rectangle, metres from the City Hall."""
    corners = np.array([(x, y), (x + width, y), (x + width, y + depth), (x, y + depth), (x, y)])
    ring = np.degrees(CITY_HALL + corners / METRES).tolist()
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": SILENT | said, "geometry": geometry}


TOWER = [
    box(0, 0, 40, 20, key="w1", tall=60.0, name="Tower", part=None),
    box(0, 0, 20, 20, key="w2", tall=60.0, part="yes"),
    box(20, 0, 20, 20, key="w3", levels=4, part="yes"),
]


def build(folder: Path, features: list[dict[str, Any]]) -> BuildReport:
    write_town(folder, features)
    recipe = folder / "town.toml"
    recipe.write_text(recipe_text(FIELDS), encoding="utf-8")
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)


def leaf(report: BuildReport) -> GlbTile:
    with open_tiles(Path(report.out) / "town.3tz") as reader:
        names = [name for name in reader.names() if name.endswith(".glb")]
        tile = reader.get(names[0])
    assert tile is not None
    return decode_glb(tile.identity())


def texts(tile: GlbTile, name: str) -> list[Any]:
    assert tile.table is not None
    values: list[Any] = tile.table.columns[name].values.tolist()
    return values


def volume(tile: GlbTile, east: float = 0.0) -> float:
    """m³ of solids that may be open at their feet, and where walls left out stand so many metres east."""
    ecef = tile.ecef()
    lon, lat, height = from_ecef(ecef)
    xy = (np.stack([lon, lat], axis=-1) - CITY_HALL) * METRES
    points = np.column_stack([xy - [east, 0.0], height - height.min()])
    a, b, c = (points[tile.triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def problems(report: BuildReport) -> dict[str, Any]:
    told = json.loads((Path(report.out) / "report.json").read_text(encoding="utf-8"))
    return {p["code"]: p for p in told["city"]["problems"]}


def test_parts_are_drawn_in_the_stead_of_their_building_under_its_one_row(tmp_path: Path) -> None:
    report = build(tmp_path, TOWER)
    tile = leaf(report)
    assert texts(tile, "smap_id") == ["town:w1"]
    assert texts(tile, "name") == ["Tower"]
    assert texts(tile, "height") == [60.0]
    assert (report.features_read, report.features_built) == (3, 1)
    assert report.dropped == {"part_of_a_building": 2}
    # walls begin a metre below the ground
    assert volume(tile, east=20.0) == pytest.approx(20 * 20 * (61.0 + 13.0), rel=0.005)
    names = (Path(report.out) / "names.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["height"] for line in names] == [60.0]


def test_a_part_may_name_its_building_wherever_it_lies(tmp_path: Path) -> None:
    beside = [*TOWER[:2], box(41, 0, 5, 5, key="w9", tall=5.0, of="w1")]
    tile = leaf(build(tmp_path, beside))
    assert texts(tile, "smap_id") == ["town:w1"]


def test_what_parts_leave_of_their_building_is_drawn_as_it_is(tmp_path: Path) -> None:
    tile = leaf(build(tmp_path, TOWER[:2]))
    assert texts(tile, "smap_id") == ["town:w1"]
    assert volume(tile) == pytest.approx(40 * 20 * 61.0, rel=0.005)


def test_a_part_without_a_building_is_one_itself_and_told(tmp_path: Path) -> None:
    report = build(tmp_path, [TOWER[0], box(100, 0, 9, 9, key="w7", tall=5.0, part="yes")])
    assert sorted(texts(leaf(report), "smap_id")) == ["town:w1", "town:w7"]
    assert problems(report)["part_without_building"]["examples"][0]["id"] == "w7"


def test_what_floats_begins_at_its_least_height_and_is_closed_below(tmp_path: Path) -> None:
    canopy = {"tall": 6.0, "from": 5.0}
    report = build(
        tmp_path, [box(0, 0, 12, 9, key="w1", **canopy), box(50, 0, 9, 9, key="w2", tall=9.0, from_level=1)]
    )
    tile = leaf(report)
    height = from_ecef(tile.ecef())[2]
    assert tile.feature_ids is not None
    extents = [np.ptp(height[tile.feature_ids == row]) for row in (0, 1)]
    assert extents == pytest.approx([1.0, 6.0], abs=0.03)
    assert volume(tile) == pytest.approx(12 * 9 * 1.0 + 9 * 9 * 6.0, rel=0.02)


def test_under_what_floats_another_wall_is_not_left_out(tmp_path: Path) -> None:
    features = [box(0, 0, 10, 8, key="w1", tall=20.0), box(10, 0, 7, 8, key="w2", tall=20.0, **{"from": 6.0})]
    assert volume(leaf(build(tmp_path, features))) == pytest.approx(10 * 8 * 21.0 + 7 * 8 * 14.0, rel=0.005)


@pytest.mark.parametrize(
    ("said", "code"), [(9.0, "min_height_not_below_height"), (-1.0, "min_height_negative")]
)
def test_a_least_height_that_cannot_be_is_told_and_not_used(said: float, code: str, tmp_path: Path) -> None:
    report = build(tmp_path, [box(0, 0, 12, 9, key="w1", tall=6.0, **{"from": said})])
    assert problems(report)[code]["count"] == 1
    assert volume(leaf(report)) == pytest.approx(12 * 9 * 7.0, rel=0.005)


def test_a_roof_stands_on_what_floats(tmp_path: Path) -> None:
    report = build(tmp_path, [box(0, 0, 12, 9, key="w1", tall=9.0, roof="gabled", **{"from": 4.0})])
    rise = 4.5 * np.tan(np.radians(30.0))
    assert rise > 2.5  # half of the 5 m between
    assert volume(leaf(report)) == pytest.approx(12 * 9 * (2.5 + 1.25), rel=0.01)
