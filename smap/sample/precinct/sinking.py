"""The ground under floors lies lower than written, so that no triangle of the drawn ground shows in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from smap.sample.facts import Plane
from smap.sample.ground import FINE_M, Ground
from smap.sample.precinct.facts import Precinct

__all__ = ["with_floors"]

SINK_M, RAMP_M = 1.7, 8.0
"""So deep (the drawn ground misses the written by up to 1.1 m), and so far inside an edge."""


def with_floors(
    ground: Ground, precincts: Sequence[Precinct], standing: Sequence[shapely.Geometry], plane: Plane
) -> Ground:
    """The ground as it is drawn. standing: shapely Polygons of what is seated on it and keeps its height."""
    shapes = [p.shape_on(f.outline, plane) for p in precincts for f in p.floors]
    if not shapes:
        return ground
    whole = shapely.union_all(shapes)
    rows, columns = ground.heights.shape
    x, y = np.meshgrid(ground.x0 + FINE_M * np.arange(columns), ground.y0 + FINE_M * np.arange(rows))
    inside = shapely.contains_xy(whole, x, y)
    points = shapely.points(x[inside], y[inside])
    deep = np.clip(shapely.distance(shapely.boundary(whole), points) / RAMP_M, 0.0, 1.0)
    if standing:
        near = shapely.distance(shapely.union_all(list(standing)), points)
        deep *= np.clip((near - FINE_M) / RAMP_M, 0.0, 1.0)
    heights = ground.heights.copy()
    heights[inside] -= SINK_M * deep
    return replace(ground, heights=heights)
