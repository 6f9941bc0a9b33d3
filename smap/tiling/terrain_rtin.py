"""Right-angled triangles on a grid, refined where the ground bends: W. Evans, D. Kirkpatrick, G. Townsend,
"Right-triangulated irregular networks", Algorithmica 30, 2001.

A grid of tiles, each n x n cells with n a power of two, is split again and again: a square at its centre,
then each side at its middle. A vertex is kept where leaving it out could err by more than a tolerance. Both
tiles at a shared edge see the same vertices there, because the errors are worked out on the grid of all tiles
together: there are no cracks. Everything works on whole arrays; no tile is looked at alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["diagonal_middles", "errors_of", "forced", "simplified", "triangles_of"]

Grid = NDArray[np.floating[Any]]


def errors_of(heights: Grid, n: int, sag: tuple[float, float]) -> Grid:
    """For each vertex a bound of the error that leaving it out brings, in metres: float64, shape of heights.

    The bound adds up the deviations down to the finest vertices: `errors <= tolerance` proves the surface.
    heights: (rows * n + 1, columns * n + 1) from the south-west. sag: how far the globe rises over the middle
    of a chord one cell long, along x and along y; it grows with the square of the length.
    """
    errors = np.zeros_like(heights)
    scale = 2
    while scale <= n:
        _edge_errors(heights, errors, scale, sag[0])
        _edge_errors(heights.T, errors.T, scale, sag[1])
        _center_errors(heights, errors, scale, sag[0] + sag[1])
        scale *= 2
    return errors


def _edge_errors(heights: Grid, errors: Grid, scale: int, sag: float) -> None:
    """The middles of the sides along x of all squares of this scale; children: the square centres around."""
    half = scale // 2
    lines = heights[::scale]
    middle = np.abs(lines[:, half::scale] - (lines[:, :-1:scale] + lines[:, scale::scale]) / 2)
    middle += sag * scale**2
    if half > 1:
        centers = errors[half // 2 :: half, half // 2 :: half]
        pairs = np.maximum(centers[:, ::2], centers[:, 1::2])
        padded = np.pad(pairs, ((1, 1), (0, 0)))
        middle += np.maximum(padded[::2], padded[1::2])
    errors[::scale, half::scale] = middle


def _center_errors(heights: Grid, errors: Grid, scale: int, sag: float) -> None:
    half = scale // 2
    along_x = errors[::scale, half::scale]
    along_y = errors[half::scale, ::scale]
    children = np.maximum(np.maximum(along_x[:-1], along_x[1:]), np.maximum(along_y[:, :-1], along_y[:, 1:]))
    middle = np.abs(heights[half::scale, half::scale] - diagonal_middles(heights, scale))
    errors[half::scale, half::scale] = middle + sag * scale**2 + children


def diagonal_middles(heights: Grid, scale: int) -> Grid:
    """The height in the middle of each square's diagonal, which rises eastward where row + column is even."""
    corners = heights[::scale, ::scale]
    rising = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    falling = (corners[:-1, 1:] + corners[1:, :-1]) / 2
    row, column = np.indices(rising.shape, sparse=True)
    return np.where((row + column) % 2 == 0, rising, falling)


def forced(shape: tuple[int, int], n: int, least: int) -> NDArray[np.bool_]:
    """The vertices that a subdivision of each tile into at least `least` squares a side needs."""
    step = max(1, n // least)
    wanted = np.zeros(shape, bool)
    wanted[::step, ::step] = True
    return wanted


def simplified(heights: Grid, keep: NDArray[np.bool_], n: int) -> Grid:
    """The heights of the drawn surface at every grid vertex: kept ones as they are, others interpolated."""
    drawn = heights.copy()
    scale = n
    while scale >= 2:
        half = scale // 2
        _replace(drawn, keep, (slice(half, None, scale),) * 2, diagonal_middles(drawn, scale))
        lines = drawn[::scale]
        middles = (lines[:, :-1:scale] + lines[:, scale::scale]) / 2
        _replace(drawn, keep, (slice(None, None, scale), slice(half, None, scale)), middles)
        lines = drawn[:, ::scale]
        middles = (lines[:-1:scale] + lines[scale::scale]) / 2
        _replace(drawn, keep, (slice(half, None, scale), slice(None, None, scale)), middles)
        scale = half
    return drawn


def _replace(drawn: Grid, keep: NDArray[np.bool_], where: tuple[slice, slice], middles: Grid) -> None:
    drawn[where] = np.where(keep[where], drawn[where], middles)


def triangles_of(
    keep: NDArray[np.bool_], n: int, corners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The triangles of tiles, counter-clockwise from above, (t, 3) places in the flattened grid; owners (t,).

    corners: int64 (m, 2), row and column of each tile's south-west corner in the grid. Tiles come in order.
    """
    kept = keep.ravel()
    pending, owner = _roots(corners, n, keep.shape[1])
    done: list[NDArray[np.int64]] = []
    done_owner: list[NDArray[np.int64]] = []
    for _ in range(2 * (n.bit_length() - 1)):
        # rows and columns of the two ends both add up to even numbers, so their places do too
        middle = (pending[1] + pending[2]) >> 1
        splits = kept[middle]
        rests = ~splits
        done.append(pending[:, rests])
        done_owner.append(owner[rests])
        apex, left, right = pending[:, splits]
        middle, mine = middle[splits], owner[splits]
        pending = np.array([[middle, middle], [apex, right], [left, apex]]).reshape(3, -1)
        owner = np.concatenate([mine, mine])
    triangles = np.concatenate([*done, pending], axis=1)
    owner = np.concatenate([*done_owner, owner])
    order = np.argsort(owner << 44 | _along_a_curve(triangles, keep.shape[1]))
    return np.ascontiguousarray(triangles[:, order].T), owner[order]


def _roots(corners: NDArray[np.int64], n: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two triangles a tile, (3, 2 m); the diagonal rises where `diagonal_middles` says so."""
    south_west = corners[:, 0] * width + corners[:, 1]
    south_east, north_west, north_east = south_west + n, south_west + n * width, south_west + n * width + n
    rising = (corners // n).sum(axis=1) % 2 == 0
    lower = [np.where(rising, a, b) for a, b in ((south_east, south_west), (north_east, south_east))]
    lower.append(np.where(rising, south_west, north_west))
    upper = [np.where(rising, a, b) for a, b in ((north_west, north_east), (south_west, north_west))]
    upper.append(np.where(rising, north_east, south_east))
    owner = np.arange(len(corners), dtype=np.int64)
    return np.concatenate([np.stack(lower), np.stack(upper)], axis=1), np.tile(owner, 2)


def _along_a_curve(triangles: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The place of each triangle's longest side on a Z-order curve, so that neighbours lie together.

    Two triangles on one side follow each other by the places of their third corners.
    """
    row, column = np.divmod(triangles[1:], width)
    place = _spread(row.sum(axis=0)) << 1 | _spread(column.sum(axis=0))
    return np.asarray(place << 1 | (triangles[0] > triangles[1]))


def _spread(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F)):
        bits = (bits | bits << shift) & mask
    bits = (bits | bits << 2) & 0x3333333333333333
    return np.asarray((bits | bits << 1) & 0x5555555555555555)
