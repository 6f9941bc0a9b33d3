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
    rings = footprints.rings
    firsts, lasts = footprints.polygons[polygons], footprints.polygons[polygons + 1]
    starts, ends = rings[firsts], rings[lasts]
    alone = {size: np.array([size], np.uint32) for size in np.unique(ends - starts).tolist()}
    cuts = []
    bounds = (firsts.tolist(), lasts.tolist(), starts.tolist(), ends.tolist())
    for first, last, start, end in zip(*bounds, strict=True):
        one_ring = last - first == 1
        of = alone[end - start] if one_ring else (rings[first + 1 : last + 1] - start).astype(np.uint32)
        cuts.append(mapbox_earcut.triangulate_float64(xy[start:end], of))
    if not cuts:
        return np.empty((0, 3), np.int64)
    shift = np.repeat(starts, [len(cut) for cut in cuts])
    return np.asarray((np.concatenate(cuts).astype(np.int64) + shift).reshape(-1, 3))
