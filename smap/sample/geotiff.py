"""A plain GeoTIFF in degrees, written with Pillow: the sample needs no GDAL to make its sources.

Tags and keys: OGC GeoTIFF 1.1, section 7 and annex B (33550 pixel scale, 33922 tie point, 34735 keys; 42113
is GDAL's no-data tag).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

__all__ = ["write_geotiff"]

GEOGRAPHIC_WGS84 = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)


def write_geotiff(
    path: Path, heights: NDArray[np.float32], *, west: float, north: float, step: float, nodata: float
) -> None:
    """Write heights float32 (rows from the north, columns from the west), pixels `step` degrees wide."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[33550], tags.tagtype[33550] = (step, step, 0.0), 12
    tags[33922], tags.tagtype[33922] = (0.0, 0.0, 0.0, west, north, 0.0), 12
    tags[34735], tags.tagtype[34735] = GEOGRAPHIC_WGS84, 3
    tags[42113], tags.tagtype[42113] = f"{nodata:g}", 2
    Image.fromarray(heights).save(path, format="TIFF", tiffinfo=tags, compression="tiff_deflate")
