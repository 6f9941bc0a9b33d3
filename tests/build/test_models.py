"""Models from end to end: where they stand, what is known of them, how they come in, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.check.run import check_path
from smap.errors import InputError, RecipeError, SmapError
from smap.formats.glb import GlbTile, decode_glb
from smap.geo.geoid import undulation
from smap.store import open_tiles
from smap.store.publish import publish
from tests.build.hall import GREEN, LAT, LON, RED, STONE, box, hall, hall_recipe, write_glb, write_hall
from tests.build.town import recipe_text, write_ground, write_town

# Half a step of 5 mm along each of three axes, and 1 mm for the rounding of float32 in the file
FINE_M = 0.0025 * 3**0.5 + 0.001
ELLIPSOID = 'height = {}\nheight_mode = "ellipsoid"'.format
GROUND = '[ground]\nterrain = "ground.toml"\n'
Array = NDArray[np.float64]


def build(folder: Path, text: str, **options: Any) -> BuildReport:
    recipe = folder / "halls.toml"
    recipe.write_text(text, encoding="utf-8")
    jobs = options.pop("jobs", 1)
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=jobs, **options)


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    write_hall(tmp_path)
    write_ground(tmp_path, slope=0.2)
    return tmp_path


def archive_of(report: BuildReport) -> Path:
    return Path(report.out) / f"{report.tileset}.3tz"


def entry(report: BuildReport, name: str) -> bytes:
    with open_tiles(archive_of(report)) as tiles:
        tile = tiles.get(name)
        assert tile is not None
        return tile.identity()


def root_of(report: BuildReport) -> dict[str, Any]:
    root: dict[str, Any] = json.loads(entry(report, "tileset.json"))["root"]
    return root


def finest(report: BuildReport) -> GlbTile:
    """The tile at the end of the first way down."""
    node = root_of(report)
    while node.get("children"):
        node = node["children"][0]
    return decode_glb(entry(report, node["content"]["uri"]))


def far_apart(place: Array, east: float, north: float, height: float) -> float:
    """Metres between a place in ECEF and one so many metres along the ellipsoid from LON, LAT; by pyproj."""
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(LON, LAT, np.degrees(np.arctan2(east, north)), float(np.hypot(east, north)))
    ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True, allow_ballpark=False)
    return float(np.linalg.norm(place - np.array(ecef.transform(lon, lat, height))))


def tip_of_flag(report: BuildReport) -> Array:
    """The middle of the flag's end, ECEF: of all stone the farthest from the hall's axis."""
    tile = finest(report)
    stone = tile.ecef()[(tile.colors[:, :3] == STONE[:3]).all(axis=1)]  # type: ignore[index]
    middle = tile.ecef().mean(axis=0)
    reach = np.linalg.norm(stone - middle, axis=1)
    return np.asarray(np.unique(stone[reach > reach.max() - 0.3].round(3), axis=0).mean(axis=0))


@pytest.mark.parametrize(
    ("heading", "east", "north"),
    [(0, 9.0, 0.0), (90, 0.0, -9.0), (180, -9.0, 0.0), (-90, 0.0, 9.0), (30, 7.794, -4.5)],
)
def test_a_flag_to_the_east_turns_clockwise_and_stands_where_pyproj_says(
    yard: Path, heading: float, east: float, north: float
) -> None:
    report = build(yard, hall_recipe({"place": f"{ELLIPSOID(100.0)}\nheading = {heading}"}))
    assert far_apart(tip_of_flag(report), east, north, 108.25) < FINE_M + 0.002


def test_a_scale_makes_it_larger_about_its_origin(yard: Path) -> None:
    report = build(yard, hall_recipe({"place": f"{ELLIPSOID(100.0)}\nscale = 2"}))
    assert far_apart(tip_of_flag(report), 18.0, 0.0, 116.5) < FINE_M + 0.002


def test_an_orthometric_height_stands_on_the_geoid(yard: Path) -> None:
    report = build(yard, hall_recipe({"place": 'height = 60\nheight_mode = "orthometric"'}))
    height = 60.0 + float(undulation(np.radians(LON), np.radians(LAT)))
    assert far_apart(tip_of_flag(report), 9.0, 0.0, height + 8.25) < FINE_M + 0.002
    assert report.warnings == ()


@pytest.mark.parametrize("how", ["named", "published"])
def test_an_orthometric_height_is_brought_up_by_the_geoid_of_the_terrain(yard: Path, how: str) -> None:
    grid = "ncols 3\nnrows 3\nxllcorner 126.0\nyllcorner 36.5\ncellsize 1\n" + "23.4 23.4 23.4\n" * 3
    (yard / "own.asc").write_text(grid, "ascii")
    with (yard / "ground.toml").open("a", encoding="utf-8") as recipe:
        recipe.write('geoid = "own.asc"\n')
    if how == "published":
        pipeline.build(yard / "ground.toml", workspace=yard / "var", progress=SilentProgress(), jobs=1)
        publish(yard / "var", ["ground"])
    place = {"lat": 37.565, "place": 'height = 60\nheight_mode = "orthometric"'}
    report = build(yard, hall_recipe(place) + (GROUND if how == "named" else ""))
    geodetic = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True, allow_ballpark=False)
    x, y, z = tip_of_flag(report).tolist()
    _, _, height = geodetic.transform(x, y, z)
    assert height == pytest.approx(60.0 + 23.4 + 8.25, abs=FINE_M + 0.002)
    assert json.loads(entry(report, "tileset.json"))["extras"]["terrain"]["name"] == "ground"


def test_on_a_slope_a_hall_stands_at_the_mean_of_the_ground_under_its_outline(yard: Path) -> None:
    """The made ground rises evenly to the north, so that the mean lies under the outline's middle."""
    here = {"lon": 126.975, "lat": 37.561}
    report = build(yard, hall_recipe(here, more=GROUND))
    ground = 40.0 + 0.2 * 111_000.0 * (37.561 - (37.56 - 0.006) - 0.00015)
    ground += float(undulation(np.radians(126.975), np.radians(37.561)))
    tile = finest(report)
    x, y, z = tile.ecef().T
    geodetic = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    lon, lat, height = geodetic.transform(x, y, z)
    assert lon.mean() == pytest.approx(126.975, abs=2e-5)
    assert lat.mean() == pytest.approx(37.561, abs=1e-6)
    assert height.min() == pytest.approx(ground - 3.0, abs=0.3)  # the terrain's own error on a plane
    assert tile.table is not None
    assert tile.table.columns["ground_source"].values.tolist() == ["terrain"]
    above = build(
        yard, hall_recipe(here | {"place": 'height = 5\nheight_mode = "above_ground"'}, more=GROUND)
    )
    lift = np.linalg.norm(finest(above).ecef().mean(axis=0) - tile.ecef().mean(axis=0))
    assert lift == pytest.approx(5.0, abs=0.01)
    manifest = json.loads((Path(report.out) / "manifest.json").read_text())
    assert manifest["terrain"]["name"] == "ground"
    assert manifest["terrain"]["version"] in str(sorted((yard / "var" / "builds" / "ground").iterdir()))


