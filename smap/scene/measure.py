"""Measures of footprints on the ground: metres around each building, area, centroid, bounding rectangle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import ECCENTRICITY_2, SEMI_MAJOR_M
from smap.scene.footprint import Footprints

__all__ = [
    "LocalPlane",
    "Measures",
    "Rectangles",
    "areas",
    "bounding_rectangles",
    "centroids",
    "local_plane",
    "measured",
    "next_vertex",
]


@dataclass(frozen=True)
class LocalPlane:
    """Every vertex in metres east and north of the first vertex of its own feature.

    xy: float64 (v, 2). origin: float64 (n, 2), radians. scale: float64 (n, 2), metres per radian east and
    north on the ellipsoid there. Over a building of 500 m the plane is true to 1 in 10,000.
    """

    xy: NDArray[np.float64]
    origin: NDArray[np.float64]
    scale: NDArray[np.float64]

    def to_lonlat(self, xy: NDArray[np.float64], feature: NDArray[np.int64]) -> NDArray[np.float64]:
        """Radians float64 (m, 2) of places xy float64 (m, 2) in the planes of these features int64 (m,)."""
        return self.origin[feature] + xy / self.scale[feature]


@dataclass(frozen=True)
class Rectangles:
    """Rectangles about features. corners: float64 (n, 4, 2), radians, counter-clockwise.

    moved: float64 (n,), metres: no point of the outline or of what it encloses is farther than this from the
    rectangle, and no point of the rectangle farther from the outline's inside.
    grown: float64 (n,): so many times as large about its middle, the rectangle holds the outline.
    """

    corners: NDArray[np.float64]
    moved: NDArray[np.float64]
    grown: NDArray[np.float64]

    def take(self, chosen: NDArray[np.int64]) -> Rectangles:
        """The chosen ones, in the order given."""
        return Rectangles(self.corners[chosen], self.moved[chosen], self.grown[chosen])

    @staticmethod
    def concatenate(parts: Sequence[Rectangles]) -> Rectangles:
        """Several sets as one, in order."""
        names = ("corners", "moved", "grown")
        return Rectangles(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Measures:
    """Of n features: area, float64 (n,), m². centroid: float64 (n, 2), radians. scale: float64 (n, 2), metres
    per radian. elongation: float64 (n,), how many times longer than wide.
    """

    area: NDArray[np.float64]
    centroid: NDArray[np.float64]
    scale: NDArray[np.float64]
    elongation: NDArray[np.float64]

    def take(self, chosen: NDArray[np.int64]) -> Measures:
        """The chosen ones, in the order given."""
        return Measures(*(column[chosen] for column in vars(self).values()))


_AT_ONCE = 50_000
"""Features measured together: some tens of megabytes while they are."""


def measured(footprints: Footprints) -> Measures:
    """The measures of all features, a part of them at a time."""
    parts = [_measured(part) for part in _portions(footprints)]
    return Measures(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _measured(part: Footprints) -> tuple[NDArray[np.float64], ...]:
    plane = local_plane(part)
    return areas(part, plane), centroids(part, plane), plane.scale, _elongation(part, plane)


def _portions(footprints: Footprints) -> Iterator[Footprints]:
    """Features that follow one another, so many at a time, at least once."""
    for start in range(0, max(len(footprints), 1), _AT_ONCE):
        yield footprints.between(start, min(start + _AT_ONCE, len(footprints)))


def _elongation(footprints: Footprints, plane: LocalPlane) -> NDArray[np.float64]:
    """How many times longer than wide the rectangle along the longest edge is: float64 (n,)."""
    _, low, high = _along_longest(footprints, plane)
    sides = np.maximum(high - low, 0.01)
    return np.asarray(np.maximum(sides[0], sides[1]) / np.minimum(sides[0], sides[1]))


def local_plane(footprints: Footprints) -> LocalPlane:
    """The plane of metres about each feature."""
    origin = footprints.lonlat[footprints.feature_vertices[:-1]]
    sin_lat = np.sin(origin[:, 1])
    curve = 1.0 - ECCENTRICITY_2 * sin_lat**2
    across = SEMI_MAJOR_M / np.sqrt(curve)
    along = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / curve**1.5
    scale = np.stack([across * np.cos(origin[:, 1]), along], axis=-1)
    counts = np.diff(footprints.feature_vertices)
    xy = np.empty_like(footprints.lonlat)
    for k in (0, 1):  # column by column: three times as fast as rows of two
        xy[:, k] = (footprints.lonlat[:, k] - np.repeat(origin[:, k], counts)) * np.repeat(
            scale[:, k], counts
        )
    return LocalPlane(xy, origin, scale)


def next_vertex(footprints: Footprints) -> NDArray[np.int64]:
    """For each vertex the next one of its ring: int64 (v,)."""
    following = np.arange(1, len(footprints.lonlat) + 1, dtype=np.int64)
    following[footprints.rings[1:] - 1] = footprints.rings[:-1]
    return following


def areas(footprints: Footprints, plane: LocalPlane) -> NDArray[np.float64]:
    """Area of each feature in m², holes taken off: float64 (n,)."""
    return _sums(footprints, _cross(footprints, plane)) / 2.0


def centroids(footprints: Footprints, plane: LocalPlane) -> NDArray[np.float64]:
    """Centroid of each feature in radians: float64 (n, 2); of one without area the mean of its vertices."""
    cross = _cross(footprints, plane)
    twice = _sums(footprints, cross)
    pair = plane.xy + plane.xy[next_vertex(footprints)]
    moment = np.stack([_sums(footprints, pair[:, k] * cross) for k in (0, 1)], axis=-1)
    counts = np.diff(footprints.feature_vertices)[:, None]
    mean = np.stack([_sums(footprints, plane.xy[:, k]) for k in (0, 1)], axis=-1) / counts
    flat = np.abs(twice) < 1e-9
    xy = np.where(flat[:, None], mean, moment / np.where(flat, 1.0, 3.0 * twice)[:, None])
    return plane.to_lonlat(xy, np.arange(len(footprints)))


def bounding_rectangles(footprints: Footprints, plane: LocalPlane) -> Rectangles:
    """Rectangles along each feature's longest edge, shrunk about their middle to the feature's own area.

    How far they move things: the full rectangle holds the outline, and where it holds more, a place d away
    from the outline has at least a quarter disc of radius d of the surplus about it, so
    d <= 2 sqrt(surplus / pi);
    the shrinking moves corners by the rest of the half diagonal. One of no area counts as a ten-thousandth.
    """
    along, low, high = _along_longest(footprints, plane)
    side = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    low, high = low.T, high.T
    half = np.maximum((high - low) / 2.0, 0.005)
    full = 4.0 * half[:, 0] * half[:, 1]
    own = np.clip(areas(footprints, plane), 0.0, full)
    shrink = np.sqrt(own / full)
    moved = np.maximum(2.0 * np.sqrt((full - own) / np.pi), (1.0 - shrink) * np.hypot(half[:, 0], half[:, 1]))
    half = half * shrink[:, None]
    middle = (low + high) / 2.0
    signs = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    uv = middle[:, None, :] + signs[None] * half[:, None, :]
    corners = uv[..., :1] * along[:, None, :] + uv[..., 1:] * side[:, None, :]
    places = plane.origin[:, None, :] + corners / plane.scale[:, None, :]
    return Rectangles(places, moved, 1.0 / np.maximum(shrink, 0.01))


def _along_longest(
    footprints: Footprints, plane: LocalPlane
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The unit vector of each feature's longest edge, float64 (n, 2), and the extremes along and across it:
    two of float64 (2, n), metres.
    """
    along = _longest_edge(footprints, plane)
    counts = np.diff(footprints.feature_vertices)
    x, y = np.ascontiguousarray(plane.xy[:, 0]), np.ascontiguousarray(plane.xy[:, 1])
    cos, sin = np.repeat(along[:, 0], counts), np.repeat(along[:, 1], counts)
    u, v = x * cos + y * sin, y * cos - x * sin
    starts = footprints.feature_vertices[:-1]
    low = np.stack([np.minimum.reduceat(w, starts) for w in (u, v)])
    return along, low, np.stack([np.maximum.reduceat(w, starts) for w in (u, v)])


def _cross(footprints: Footprints, plane: LocalPlane) -> NDArray[np.float64]:
    after = next_vertex(footprints)
    x, y = np.ascontiguousarray(plane.xy[:, 0]), np.ascontiguousarray(plane.xy[:, 1])
    return np.asarray(x * y[after] - x[after] * y)


def _sums(footprints: Footprints, per_vertex: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.add.reduceat(per_vertex, footprints.feature_vertices[:-1])


def _longest_edge(footprints: Footprints, plane: LocalPlane) -> NDArray[np.float64]:
    edge = plane.xy[next_vertex(footprints)] - plane.xy
    length = np.hypot(edge[:, 0], edge[:, 1])
    longest = np.maximum.reduceat(length, footprints.feature_vertices[:-1])
    counts = np.diff(footprints.feature_vertices)
    candidates = np.flatnonzero(length >= np.repeat(longest, counts))
    feature = np.repeat(np.arange(len(counts)), counts)[candidates]
    chosen = candidates[np.diff(feature, prepend=-1) > 0]
    return np.asarray(edge[chosen] / np.maximum(length[chosen], 1e-12)[:, None])
