"""Flat roofs: footprints cut into triangles."""

from __future__ import annotations

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints

__all__ = ["cut_roofs"]


def cut_roofs(footprints: Footprints, xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Triangles over the vertices of the footprints, int64 (t, 3), counter-clockwise seen from above.

    xy: float64 (v, 2), metres in a plane. A polygon that is seen whole from its sharpest inner corner, as
    convex ones and those in the shape of an L are, is a fan about it; the rest goes through ear clipping,
    the one call per polygon.
    """
    starts = footprints.rings[footprints.polygons[:-1]]
    sizes = footprints.rings[footprints.polygons[1:]] - starts
    one_ring = np.flatnonzero(np.diff(footprints.polygons) == 1)
    fans, seen = _fans(xy, starts[one_ring], sizes[one_ring])
    others = np.ones(len(sizes), bool)
    others[one_ring[seen]] = False
    return np.concatenate([fans, _clip_ears(footprints, xy, np.flatnonzero(others))])


def _fans(
    xy: NDArray[np.float64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Triangles int64 (t, 3) of those rings that are fans, and which are: bool (n,).

    Simple and counter-clockwise, a ring whose corners turn left all the way about one of them is that fan.
    """
    ends = np.cumsum(sizes)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    first = np.repeat(ends - sizes, sizes)
    place = np.arange(len(ring)) - first
    size = sizes[ring]
    corner = first + (place + np.repeat(_apexes(xy, starts, sizes), sizes)) % size
    vertex = starts[ring] + corner - first
    x, y = xy[vertex, 0], xy[vertex, 1]
    inner = np.flatnonzero((place > 0) & (place < size - 1))
    a, b, c = first[inner], inner, inner + 1
    twice = (x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a])
    seen = np.bincount(ring[inner], twice <= 0.0, len(sizes)) == 0
    chosen = seen[ring[inner]]
    return np.stack([vertex[a[chosen]], vertex[b[chosen]], vertex[c[chosen]]], axis=1), seen


def _apexes(
    xy: NDArray[np.float64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of each ring the place of the corner that turns farthest to the right, the first of several.

    Of convex rings it is the first corner.
    """
    ends = np.cumsum(sizes)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    vertex = np.arange(len(ring)) + np.repeat(starts - (ends - sizes), sizes)
    x, y = xy[vertex, 0], xy[vertex, 1]
    before, after = np.arange(len(ring)) - 1, np.arange(len(ring)) + 1
    before[ends - sizes], after[ends - 1] = ends - 1, ends - sizes
    turn = (x - x[before]) * (y[after] - y) - (x[after] - x) * (y - y[before])
    least = np.minimum.reduceat(turn, ends - sizes) if len(ends) else turn
    found = np.flatnonzero(turn == np.repeat(least, sizes))
    first = np.searchsorted(found, ends - sizes)
    return np.where(least > 0.0, 0, found[first] - (ends - sizes))


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
