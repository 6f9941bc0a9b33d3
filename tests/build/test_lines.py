"""The City Wall, alleys and paths from end to end: on the ground, cut at gates, told by state, clicked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build.report import BuildReport
from smap.check.run import check_path
from smap.errors import InputError, RecipeError
from smap.store import open_tiles
from tests.build.linemade import GROUND, NORTHWARD, above_ground, build, feature, leaves, point, write
from tests.build.town import write_ground


@pytest.fixture
def slope(tmp_path: Path) -> Path:
    write_ground(tmp_path, slope=0.2)
    return tmp_path


def test_a_wall_stands_on_the_ground_as_high_as_its_record_says(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="section", height_m=6.0, width_m=3.0), point("gate"))
    report = build(slope)
    tiles = leaves(report)
    placed = np.concatenate([above_ground(tile) for tile in tiles])
    assert placed[:, 2].max() == pytest.approx(6.0 + 1.3, abs=0.6)
    assert placed[:, 1].min() == pytest.approx(37.561, abs=2e-6)
    assert placed[:, 1].max() == pytest.approx(37.563, abs=2e-6)
    assert report.features_read == 2
    assert report.features_built == 1
    assert report.dropped == {"not_a_line": 1}
    assert report.figures["error_m_of_given_most"] >= 1.3  # the farthest level has no gaps in its battlement
    assert check_path(Path(report.out) / "lines.3tz").errors == 0


def test_a_click_on_the_stone_leads_to_the_record(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="section"))
    table = leaves(build(slope))[0].table
    assert table is not None
    assert table.columns["content"].values.tolist() == ["wall/a"]
    assert table.columns["name"].values.tolist() == ["성벽"]
    assert table.columns["smap_id"].values.tolist()[0].startswith("lines:a-")


def test_the_course_lies_in_the_archive_as_it_is_drawn(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="segment", state="restored"))
    report = build(slope)
    with open_tiles(Path(report.out) / "lines.3tz") as tiles:
        tile = tiles.get("course.geojson")
        assert tile is not None
        course = json.loads(tile.identity())
    assert {one["properties"]["id"] for one in course["features"]} == {"a"}
    assert {one["properties"]["state"] for one in course["features"]} == {"restored"}
    points = np.concatenate([one["geometry"]["coordinates"] for one in course["features"]])
    assert points[0] == pytest.approx(NORTHWARD[0], abs=1e-6)
    assert points[-1] == pytest.approx(NORTHWARD[1], abs=1e-6)


def test_a_line_of_a_file_with_another_name_claims_no_record(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD), name="surveyed.geojson")
    table = leaves(build(slope, path="surveyed.geojson"))[0].table
    assert table is not None
    assert "content" not in table.columns or table.columns["content"].values.tolist() == [None]


def test_what_stands_no_more_is_a_see_through_tileset_of_its_own(slope: Path) -> None:
    write(
        slope,
        feature("a", NORTHWARD, category="segment", state="lost"),
        feature("b", NORTHWARD, category="segment"),
    )
    report = build(slope, more=f'[form]\nstates = ["lost"]\n{GROUND}')
    assert report.dropped == {"state_standing": 1}
    material = leaves(report)[0].material
    assert material is not None
    assert 0.2 < material.base_color[3] < 0.6
    assert check_path(Path(report.out) / "lines.3tz").errors == 0


def test_alleys_are_ribbons_on_the_ground_and_stairs_only_where_the_record_says(slope: Path) -> None:
    lane = [[126.975, 37.561], [126.975, 37.5613]]
    write(
        slope,
        feature("flat", lane, category="alley", width_m=2.0),
        feature("stairs", [[126.976, 37.561], [126.976, 37.5613]], category="alley", steps=30),
        feature("quarter", lane, category="alley_area"),
        name="alleys.geojson",
    )
    report = build(slope, "alleys")
    assert report.dropped == {"category_alley_area": 1}
    ribbon, stairs = (normals_and_heights(report, name) for name in ("flat-01", "stairs-01"))
    assert ribbon[1].max() == pytest.approx(0.12, abs=0.3)
    assert (stairs[0] > 0.999).sum() >= 2 * 30
    assert not (ribbon[0] > 0.999).any()


def normals_and_heights(report: BuildReport, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Of one piece: how far its corners' normals look up, and their metres above the ground."""
    for tile in leaves(report):
        assert tile.table is not None
        assert tile.normals is not None
        assert tile.feature_ids is not None
        names = tile.table.columns["id"].values.tolist()
        if name in names:
            own = tile.feature_ids == names.index(name)
            return tile.normals[own, 2], above_ground(tile)[own, 2]
    raise AssertionError(f"no tile holds {name}")


def test_courses_of_tourism_become_paths(slope: Path) -> None:
    write(slope, feature("walk", NORTHWARD, category="course"), name="paths.geojson")
    report = build(slope, "paths")
    assert report.features_built == 1
    assert check_path(Path(report.out) / "lines.3tz").errors == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[form]\nstates = ["fallen"]\n', "unknown state 'fallen'; known: standing, restored, lost"),
        ('[form]\nstates = ["standing", "lost"]\n', '"lost" alone'),
        ('[form]\ncourse = "valley"\n', "course"),
        ("[form]\nheight_m = 200\n", "height_m"),
        ('[form]\nmasonry = "goryeo"\n', "masonry"),
        ("[form]\ndepth_m = 2\n", "depth_m"),
    ],
)
def test_a_form_that_cannot_be_built_is_named(slope: Path, more: str, said: str) -> None:
    write(slope, feature("a", NORTHWARD))
    with pytest.raises(RecipeError, match=said.replace("(", "\\(")):
        build(slope, more=more + GROUND)


def test_a_source_without_lines_says_what_it_holds(slope: Path) -> None:
    write(slope, point("a"))
    with pytest.raises(InputError, match=r"wall\.geojson: holds no lines \(1 not_a_line\)"):
        build(slope)


def test_an_operators_fields_are_read_by_their_own_names(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, TITLE="서쪽 성벽", TALL="7.5"), name="surveyed.geojson")
    fields = '[source.fields]\nname = "TITLE"\nheight_m = "TALL"\n'
    tiles = leaves(build(slope, path="surveyed.geojson", more=fields + GROUND))
    assert tiles[0].table is not None
    assert tiles[0].table.columns["name"].values.tolist() == ["서쪽 성벽"]
    assert max(above_ground(tile)[:, 2].max() for tile in tiles) == pytest.approx(7.5 + 1.3, abs=0.6)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("masonry", "goryeo", r"line a: masonry 'goryeo' is none of taejo, sejong"),
        ("height_m", "six", r"line a: height_m 'six' is no number"),
        ("width_m", -2.0, r"line a: width_m -2.0 is no number of 0 or more"),
    ],
)
def test_a_value_that_cannot_be_drawn_is_named_with_its_line(
    slope: Path, field: str, value: Any, said: str
) -> None:
    write(slope, feature("a", NORTHWARD, **{field: value}))
    with pytest.raises(InputError, match=said):
        build(slope)


def test_nothing_left_to_draw_says_why(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="segment", state="lost"))
    with pytest.raises(InputError, match=r"no line is left .*1 state_lost"):
        build(slope)


def test_content_that_was_never_published_is_asked_for(slope: Path) -> None:
    with pytest.raises(RecipeError, match="smap content publish"):
        build(slope, path="@content")
