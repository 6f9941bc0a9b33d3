"""A user's own geoid: a grid of undulations from a file (GTX, GeoTIFF, ASCII grid, points in rows)."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from smap.errors import InputError, MissingExtraError
from smap.geo.geoid import Geoid

__all__ = ["read_geoid"]

# The geoid lies between 107 m below the ellipsoid and 86 m above it (NASA/TP-1998-206861); what lies beyond
# is no undulation, as a grid of heights would be
_MOST_M = 120.0
# Steps east and north that differ by less are one
_ALIKE = 1e-6


def read_geoid(path: Path) -> Geoid:
    """The undulations in a file that GDAL reads, on even steps of degrees.

    InputError: missing, unreadable, not by degrees, of uneven steps, with gaps, or no undulations.
    """
    try:
        import rasterio
        import rasterio.errors
    except ImportError as error:
        raise MissingExtraError("reading a geoid", "build") from error
    if not path.is_file():
        raise InputError(f"{path}: no such file; [ground] geoid names the grid of a geoid")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path) as file:
                return _geoid_of(file, path)
    except rasterio.errors.RasterioError as error:
        told = " ".join(str(error).split())
        raise InputError(
            f"{path}: cannot be read as the grid of a geoid (GTX, GeoTIFF, ASCII grid): {told}"
        ) from error


def _geoid_of(file: Any, path: Path) -> Geoid:
    step, west, south = _placed(file, path)
    cells = file.read(1, masked=True)
    metres = np.asarray(cells.filled(np.nan), np.float64)[::-1]
    gaps = int((~np.isfinite(metres)).sum())
    if gaps:
        raise InputError(f"{path}: {gaps} of {metres.size} points hold no undulation; fill or cut them off")
    low, high = float(metres.min()), float(metres.max())
    if not -_MOST_M < low <= high < _MOST_M:
        raise InputError(f"{path}: holds {low:g} to {high:g}; undulations are metres within {_MOST_M:g}")
    return Geoid(path.stem, west, south, step, metres)


def _placed(file: Any, path: Path) -> tuple[float, float, float]:
    """The step between points and the south-westernmost point, in degrees."""
    across, turn_a, west, turn_b, down, north = tuple(file.transform)[:6]
    if file.crs and not file.crs.is_geographic:
        raise InputError(f"{path}: lies in {file.crs.to_string()}; the grid of a geoid lies in degrees")
    if turn_a or turn_b or down >= 0.0 or min(file.width, file.height) < 2:
        raise InputError(f"{path}: {file.width} x {file.height} points, not in rows from the north")
    south = north + down * file.height
    if not (-360.0 <= west < west + across * file.width <= 540.0 and -91.0 <= south < north <= 91.0):
        raise InputError(f"{path}: from {west:g}, {south:g} to {north:g} N: no degrees; name its places so")
    if abs(across + down) > _ALIKE * across:
        raise InputError(
            f"{path}: steps of {across:g} and {-down:g} degrees; bring it to even ones (gdalwarp -tr)"
        )
    return across, west + across / 2, south - down / 2
