"""Footprints: many building outlines as ragged arrays, so that no Python object exists per building."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Footprints", "chain", "gather"]


@dataclass(frozen=True)
class Footprints:
    """Outlines of n buildings; each is one or more polygons, a polygon is an outer ring and its holes.

    Rings are open (the first vertex is not repeated), outer rings run counter-clockwise seen from above,
    holes clockwise. Each offsets array starts with 0, never falls, and ends with the length of what it
    points into.

    lonlat: float64 (v, 2), WGS84 radians. rings: int64 (r + 1,) into lonlat.
    polygons: int64 (p + 1,) into rings. features: int64 (n + 1,) into polygons.
    """

    lonlat: NDArray[np.float64]
    rings: NDArray[np.int64]
    polygons: NDArray[np.int64]
    features: NDArray[np.int64]

    def __post_init__(self) -> None:
        assert self.lonlat.ndim == 2
        assert self.lonlat.shape[1] == 2
        levels = [(self.features, len(self.polygons) - 1), (self.polygons, len(self.rings) - 1)]
        for offsets, end in [*levels, (self.rings, len(self.lonlat))]:
            assert offsets[0] == 0
            assert offsets[-1] == end
            assert (offsets[1:] >= offsets[:-1]).all()

    def __len__(self) -> int:
        return len(self.features) - 1

    @property
    def feature_vertices(self) -> NDArray[np.int64]:
        """Offsets of each feature's vertices in lonlat: int64 (n + 1,)."""
        return self.rings[self.polygons[self.features]]

    @property
    def ring_feature(self) -> NDArray[np.int64]:
        """The feature of each ring: int64 (r,)."""
        per_feature = np.diff(self.polygons[self.features])
        return np.repeat(np.arange(len(self), dtype=np.int64), per_feature)

    @property
    def vertex_feature(self) -> NDArray[np.int64]:
        """The feature of each vertex: int64 (v,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.feature_vertices))

    def take(self, chosen: NDArray[np.int64]) -> Footprints:
        """The chosen features, in the order given (indices int64 (m,)); of a range nothing is copied."""
        if len(chosen) and chosen[-1] - chosen[0] == len(chosen) - 1 and (chosen[1:] > chosen[:-1]).all():
            return self.between(int(chosen[0]), int(chosen[-1]) + 1)
        polygons, polygon_of = gather(self.features, chosen)
        rings, ring_of = gather(self.polygons, polygon_of)
        vertices, vertex_of = gather(self.rings, ring_of)
        return Footprints(self.lonlat[vertex_of], vertices, rings, polygons)

    def between(self, start: int, end: int) -> Footprints:
        """The features from `start` to before `end`, without a copy of their vertices."""
        features = self.features[start : end + 1]
        polygons = self.polygons[features[0] : features[-1] + 1]
        rings = self.rings[polygons[0] : polygons[-1] + 1]
        lonlat = self.lonlat[rings[0] : rings[-1]]
        return Footprints(lonlat, rings - rings[0], polygons - polygons[0], features - features[0])

    @staticmethod
    def concatenate(parts: list[Footprints]) -> Footprints:
        """Several sets of outlines as one, in order."""
        empty = np.zeros(1, np.int64)
        if not parts:
            return Footprints(np.empty((0, 2)), empty, empty, empty)
        return Footprints(
            np.concatenate([p.lonlat for p in parts]),
            chain([p.rings for p in parts]),
            chain([p.polygons for p in parts]),
            chain([p.features for p in parts]),
        )


def gather(
    offsets: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The chosen of ragged rows, offsets int64 (n + 1,): their own offsets, and where each element was."""
    counts = offsets[chosen + 1] - offsets[chosen]
    fresh = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    shift = np.repeat(offsets[chosen] - fresh[:-1], counts)
    return fresh, np.arange(fresh[-1], dtype=np.int64) + shift


def chain(offsets: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The offsets of several sets of ragged rows put one behind the other."""
    ends = np.cumsum([0] + [int(o[-1]) for o in offsets[:-1]])
    shifted = [o[1:] + end for o, end in zip(offsets, ends, strict=True)]
    return np.concatenate([np.zeros(1, np.int64), *shifted])