def test_colours_and_triangles_survive(yard: Path) -> None:
    tile = finest(build(yard, hall_recipe({"place": ELLIPSOID(0)})))
    assert tile.colors is not None
    assert sorted(map(tuple, np.unique(tile.colors, axis=0).tolist())) == sorted([RED, GREEN, STONE])
    assert len(tile.triangles) == 12 * len(hall(0))
    assert tile.material.base_color == (1.0, 1.0, 1.0, 1.0)
    assert (tile.material.metallic, tile.material.roughness) == (0.0, 0.9)


def test_the_property_table_holds_ours_first_and_the_rest_as_it_was_given(yard: Path) -> None:
    facts = 'name_en = "Hall"\nheight = 24.5\ncontent = "heritage/hall"\nyear_built = "1867; 2010"\nbays = 5'
    second = {"id": "h2", "lon": LON + 2e-5, "facts": "rank = 1.5\nstanding = true"}
    tile = decode_glb(
        entry(built := build(yard, hall_recipe({"facts": facts}, second)), root_of(built)["content"]["uri"])
    )
    assert tile.table is not None
    columns = {name: column.values.tolist() for name, column in tile.table.columns.items()}
    assert list(columns) == [
        *("smap_id", "id", "name", "name_en", "height", "ground_source", "content"),
        *("year_built", "bays", "rank", "standing"),
    ]
    assert columns["smap_id"] == ["halls:hall", "halls:h2"]
    assert columns["name"] == ["근정전", "근정전"]
    assert columns["height"] == [24.5, 9.25]
    assert columns["ground_source"] == ["none", "none"]
    assert columns["content"] == ["heritage/hall", None]
    assert columns["year_built"] == ["1867; 2010", None]
    assert columns["bays"][0] == 5
    assert tile.table.columns["bays"].unknown.tolist() == [False, True]  # type: ignore[union-attr]
    assert np.isnan(columns["rank"][0])
    assert columns["standing"] == [None, "true"]


