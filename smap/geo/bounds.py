"""Bounding volumes of 3D Tiles: region, oriented box, sphere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "Region", "Sphere", "box_of"]


@dataclass(frozen=True)
class Region:
    """A span of longitude, latitude (radians) and ellipsoidal height (metres); never across 180 degrees."""

    west: float
    south: float
    east: float
    north: float
    min_height: float
    max_height: float

    def __post_init__(self) -> None:
        assert self.west <= self.east
        assert self.south <= self.north
        assert self.min_height <= self.max_height

    def union(self, other: Region) -> Region:
        """The smallest region that holds both."""
        return Region(
            min(self.west, other.west),
            min(self.south, other.south),
            max(self.east, other.east),
            max(self.north, other.north),
            min(self.min_height, other.min_height),
            max(self.max_height, other.max_height),
        )

    def contains(self, other: Region) -> bool:
        """Whether the other region lies wholly inside, edges included."""
        return self.union(other) == self

    def as_list(self) -> list[float]:
        """The six numbers of 3D Tiles 1.1 `boundingVolume.region`: west, south, east, north, low, high."""
        return [self.west, self.south, self.east, self.north, self.min_height, self.max_height]


@dataclass(frozen=True)
class Box:
    """An oriented box. center: float64 (3,); half_axes: float64 (3, 3), rows from the centre to a face."""

    center: NDArray[np.float64]
    half_axes: NDArray[np.float64]

    def __post_init__(self) -> None:
        assert self.center.shape == (3,)
        assert self.half_axes.shape == (3, 3)

    def as_list(self) -> list[float]:
        """The twelve numbers of 3D Tiles 1.1 `boundingVolume.box`: the centre, then the three half axes."""
        return [float(v) for v in (*self.center, *self.half_axes.ravel())]


@dataclass(frozen=True)
class Sphere:
    """center: float64 (3,), radius in metres."""

    center: NDArray[np.float64]
    radius: float

    def __post_init__(self) -> None:
        assert self.center.shape == (3,)
        assert self.radius >= 0.0

    def as_list(self) -> list[float]:
        """The four numbers of 3D Tiles 1.1 `boundingVolume.sphere`: the centre, then the radius."""
        return [*(float(v) for v in self.center), float(self.radius)]


def box_of(positions: NDArray[np.float64], axes: NDArray[np.float64]) -> Box:
    """The tightest box along `axes` (rows: orthonormal directions) around positions float64 (n, 3), n > 0."""
    assert len(positions) > 0
    along = positions @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    return Box((low + high) / 2.0 @ axes, axes * ((high - low) / 2.0)[:, None])
