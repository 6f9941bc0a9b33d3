"""Right-angled triangles on a grid, refined where the ground bends: W. Evans, D. Kirkpatrick, G. Townsend,
"Right-triangulated irregular networks", Algorithmica 30, 2001.

A grid is a board of squares of m x m cells, m a power of two. Each square is two triangles, split again and
again at the middles of their longest sides. A vertex is kept where the ground would leave the triangles
without it by more than a tolerance, or where a kept one hangs on it. Squares beside each other agree on the
vertices of their common side, so there are no cracks.

All arrays lie by squares, (m + 1, m + 1, rows, columns): first the place in a square, from its south-west
corner, then the square. Each step is then a few operations on long rows, whatever the place. Heights are
whole multiples of a power of two and so are shares of a side: float32 is exact here, whatever the order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Board",
    "cells_of",
    "drawn_heights",
    "kept_vertices",
    "middles_of",
    "sides_of",
    "squares_of",
    "triangles_of",
]

Heights = NDArray[np.floating[Any]]
Kept = NDArray[np.bool_]


def squares_of(grid: NDArray[Any], m: int) -> NDArray[Any]:
    """A grid (rows * m + 1, columns * m + 1) by squares; nodes between squares are in each of them."""
    rows, columns = (n // m for n in grid.shape)
    by = np.empty((m + 1, m + 1, rows, columns), grid.dtype)
    inner = grid[:-1, :-1].reshape(rows, m, columns, m)
    by[:m, :m] = inner.transpose(1, 3, 0, 2)
    by[m, :m] = grid[m::m, :-1].reshape(rows, columns, m).transpose(2, 0, 1)
    by[:m, m] = grid[:-1, m::m].reshape(rows, m, columns).transpose(1, 0, 2)
    by[m, m] = grid[m::m, m::m]
    return by


def cells_of(middles: NDArray[Any], m: int) -> NDArray[Any]:
    """What lies in the middle of cells (rows * m, columns * m) by squares: (m, m, rows, columns)."""
    rows, columns = (n // m for n in middles.shape)
    return np.ascontiguousarray(middles.reshape(rows, m, columns, m).transpose(1, 3, 0, 2))


@dataclass(frozen=True)
class Board:
    """The heights of a grid by squares.

    nodes: float32 (m + 1, m + 1, rows, columns). middles: float32 (m, m, rows, columns), of cells; they have
    no vertices, but triangles are to be near them too. rising: bool (rows, columns), squares whose diagonal
    rises eastward.
    """

    nodes: Heights
    middles: Heights
    rising: Kept

    def turned(self) -> Board:
        """With rows and columns of each square exchanged."""
        return Board(self.nodes.swapaxes(0, 1), self.middles.swapaxes(0, 1), self.rising)

    def part(self, rows: slice, columns: slice) -> Board:
        """Some of its squares."""
        return Board(
            self.nodes[..., rows, columns], self.middles[..., rows, columns], self.rising[rows, columns]
        )


def kept_vertices(
    board: Board, tolerance: float, sag: tuple[float, float], wanted: Kept | None = None
) -> Kept:
    """Which vertices triangles need to stay within the tolerance of all nodes and middles: bool, by squares.

    sag: how far the globe rises over the middle of a chord one cell long, along x and along y; it grows with
    the square of the length. wanted: what is kept besides.
    """
    m = len(board.middles)
    keep = np.zeros(board.nodes.shape, bool) if wanted is None else wanted.copy()
    keep[::m, ::m] = True
    scale = 2
    while scale <= m:
        half, squared = scale // 2, scale**2
        keep[::scale, half::scale] |= _sides_bend(board, scale, tolerance - sag[0] * squared)
        along_y = _sides_bend(board.turned(), scale, tolerance - sag[1] * squared)
        keep[half::scale, ::scale] |= along_y.swapaxes(0, 1)
        _mark_centers(keep, board, scale, tolerance - sum(sag) * squared)
        scale *= 2
    _keep_what_leads_to_kept(keep)
    return keep


def _farthest(off: Iterator[Heights]) -> Heights:
    worst = np.abs(next(off))
    for one in off:
        np.maximum(worst, np.abs(one, out=one), out=worst)
    return worst


def _sides_bend(board: Board, scale: int, tolerance: float) -> Kept:
    """Whether nodes leave the triangles that meet at a side along x, of squares of this scale."""
    nodes, half = board.nodes, scale // 2
    west, east = nodes[::scale, :-1:scale], nodes[::scale, scale::scale]
    slope = (east - west) / scale
    bends = _farthest(nodes[::scale, t::scale] - (west + slope * t) for t in range(1, scale)) > tolerance
    if half > 1:
        middle, center = (west + east) / 2, nodes[half::scale, half::scale]
        for lines, above in ((slice(None, -1), True), (slice(1, None), False)):
            rise = (center - middle[lines]) / half
            inner = _farthest(
                there - (west[lines] + slope[lines] * x + rise * y)
                for x, y, there in _beside_sides(board, scale, above)
            )
            bends[lines] |= inner > tolerance
    return np.asarray(bends)


def _beside_sides(board: Board, scale: int, above: bool) -> Iterator[tuple[float, float, Heights]]:
    """Nodes and middles within the triangles on a side along x, how far along it and away from it."""
    count, half = len(board.middles) // scale, scale // 2
    for d in range(half):
        row = d if above else scale - d
        for t in range(d + 1, scale - d) if d else ():
            yield t, d, board.nodes[row::scale, t::scale][:count]
        row = d if above else scale - 1 - d
        for t in range(d + 1, scale - d - 1):
            yield t + 0.5, d + 0.5, board.middles[row::scale, t::scale]


def _mark_centers(keep: Kept, board: Board, scale: int, tolerance: float) -> None:
    half, m = scale // 2, len(board.middles)
    if scale == m:
        up, down = (_diagonal_bends(_Square(board, 0, 0, scale, rising)) for rising in (True, False))
        keep[half::scale, half::scale] |= np.where(board.rising, up, down) > tolerance
        return
    for row, column in ((0, 0), (0, scale), (scale, 0), (scale, scale)):
        bends = _diagonal_bends(_Square(board, row, column, scale, row == column)) > tolerance
        keep[row + half :: 2 * scale, column + half :: 2 * scale] |= bends


@dataclass(frozen=True)
class _Square:
    """Every second square of a scale, from one at row and column, seen from the corner where its diagonal
    begins.
    """

    board: Board
    row: int
    column: int
    scale: int
    rising: bool

    def node(self, p: int, q: int) -> Heights:
        """At so many cells from that corner."""
        return self._each(self.board.nodes, p, q if self.rising else self.scale - q)

    def middle(self, p: int, q: int) -> Heights:
        """Of the cell whose nearest node that is."""
        return self._each(self.board.middles, p, q if self.rising else self.scale - 1 - q)

    def _each(self, heights: Heights, p: int, q: int) -> Heights:
        count = max(1, len(self.board.middles) // self.scale // 2)
        step = 2 * self.scale
        return heights[self.row + p :: step, self.column + q :: step][:count, :count]


def _diagonal_bends(square: _Square) -> Heights:
    """How far nodes and middles leave the two triangles at a square's diagonal."""
    scale = square.scale
    begin, end = square.node(0, 0), square.node(scale, scale)

    def off() -> Iterator[Heights]:
        slope = (end - begin) / scale
        for t in range(scale):
            yield square.middle(t, t) - (begin + slope * (t + 0.5))
        for t in range(1, scale):
            yield square.node(t, t) - (begin + slope * t)
        for below in (True, False):
            apex = square.node(0, scale) if below else square.node(scale, 0)
            to_begin, to_end = (begin - apex) / scale, (end - apex) / scale
            for p, q in combinations(range(scale), 2):
                middle = square.middle(p, q) if below else square.middle(q, p)
                yield middle - (apex + to_begin * (scale - q - 0.5) + to_end * (p + 0.5))
                if p:
                    node = square.node(p, q) if below else square.node(q, p)
                    yield node - (apex + to_begin * (scale - q) + to_end * p)

    return _farthest(off())


