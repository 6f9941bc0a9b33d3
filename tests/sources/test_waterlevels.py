"""Lakes are level, rivers fall, and a brook under the outline of a river keeps its height."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from smap.geo.crs import parse_crs, to_lonlat
from smap.sources.elevation import Elevation
from smap.sources.raster import RasterSpec, open_raster
from smap.sources.waterlevels import flattened, level_of
from tests.sources.rasters import CITY_HALL, write_raster

GRID = parse_crs("EPSG:5186")
SIDE = 8000.0


def ground(folder: Path, heights: NDArray[np.float64]) -> Elevation:
    return Elevation((open_raster(RasterSpec(write_raster(folder / "a.tif", heights.astype(np.float32)))),))


def area(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle, metres east and south of the raster's corner, in degrees."""
    x, y = np.array([west, east, east, west]), np.array([south, south, north, north])
    lon, lat = to_lonlat(GRID, CITY_HALL[0] + x, CITY_HALL[1] - y)
    return shapely.Polygon(np.degrees(np.stack([lon, lat], axis=1)))


def flat_over(
    elevation: Elevation, polygon: shapely.Polygon
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Heights on a grid over the area, west to east in columns, and where in it they are."""
    west, south, east, north = polygon.bounds
    lon, lat = np.radians(np.linspace(west, east, 120)), np.radians(np.linspace(south, north, 40))
    heights = elevation.sample_grid(lon, lat).height
    shapes = [shapely.geometry.mapping(polygon)]
    found = flattened(heights, lon, lat, shapes, [level_of(polygon, elevation)])
    x, y = np.meshgrid(np.degrees(lon), np.degrees(lat))
    return found, shapely.contains_xy(polygon, x, y)


def rough(slope: float = 0.0) -> NDArray[np.float64]:
    cells = int(SIDE / 30.0)
    noise = np.random.default_rng(4).normal(0.0, 0.6, (cells, cells))
    return np.asarray(20.0 + noise - slope * 30.0 * np.arange(cells))


def test_a_lake_is_level(tmp_path: Path) -> None:
    found, inside = flat_over(ground(tmp_path, rough()), area(1000.0, 2000.0, 2200.0, 1200.0))
    assert inside.sum() > 4000
    assert np.ptp(found[inside]) < 1e-6
    assert found[inside][0] == pytest.approx(19.7, abs=0.2)


def test_a_river_falls_all_the_way_and_never_rises(tmp_path: Path) -> None:
    found, inside = flat_over(ground(tmp_path, rough(slope=0.001)), area(500.0, 3000.0, 7500.0, 2600.0))
    middle = found[20][inside[20]]
    assert (np.diff(middle) <= 1e-9).all()
    assert middle[0] - middle[-1] == pytest.approx(7.0, abs=1.5)


def test_what_lies_far_above_the_level_is_not_drowned(tmp_path: Path) -> None:
    heights = rough()
    heights[80:, :] += 30.0
    found, inside = flat_over(ground(tmp_path, heights), area(1000.0, 6000.0, 1600.0, 600.0))
    upper = found[5:10][inside[5:10]]
    assert upper.min() > 45.0
