"""Elevation rasters: heights at positions, no-data, reference systems and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio.shutil
from numpy.typing import NDArray

from smap.errors import CrsError, InputError
from smap.geo.crs import parse_crs, to_lonlat
from smap.sources.elevation import Elevation, Raster
from smap.sources.raster import RasterSpec, burn_polygons, inspect_raster, open_raster
from tests.sources.rasters import CITY_HALL, hills, write_raster

GRID = parse_crs("EPSG:5186")


def at(x: float | NDArray[np.float64], y: float | NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Longitude and latitude of metres east and south of the raster's corner."""
    return to_lonlat(GRID, CITY_HALL[0] + np.atleast_1d(x), CITY_HALL[1] - np.atleast_1d(y))


def test_the_centre_of_a_cell_has_its_height(tmp_path: Path) -> None:
    heights = hills(12, 9)
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", heights)))
    rows, columns = np.indices(heights.shape)
    found = raster.sample(*at(columns.ravel() * 30.0 + 15.0, rows.ravel() * 30.0 + 15.0))
    np.testing.assert_allclose(found.height, heights.ravel(), atol=1e-3)  # 1 mm: float32 of 100 m, and pyproj
    assert found.valid.all()


def test_a_plane_is_met_everywhere_between_the_centres(tmp_path: Path) -> None:
    rows, columns = np.indices((20, 30))
    plane = (100.0 + 0.2 * 30 * columns - 0.1 * 30 * rows).astype(np.float32)
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", plane)))
    rng = np.random.default_rng(1)
    x, y = rng.uniform(15, 30 * 30 - 15, 500), rng.uniform(15, 20 * 30 - 15, 500)
    found = raster.sample(*at(x, y))
    np.testing.assert_allclose(found.height, 100.0 + 0.2 * (x - 15) - 0.1 * (y - 15), atol=1e-3)


def test_a_grid_of_positions_reads_as_the_positions_one_by_one(tmp_path: Path) -> None:
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", hills(60, 80))))
    west, south, east, north = raster.bounds
    # rows no farther apart than cells
    lon, lat = np.linspace(west - 0.0005, east + 0.0005, 71), np.linspace(south - 0.0005, north + 0.0005, 301)
    grid, single = raster.sample_grid(lon, lat), raster.sample(*np.meshgrid(lon, lat))
    # the lattice bends by 1.4 mm at most, on slopes below 1
    np.testing.assert_allclose(grid.height, single.height, atol=2e-3)
    np.testing.assert_allclose(grid.beyond, single.beyond, atol=5e-3)


def test_unflagged_no_data_is_found_filled_from_beside_and_named_once(tmp_path: Path) -> None:
    heights = hills(20, 20)
    heights[5:8, 5:9] = -9999.0
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", heights)))
    assert len(raster.warnings) == 1
    assert "12 cells hold -9999" in raster.warnings[0]
    found = raster.sample(*at(7 * 30.0, 6 * 30.0))
    assert not found.valid[0]
    assert heights[heights > 0].min() <= found.height[0] <= heights.max()


def all_cells(raster: Raster) -> tuple[NDArray[Any], NDArray[Any]]:
    """Heights, and which of them are known."""
    whole = slice(None)
    assert raster.overviews.known is not None
    return raster.overviews.heights[0].window(whole, whole), raster.overviews.known[0].window(whole, whole)


def test_naming_the_no_data_silences_the_warning_and_changes_nothing_else(tmp_path: Path) -> None:
    heights = hills(20, 20)
    heights[5:8, 5:9] = -9999.0
    path = write_raster(tmp_path / "a.tif", heights)
    told, found = open_raster(RasterSpec(path, nodata=-9999.0)), open_raster(RasterSpec(path))
    assert told.warnings == ()
    for one, other in zip(all_cells(told), all_cells(found), strict=True):
        np.testing.assert_array_equal(one, other)


def test_flagged_no_data_and_not_a_number_need_no_word(tmp_path: Path) -> None:
    heights = hills(20, 20)
    heights[0, 0], heights[3, 3] = -1.0, np.nan
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", heights, nodata=-1.0)))
    assert raster.warnings == ()
    assert (~all_cells(raster)[1]).sum() == 2


def test_beyond_the_raster_the_nearest_height_holds_and_is_not_valid(tmp_path: Path) -> None:
    heights = hills(10, 10)
    raster = open_raster(RasterSpec(write_raster(tmp_path / "a.tif", heights)))
    found = raster.sample(*at(-100.0, 45.0))
    assert not found.valid[0]
    assert found.height[0] == pytest.approx(float(heights[1, 0]), abs=0.1)
    assert found.beyond[0] == pytest.approx(100.0, abs=0.5)


