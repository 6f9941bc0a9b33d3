"""What the ground may look like beyond the outline of elevation data: calmer the farther away."""

from __future__ import annotations

import math
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Horizon:
    """Averages of the heights along an outline, weighed by distance.

    nodes: float64 (r, c), at even distances from south to north and west to east of the bounds. bounds: west,
    south, east, north in radians; beyond them as there.
    """

    bounds: tuple[float, float, float, float]
    nodes: NDArray[np.float64]

    def heights(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights (r, c) where columns at lon (c,) cross rows at lat (r,), radians; smooth between nodes."""
        west, south, east, north = self.bounds
        rows, columns = self.nodes.shape
        along_rows = _between((lat - south) / (north - south) * (rows - 1), self.nodes)
        return _between((lon - west) / (east - west) * (columns - 1), along_rows.T).T


def _between(at: NDArray[np.float64], nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """At places counted in rows of nodes, on cubics through them: E. Catmull, R. Rom, "A class of local
    interpolating splines", Computer Aided Geometric Design, 1974. Their slope is that between neighbours.
    """
    last = len(nodes) - 1
    at = np.clip(at, 0.0, last)
    before = np.minimum(at.astype(np.int64), last - 1)
    t = (at - before)[:, None]
    weights = (
        ((2.0 - t) * t - 1.0) * t / 2.0,
        ((3.0 * t - 5.0) * t * t + 2.0) / 2.0,
        ((4.0 - 3.0 * t) * t + 1.0) * t / 2.0,
        (t - 1.0) * t * t / 2.0,
    )
    found = np.zeros((len(at), nodes.shape[1]))
    for shift, weight in enumerate(weights, -1):
        found += nodes[np.clip(before + shift, 0, last)] * weight
    return found


def horizon_of(elevation: Elevation, reach_m: float) -> Horizon:
    """The horizon of elevation data, as far as `reach_m` beyond it.

    A point of the outline weighs 1 / (r^2 - d^2 + w^2): r its distance, d that of the nearest, and w = d but
    at least half a kilometre or a step of the lattice. With w = d along a straight outline this is Poisson's
    kernel of the half-plane, so the heights are harmonic: no ridge runs outwards, none is higher than the
    outline, and whatever is smaller than the distance is gone.
    """
    west, south, east, north = elevation.bounds
    up, across = reach_m / SEMI_MAJOR_M, reach_m / SEMI_MAJOR_M / math.cos((south + north) / 2)
    lon = np.linspace(west - across, east + across, _SIDE)
    lat = np.linspace(south - up, north + up, _SIDE)
    scale = SEMI_MAJOR_M * np.array([math.cos((south + north) / 2), 1.0])
    outline = np.concatenate([_outline(raster, len(elevation.rasters)) for raster in elevation.rasters])
    least = max(_LEAST_WIDTH_M, float(lat[1] - lat[0]) * scale[1], float(lon[1] - lon[0]) * scale[0])
    bounds = (float(lon[0]), float(lat[0]), float(lon[-1]), float(lat[-1]))
    return Horizon(bounds, _averages(lon, lat, outline, scale, least))


def _averages(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    outline: NDArray[np.float64],
    scale: NDArray[np.float64],
    least: float,
) -> NDArray[np.float64]:
    east = ((lon[:, None] - outline[:, 0]) * scale[0]) ** 2
    north = ((lat[:, None] - outline[:, 1]) * scale[1]) ** 2
    heights = np.stack([outline[:, 2], np.ones(len(outline))], axis=1)
    found = np.empty((len(lat), len(lon)))
    weights = np.empty_like(east)
    for row, squares in zip(found, north, strict=True):
        np.add(east, squares, out=weights)
        nearest = weights.min(axis=1, keepdims=True)
        weights += np.maximum(nearest, least**2) - nearest
        np.reciprocal(weights, out=weights)
        total, weight = (weights @ heights).T
        row[:] = total / weight
    return found


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
