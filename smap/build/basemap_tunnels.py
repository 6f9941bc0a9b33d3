"""Tunnels, where a source does not tell them: straight roads over which the ground bulges steeply.

A map that draws them like other roads leads an avenue over the top of Namsan. Sources cut a road where a
tunnel begins, so a whole line is one or is none.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.elevation import Elevation

__all__ = ["are_tunnels"]

_STEP_M = 25.0
# No avenue climbs so much over 100 m; along a hillside the ground, read a cell beside the road, bulges less;
# a tunnel runs straight. Of 21,625 roads of Seoul 83 are such; by place and length they are its tunnels
_GRADE, _OVER_M, _BULGE_M, _WINDING = 0.20, 100.0, 20.0, 1.15
_SHORTEST_M = 150.0


def are_tunnels(lines: NDArray[np.object_], elevation: Elevation) -> NDArray[np.bool_]:
    """Which of the lines (n,), degrees, must run below the ground."""
    ends = [shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)]
    length = shapely.length(shapely.transform(lines, _metres))
    chord = shapely.length(shapely.transform(shapely.linestrings(np.stack(ends, axis=1)), _metres))
    found = np.zeros(len(lines), bool)
    for i in np.flatnonzero((length >= _SHORTEST_M) & (length < _WINDING * chord)):
        found[i] = _runs_below(lines[i], float(length[i]), elevation)
    return found


def _runs_below(line: shapely.Geometry, length: float, elevation: Elevation) -> bool:
    count = math.ceil(length / _STEP_M) + 1
    points = shapely.line_interpolate_point(line, np.linspace(0, 1, count), normalized=True)
    height = elevation.sample(*np.radians(shapely.get_coordinates(points)).T).height
    bulge = height - np.linspace(height[0], height[-1], count)
    apart = min(round(_OVER_M / _STEP_M), count - 1)
    climb = np.abs(height[apart:] - height[:-apart]) / (apart * length / (count - 1))
    return bool(bulge.max() > _BULGE_M and climb.max() > _GRADE)


def _metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees as metres of a plane whose scale is that of the middle: 0.3 % off at the edge of a city."""
    middle = math.radians((lonlat[:, 1].min() + lonlat[:, 1].max()) / 2.0)
    return np.asarray(np.radians(lonlat) * SEMI_MAJOR_M * np.array([math.cos(middle), 1.0]))
