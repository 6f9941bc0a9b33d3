"""A user's own geoid from a file: read as it is, refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sources.geoidgrid import read_geoid

# One undulation each 15 minutes from 126 E, 37 N: the first row is the northernmost
TABLE = np.array([[22.0, 22.5, 23.0], [23.0, 23.5, 24.0], [24.0, 24.5, 25.0]], np.float32)


def written(path: Path, table: NDArray[Any] = TABLE, driver: str = "GTiff", **more: Any) -> Path:
    rows, columns = table.shape
    form = {
        "crs": "EPSG:4326",
        "transform": rasterio.Affine(0.25, 0.0, 126.0 - 0.125, 0.0, -0.25, 37.0 + (rows - 0.5) * 0.25),
    } | more
    with rasterio.open(
        path, "w", driver=driver, width=columns, height=rows, count=1, dtype=table.dtype, **form
    ) as file:
        file.write(table, 1)
    return path


@pytest.mark.parametrize(("driver", "name"), [("GTiff", "own.tif"), ("GTX", "own.gtx")])
def test_undulations_stand_at_the_points_of_the_grid(tmp_path: Path, driver: str, name: str) -> None:
    geoid = read_geoid(written(tmp_path / name, driver=driver))
    lon, lat = np.radians([126.0, 126.5, 126.25, 126.125]), np.radians([37.0, 37.5, 37.25, 37.125])
    np.testing.assert_allclose(geoid.undulation(lon, lat), [24.0, 23.0, 23.5, 23.75], atol=1e-6)
    assert geoid.name == "own"


def test_an_ascii_grid_without_a_system_is_taken_as_degrees(tmp_path: Path) -> None:
    path = tmp_path / "KNGeoid18.asc"
    path.write_text(
        "ncols 2\nnrows 2\nxllcorner 126.5\nyllcorner 37.0\ncellsize 0.5\n22.0 23.0\n24.0 25.0\n", "ascii"
    )
    assert float(read_geoid(path).undulation(*np.radians([127.0, 37.5]))) == pytest.approx(23.5)


def with_gap() -> NDArray[np.float32]:
    table = TABLE.copy()
    table[0, 0] = np.nan
    return table


@pytest.mark.parametrize(
    ("table", "more", "message"),
    [
        (TABLE, {"crs": "EPSG:5186"}, "lies in EPSG:5186; the grid of a geoid lies in degrees"),
        (TABLE + 300.0, {}, "holds 322 to 325; undulations are metres within 120"),
        (with_gap(), {}, "1 of 9 points hold no undulation"),
        (TABLE, {"transform": rasterio.Affine(0.25, 0, 126, 0, -0.5, 38)}, "steps of 0.25 and 0.5 degrees"),
        (TABLE, {"transform": rasterio.Affine(30, 0, 2e5, 0, -30, 5e5), "crs": None}, "no degrees"),
        (TABLE[:1], {}, "3 x 1 points, not in rows from the north"),
    ],
)
def test_what_is_no_grid_of_undulations_is_refused_by_name(
    tmp_path: Path, table: NDArray[Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        read_geoid(written(tmp_path / "own.tif", table, **more))
    assert str(tmp_path / "own.tif") in str(refused.value)


def test_a_file_that_is_no_grid_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a grid", "ascii")
    with pytest.raises(InputError, match=r"notes.txt: cannot be read as the grid of a geoid"):
        read_geoid(tmp_path / "notes.txt")
    with pytest.raises(InputError, match=r"own.gtx: no such file"):
        read_geoid(tmp_path / "own.gtx")
