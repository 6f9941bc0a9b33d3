"""The ground under an outline: exact mean and lowest height of a surface of triangles, in closed form.

Tried on Seoul's 162,003 buildings, CPU seconds with reading the terrain: cutting fans of each outline by
every triangle 5.7; planes and creases where an outline lies on one triangle and its neighbours, the rest cut,
2.6; this 1.5. All agree to a nanometre.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smap.ground.surface import TileSurface, ragged

__all__ = ["Outlines", "centroids", "following", "inside_cell", "over_surface"]

Array = NDArray[np.float64]
_ROWS_AT_ONCE = 50_000
"""Pairs of a side and a triangle in memory together: about 15 MB."""


@dataclass(frozen=True)
class Outlines:
    """n outlines in the unit square of a tile. xy: float64 (v, 2). offsets: int64 (n + 1,) of their corners.

    after: int64 (v,), the next corner of the same ring; outer rings counter-clockwise, holes clockwise.
    """

    xy: Array
    offsets: NDArray[np.int64]
    after: NDArray[np.int64]


def centroids(lonlat: Array, rings: NDArray[np.int64], ring_feature: NDArray[np.int64], count: int) -> Array:
    """Centroids of the areas of features: float64 (count, 2); without an area, the mean of the corners.

    lonlat (v, 2) with rings as offsets (r + 1,); holes run the other way round. ring_feature: int64 (r,).
    """
    ring, _ = ragged(np.diff(rings))
    feature = ring_feature[ring]
    corners = np.bincount(feature, minlength=count)
    mean = np.column_stack([np.bincount(feature, lonlat[:, k], count) for k in (0, 1)]) / corners[:, None]
    local = lonlat - mean[feature]
    after = following(rings, len(lonlat))
    cross = local[:, 0] * local[after, 1] - local[after, 0] * local[:, 1]
    area = np.bincount(feature, cross, count)
    moment = np.column_stack(
        [np.bincount(feature, (local[:, k] + local[after, k]) * cross, count) for k in (0, 1)]
    )
    size = np.maximum.reduceat(np.abs(local).sum(axis=1), np.searchsorted(feature, np.arange(count))) ** 2
    flat = np.abs(area) <= 1e-9 * size
    return np.asarray(mean + np.where(flat[:, None], 0.0, moment / np.where(flat, 1.0, 3.0 * area)[:, None]))


def following(rings: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The next corner of the same ring for each of count corners: int64 (count,)."""
    after = np.arange(count, dtype=np.int64) + 1
    is_ring = np.diff(rings) > 0
    after[rings[1:][is_ring] - 1] = rings[:-1][is_ring]
    return after


def over_surface(surface: TileSurface, outlines: Outlines) -> tuple[Array, Array, Array]:
    """Of n outlines within the tile: the area, the integral of the height, the lowest along the sides.

    Each float64 (n,), areas in squares of the tile's side; the lowest is infinite where all sides miss it.

    Derivation. On a triangle o, p, q the height is f. The field F(x) = (x - o) (f(o) / 6 + f(x) / 3) has
    the divergence f and no flow through the two sides at o. So the integral of f over what an outline and the
    triangle share is the flow of F through the outline's sides where they are inside the triangle, and
    through the side pq where that is inside the outline: from where sides go over the line pq one way to
    where they come back, both held between p and q. In barycentric coordinates these are short polynomials,
    and nothing is cut into pieces.
    """
    count = len(outlines.offsets) - 1
    area, volume, lowest = np.zeros(count), np.zeros(count), np.full(count, np.inf)
    begin = outlines.offsets[:-1]
    low, high = (least.reduceat(outlines.xy, begin, axis=0) for least in (np.minimum, np.maximum))
    outline, mesh = surface.meeting(low, high)
    rows = np.cumsum(np.diff(outlines.offsets)[outline])
    for part in _portions(rows):
        mine, theirs = outline[part], mesh[part]
        one_area, one_volume, low_there = _on_triangles(surface, outlines, mine, theirs)
        area += np.bincount(mine, one_area, count)
        volume += np.bincount(mine, one_volume, count)
        np.minimum.at(lowest, mine, low_there)
    return area, volume, lowest