def city_of(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"h{i}",
            "lon": 126.97 + 0.0009 * (i % 8),
            "lat": 37.56 + 0.0009 * (i // 8),
            "place": f"heading = {i}",
        }
        for i in range(count)
    ]


def wanted_from(node: dict[str, Any], away_m: float) -> list[str]:
    """The contents that a viewer of 1,080 lines, 60 degrees and 16 pixels asks for from so far away."""
    error_px = node["geometricError"] * 1080.0 / (2.0 * np.tan(np.radians(30.0)) * away_m)
    if error_px <= 16.0 or not node.get("children"):
        return [node["content"]["uri"]]
    return [uri for child in node["children"] for uri in wanted_from(child, away_m)]


def test_sixty_models_show_from_afar_with_two_requests_and_check_without_a_fault(yard: Path) -> None:
    for detail in (0, 1):  # as heavy as a palace hall
        tiles = [
            box((x / 9, 9, z / 9), (x / 9 + 0.1, 9.2, z / 9 + 0.1), GREEN)
            for x in range(30)
            for z in range(30)
        ]
        write_glb(yard / ("hall.1.glb" if detail else "hall.glb"), hall(detail) + tiles[:: 1 + 2 * detail])
    report = build(yard, hall_recipe(*city_of(60), more=GROUND), jobs=2)
    assert (report.features_read, report.features_built, report.dropped) == (60, 60, {})
    assert len(wanted_from(root_of(report), 5_000.0)) + 1 == 2
    assert report.figures["root_triangles"] <= 1_500
    checked = check_path(archive_of(report))
    assert [issue.message for issue in checked.issues] == []
    tileset = json.loads(entry(report, "tileset.json"))
    assert tileset["extras"]["kind"] == "models"
    assert tileset["extras"]["terrain"]["name"] == "ground"
    errors = {root_of(report)["geometricError"]}
    node = root_of(report)
    while node.get("children"):
        node = node["children"][0]
        errors.add(node["geometricError"])
    assert 3.0 in {round(error, 2) for error in errors}  # the flag of 3 m that the coarsest detail lacks
    assert 0.0 in errors


def test_a_tile_that_spans_more_than_16_bits_count_is_one_mesh_and_its_error_tells_its_steps(
    yard: Path,
) -> None:
    halls = [{"id": f"h{k}", "lon": LON + 0.005 * k, "place": ELLIPSOID(30.0)} for k in range(6)]
    report = build(yard, hall_recipe(*halls))
    root = root_of(report)
    data = entry(report, root["content"]["uri"])
    meshes = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])["meshes"]
    span = float(np.ptp(decode_glb(data).positions, axis=0).max())
    assert span > 1_400.0
    assert len(meshes) == 1
    assert root["geometricError"] == pytest.approx(span / 65_000 * 3**0.5 / 2)
    assert list(check_path(archive_of(report)).issues) == []


def test_the_same_sources_give_the_same_bytes_with_any_number_of_jobs(yard: Path) -> None:
    text = hall_recipe(*city_of(12), more=GROUND)
    one = build(yard, text, out=yard / "one", jobs=1)
    two = build(yard, text, out=yard / "two", jobs=2)
    assert archive_of(one).read_bytes() == archive_of(two).read_bytes()


def test_a_heavy_model_without_coarser_files_gets_levels_of_our_own(yard: Path) -> None:
    tiles = [box((x, 9, z), (x + 0.5, 10, z + 0.5), GREEN) for x in range(20) for z in range(20)]
    write_glb(yard / "hall.glb", hall(0) + tiles)
    report = build(yard, hall_recipe().replace('coarser = ["hall.1.glb", "hall.2.glb"]', ""))
    assert report.figures["coarser_levels_given"] == 0
    assert report.figures["coarser_levels_made"] >= 1
    assert 0.0 < report.figures["error_m_of_made_most"] < 10.0
    assert len(finest(report).triangles) == 12 * (len(hall(0)) + len(tiles))


def without_file(yard: Path) -> str:
    (yard / "hall.2.glb").unlink()
    return hall_recipe()


def truncated(yard: Path) -> str:
    (yard / "hall.1.glb").write_bytes((yard / "hall.1.glb").read_bytes()[:300])
    return hall_recipe()


def not_a_glb(yard: Path) -> str:
    (yard / "hall.glb").write_text("solid hall", encoding="utf-8")
    return hall_recipe()


def coarser_has_more(yard: Path) -> str:
    write_glb(yard / "hall.1.glb", hall(0) * 2)
    return hall_recipe()


