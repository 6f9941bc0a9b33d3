"""What the ground may look like beyond the outline of elevation data: calmer the farther away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.geo.crs import to_lonlat
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.elevation import Elevation, Raster

__all__ = ["Horizon", "horizon_of"]

# Nodes a side of the lattice on which it is worked out (Seoul: 470 m apart) and points of the outline that
# count: 1,402 cells lie along that of Seoul. 100 million distances, 1 s
_SIDE, _MOST_POINTS = 256, 1_500
# So near the outline the average takes no fewer neighbours
_LEAST_WIDTH_M = 500.0
_STRIP = 4  # rows of the lattice worked on at once: 12 MB


@dataclass(frozen=True)
class Horizon:
    """Averages of the heights along an outline, weighed by distance. spline: over latitude and longitude.

    bounds: west, south, east, north in radians; beyond them as there.
    """

    bounds: tuple[float, float, float, float]
    spline: Any

    def heights(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights (r, c) where columns at lon (c,) cross rows at lat (r,), both ascending, radians."""
        west, south, east, north = self.bounds
        return np.asarray(self.spline(np.clip(lat, south, north), np.clip(lon, west, east)), np.float64)


def horizon_of(elevation: Elevation, reach_m: float) -> Horizon:
    """The horizon of elevation data, as far as `reach_m` beyond it.

    A point of the outline weighs 1 / (r^2 - d^2 + w^2): r its distance, d that of the nearest, and w = d but
    at least half a kilometre or a step of the lattice. With w = d along a straight outline this is Poisson's
    kernel of the half-plane, so the heights are harmonic: no ridge runs outwards, none is higher than the
    outline, and whatever is smaller than the distance is gone.
    """
    from scipy.interpolate import RectBivariateSpline

    west, south, east, north = elevation.bounds
    up, across = reach_m / SEMI_MAJOR_M, reach_m / SEMI_MAJOR_M / math.cos((south + north) / 2)
    lon = np.linspace(west - across, east + across, _SIDE)
    lat = np.linspace(south - up, north + up, _SIDE)
    scale = SEMI_MAJOR_M * np.array([math.cos((south + north) / 2), 1.0])
    outline = np.concatenate([_outline(raster, len(elevation.rasters)) for raster in elevation.rasters])
    least = max(_LEAST_WIDTH_M, float(lat[1] - lat[0]) * scale[1], float(lon[1] - lon[0]) * scale[0])
    rows = [_averages(lon, lat[k : k + _STRIP], outline, scale, least) for k in range(0, _SIDE, _STRIP)]
    bounds = (float(lon[0]), float(lat[0]), float(lon[-1]), float(lat[-1]))
    return Horizon(bounds, RectBivariateSpline(lat, lon, np.concatenate(rows)))


def _averages(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    outline: NDArray[np.float64],
    scale: NDArray[np.float64],
    least: float,
) -> NDArray[np.float64]:
    east = ((lon[:, None] - outline[:, 0]) * scale[0]) ** 2
    north = ((lat[:, None] - outline[:, 1]) * scale[1]) ** 2
    squares = north[:, None, :] + east[None, :, :]
    nearest = squares.min(axis=2, keepdims=True)
    weights = 1.0 / (squares - nearest + np.maximum(nearest, least**2))
    return np.asarray((weights * outline[:, 2]).sum(axis=2) / weights.sum(axis=2))


def _outline(raster: Raster, of: int) -> NDArray[np.float64]:
    """(n, 3): longitude, latitude and height of the outermost cells, or averages of neighbours among them."""
    rows, columns = raster.shape
    row, column = np.arange(rows), np.arange(columns)
    at = np.concatenate(
        [
            np.stack([np.zeros_like(column), column], axis=1),
            np.stack([row, np.full_like(row, columns - 1)], axis=1),
            np.stack([np.full_like(column, rows - 1), column[::-1]], axis=1),
            np.stack([row[::-1], np.zeros_like(row)], axis=1),
        ]
    )
    to_map = np.linalg.inv(np.vstack([raster.to_cell, [0.0, 0.0, 1.0]]))[:2]
    x, y = to_map @ np.stack([at[:, 1] + 0.5, at[:, 0] + 0.5, np.ones(len(at))])
    lon, lat = to_lonlat(raster.crs, x, y)
    points = np.stack([lon, lat, raster.heights_at(at[:, 0], at[:, 1]).astype(np.float64)], axis=1)
    runs = np.array_split(points, min(len(points), max(4, _MOST_POINTS // of)))
    return np.stack([run.mean(axis=0) for run in runs])
