"""Shade that lies in the depth of a model whatever the sun: under eaves, in passages, at the foot of walls.

A model is seen from straight above as a field of heights; from each corner eight ways lead outward. What
stands higher there hides its part of the sky; under a roof only that is open which an eave's edge is near to.
The share that is left darkens the corner's colour (Zhukov, Iones and Kronin, "An ambient light illumination
model", 1998), so that a picture costs nothing more.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smap.sample.landmarks.mesh import Floats, Mesh

__all__ = ["shaded"]

CELL_M = 0.5
WAYS = 8
STEPS_M = (0.7, 1.5, 3.0, 6.0, 10.0)
LIFT_M = 0.45  # a corner looks from so far before its face
COVER_M = 0.5  # what lies higher than this above it is a roof, not the face's own edge
DEEP_M = 3.2  # so far from an eave's edge a third of its light is left
DARKEST, FOOT, FOOT_M = 0.42, 0.72, 2.4
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
        self._origin = mesh.positions[:, :2].min(0) - CELL_M
        size = np.ceil((mesh.positions[:, :2].max(0) + CELL_M - self._origin) / CELL_M).astype(int) + 1
        self._heights = np.full(tuple(size.tolist()), -np.inf)
        for points in _samples(mesh):
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
        return np.floor((places - self._origin) / CELL_M).astype(np.int64)


def _samples(mesh: Mesh) -> list[Floats]:
    """Points on all triangles that look up, no farther apart than a cell; triangles of like size at once."""
    upward = mesh.triangles[mesh.normals[mesh.triangles].mean(1)[:, 2] > LEVEL]
    a, b, c = (mesh.positions[upward[:, at]] for at in range(3))
    longest = np.maximum.reduce([np.linalg.norm((p - q)[:, :2], axis=1) for p, q in ((a, b), (b, c), (c, a))])
    parts = 2 ** np.ceil(np.log2(np.maximum(longest / CELL_M, 1.0))).astype(int)
    points = []
    for count in np.unique(parts).tolist():
        of = parts == count
        u, v = (grid.ravel() / count for grid in np.mgrid[0 : count + 1, 0 : count + 1])
        u, v = u[(within := u + v <= 1.0)], v[within]
        spread = a[of][:, None] + u[:, None] * (b - a)[of][:, None] + v[:, None] * (c - a)[of][:, None]
        points.append(spread.reshape(-1, 3))
    return points
