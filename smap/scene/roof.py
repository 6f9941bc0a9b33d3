"""Flat roofs: footprints cut into triangles."""

from __future__ import annotations

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints

__all__ = ["cut_roofs"]


def cut_roofs(footprints: Footprints, xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Triangles over the vertices of the footprints, int64 (t, 3), counter-clockwise seen from above.

    xy: float64 (v, 2), metres in a plane about each feature. Triangles and convex quads need no search; the
    rest goes through ear clipping, the one call per polygon.
    """
    starts = footprints.rings[footprints.polygons[:-1]]
    sizes = footprints.rings[footprints.polygons[1:]] - starts
    triangles = np.flatnonzero(sizes == 3)
    quads = np.flatnonzero(sizes == 4)
    corners = starts[quads][:, None] + np.arange(4)
    convex = _is_convex(xy[corners])
    plain = np.ones(len(sizes), bool)
    plain[triangles] = plain[quads[convex]] = False
    parts = [
        starts[triangles][:, None] + np.arange(3),
        corners[convex][:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3),
        _clip_ears(footprints, xy, np.flatnonzero(plain)),
    ]
    return np.concatenate(parts)


def _is_convex(quads: NDArray[np.float64]) -> NDArray[np.bool_]:
    edge = np.roll(quads, -1, axis=1) - quads
    after = np.roll(edge, -1, axis=1)
    turn = edge[..., 0] * after[..., 1] - edge[..., 1] * after[..., 0]
    return np.asarray((turn > 0.0).all(axis=1))


def _clip_ears(
    footprints: Footprints, xy: NDArray[np.float64], polygons: NDArray[np.int64]
) -> NDArray[np.int64]:
    rings, first = footprints.rings, footprints.polygons
    parts = []
    for polygon in polygons.tolist():
        ends = rings[first[polygon] : first[polygon + 1] + 1]
        start = ends[0]
        cut = mapbox_earcut.triangulate_float64(xy[start : ends[-1]], (ends[1:] - start).astype(np.uint32))
        parts.append(cut.astype(np.int64) + start)
    return np.concatenate(parts).reshape(-1, 3) if parts else np.empty((0, 3), np.int64)
