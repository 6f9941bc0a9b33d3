"""The ground beyond the outline of elevation data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.elevation import Elevation
from smap.sources.horizon import horizon_of
from smap.sources.raster import RasterSpec, open_raster
from tests.sources.rasters import hills, write_raster

REACH_M = 40_000.0


def elevation(folder: Path, heights: NDArray[np.float32]) -> Elevation:
    return Elevation((open_raster(RasterSpec(write_raster(folder / "ground.tif", heights, cell=90.0))),))


def north_of(data: Elevation, metres: float) -> NDArray[np.float64]:
    """Heights of the horizon along a parallel so far north of the data, between its ends."""
    west, _, east, north = data.bounds
    lat = np.array([north + metres / SEMI_MAJOR_M])
    return horizon_of(data, REACH_M).heights(np.linspace(west, east, 400), lat).ravel()


def test_the_horizon_of_level_ground_is_level(tmp_path: Path) -> None:
    data = elevation(tmp_path, np.full((60, 80), 52.0, np.float32))
    np.testing.assert_allclose(north_of(data, 7_000.0), 52.0, atol=1e-9)


@pytest.mark.parametrize("metres", [1_500.0, 6_000.0, 39_000.0])
def test_the_horizon_is_no_higher_and_no_lower_than_the_outline(tmp_path: Path, metres: float) -> None:
    ground = hills(60, 80)
    rim = np.concatenate([ground[0], ground[-1], ground[:, 0], ground[:, -1]])
    found = north_of(elevation(tmp_path, ground), metres)
    assert rim.min() <= found.min()
    assert found.max() <= rim.max()


def test_ridges_that_meet_the_outline_do_not_run_on(tmp_path: Path) -> None:
    # every 720 m a ridge of 100 m; Poisson's kernel leaves exp(-2 pi 2000 / 720) of it at 2 km: nothing
    ridges = np.tile(np.where(np.arange(200) % 8 < 4, 100.0, 0.0), (100, 1)).astype(np.float32)
    found = north_of(elevation(tmp_path, ridges), 2_000.0)[100:300]
    along = np.linspace(-1.0, 1.0, len(found))
    wide = np.polyval(np.polyfit(along, found, 3), along)  # the sides of the data: 100 m west, 0 m east
    assert np.abs(found - wide).max() < 0.2


def test_what_is_wide_shows_far(tmp_path: Path) -> None:
    halves = np.tile(np.where(np.arange(200) < 100, 100.0, 0.0), (100, 1)).astype(np.float32)
    found = north_of(elevation(tmp_path, halves), 2_000.0)
    # at 4.5 km from the step, 2 km out: 1/2 + arctan(4.5 / 2) / pi of it, a little less for the far sides
    assert found[100] == pytest.approx(87.0, abs=4.0)
    assert found[300] == pytest.approx(13.0, abs=4.0)


def test_a_sheet_that_is_there_twice_counts_as_one(tmp_path: Path) -> None:
    ground = hills(60, 80)
    whole = elevation(tmp_path, ground)
    again = write_raster(tmp_path / "again.tif", ground, cell=90.0)
    twice = Elevation((*whole.rasters, open_raster(RasterSpec(again))))
    np.testing.assert_allclose(north_of(twice, 3_000.0), north_of(whole, 3_000.0), atol=1e-9)