def inside_cell(outlines: Outlines, low: tuple[float, float], high: tuple[float, float]) -> Outlines:
    """What of each outline lies in a rectangle; an outline that misses it becomes a point.

    By cutting each ring at the four sides: I. Sutherland, G. Hodgman, "Reentrant polygon clipping", CACM
    17(1), 1974. What runs to and fro along a side has no area.
    """
    last = np.flatnonzero(outlines.after <= np.arange(len(outlines.xy))) + 1
    rings = np.split(outlines.xy, last[:-1])
    for axis, sign, limit in ((0, 1, low[0]), (0, -1, high[0]), (1, 1, low[1]), (1, -1, high[1])):
        rings = [_cut(ring, sign * (ring[:, axis] - limit)) for ring in rings]
    counts = np.array([len(ring) for ring in rings])
    of_outline = np.searchsorted(outlines.offsets, last - 1, side="right") - 1
    offsets = np.concatenate([[0], np.cumsum(np.bincount(of_outline, counts, len(outlines.offsets) - 1))])
    ends = np.concatenate([[0], np.cumsum(counts)])
    return Outlines(np.concatenate(rings), offsets.astype(np.int64), following(ends, int(ends[-1])))


def _cut(ring: Array, distance: Array) -> Array:
    """The part of a ring (n, 2) whose distance (n,) is not below 0; a single corner where there is none."""
    kept = distance >= 0.0
    crosses = kept != np.roll(kept, -1)
    share = distance / np.where(crosses, distance - np.roll(distance, -1), 1.0)
    crossing = ring + share[:, None] * (np.roll(ring, -1, axis=0) - ring)
    corners = np.stack([ring, crossing], axis=1)[np.column_stack([kept, crosses])]
    return corners if len(corners) else ring[:1]


def _portions(rows: NDArray[np.int64]) -> list[slice]:
    """Slices of pairs whose rows, of which these are the running sums, are not too many at once."""
    ends = np.flatnonzero(np.diff(rows // _ROWS_AT_ONCE)) + 1
    edges = [0, *ends.tolist(), len(rows)]
    return [slice(a, b) for a, b in pairwise(edges)]


def _on_triangles(
    surface: TileSurface, outlines: Outlines, outline: NDArray[np.int64], mesh: NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """Area, integral and lowest of pairs of an outline and a triangle: float64 (k,)."""
    counts = np.diff(outlines.offsets)[outline]
    pair, place = ragged(counts)
    begin = np.cumsum(counts) - counts
    first = outlines.offsets[outline][pair]
    after = begin[pair] + outlines.after[first + place] - first
    here = _barycentric(surface, mesh[pair], outlines.xy[first + place])
    then = [each[after] for each in here]
    heights = surface.corner_heights[mesh[pair]].T
    inner, outer = _within(here, then)
    f_here = heights[0] * here[0] + heights[1] * here[1] + heights[2] * here[2]
    rise = f_here[after] - f_here
    length = np.maximum(outer - inner, 0.0)
    flow = (here[1] * then[2] - here[2] * then[1]) * length
    value = heights[0] / 6.0 + (f_here + (inner + outer) / 2.0 * rise) / 3.0
    way, along = _over_base(here, then)
    base = heights[0] / 6.0 * along + (heights[1] + (heights[2] - heights[1]) * along / 2.0) * along / 3.0
    twice = surface.twice_area[mesh]
    area = np.add.reduceat((flow + way * along) / 2.0, begin) * twice
    volume = np.add.reduceat(flow * value + way * base, begin) * twice
    ends = f_here + np.where(rise < 0.0, outer, inner) * rise
    return area, volume, np.minimum.reduceat(np.where(inner <= outer, ends, np.inf), begin)


def _barycentric(surface: TileSurface, triangle: NDArray[np.int64], xy: Array) -> list[Array]:
    a, b, c = (surface.inside[triangle, :, k] for k in range(3))
    x, y = xy[:, :1], xy[:, 1:]
    return list((a + b * x + c * y).T)


def _within(here: list[Array], then: list[Array]) -> tuple[Array, Array]:
    """From and to which share of each side it lies in the triangle; to is below from where it never does."""
    inner, outer = np.zeros(len(here[0])), np.ones(len(here[0]))
    for one, other in zip(here, then, strict=True):
        fall = one - other
        crossing = one / np.where(fall == 0.0, 1.0, fall)
        inner = np.where(fall < 0.0, np.maximum(inner, crossing), inner)
        outer = np.where(fall > 0.0, np.minimum(outer, crossing), outer)
        outer = np.where((fall == 0.0) & (one < 0.0), -1.0, outer)
    return inner, outer


def _over_base(here: list[Array], then: list[Array]) -> tuple[Array, Array]:
    """Whether each side crosses the line pq, inward 1 and outward -1, else 0; and where, p 0 and q 1."""
    way = (then[0] >= 0.0).astype(np.float64) - (here[0] >= 0.0)
    fall = here[0] - then[0]
    share = here[0] / np.where(fall == 0.0, 1.0, fall)
    return way, np.where(way == 0, 0.0, np.clip(here[2] + share * (then[2] - here[2]), 0.0, 1.0))
