"""Shade that lies in the depth of a model whatever the sun: under eaves, in passages, at the foot of walls.

A model is seen from straight above as a field of heights; from each corner six ways lead outward. What
stands higher there hides its part of the sky; under a roof only that is open which an eave's edge is near to.
The share that is left darkens the corner's colour (Zhukov, Iones and Kronin, "An ambient light illumination
model", 1998), so that a picture costs nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from smap.scene.solids import Floats, Mesh

__all__ = ["shaded"]

CELL_M = 0.5
MOST_CELLS = 160  # along the longer side: what is large has wider cells
WAYS = 6
STEPS_M = (0.7, 1.8, 4.5, 10.0)
LIFT_M = 0.45  # a corner looks from so far before its face
COVER_M = 0.5  # what lies higher than this above it is a roof, not the face's own edge
DEEP_M = 3.2  # so far from an eave's edge a third of its light is left
DARKEST, FOOT, FOOT_M = 0.34, 0.68, 2.4
LEVEL = 0.1  # upright faces are lines from above
TONES = 12  # so few tones that colours pack well


def shaded(mesh: Mesh) -> Mesh:
    """The same mesh with its colours darkened by what stands around each corner."""
    open_ = _openness(mesh)
    light = DARKEST + (1.0 - DARKEST) * np.sqrt(open_)
    upright = 1.0 - np.clip(np.abs(mesh.normals[:, 2]) * 2.0, 0.0, 1.0)
    rise = np.clip(mesh.positions[:, 2] / FOOT_M, 0.0, 1.0)
    light *= 1.0 - (1.0 - FOOT) * upright * (1.0 - rise)
    light = np.round(light * TONES) / TONES
    colors = np.rint(mesh.colors * light[:, None]).astype(np.uint8)
    return Mesh(mesh.positions, mesh.normals, colors, mesh.triangles)


def _openness(mesh: Mesh) -> Floats:
    """For each corner the share of the sky's light that reaches it: float64 (n,) in 0 to 1."""
    field = _Field(mesh)
    eye = mesh.positions + LIFT_M * mesh.normals
    covered = field.at(eye[:, :2]) > eye[:, 2] + COVER_M
    total, weights = np.zeros(len(eye)), np.zeros(len(eye))
    for way in range(WAYS):
        turn = 2.0 * math.pi * (way + 0.5) / WAYS
        ahead = np.array([math.cos(turn), math.sin(turn)])
        weight = np.clip(mesh.normals[:, :2] @ ahead + 0.25, 0.0, None)
        horizon, edge = np.zeros(len(eye)), np.full(len(eye), np.inf)
        for step in STEPS_M:
            rise = field.at(eye[:, :2] + step * ahead) - eye[:, 2]
            horizon = np.maximum(horizon, rise / step)
            edge = np.where((rise < COVER_M) & np.isinf(edge), step, edge)
        free = np.where(covered, np.exp(-edge / DEEP_M), 1.0 - horizon / np.hypot(horizon, 1.0))
        total += weight * free
        weights += weight
    return np.asarray(total / weights)


class _Field:
    """The heights of a mesh seen from above, on a grid; −∞ where nothing stands."""

    def __init__(self, mesh: Mesh) -> None:
        self._cell = max(CELL_M, float(np.ptp(mesh.positions[:, :2], axis=0).max()) / MOST_CELLS)
        self._origin = mesh.positions[:, :2].min(0) - self._cell
        size = self._cells(mesh.positions[:, :2].max(0)) + 2
        self._heights = np.full(tuple(size.tolist()), -np.inf)
        for points in _samples(mesh, self._cell):
            cells = self._cells(points[:, :2])
            np.maximum.at(self._heights, (cells[:, 0], cells[:, 1]), points[:, 2])

    def at(self, places: Floats) -> Floats:
        """Heights above places (n, 2)."""
        cells = self._cells(places)
        inside = ((cells >= 0) & (cells < self._heights.shape)).all(1)
        found = np.full(len(places), -np.inf)
        found[inside] = self._heights[cells[inside, 0], cells[inside, 1]]
        return found

    def _cells(self, places: Floats) -> NDArray[np.int64]:
        cells: NDArray[np.int64] = np.floor((places - self._origin) / self._cell).astype(np.int64)
        return cells


def _samples(mesh: Mesh, cell: float) -> Iterator[Floats]:
    """Points (k, 3) on all triangles that look up, hardly farther apart than a cell; of like size at once."""
    upward = mesh.triangles[mesh.normals[mesh.triangles].mean(1)[:, 2] > LEVEL]
    corners = mesh.positions[upward]
    across = np.linalg.norm((corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]])[..., :2], axis=2)
    apex = across.argmin(1)  # opposite the shortest side, so that long triangles need few points
    a, b, c = (corners[np.arange(len(corners)), (apex + turn) % 3] for turn in range(3))
    counts = [_count(size / cell) for size in (across.max(1), across.min(1))]
    for long, short in np.unique(np.stack(counts, axis=1), axis=0).tolist():
        of = (counts[0] == long) & (counts[1] == short)
        down, beside = (
            g.ravel()[:, None] for g in np.mgrid[0 : 1 : (long + 1) * 1j, 0 : 1 : (short + 1) * 1j]
        )
        base = b[of][:, None] + beside * (c - b)[of][:, None]
        yield (a[of][:, None] + down * (base - a[of][:, None])).reshape(-1, 3)


def _count(cells: Floats) -> NDArray[np.int64]:
    """So many parts or a few more: 1, 2, 3, 4, 6, 8, 12, 16 …"""
    power = 2.0 ** np.floor(np.log2(np.maximum(cells, 1.0)))
    return np.asarray(
        np.where(cells <= power, power, np.where(cells <= 1.5 * power, np.ceil(1.5 * power), 2 * power)),
        np.int64,
    )
