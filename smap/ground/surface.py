"""The drawn surface of one terrain tile: its triangles, found by position."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.formats.quantized_mesh import FULL, QuantizedMesh

__all__ = ["TOUCH", "TileSurface", "lowest_of_three", "ragged"]

# A side; their numbers fit 16 bits
_MOST_BINS = 256
TOUCH = 1e-9
"""Barycentric coordinates this far below 0 still count as inside: rounding of positions on a shared side."""


def ragged(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For groups of so many members: the group of each member, and its place in the group (both int64)."""
    group = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    begin = np.cumsum(counts) - counts
    return group, np.arange(len(group), dtype=np.int64) - begin[group]


def lowest_of_three(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least of values (n, 3, ...) along their second axis; numpy's own min is far slower on three."""
    return np.asarray(np.minimum(np.minimum(values[:, 0], values[:, 1]), values[:, 2]))


@dataclass(frozen=True)
class TileSurface:
    """Triangles over the unit square (x east, y north), sorted into bins.

    corners: float64 (t, 3, 2); low, high: (t, 2), their extremes; corner_heights: (t, 3), ellipsoidal metres;
    twice_area: (t,), below 0 where the corners run clockwise. inside: (t, 3, 3), barycentric coordinates as
    a + b x + c y. plane: (t, 3), the height as a + b x + c y. bins: how many a side; first: int64
    (bins^2 + 1,) into members, which are the triangles whose rectangles touch a bin.
    """

    corners: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    corner_heights: NDArray[np.float64]
    twice_area: NDArray[np.float64]
    inside: NDArray[np.float64]
    plane: NDArray[np.float64]
    bins: int
    first: NDArray[np.int64]
    members: NDArray[np.int64]

    @staticmethod
    def of(mesh: QuantizedMesh) -> TileSurface:
        """The surface that a client draws of a decoded tile."""
        xy = np.column_stack([mesh.u, mesh.v]).astype(np.float64) / FULL
        corners = xy[mesh.triangles]
        inside, twice_area = _barycentric(corners)
        heights = mesh.heights()[mesh.triangles]
        plane = np.einsum("tk,tkc->tc", heights, inside)
        bins = min(_MOST_BINS, math.isqrt(len(corners)))
        low, high = lowest_of_three(corners), -lowest_of_three(-corners)
        triangle, at = _bins_touched(_bin(low, bins), _bin(high, bins), bins)
        order = np.argsort(at.astype(np.uint16), kind="stable")  # numpy sorts 16 bits by radix
        first = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=bins * bins))])
        return TileSurface(
            corners=corners,
            low=low,
            high=high,
            corner_heights=heights,
            twice_area=twice_area,
            inside=inside,
            plane=plane,
            bins=bins,
            first=first,
            members=triangle[order],
        )

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """The triangle over each position (n,); beyond the tile the nearest by barycentric distance."""
        at = _bin(y, self.bins) * self.bins + _bin(x, self.bins)
        begin, count = self.first[at], np.diff(self.first)[at]
        best = self.members[np.minimum(begin, len(self.members) - 1)]
        depth = np.full(len(x), -np.inf)
        open_ = np.arange(len(x))
        step = 0
        while open_.size:
            candidate = self.members[begin[open_] + step]
            inner = self.depth(candidate, x[open_], y[open_])
            better = inner > depth[open_]
            best[open_[better]] = candidate[better]
            depth[open_[better]] = inner[better]
            step += 1
            open_ = open_[(inner < -TOUCH) & (step < count[open_])]
        return np.asarray(best)

    def depth(
        self, triangle: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The least barycentric coordinate of positions in triangles, float64 (n,): below 0 outside."""
        terms = self.inside.reshape(-1, 9)[triangle].T
        first, second, third = (terms[k] + terms[k + 1] * x + terms[k + 2] * y for k in (0, 3, 6))
        return np.asarray(np.minimum(np.minimum(first, second), third))

    def height_in(
        self, triangle: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Heights of the planes of triangles at positions."""
        a, b, c = self.plane[triangle].T
        return np.asarray(a + b * x + c * y)

    def meeting(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of a rectangle (low, high: float64 (n, 2)) and a triangle that meet, each once."""
        box, at = _bins_touched(_bin(low, self.bins), _bin(high, self.bins), self.bins)
        group, place = ragged(np.diff(self.first)[at])
        triangle = self.members[self.first[at][group] + place]
        box, at = box[group], at[group]
        meets, once = np.ones(len(box), bool), np.zeros(len(box), np.int64)
        for axis, stride in ((0, 1), (1, self.bins)):
            begin = np.maximum(self.low[triangle, axis], low[box, axis])
            meets &= begin <= np.minimum(self.high[triangle, axis], high[box, axis])
            once += _bin(begin, self.bins) * stride  # the one bin that holds the corner of what they share
        chosen = np.flatnonzero(meets & (once == at))
        box, triangle = box[chosen], triangle[chosen]
        reaches = self._reaches(triangle, low[box], high[box])
        return box[reaches], triangle[reaches]

    def _reaches(
        self, triangle: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Whether no side of a triangle has all of its rectangle (low, high: float64 (k, 2)) beyond it."""
        terms = self.inside.reshape(-1, 9)[triangle].T
        found = np.ones(len(triangle), bool)
        for k in (0, 3, 6):
            east, north = terms[k + 1], terms[k + 2]
            most = terms[k] + np.maximum(east * low[:, 0], east * high[:, 0])
            found &= most + np.maximum(north * low[:, 1], north * high[:, 1]) >= 0.0
        return found


def _barycentric(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(t, 3, 3): for each corner k the coefficients a, b, c of its barycentric coordinate a + b x + c y.

    And twice the area of each triangle: (t,).
    """
    nxt, last = np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1)
    a = nxt[..., 0] * last[..., 1] - last[..., 0] * nxt[..., 1]
    b, c = nxt[..., 1] - last[..., 1], last[..., 0] - nxt[..., 0]
    twice_area = a.sum(axis=1)
    return np.stack([a, b, c], axis=-1) / twice_area[:, None, None], twice_area


def _bin(at: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    return np.clip(np.floor(at * bins), 0, bins - 1).astype(np.int64)


def _bins_touched(
    low: NDArray[np.int64], high: NDArray[np.int64], bins: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For rectangles of bins (x, y of the first and the last): which rectangle touches which bin."""
    wide, tall = (high - low + 1).T
    box, place = ragged(wide * tall)
    row, column = np.divmod(place, wide[box])
    return box, (low[box, 1] + row) * bins + low[box, 0] + column
