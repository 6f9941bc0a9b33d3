"""Positions to whole steps of a common grid, in pieces small enough for 16 bits (KHR_mesh_quantization)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError

__all__ = ["Piece", "quantize"]

_STEPS = 0xFFFF


@dataclass(frozen=True)
class Piece:
    """Triangles that share one offset: position = offset + steps × step.

    vertices: int64 (k,) into the mesh, or None for all in order. steps: uint16 (k, 3).
    triangles: uint32 (m, 3). offset: float64 (3,), metres.
    """

    vertices: NDArray[np.int64] | None
    steps: NDArray[np.uint16]
    triangles: NDArray[np.uint32]
    offset: NDArray[np.float64]


def quantize(positions: NDArray[np.float64], triangles: NDArray[np.uint32], step: float) -> list[Piece]:
    """Pieces of a mesh, float64 (n, 3) metres and uint32 (m, 3), on a grid of `step` metres.

    No point moves more than half a step along an axis. Triangles without area on the grid are left out.

    FormatError: positions that are not finite, or a triangle longer than 65,535 steps.
    """
    if not np.isfinite(positions).all():
        raise FormatError("positions must be finite; a NaN or infinite one came in")
    grid = np.rint(positions / step).astype(np.int64)
    kept = triangles[_has_area(grid, triangles)]
    if not len(kept):
        return []
    low = grid.min(axis=0)
    if (grid.max(axis=0) - low <= _STEPS).all():
        return [Piece(None, (grid - low).astype(np.uint16), kept, low * step)]
    return [_piece(grid, part, step) for part in _split(grid, kept)]


def _has_area(grid: NDArray[np.int64], triangles: NDArray[np.uint32]) -> NDArray[np.bool_]:
    a, b, c = (grid[triangles[:, corner]] for corner in range(3))
    return np.asarray(np.cross(b - a, c - a).any(axis=1), np.bool_)


def _split(grid: NDArray[np.int64], triangles: NDArray[np.uint32]) -> list[NDArray[np.uint32]]:
    """Halves of the triangles along the longer axis, again and again, until each part fits 16 bits."""
    corners = grid[triangles]
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


def _piece(grid: NDArray[np.int64], triangles: NDArray[np.uint32], step: float) -> Piece:
    vertices, places = np.unique(triangles, return_inverse=True)
    part = grid[vertices]
    low = part.min(axis=0)
    local = places.reshape(-1, 3).astype(np.uint32)
    return Piece(vertices.astype(np.int64), (part - low).astype(np.uint16), local, low * step)