def too_large(yard: Path) -> str:
    return hall_recipe({"place": "scale = 1000"})


def too_small(yard: Path) -> str:
    return hall_recipe({"place": "scale = 0.001"})


def terrain_is_a_model(yard: Path) -> str:
    return hall_recipe(more='[ground]\nterrain = "halls.toml"')


@pytest.mark.parametrize(
    ("spoil", "error", "told"),
    [
        (without_file, InputError, r"hall\.2\.glb: no such file"),
        (truncated, InputError, r"hall\.1\.glb: cut short: 300 bytes of [\d,]+"),
        (not_a_glb, InputError, r"hall\.glb: no GLB"),
        (
            coarser_has_more,
            InputError,
            r"hall\.1\.glb: \d+ triangles, more than the \d+ of the finer hall\.glb",
        ),
        (too_large, InputError, r"hall\.glb: 1.5e\+04 x 8e\+03 x .* m, .*say scale in \[source\.place\]"),
        (too_small, InputError, r"hall\.glb: 0.015 x .* m, .*say scale"),
        (terrain_is_a_model, RecipeError, "is a recipe of kind 'models'"),
    ],
)
def test_bad_models_are_one_line_and_leave_nothing(
    yard: Path, spoil: Callable[[Path], str], error: type[SmapError], told: str
) -> None:
    text = spoil(yard)
    with pytest.raises(error, match=f"(?i){told}") as refusal:
        build(yard, text, jobs=2)
    assert "\n" not in str(refusal.value)
    assert not (yard / "var").exists()


def test_doubtful_models_are_built_with_a_word(yard: Path) -> None:
    write_glb(yard / "hall.2.glb", [box((0, 0, 0), (600, 500, 700), RED)])
    report = build(yard, hall_recipe({"place": "scale = 0.05"}, more=GROUND))
    assert any("hall.glb: 0.75 m at its largest" in line for line in report.warnings)
    assert any("hall.2.glb: lies up to" in line and "same scale?" in line for line in report.warnings)


def test_the_era_stands_in_the_manifest(yard: Path) -> None:
    report = build(yard, hall_recipe(tileset='era = "hanyang"'))
    assert json.loads((Path(report.out) / "manifest.json").read_text())["era"] == "hanyang"
    report = build(yard, hall_recipe())
    assert json.loads((Path(report.out) / "manifest.json").read_text())["era"] is None


def test_what_models_depict_stands_in_the_manifest(yard: Path) -> None:
    report = build(yard, hall_recipe(tileset='depicts = "wall"'))
    assert json.loads((Path(report.out) / "manifest.json").read_text())["depicts"] == "wall"


MASK = '[[mask]]\npath = "halls.toml"\n'


def town_under_a_hall(folder: Path) -> None:
    """Houses of a town; the hall, four times as large, stands on the first."""
    write_town(folder)
    here = {"lon": 126.970075, "lat": 37.56005, "place": "scale = 4\nheading = 45"}
    (folder / "halls.toml").write_text(hall_recipe(here), encoding="utf-8")


def test_buildings_under_a_model_give_way_and_are_counted(yard: Path) -> None:
    town_under_a_hall(yard)
    (yard / "town.toml").write_text(recipe_text(MASK), encoding="utf-8")
    report = pipeline.build(yard / "town.toml", workspace=yard / "var", progress=SilentProgress(), jobs=1)
    assert report.dropped == {"masked": 1}
    assert (report.features_read, report.features_built) == (60, 59)


def test_a_mask_of_buildings_is_refused(yard: Path) -> None:
    town_under_a_hall(yard)
    (yard / "town.toml").write_text(recipe_text(MASK.replace("halls", "town")), encoding="utf-8")
    with pytest.raises(RecipeError, match="kind 'buildings' is no mask"):
        pipeline.build(yard / "town.toml", workspace=yard / "var", progress=SilentProgress(), jobs=1)


@pytest.mark.real
def test_a_real_scan_of_1_to_100_stands_at_its_true_size(seoul_data: Path, tmp_path: Path) -> None:
    scan = seoul_data / "models" / "gyeongbokgung" / "gangnyeongjeon.glb"
    text = hall_recipe({"place": "scale = 100"}).replace("hall.glb", str(scan))
    report = build(tmp_path, text.replace('coarser = ["hall.1.glb", "hall.2.glb"]', ""))
    tile = finest(report)
    assert np.ptp(tile.positions, axis=0) == pytest.approx([30.3, 42.0, 15.0], abs=0.1)
    assert len(tile.triangles) > 49_000
    assert check_path(archive_of(report)).errors == 0
