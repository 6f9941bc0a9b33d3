"""Footprints as shapely's polygons and back, for what arrays alone cannot tell: what covers what."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.scene.footprint import Footprints

__all__ = ["as_footprints", "as_shapes"]


def as_shapes(footprints: Footprints) -> NDArray[np.object_]:
    """A multipolygon for each feature, object (n,), in radians."""
    rings = footprints.rings
    counts = np.diff(rings) + 1
    closed = np.concatenate([[0], np.cumsum(counts)])
    source = np.arange(closed[-1]) - np.repeat(closed[:-1] - rings[:-1], counts)
    source[closed[1:] - 1] = rings[:-1]
    offsets = (closed, footprints.polygons, footprints.features)
    made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, footprints.lonlat[source], offsets)
    return np.asarray(made, object)


def as_footprints(shapes: NDArray[np.object_]) -> Footprints:
    """Polygons and multipolygons, object (n,), in radians, none empty, as features."""
    parts, feature = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, polygon = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    counts = np.bincount(ring, minlength=len(rings))
    ends = np.cumsum(counts)
    is_open = np.ones(len(xy), bool)
    is_open[ends - 1] = False
    return Footprints(
        xy[is_open],
        _offsets(counts - 1),
        _offsets(np.bincount(polygon, minlength=len(parts))),
        _offsets(np.bincount(feature, minlength=len(shapes))),
    )


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
