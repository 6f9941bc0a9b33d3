"""Made elevation rasters for tests: a GeoTIFF of any array, anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

__all__ = ["CITY_HALL", "hills", "write_raster"]

CITY_HALL = (198_000.0, 552_000.0)
"""Easting and northing in EPSG:5186 of a corner near Seoul City Hall."""


def write_raster(
    path: Path, heights: NDArray[Any], *, cell: float = 30.0, crs: str | None = "EPSG:5186", **tags: Any
) -> Path:
    """A GeoTIFF with its north-west corner at CITY_HALL."""
    rows, columns = heights.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype=heights.dtype,
        crs=crs,
        transform=rasterio.Affine(cell, 0.0, CITY_HALL[0], 0.0, -cell, CITY_HALL[1]),
        **tags,
    ) as file:
        file.write(heights, 1)
    return path


def hills(rows: int, columns: int, *, seed: int = 3) -> NDArray[np.float32]:
    """Smooth hills of some 100 m over about 20 cells each."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    ground = np.full((rows, columns), 40.0)
    for _ in range(12):
        row, column, high = rng.uniform(0, rows), rng.uniform(0, columns), rng.uniform(20, 120)
        ground += high * np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * rng.uniform(4, 12) ** 2))
    return ground.astype(np.float32)
