"""Ground on a whole archive: heights as drawn, means under outlines, and where the source ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.build.progress import SilentProgress
from smap.build.terrain import write_terrain_archive
from smap.build.terrain_plan import TerrainPlan
from smap.errors import FormatError
from smap.geo.crs import parse_crs, to_lonlat
from smap.geo.geoid import undulation
from smap.ground import Ground
from smap.sources.elevation import Elevation, Raster
from smap.sources.raster import RasterSpec, open_raster
from smap.store.archive import ArchiveReader, write_archive
from tests.sources.rasters import CITY_HALL, hills, write_raster

GRID = parse_crs("EPSG:5186")
ROWS, COLUMNS, CELL = 120, 140, 30.0


@pytest.fixture(scope="module")
def raster(tmp_path_factory: pytest.TempPathFactory) -> Raster:
    heights = hills(ROWS, COLUMNS)
    heights[:, :4] = -9999.0
    path = write_raster(tmp_path_factory.mktemp("dem") / "hills.tif", heights)
    return open_raster(RasterSpec(path, nodata=-9999.0))


@pytest.fixture(scope="module")
def ground(raster: Raster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    path = tmp_path_factory.mktemp("terrain") / "hills.3tz"
    plan = TerrainPlan("hills", "made for tests", Elevation((raster,)), "EPSG:5193", "EGM96")
    write_terrain_archive(plan, path, progress=SilentProgress())
    with ArchiveReader(path) as reader:
        yield Ground(reader)


def within(count: int, *, margin: float = 150.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Random positions in the raster, away from its outline."""
    rng = np.random.default_rng(9)
    x = rng.uniform(margin, COLUMNS * CELL - margin, count)
    y = rng.uniform(margin, ROWS * CELL - margin, count)
    return to_lonlat(GRID, CITY_HALL[0] + x, CITY_HALL[1] - y)


def box(east: float, south: float, side: float) -> NDArray[np.float64]:
    """A square outline, counter-clockwise, metres from the raster's corner."""
    x = CITY_HALL[0] + east + np.array([0, side, side, 0.0])
    y = CITY_HALL[1] - south + np.array([0, 0, side, side])
    return np.column_stack(to_lonlat(GRID, x, y))


