"""Judges of roofs for tests: shells closed by walls and a floor, and the volume within."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import local_plane
from smap.scene.roof_pieces import SHAPES, Roofs
from smap.scene.roof_shell import Shell, raise_shells

__all__ = ["DEPTH_M", "edges_amiss", "roofs_of", "shells", "solid", "volume"]

DEPTH_M = 5.0
"""How far below the eaves the tests close a building."""


def roofs_of(
    n: int, shape: str, rise: float = 2.0, *, facing: float | None = None, across: bool = False
) -> Roofs:
    """Roofs alike; facing: degrees."""
    way = [np.nan, np.nan] if facing is None else [np.sin(np.radians(facing)), np.cos(np.radians(facing))]
    return Roofs(
        np.full(n, SHAPES.index(shape), np.uint8),
        np.full(n, rise),
        np.tile(np.array(way), (n, 1)),
        np.full(n, across),
    )


def shells(footprints: Footprints, shape: str, rise: float = 2.0, *, facing: float | None = None) -> Shell:
    """The shells of such roofs."""
    return raise_shells(
        footprints, local_plane(footprints), roofs_of(len(footprints), shape, rise, facing=facing)
    )


def solid(shell: Shell) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points and triangles of the shells with their walls, open at DEPTH_M below the eaves."""
    count = int(shell.rings[-1])
    points = np.column_stack([shell.xy, shell.rise])
    below = points[:count].copy()
    below[:, 2] = -DEPTH_M
    here, after, shift = np.arange(count), shell.following, len(points)
    walls = np.concatenate(
        [
            np.stack([here, shift + here, shift + after], axis=1),
            np.stack([here, shift + after, after], axis=1),
        ]
    )
    return np.concatenate([points, below]), np.concatenate([shell.triangles, walls])


def edges_amiss(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> int:
    """Edges above the bottom that are not shared by two triangles that run along them opposite ways."""
    if not len(triangles):
        return 0
    place = np.unique(np.round(points, 5), axis=0, return_inverse=True)[1].ravel()
    height = np.zeros(place.max() + 1)
    height[place] = points[:, 2]
    edges: Counter[tuple[int, int]] = Counter()
    for corners in place[triangles].tolist():
        if len(set(corners)) == 3:
            edges.update(zip(corners, [*corners[1:], corners[0]], strict=True))
    lowest = float(points[:, 2].min()) + 0.01
    return sum(
        (count != 1 or edges[b, a] != 1) and not (height[a] < lowest and height[b] < lowest)
        for (a, b), count in list(edges.items())
    )


def volume(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> float:
    """m³ above the bottom of what is closed but for a level floor there: by the pyramids to a point of it."""
    local = points - points[points[:, 2].argmin()]
    a, b, c = (local[triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)
