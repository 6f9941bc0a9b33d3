"""Positions to whole steps of a common grid, in pieces small enough for 16 bits (KHR_mesh_quantization)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError

__all__ = ["Piece", "extent", "quantize"]

_STEPS = 0xFFFF


@dataclass(frozen=True)
class Piece:
    """Triangles that share one offset: position = offset + steps × step.

    vertices: int64 (k,) into the mesh, or a slice of it. rows: uint16 (k, 4), their steps and a 0. top: int64
    (3,), the most steps of any. triangles: uint32 (m, 3). offset: float64 (3,), metres.
    """

    vertices: NDArray[np.int64] | slice
    rows: NDArray[np.uint16]
    top: NDArray[np.int64]
    triangles: NDArray[np.uint32]
    offset: NDArray[np.float64]

    @property
    def steps(self) -> NDArray[np.uint16]:
        """Of each vertex: uint16 (k, 3)."""
        return self.rows[:, :3]


@dataclass(frozen=True)
class _Grid:
    """Points in whole steps, x, y and z, int64 (p,). point: int64 (v,), of each vertex; None: its own."""

    axes: tuple[NDArray[np.int64], ...]
    point: NDArray[np.int64] | None

    def points(self, vertices: NDArray[Any]) -> NDArray[Any]:
        return vertices if self.point is None else self.point[vertices]

    def of(self, triangles: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Corners of triangles: int64 (m, 3, 3)."""
        points = self.points(triangles)
        return np.stack([axis[points] for axis in self.axes], axis=-1)


def quantize(
    positions: NDArray[np.float64],
    triangles: NDArray[np.uint32],
    step: float,
    parts: NDArray[np.int64] | None = None,
    point: NDArray[np.int64] | None = None,
) -> list[Piece]:
    """Pieces of a mesh, float64 (p, 3) metres and uint32 (m, 3), on a grid of `step` metres.

    No point moves more than half a step along an axis. Triangles without area on the grid are left out.
    point: int64 (v,), the position of each vertex; None: each has its own. parts: int64 (k + 1, 3), offsets
    of positions, vertices and triangles that stay among themselves: a mesh that is too large for one piece is
    cut there first, and vertices keep their order.

    FormatError: positions that are not finite, or a triangle longer than 65,535 steps.
    """
    if not np.isfinite(positions).all():
        raise FormatError("positions must be finite; a NaN or infinite one came in")
    grid = _Grid(tuple(np.rint(positions[:, k] / step).astype(np.int64) for k in range(3)), point)
    has_area = _has_area(grid, triangles)
    count = len(positions) if point is None else len(point)
    ends = [(0, 0, 0), (len(positions), count, len(triangles))]
    if _fits(grid, 0, len(positions)) or parts is None:
        return _pieces(grid, triangles, has_area, step, ends)
    return _pieces(grid, triangles, has_area, step, [tuple(row) for row in parts.tolist()])


def _pieces(
    grid: _Grid,
    triangles: NDArray[np.uint32],
    has_area: NDArray[np.bool_],
    step: float,
    ends: Sequence[tuple[int, ...]],
) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end in pairwise(ends):
        kept = has_area[start[2] : end[2]]
        own = triangles[start[2] : end[2]][kept]
        if not len(own):
            continue
        if _fits(grid, start[0], end[0]):
            pieces.append(_whole(grid, own, step, start, end))
        else:
            pieces += [_piece(grid, part, step) for part in _split(grid, own)]
    return pieces


def _fits(grid: _Grid, start: int, end: int) -> bool:
    own = [axis[start:end] for axis in grid.axes]
    return end > start and max(int(axis.max()) - int(axis.min()) for axis in own) <= _STEPS


def _whole(
    grid: _Grid, triangles: NDArray[np.uint32], step: float, start: tuple[int, ...], end: tuple[int, ...]
) -> Piece:
    """All vertices of a part in their order."""
    own = [axis[start[0] : end[0]] for axis in grid.axes]
    low = np.array([axis.min() for axis in own])
    top = np.array([axis.max() for axis in own]) - low
    rows = np.zeros((end[0] - start[0], 4), np.uint16)
    for k in range(3):
        rows[:, k] = own[k] - low[k]
    if grid.point is not None:
        # rows of 8 bytes are gathered as one number each
        rows = (
            rows.view(np.uint64)[grid.point[start[1] : end[1]] - start[0], 0].view(np.uint16).reshape(-1, 4)
        )
        # of a house whose walls its neighbours hide, some positions are no vertex's
        unused, top = (steps.astype(np.int64) for steps in extent(rows[:, :3]))
        if unused.any():
            rows[:, :3] -= unused.astype(np.uint16)
            low, top = low + unused, top - unused
    return Piece(slice(start[1], end[1]), rows, top, triangles - np.uint32(start[1]), low * step)


def _has_area(grid: _Grid, triangles: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which triangles have an area on the grid. Most are upright or level: where one component of the cross
    product is not 0, the others are not asked for.
    """
    x, y, z = grid.axes
    one, two, three = (grid.points(triangles[:, corner]) for corner in range(3))
    x0, y0 = x[one], y[one]
    ax, ay, bx, by = x[two] - x0, y[two] - y0, x[three] - x0, y[three] - y0
    found = np.asarray(ax * by != ay * bx)
    rest = np.flatnonzero(~found)
    z0 = z[one[rest]]
    az, bz = z[two[rest]] - z0, z[three[rest]] - z0
    found[rest] = (ay[rest] * bz != az * by[rest]) | (az * bx[rest] != ax[rest] * bz)
    return found


def extent(table: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The least and the largest of each column of (n, k): column by column, five times as fast as by rows."""
    columns = [np.ascontiguousarray(table[:, k]) for k in range(table.shape[1])]
    return np.array([column.min() for column in columns]), np.array([column.max() for column in columns])


def _split(grid: _Grid, triangles: NDArray[np.uint32]) -> list[NDArray[np.uint32]]:
    """Halves of the triangles along the longer axis, again and again, until each part fits 16 bits."""
    corners = grid.of(triangles)
    extent = corners.max(axis=(0, 1)) - corners.min(axis=(0, 1))
    if (extent <= _STEPS).all():
        return [triangles]
    if len(triangles) == 1:
        raise FormatError(
            f"a triangle of {int(extent.max())} steps, where 65,535 fit; cut it or use a coarser step"
        )
    axis = int(extent.argmax())
    order = np.argsort(corners[:, :, axis].sum(axis=1), kind="stable")
    first = np.zeros(len(triangles), np.bool_)
    first[order[: len(order) // 2]] = True
    return _split(grid, triangles[first]) + _split(grid, triangles[~first])


def _piece(grid: _Grid, triangles: NDArray[np.uint32], step: float) -> Piece:
    vertices, places = np.unique(triangles, return_inverse=True)
    points = grid.points(vertices)
    rows = np.zeros((len(vertices), 4), np.uint16)
    low, top = np.zeros((2, 3), np.int64)
    for k, axis in enumerate(grid.axes):
        low[k] = axis[points].min()
        top[k] = axis[points].max() - low[k]
        rows[:, k] = axis[points] - low[k]
    local = places.reshape(-1, 3).astype(np.uint32)
    return Piece(vertices.astype(np.int64), rows, top, local, np.asarray(low * step, np.float64))
