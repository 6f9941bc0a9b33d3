"""Several rasters as one: priorities, resolutions, seams; and rasters in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from smap.geo.crs import parse_crs, to_lonlat
from smap.sources.elevation import Elevation, Raster
from smap.sources.raster import RasterSpec, open_raster
from tests.sources.rasters import CITY_HALL, hills, write_raster

GRID = parse_crs("EPSG:5186")


def sheet(
    folder: Path, name: str, heights: NDArray[np.float64], *, cell: float = 5.0, east: float = 0.0
) -> Raster:
    """A raster whose north-west corner lies `east` metres from the City Hall."""
    path = folder / f"{name}.tif"
    form: dict[str, Any] = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:5186"}
    transform = rasterio.Affine(cell, 0.0, CITY_HALL[0] + east, 0.0, -cell, CITY_HALL[1])
    rows, columns = heights.shape
    with rasterio.open(
        path, "w", width=columns, height=rows, transform=transform, nodata=-1.0, **form
    ) as file:
        file.write(heights.astype(np.float32), 1)
    return open_raster(RasterSpec(path))


def along(metres: NDArray[Any], south: float = 200.0) -> tuple[NDArray[np.float64], ...]:
    return to_lonlat(GRID, CITY_HALL[0] + metres, np.full_like(metres, CITY_HALL[1] - south))


def test_towards_its_edge_a_raster_gives_way_to_the_one_below_without_a_step(tmp_path: Path) -> None:
    fine = sheet(tmp_path, "fine", np.full((80, 80), 52.0), east=300.0)
    coarse = sheet(tmp_path, "coarse", np.full((20, 50), 50.0), cell=20.0)
    x = np.arange(200.0, 800.0, 1.0)
    height = Elevation((fine, coarse)).sample(*along(x)).height
    assert np.abs(np.diff(height)).max() < 0.05
    assert height[(x < 299.0)].tolist() == pytest.approx([50.0] * int((x < 299.0).sum()))
    assert height[(x > 390.0) & (x < 610.0)] == pytest.approx(52.0)


def test_towards_what_it_does_not_know_it_gives_way_too(tmp_path: Path) -> None:
    heights = np.full((80, 80), 52.0)
    heights[:, 40:] = -1.0
    fine = sheet(tmp_path, "fine", heights, east=300.0)
    coarse = sheet(tmp_path, "coarse", np.full((20, 50), 50.0), cell=20.0)
    x = np.arange(380.0, 600.0, 1.0)
    height = Elevation((fine, coarse)).sample(*along(x)).height
    assert np.abs(np.diff(height)).max() < 0.1
    assert height[x > 501.0] == pytest.approx(50.0)


def test_where_nobody_else_knows_the_ground_the_edge_keeps_its_height(tmp_path: Path) -> None:
    one = sheet(tmp_path, "one", np.full((80, 80), 52.0))
    other = sheet(tmp_path, "other", np.full((80, 80), 40.0), east=5000.0)
    assert Elevation((one, other)).sample(*along(np.array([0.5, 399.0]))).height == pytest.approx(52.0)


def test_a_grid_over_a_seam_reads_as_the_positions_one_by_one(tmp_path: Path) -> None:
    rough = np.random.default_rng(2).normal(50.0, 3.0, (80, 80))
    both = Elevation((sheet(tmp_path, "a", rough), sheet(tmp_path, "b", rough + 1.0, east=300.0)))
    lon, lat = (np.unique(a) for a in along(np.arange(250.0, 450.0, 2.0)))
    lat = lat[0] + np.arange(20) * 3e-7
    grid, single = both.sample_grid(lon, lat), both.sample(*np.meshgrid(lon, lat))
    np.testing.assert_allclose(grid.height, single.height, atol=0.02)


def test_beside_a_raster_a_grid_tells_how_far_it_is_as_positions_one_by_one_do(tmp_path: Path) -> None:
    one = sheet(tmp_path, "one", np.full((80, 80), 52.0), east=60_000.0)  # turned against the meridians
    west, south, east, north = one.bounds
    lon = np.linspace(west - 2e-4, east + 2e-4, 150)
    lat = np.linspace(south - 2e-4, north + 2e-4, 170)
    grid, single = one.sample_grid(lon, lat), one.sample(*np.meshgrid(lon, lat))
    assert single.beyond.max() > 1000.0
    np.testing.assert_allclose(grid.beyond, single.beyond, atol=0.02)
    clear = (single.beyond == 0.0) | (single.beyond > 0.02)
    np.testing.assert_array_equal(grid.valid[clear], single.valid[clear])


@pytest.mark.real
def test_across_the_border_of_two_real_sheets_the_ground_is_no_steeper_than_beside_it(
    seoul_data: Path,
) -> None:
    west, east = (
        open_raster(RasterSpec(seoul_data / "interop" / "dem" / f"ngii_5m_3470705{n}.tif")) for n in (1, 2)
    )
    both = Elevation((west, east))
    y = np.arange(222_850.0, 225_600.0, 5.0)
    x = np.arange(248_000.0, 248_300.0, 1.0)
    lon, lat = to_lonlat(GRID, *np.meshgrid(x, y))
    found = both.sample(lon, lat)
    assert found.valid.all()
    step = np.abs(np.diff(found.height, axis=1))
    # one metre on, the ground cannot rise by more than the steepest of either sheet does about there
    steepest = np.maximum(
        *(np.abs(np.diff(sheet.sample(lon, lat).height, axis=1)).max(axis=1) for sheet in (west, east))
    )
    assert (step.max(axis=1) <= steepest + 0.05).all()


@pytest.mark.parametrize("gaps", [False, True])
def test_a_raster_in_files_is_that_in_memory(
    gaps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heights = hills(300, 200)
    if gaps:
        heights[40:90, 30:120] = -9999.0
    path = write_raster(tmp_path / "a.tif", heights, nodata=-9999.0)
    held = open_raster(RasterSpec(path))
    for name in ("_ROWS_AT_ONCE", "_FILLED_AT_ONCE"):
        monkeypatch.setattr(f"smap.sources.overviews.{name}", 16_000)
    monkeypatch.setattr("smap.sources.raster._STRIP_CELLS", 2_000)
    (tmp_path / "cells").mkdir()
    kept = open_raster(RasterSpec(path), tmp_path / "cells")
    whole = slice(None)
    assert len(held.overviews.heights) == len(kept.overviews.heights) == 3
    for level, (one, other) in enumerate(zip(held.overviews.heights, kept.overviews.heights, strict=True)):
        inside, outside = one.window(whole, whole), other.window(whole, whole)
        assert np.isfinite(outside).all()
        known = np.ones(one.shape, bool)
        if gaps and held.overviews.known is not None:
            known = held.overviews.known[level].window(whole, whole)
        np.testing.assert_allclose(inside[known], outside[known], atol=1e-4)
    assert (kept.span_m, kept.warnings) == (held.span_m, held.warnings)
    if gaps:
        filled = kept.overviews.heights[0].window(slice(40, 90), slice(30, 120))
        assert heights[heights > 0].min() <= filled.min() <= filled.max() <= heights.max()


def test_far_apart_positions_read_averages_of_the_cells_between(tmp_path: Path) -> None:
    spikes = np.where(np.indices((256, 256)).sum(axis=0) % 2, 60.0, 40.0)
    raster = sheet(tmp_path, "a", spikes)
    west, south, east, north = raster.bounds
    lon, lat = np.linspace(west, east, 20)[3:-3], np.linspace(south, north, 20)[3:-3]
    assert raster.sample_grid(lon, lat).height == pytest.approx(50.0, abs=0.1)
