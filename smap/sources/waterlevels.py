"""How high water stands: lakes level, rivers falling, by the heights that elevation has there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.elevation import Elevation

__all__ = ["WaterLevel", "flattened", "level_of"]

Array = NDArray[np.float64]

_SIDE, _LEAST_POINTS = 100, 30
"""Places of a lattice over an area, each way; if fewer lie on its water, its banks are asked."""
_BANK_POINTS = 4000
_REACH_M = 500.0
"""A river's level is told for stretches of this length; what is shorter than three is a lake."""
_LOW = 30.0
"""Banks and bridges stand above the water, nothing below it: its level is this percentile of the heights."""
_TRUST_M, _DOUBT_M = 3.0, 6.0
"""A place that lies farther from the level than the first gives way to the ground as it is, and from the
second on is that alone. So a brook that runs into a river under one outline keeps its own height.
"""


@dataclass(frozen=True)
class WaterLevel:
    """The level of one area along its longer axis. origin: radians. axis: (2,), radians to metres along it.

    at: float64 (k,), metres, rising; metres: float64 (k,), the level there.
    """

    origin: Array
    axis: Array
    at: Array
    metres: Array

    def heights(self, lon: Array, lat: Array) -> Array:
        """Metres above the source's datum at positions in radians."""
        along = (lon - self.origin[0]) * self.axis[0] + (lat - self.origin[1]) * self.axis[1]
        return np.asarray(np.interp(along, self.at, self.metres))


def level_of(polygon: shapely.Polygon, elevation: Elevation) -> WaterLevel | None:
    """The level of an area of water, its outline in degrees; None where elevation knows nothing of it."""
    places = _places_in(polygon)
    found = elevation.sample(places[:, 0], places[:, 1])
    places, height = places[found.valid], found.height[found.valid]
    if len(places) < 3:
        return None
    origin = places.mean(axis=0)
    scale = SEMI_MAJOR_M * np.array([np.cos(origin[1]), 1.0])
    metres = (places - origin) * scale
    axis = np.linalg.svd(metres, full_matrices=False)[2][0]
    along = metres @ axis
    at, level = _stretches(along, height)
    return WaterLevel(origin, axis * scale, at, level)


def _places_in(polygon: shapely.Polygon) -> Array:
    """Places on the water, or along its banks: float64 (n, 2), radians."""
    west, south, east, north = polygon.bounds
    share = (np.arange(_SIDE) + 0.5) / _SIDE
    x, y = np.meshgrid(west + share * (east - west), south + share * (north - south))
    inside = shapely.contains_xy(polygon, x, y)
    if inside.sum() >= _LEAST_POINTS:
        return np.asarray(np.radians(np.stack([x[inside], y[inside]], axis=1)))
    outline = shapely.get_exterior_ring(polygon)
    step = max(outline.length / _BANK_POINTS, 1e-7)
    return np.asarray(np.radians(shapely.get_coordinates(shapely.segmentize(outline, step))[:-1]))


def _stretches(along: Array, height: Array) -> tuple[Array, Array]:
    low, high = float(along.min()), float(along.max())
    count = int((high - low) / _REACH_M)
    if count < 3:
        return np.zeros(1), np.array([np.percentile(height, _LOW)])
    stretch = np.minimum(((along - low) / (high - low) * count).astype(np.int64), count - 1)
    some = np.unique(stretch)
    level = np.array([np.percentile(height[stretch == one], _LOW) for one in some])
    middle = low + (some + 0.5) * (high - low) / count
    if np.polyfit(middle, level, 1)[0] > 0.0:
        return middle, _falling(level[::-1])[::-1]
    return middle, _falling(level)


def _falling(level: Array) -> Array:
    """The mean of the highest course below the levels that never rises, and of the lowest one above."""
    below = np.minimum.accumulate(level)
    above = np.maximum.accumulate(level[::-1])[::-1]
    return np.asarray((below + above) / 2.0)


def flattened(
    heights: Array, lon: Array, lat: Array, shapes: Sequence[Any], levels: Sequence[WaterLevel | None]
) -> Array:
    """Heights (r, c), where columns at lon (c,) cross rows at lat (r,), with the water of these areas level.

    shapes: GeoJSON polygons in degrees.
    """
    which = _areas_at(lon, lat, shapes)
    row, column = np.nonzero(which)
    flat = heights.copy()
    for number in np.unique(which[row, column]).tolist():
        level = levels[number - 1]
        if level is None:
            continue
        mine = which[row, column] == number
        r, c = row[mine], column[mine]
        wanted, ground = level.heights(lon[c], lat[r]), heights[r, c]
        trust = np.clip((_DOUBT_M - np.abs(ground - wanted)) / (_DOUBT_M - _TRUST_M), 0.0, 1.0)
        flat[r, c] = ground + trust * (wanted - ground)
    return flat


def _areas_at(lon: Array, lat: Array, shapes: Sequence[Any]) -> NDArray[np.int32]:
    """The number of the area, from 1, that each node lies in, else 0."""
    import rasterio
    import rasterio.features

    x, y = np.degrees(lon), np.degrees(lat)
    across, up = (float(a[-1] - a[0]) / (len(a) - 1) for a in (x, y))
    # pixels have their middles at the nodes, rows from the north
    transform = rasterio.Affine(across, 0.0, x[0] - across / 2, 0.0, -up, y[-1] + up / 2)
    numbered = ((shape, number) for number, shape in enumerate(shapes, 1))
    found = rasterio.features.rasterize(
        numbered, out_shape=(len(lat), len(lon)), transform=transform, dtype="int32"
    )
    return np.asarray(found[::-1], np.int32)
