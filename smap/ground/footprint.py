"""The ground under an outline: exact mean and lowest height of a surface of triangles, by clipping."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from smap.ground.surface import TileSurface, ragged

__all__ = ["centroids", "fans", "integrals", "lowest_along"]

Array = NDArray[np.float64]
_PAIRS_AT_ONCE = 200_000


def centroids(lonlat: Array, rings: NDArray[np.int64], ring_feature: NDArray[np.int64], count: int) -> Array:
    """Centroids of the areas of features: float64 (count, 2); without an area, the mean of the corners.

    lonlat (v, 2) with rings as offsets (r + 1,); holes run the other way round. ring_feature: int64 (r,).
    """
    ring, _ = ragged(np.diff(rings))
    feature = ring_feature[ring]
    corners = np.bincount(feature, minlength=count)
    mean = np.column_stack([np.bincount(feature, lonlat[:, k], count) for k in (0, 1)]) / corners[:, None]
    local = lonlat - mean[feature]
    following = np.arange(len(lonlat)) + 1
    ends = rings[1:][np.diff(rings) > 0]
    following[ends - 1] = rings[:-1][np.diff(rings) > 0]
    cross = local[:, 0] * local[following, 1] - local[following, 0] * local[:, 1]
    area = np.bincount(feature, cross, count)
    moment = np.column_stack(
        [np.bincount(feature, (local[:, k] + local[following, k]) * cross, count) for k in (0, 1)]
    )
    size = np.maximum.reduceat(np.abs(local).sum(axis=1), np.searchsorted(feature, np.arange(count))) ** 2
    flat = np.abs(area) <= 1e-9 * size
    return np.asarray(mean + np.where(flat[:, None], 0.0, moment / np.where(flat, 1.0, 3.0 * area)[:, None]))


def fans(
    lonlat: Array, rings: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Rings cut into fans of signed triangles, and their sides.

    chosen: int64 (k,), which rings. Gives triangles (t, 3, 2), sides (s, 2, 2) and the ring of each side; the
    triangle of a side joins it to the ring's first corner, so t = s.
    """
    ring, place = ragged(np.diff(rings)[chosen])
    start = rings[chosen][ring]
    count = np.diff(rings)[chosen][ring]
    here, after = lonlat[start + place], lonlat[start + (place + 1) % count]
    return np.stack([lonlat[start], here, after], axis=1), np.stack([here, after], axis=1), chosen[ring]


def integrals(surface: TileSurface, triangles: Array) -> tuple[Array, Array]:
    """For each signed triangle (m, 3, 2) in the tile's unit square: its area on the surface, and its volume.

    Volume: the integral of the height over that area; both carry the sign of the triangle's turn.
    """
    area, volume = np.zeros(len(triangles)), np.zeros(len(triangles))
    corner = np.ascontiguousarray(triangles.transpose(1, 2, 0))
    box, mesh = surface.meeting(triangles.min(axis=1), triangles.max(axis=1))
    for at in range(0, len(box), _PAIRS_AT_ONCE):
        mine, theirs = box[at : at + _PAIRS_AT_ONCE], mesh[at : at + _PAIRS_AT_ONCE]
        for piece, which in _pieces(corner[..., mine], surface.inside[theirs].transpose(1, 2, 0)):
            part, height = _area_and_height(piece, surface.plane[theirs[which]])
            area += np.bincount(mine[which], part, len(triangles))
            volume += np.bincount(mine[which], part * height, len(triangles))
    return area, volume


def _pieces(corner: Array, sides: Array) -> Iterator[tuple[Array, NDArray[np.int64]]]:
    """What triangles share with others: convex polygons (k, 2, p) and of which pairs they are, int64 (p,).

    corner: (3, 2, n). sides: (3, 3, n), the half-planes of the other triangle. Most pairs are settled without
    clipping: wholly inside all sides, or wholly outside of one.
    """
    distance = sides[:, None, 0] + sides[:, None, 1] * corner[:, 0] + sides[:, None, 2] * corner[:, 1]
    whole = (distance.min(axis=(0, 1))) >= 0.0
    apart = (distance.max(axis=1) <= 0.0).any(axis=0)
    yield corner[..., whole], np.flatnonzero(whole)
    cut = np.flatnonzero(~whole & ~apart)
    piece = corner[..., cut]
    for side in range(3):
        piece = _clipped(piece, sides[side][:, cut])
    yield piece, cut


def _clipped(piece: Array, side: Array) -> Array:
    """Convex polygons (k, 2, n) cut by half-planes a + b x + c y >= 0: (k + 1, 2, n), the last repeated.

    I. Sutherland, G. Hodgman, "Reentrant polygon clipping", CACM 17(1), 1974.
    """
    k, _, n = piece.shape
    distance = side[0] + side[1] * piece[:, 0] + side[2] * piece[:, 1]
    following, further = np.roll(piece, -1, axis=0), np.roll(distance, -1, axis=0)
    crosses = (distance >= 0.0) != (further >= 0.0)
    share = distance / np.where(crosses, distance - further, 1.0)
    on_side = piece + share[:, None] * (following - piece)
    corners = np.stack([piece, on_side], axis=1).reshape(2 * k, 2, n)
    kept = np.stack([distance >= 0.0, crosses], axis=1).reshape(2 * k, n)
    place = np.cumsum(kept, axis=0) - 1
    found = np.zeros((k + 1, 2, n))
    row, column = np.nonzero(kept)
    found[place[row, column], :, column] = corners[row, :, column]
    for corner in range(1, k + 1):
        found[corner] = np.where(corner <= place[-1], found[corner], found[corner - 1])
    return found


def _area_and_height(piece: Array, plane: Array) -> tuple[Array, Array]:
    """Signed areas of polygons (k, 2, n) and the heights of planes (n, 3) at their centroids."""
    local = piece - piece[:1]
    following = np.roll(local, -1, axis=0)
    cross = local[:, 0] * following[:, 1] - following[:, 0] * local[:, 1]
    area = cross.sum(axis=0)
    moment = ((local + following) * cross[:, None]).sum(axis=0)
    x, y = piece[0] + moment / np.where(area == 0.0, 1.0, 3.0 * area)
    return area / 2, plane[:, 0] + plane[:, 1] * x + plane[:, 2] * y


def lowest_along(surface: TileSurface, sides: Array) -> Array:
    """The lowest height along each side (m, 2, 2) within the tile; infinite where a side misses it."""
    lowest = np.full(len(sides), np.inf)
    box, mesh = surface.meeting(sides.min(axis=1), sides.max(axis=1))
    start, run = sides[box, 0], sides[box, 1] - sides[box, 0]
    inner, outer = np.zeros(len(box)), np.ones(len(box))
    for side in range(3):
        a, b, c = surface.inside[mesh, side].T
        distance = a + b * start[:, 0] + c * start[:, 1]
        slope = b * run[:, 0] + c * run[:, 1]
        crossing = -distance / np.where(slope == 0.0, 1.0, slope)
        inner = np.where(slope > 0.0, np.maximum(inner, crossing), inner)
        outer = np.where(slope < 0.0, np.minimum(outer, crossing), outer)
        outer = np.where((slope == 0.0) & (distance < 0.0), -1.0, outer)
    meets = np.flatnonzero(inner <= outer)
    for share in (inner[meets], outer[meets]):
        at = start[meets] + share[:, None] * run[meets]
        height = surface.height_in(mesh[meets], at[:, 0], at[:, 1])
        np.minimum.at(lowest, box[meets], height)
    return lowest