def _keep_what_leads_to_kept(keep: Kept) -> None:
    m, scale = len(keep) - 1, 2
    while scale <= m:
        half = scale // 2
        for by in (keep, keep.swapaxes(0, 1)):
            sides = by[::scale, half::scale]
            if half > 1:
                centers = by[half // 2 :: half, half // 2 :: half]
                pairs = centers[:, ::2] | centers[:, 1::2]
                sides[:-1] |= pairs[::2]
                sides[1:] |= pairs[1::2]
        _agree(keep)
        across, up = keep[::scale, half::scale], keep[half::scale, ::scale]
        keep[half::scale, half::scale] |= across[:-1] | across[1:] | up[:, :-1] | up[:, 1:]
        scale *= 2


def _agree(keep: Kept) -> None:
    """What a square keeps on its side its neighbour keeps too."""
    below, above = keep[-1, :, :-1], keep[0, :, 1:]
    below |= above
    above[...] = below
    left, right = keep[:, -1, :, :-1], keep[:, 0, :, 1:]
    left |= right
    right[...] = left


def sides_of(lines: Heights, m: int, tolerance: float) -> Kept:
    """What the sides of tiles keep: the nodes of lines (k, columns * m + 1) that stay within a tolerance of
    straight pieces between kept ones, halved again and again. bool, shape of lines.
    """
    keep = np.zeros(lines.shape, bool)
    scale = 2
    while scale <= m:
        begin, end = lines[:, :-1:scale], lines[:, scale::scale]
        slope, half = (end - begin) / scale, scale // 2
        off = _farthest(lines[:, t::scale] - (begin + slope * t) for t in range(1, scale))
        keep[:, half::scale] = off > tolerance
        if half > 1:
            quarters = keep[:, half // 2 :: half]
            keep[:, half::scale] |= quarters[:, ::2] | quarters[:, 1::2]
        scale *= 2
    return keep


def drawn_heights(board: Board, keep: Kept) -> Heights:
    """The drawn surface at every node, by squares: kept ones as they are, others in between."""
    drawn, scale = board.nodes.copy(), len(board.middles)
    while scale >= 2:
        half = scale // 2
        centers = (slice(half, None, scale),) * 2
        np.copyto(drawn[centers], _diagonal_middles(drawn, scale, board.rising), where=~keep[centers])
        for by, kept in ((drawn, keep), (drawn.swapaxes(0, 1), keep.swapaxes(0, 1))):
            sides = by[::scale, half::scale]
            middles = (by[::scale, :-1:scale] + by[::scale, scale::scale]) / 2
            np.copyto(sides, middles, where=~kept[::scale, half::scale])
        scale = half
    return drawn


def middles_of(drawn: Heights) -> Heights:
    """The drawn surface in the middle of each cell, by squares: (m, m, rows, columns)."""
    return _diagonal_middles(drawn, 1, np.zeros((1, 1), bool))


def _diagonal_middles(drawn: Heights, scale: int, rising: Kept) -> Heights:
    """In the middle of each square of this scale; its diagonal rises eastward where row + column is even."""
    corners = drawn[::scale, ::scale]
    up, down = corners[:-1, :-1] + corners[1:, 1:], corners[:-1, 1:] + corners[1:, :-1]
    if len(up) == 1:
        return np.asarray(np.where(rising, up, down) / 2)
    up[::2, 1::2], up[1::2, ::2] = down[::2, 1::2], down[1::2, ::2]
    up /= 2
    return np.asarray(up)


def triangles_of(keep: Kept, rising: Kept, width: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The triangles of squares, counter-clockwise from above, square by square, each beside the one before.

    keep: bool ((m + 1)^2, k), by place and square; rising: bool (k,). Gives the square of each triangle (t,),
    and its corners (t, 3) as row * width + column in the square, the right angle first.
    """
    m = math.isqrt(len(keep)) - 1
    corners, middle = _all_triangles(m)
    there = keep[corners[:, 0] @ (m + 1, 1)]
    split = middle < len(keep)
    there[split] &= ~keep[middle[split]]
    there[:2] &= rising
    there[2:4] &= ~rising
    assert there.size < 2**31
    found = np.flatnonzero(there.T).astype(np.int32)
    bits = len(corners).bit_length() - 1  # 4 m^2, a power of two
    return found >> bits, (corners @ (width, 1)).astype(np.int32)[found & (len(corners) - 1)]


@cache
def _all_triangles(m: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every triangle there can be in a square: corners (4 m^2, 3, 2), row and column, the right angle first,
    and the place of the vertex that splits it, (m + 1)^2 where none does. Both diagonals come first, then a
    triangle lies beside the one before (a Sierpinski curve).
    """
    south_west, south_east, north_west, north_east = (0, 0), (0, m), (m, 0), (m, m)
    roots = [
        (south_east, north_east, south_west),
        (north_west, south_west, north_east),
        (south_west, south_east, north_west),
        (north_east, north_west, south_east),
    ]
    found = [(root, m // 2 * (m + 1) + m // 2) for root in roots]
    for root in roots[:2]:
        found += list(_halves(root, m))[1:]
    corners, middles = zip(*found, strict=True)
    return np.array(corners, np.int64), np.array(middles, np.int64)


Corner = tuple[int, int]


def _halves(triangle: tuple[Corner, Corner, Corner], m: int) -> Iterator[tuple[Any, int]]:
    apex, left, right = triangle
    twice = left[0] + right[0], left[1] + right[1]
    if twice[0] % 2 or twice[1] % 2:
        yield triangle, (m + 1) ** 2
        return
    middle = twice[0] // 2, twice[1] // 2
    yield triangle, middle[0] * (m + 1) + middle[1]
    yield from _halves((middle, apex, left), m)
    yield from _halves((middle, right, apex), m)