def outlines(
    boxes: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    one_each = np.arange(len(boxes) + 1)
    return np.concatenate(boxes), one_each * 4, one_each, one_each


def test_heights_lie_within_the_promise_at_10000_points(ground: Ground, raster: Raster) -> None:
    lon, lat = within(10_000)
    wanted = raster.sample(lon, lat).height + undulation(lon, lat)
    assert np.abs(ground.heights(lon, lat) - wanted).max() <= CELL / 10.0


def test_orthometric_heights_are_without_the_geoid(ground: Ground) -> None:
    lon, lat = within(50)
    np.testing.assert_allclose(ground.heights(lon, lat) - ground.orthometric(lon, lat), undulation(lon, lat))


def test_coarser_levels_can_be_asked(ground: Ground, raster: Raster) -> None:
    lon, lat = within(1000)
    wanted = raster.sample(lon, lat).height + undulation(lon, lat)
    off = [np.abs(ground.heights(lon, lat, level) - wanted).max() for level in (9, 12, 15)]
    assert off[0] > off[1] > off[2]


def test_far_away_the_ground_is_near_the_ellipsoid_and_never_a_spike(ground: Ground) -> None:
    lon, lat = np.radians([0.0, -120.0, 128.0]), np.radians([10.0, -40.0, 37.0])
    assert np.abs(ground.heights(lon, lat)).max() < 200.0
    along = np.linspace(np.radians(126.5), np.radians(127.5), 2000)
    found = ground.heights(along, np.full(2000, np.radians(37.55)))
    assert found.min() > -50.0
    assert found.max() < 300.0


def test_where_the_source_ends_is_known(ground: Ground, raster: Raster) -> None:
    rng = np.random.default_rng(2)
    lon, lat = to_lonlat(
        GRID, CITY_HALL[0] + rng.uniform(-500, 4700, 3000), CITY_HALL[1] - rng.uniform(-500, 4100, 3000)
    )
    differs = ground.covers(lon, lat) != raster.sample(lon, lat).valid
    # only within a third of a cell of the border
    assert differs.mean() < 0.02


def test_no_data_is_no_pit(ground: Ground) -> None:
    lon, lat = to_lonlat(GRID, CITY_HALL[0] + np.full(100, 60.0), CITY_HALL[1] - np.linspace(60, 3500, 100))
    inner = ground.heights(
        *to_lonlat(GRID, CITY_HALL[0] + np.full(100, 140.0), CITY_HALL[1] - np.linspace(60, 3500, 100))
    )
    assert np.abs(ground.heights(lon, lat) - inner).max() < 15.0
    assert not ground.covers(lon, lat).any()


def test_means_are_those_of_a_fine_sampling_and_lows_are_low(ground: Ground) -> None:
    boxes = [box(e, s, side) for e in (400, 1231, 2777) for s in (500, 1900.5, 3333) for side in (8, 60, 400)]
    mean, lowest, is_edge = ground.means_under(*outlines(boxes))
    assert not is_edge.any()
    share = (np.arange(200) + 0.5) / 200
    u, v = (axis.ravel()[:, None] for axis in np.meshgrid(share, share))
    for outline, one_mean, one_lowest in zip(boxes, mean, lowest, strict=True):
        sw, se, ne, nw = outline
        points = (1 - u) * (1 - v) * sw + u * (1 - v) * se + u * v * ne + (1 - u) * v * nw
        assert one_mean == pytest.approx(ground.heights(points[:, 0], points[:, 1]).mean(), abs=0.02)
        rim = np.concatenate(
            [a + share[:, None] * (b - a) for a, b in zip(outline, np.roll(outline, -1, 0), strict=True)]
        )
        rim_heights = ground.heights(rim[:, 0], rim[:, 1])
        assert one_lowest <= rim_heights.min() + 1e-6
        assert one_lowest == pytest.approx(rim_heights.min(), abs=0.5)


def test_buildings_beyond_the_source_are_flagged_and_stand_on_the_nearest_ground(ground: Ground) -> None:
    mean, lowest, is_edge = ground.means_under(
        *outlines([box(-300, 900, 20), box(60, 900, 20), box(900, 900, 20)])
    )
    assert is_edge.tolist() == [True, True, False]
    assert np.isfinite(mean).all()
    assert (lowest <= mean + 1e-9).all()
    assert abs(mean[0] - mean[1]) < 30.0


def test_a_building_over_a_tile_border_is_whole(ground: Ground) -> None:
    level = ground.level
    span = np.pi / (1 << level)
    lon = np.ceil((np.radians(126.99) + np.pi) / span) * span - np.pi
    x, y = 3e-6, np.radians(37.55)
    outline = np.array([[lon - x, y], [lon + x, y], [lon + x, y + x], [lon - x, y + x]])
    west = np.array([[lon - x, y], [lon, y], [lon, y + x], [lon - x, y + x]])
    east = west + np.array([x, 0.0])
    mean, lowest, _ = ground.means_under(*outlines([outline, west, east]))
    assert mean[0] == pytest.approx((mean[1] + mean[2]) / 2, abs=1e-6)
    assert lowest[0] == pytest.approx(min(lowest[1], lowest[2]), abs=1e-6)


def test_where_the_finest_tiles_end_each_part_takes_the_ground_that_is_drawn_there(ground: Ground) -> None:
    span = np.pi / (1 << ground.level)
    east, _ = to_lonlat(GRID, CITY_HALL[0] + COLUMNS * CELL, CITY_HALL[1] - 900.0)
    lon = np.ceil((float(east) + np.pi) / span) * span - np.pi
    x, y = 6e-6, np.radians(37.55)
    outline = np.array([[lon - x, y], [lon + 2 * x, y], [lon + 2 * x, y + x], [lon - x, y + x]])
    mean, _, _ = ground.means_under(*outlines([outline]))
    share = (np.arange(300) + 0.5) / 300
    at = np.meshgrid(lon - x + 3 * x * share, y + x * share)
    drawn = ground.heights(*at)
    assert np.ptp(drawn) > 0.01
    assert mean[0] == pytest.approx(drawn.mean(), abs=0.002)


def test_the_facts_of_the_source_are_kept(ground: Ground) -> None:
    assert ground.level == 15
    assert ground.spacing_m == pytest.approx(30.0, abs=0.1)
    assert ground.source == "made for tests"
    assert ground.vertical_datum == "EPSG:5193"


def test_an_archive_without_layer_is_no_terrain(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.3tz", [("tileset.json", b"{}")])
    with ArchiveReader(tmp_path / "a.3tz") as reader, pytest.raises(FormatError, match=r"no layer\.json"):
        Ground(reader)


def test_ground_is_imported_without_the_extra_for_builds() -> None:
    code = (
        "import sys, smap.ground; "
        "print(sorted({'rasterio', 'pyogrio', 'scipy', 'shapely', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
