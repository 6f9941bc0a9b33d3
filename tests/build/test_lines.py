"""The City Wall, alleys and paths from end to end: on the ground, cut at gates, told by state, clicked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.check.run import check_path
from smap.errors import InputError, RecipeError
from smap.formats.glb import GlbTile, decode_glb
from smap.geo.geoid import undulation
from smap.store import open_tiles
from tests.build.town import SOUTH, WEST, write_ground

NORTHWARD = [[126.975, 37.561], [126.975, 37.563]]
"""222 m up the made slope."""
GROUND = '[ground]\nterrain = "ground.toml"\n'


def feature(id: str, line: Any, **properties: Any) -> dict[str, Any]:
    kind = "MultiLineString" if isinstance(line[0][0], list) else "LineString"
    return {
        "type": "Feature",
        "id": id,
        "properties": {"name_ko": "성벽", "name_en": "Wall", **properties},
        "geometry": {"type": kind, "coordinates": line},
    }


def point(id: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": NORTHWARD[0]}
    return {"type": "Feature", "id": id, "properties": {"category": "gate"}, "geometry": geometry}


def write(folder: Path, *features: dict[str, Any], name: str = "wall.geojson") -> None:
    body = {"type": "FeatureCollection", "features": features}
    (folder / name).write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


def build(folder: Path, kind: str = "wall", more: str = GROUND, path: str | None = None) -> BuildReport:
    text = f"""
[tileset]
name = "lines"
kind = "{kind}"
attribution = "made for tests"
[[source]]
path = "{path or f"{kind}.geojson"}"
{more}
"""
    recipe = folder / "lines.toml"
    recipe.write_text(text, encoding="utf-8")
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)


def leaves(report: BuildReport) -> list[GlbTile]:
    """The finest tiles."""
    found: list[GlbTile] = []
    with open_tiles(Path(report.out) / "lines.3tz") as tiles:

        def read(name: str) -> bytes:
            tile = tiles.get(name)
            assert tile is not None
            return tile.identity()

        def walk(node: dict[str, Any]) -> None:
            for child in node.get("children", []):
                walk(child)
            if not node.get("children"):
                found.append(decode_glb(read(node["content"]["uri"])))

        walk(json.loads(read("tileset.json"))["root"])
    return found


def above_ground(tile: GlbTile) -> np.ndarray:
    """Metres of a tile's corners above the made slope, and their degrees: (n, 3) of lon, lat, height."""
    to_geodetic = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    x, y, z = tile.ecef().T
    lon, lat, height = to_geodetic.transform(x, y, z)
    slope = 40.0 + 0.2 * 111_000.0 * (lat - (SOUTH - 0.006) - 0.00015)
    return np.column_stack([lon, lat, height - slope - undulation(np.radians(lon), np.radians(lat))])


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


def test_segments_tell_of_parts_of_their_section_and_lengths_add_up(slope: Path) -> None:
    at = [[126.975, lat] for lat in (37.561, 37.5614, 37.5618, 37.5622)]
    alone = [[126.976, 37.561], [126.976, 37.5612]]
    part = {"category": "segment", "section": "whole"}
    write(
        slope,
        feature("whole", NORTHWARD, category="section", length_m=230.0),
        feature("a", at[:2], **part, state="restored", masonry="taejo", length_m=45.0),
        feature("b", at[2:], **part, state="lost"),
        feature("alone", alone, category="segment", state="standing"),
    )
    report = build(slope)
    figures = report.figures
    geod = pyproj.Geod(ellps="WGS84")

    def km(one: list[float], other: list[float]) -> float:
        return float(geod.inv(one[0], one[1], other[0], other[1])[2] * np.hypot(1.0, 0.2) / 1000.0)

    standing = km(at[1], at[2]) + km(at[3], NORTHWARD[1]) + km(*alone)
    assert figures["state_restored_km"] == pytest.approx(km(at[0], at[1]), abs=0.001)
    assert figures["state_standing_km"] == pytest.approx(standing, abs=0.001)
    assert figures["masonry_taejo_km"] == figures["state_restored_km"]
    assert figures["drawn_km"] == pytest.approx(standing + km(at[0], at[1]), abs=0.001)
    assert figures["stated_km"] == pytest.approx(0.23)
    assert figures["segments_m"] == {"a": [pytest.approx(1000 * km(at[0], at[1]), abs=0.5), 45.0]}
    assert figures["stated_restored_km"] == pytest.approx(0.045)
    assert "stated_lost_km" not in figures
    assert report.dropped == {"state_lost": 1}
    tables = [tile.table for tile in leaves(report) if tile.table is not None]
    content = {one for table in tables for one in table.columns["content"].values.tolist()}
    assert content == {"wall/whole", "wall/a", "wall/alone"}


def test_the_lost_part_of_a_standing_section_is_a_ghost(slope: Path) -> None:
    lost = [[126.975, 37.5618], [126.975, 37.5622]]
    write(
        slope,
        feature("whole", NORTHWARD, category="section"),
        feature("b", lost, category="segment", section="whole", state="lost"),
    )
    report = build(slope, more=f'[form]\nstates = ["lost"]\n{GROUND}')
    lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
    assert (lat.min(), lat.max()) == pytest.approx((37.5618, 37.5622), abs=3e-6)