def test_no_data_only_is_an_error(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", np.full((4, 4), -9999, np.float32))
    with pytest.raises(InputError, match="no-data only"):
        open_raster(RasterSpec(path))


def test_a_recipe_that_contradicts_the_file_is_an_error_with_the_distance(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", hills(4, 4))
    with pytest.raises(CrsError, match=r"EPSG:5181.*EPSG:5186.*99\d\d\d"):
        open_raster(RasterSpec(path, crs="EPSG:5181"))


def test_a_file_without_system_needs_one_and_is_told_which_would_fit(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", hills(4, 4), crs=None)
    with pytest.raises(CrsError, match="EPSG:5186"):
        open_raster(RasterSpec(path))
    assert open_raster(RasterSpec(path, crs="EPSG:5186")).crs.code == "EPSG:5186"


def test_a_system_that_puts_the_data_elsewhere_is_an_error(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", hills(4, 4), crs="EPSG:4326")
    with pytest.raises(CrsError, match="EPSG:5186"):
        open_raster(RasterSpec(path))


@pytest.mark.parametrize(("name", "driver"), [("a.img", "HFA"), ("a.asc", "AAIGrid"), ("a.vrt", "VRT")])
def test_other_formats_of_elevation_are_read_alike(name: str, driver: str, tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", hills(20, 30))
    rasterio.shutil.copy(str(path), str(tmp_path / name), driver=driver)
    one, other = (open_raster(RasterSpec(p)) for p in (path, tmp_path / name))
    x = np.linspace(10.0, 500.0, 50)
    np.testing.assert_allclose(other.sample(*at(x, x)).height, one.sample(*at(x, x)).height, atol=1e-3)


def test_a_tile_of_the_shuttle_s_radar_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "N37E126.hgt"
    path.write_bytes(np.full((1201, 1201), 77, ">i2").tobytes())
    raster = open_raster(RasterSpec(path))
    assert raster.sample(np.radians([126.5]), np.radians([37.5])).height == pytest.approx([77.0])


def test_a_missing_file_and_a_file_of_words_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_raster(RasterSpec(tmp_path / "none.tif"))
    (tmp_path / "words.tif").write_text("not a raster")
    with pytest.raises(InputError, match="cannot be read as a raster"):
        open_raster(RasterSpec(tmp_path / "words.tif"))


def test_of_two_sheets_the_one_that_knows_wins(tmp_path: Path) -> None:
    heights = hills(10, 20)
    west = np.where(np.arange(20) < 10, heights, -9999.0).astype(np.float32)
    east = np.where(np.arange(20) < 10, -9999.0, heights).astype(np.float32)
    sheets = [write_raster(tmp_path / f"{i}.tif", part) for i, part in enumerate((west, east))]
    both = Elevation(tuple(open_raster(RasterSpec(sheet, nodata=-9999.0)) for sheet in sheets))
    columns = np.array([2.0, 7.0, 12.0, 17.0])
    found = both.sample(*at(columns * 30 + 15, np.full(4, 135.0)))
    assert found.valid.all()
    np.testing.assert_allclose(found.height, heights[4, [2, 7, 12, 17]], atol=1e-3)


def test_a_burnt_polygon_lies_the_right_way_up() -> None:
    north_west = {"type": "Polygon", "coordinates": [[[0, 5], [5, 5], [5, 10], [0, 10], [0, 5]]]}
    burnt = burn_polygons([north_west], (0.0, 0.0, 10.0, 10.0), 4)
    np.testing.assert_array_equal(burnt[:2, :2], 255)
    assert burnt.sum() == 4 * 255


@pytest.mark.real
@pytest.mark.parametrize("crs", ["EPSG:5186", None])
def test_the_real_model_is_read_with_and_without_its_code(seoul_data: Path, crs: str | None) -> None:
    info = inspect_raster(RasterSpec(seoul_data / "terrain" / "seoul_dem_90m_epsg5186.tif", crs))
    assert (info.columns, info.rows, info.nodata_cells) == (385, 316, 770)
    assert len(info.warnings) == 1
    assert "770 cells" in info.warnings[0]
    np.testing.assert_allclose(info.bounds_deg, (126.7806, 37.4346, 127.1734, 37.6910), atol=1e-4)
    assert 1.0 < info.lowest_m < 2.0
    assert 745.0 < info.highest_m < 746.0


def test_no_data_is_compared_before_scale_and_offset(tmp_path: Path) -> None:
    import rasterio

    stored = (hills(20, 20) * 10).astype(np.int16)
    stored[5:8, 5:9] = -9999
    path = write_raster(tmp_path / "a.tif", stored)
    with rasterio.open(path, "r+") as file:
        file.scales = (0.01,)
        file.offsets = (50.0,)
    told, found = inspect_raster(RasterSpec(path, nodata=-9999)), inspect_raster(RasterSpec(path))
    assert (told.nodata_cells, told.warnings) == (12, ())
    assert found.nodata_cells == 12
    assert "nodata = -9999" in found.warnings[0]