def test_what_stands_and_what_is_lost_are_drawn_once_each_and_are_the_whole_section(slope: Path) -> None:
    """Segments from end to end: the two tilesets of a wall meet, and nothing of it is in both."""
    ends = [37.561, 37.5614, 37.5618, 37.5622, 37.563]
    states = ["standing", "lost", "restored", "lost"]
    parts = [
        feature(f"p{k}", [[126.975, a], [126.975, b]], category="segment", section="whole", state=state)
        for k, (a, b, state) in enumerate(zip(ends, ends[1:], states, strict=False))
    ]
    for k, part in enumerate(parts):
        part["properties"]["length_m"] = 10.0 * (k + 1)
    write(slope, feature("whole", NORTHWARD, category="section", length_m=100.0), *parts)
    kept = build(slope)
    gone = build(slope, more=f'[form]\nstates = ["lost"]\n{GROUND}')
    whole = 1.0196 * 1000.0 * np.ptp([37.561, 37.563]) * 111.0  # along the slope of 0.2
    assert kept.figures["drawn_km"] + gone.figures["drawn_km"] == pytest.approx(whole / 1000.0, rel=0.01)
    assert set(kept.figures["segments_m"]) == {"p0", "p2"}
    assert set(gone.figures["segments_m"]) == {"p1", "p3"}
    assert kept.figures["stated_standing_km"] + kept.figures["stated_restored_km"] == pytest.approx(0.04)
    assert gone.figures["stated_lost_km"] == pytest.approx(0.06)
    for report, spans in ((kept, (ends[:2], ends[2:4])), (gone, (ends[1:3], ends[3:]))):
        lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
        near = 3 / 111_000.0
        inside = [(lat > low - near) & (lat < high + near) for low, high in spans]
        assert np.any(inside, axis=0).all()


def test_a_place_that_is_not_surely_known_is_passed_on_the_crest(tmp_path: Path) -> None:
    """The middle of three places lies 80 m beside the crest, and says that it may."""
    write_crest(tmp_path, bow=0.0)
    line = [[WEST + 0.006, SOUTH + 0.002], [WEST + 0.0069, SOUTH + 0.006], [WEST + 0.006, SOUTH + 0.010]]
    east_most = {}
    for unsure in (100.0, 5.0):
        vertices = [{"name_ko": "곳", "position_accuracy_m": one} for one in (5.0, unsure, 5.0)]
        write(tmp_path, feature("a", line, category="section", vertices=vertices))
        report = build(tmp_path, more=f'[form]\ncourse = "ridge"\n{GROUND}')
        placed = np.concatenate([above_ground(tile) for tile in leaves(report)])
        east_most[unsure] = (placed[:, 0].max() - WEST - 0.006) * 88_000
    assert east_most[100.0] < 45.0
    assert east_most[5.0] > 75.0


@pytest.mark.parametrize("accuracies", [[5.0], [5.0, None], [5.0, -1.0]])
def test_vertices_that_do_not_say_how_sure_each_point_is_are_named(
    slope: Path, accuracies: list[float | None]
) -> None:
    vertices = [{"position_accuracy_m": one} for one in accuracies]
    write(slope, feature("a", NORTHWARD, category="section", vertices=vertices))
    with pytest.raises(InputError, match=r"line a: vertices must say for each of its 2 points"):
        build(slope, more=f'[form]\ncourse = "ridge"\n{GROUND}')


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


def test_a_gate_that_masks_it_interrupts_the_wall(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="section"))
    west, east, low, high = 126.9749, 126.9751, 37.5619, 37.5621
    ring = [[west, low], [east, low], [east, high], [west, high], [west, low]]
    area = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    write(slope, area, name="gate.geojson")
    report = build(slope, more=f'{GROUND}\n[[mask]]\npath = "gate.geojson"\n')
    lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
    metre = 1 / 111_000.0
    assert not ((lat > low + 3 * metre) & (lat < high - 3 * metre)).any()
    assert ((lat < low).any(), (lat > high).any()) == (True, True)


def test_a_sketch_follows_the_crest_where_the_recipe_says_so(tmp_path: Path) -> None:
    """A ridge 60 m high runs in a bow of 80 m to the west of the straight line between its two named ends."""
    write_crest(tmp_path, bow=0.0009)
    write(
        tmp_path,
        feature("a", [[WEST + 0.006, SOUTH + 0.002], [WEST + 0.006, SOUTH + 0.010]], category="section"),
    )
    west_most = {}
    for course in ("as_drawn", "ridge"):
        report = build(tmp_path, more=f'[form]\ncourse = "{course}"\n{GROUND}')
        placed = np.concatenate([above_ground(tile) for tile in leaves(report)])
        west_most[course] = (WEST + 0.006 - placed[:, 0].min()) * 88_000
    assert west_most["as_drawn"] < 6.0
    assert 40.0 < west_most["ridge"] < 100.0


def write_crest(folder: Path, *, bow: float) -> None:
    """A ridge to the north, 60 m high, that bows to the west by so many degrees at its middle."""
    import rasterio
    from rasterio.transform import Affine

    step, n = 0.0001, 120
    lon = WEST + step * (np.arange(n) + 0.5)
    lat = SOUTH + step * (np.arange(n)[::-1, None] + 0.5)
    share = (lat - (SOUTH + 0.002)) / 0.008
    crest = WEST + 0.006 - bow * np.sin(np.clip(share, 0, 1) * np.pi)
    heights = 100.0 + 60.0 * np.exp(-(((lon - crest) * 88_000 / 60.0) ** 2))
    profile = {"width": n, "height": n, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    transform = Affine(step, 0.0, WEST, 0.0, -step, SOUTH + n * step)
    with rasterio.open(folder / "ground.tif", "w", driver="GTiff", transform=transform, **profile) as raster:
        raster.write(heights.astype("float32"), 1)
    (folder / "ground.toml").write_text(
        '[tileset]\nname = "ground"\nkind = "terrain"\nattribution = "made"\n'
        '[[source]]\npath = "ground.tif"\n[ground]\nvertical_datum = "EPSG:5193"\n',
        encoding="utf-8",
    )


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
