"""Massing: footprints with a top and a bottom become flat roofs and upright walls, all buildings at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import to_ecef, verticals
from smap.scene.footprint import Footprints
from smap.scene.measure import next_vertex
from smap.scene.roof import cut_roofs

__all__ = [
    "Mass",
    "Outline",
    "covered_walls",
    "into_frame",
    "raise_masses",
    "raise_walls",
    "walls_back_to_back",
]

_RUN = 256
"""Vertices in one run: a block of EXT_meshopt_compression holds so many of up to 32 bytes each."""
_PER_RADIAN, _ODD = 5e8, 0x9E3779B1
"""Corners of two buildings are the same within 13 mm, the 5e8th part of a radian."""
_DIRECTIONS = 128
"""Normals of walls lie 2.8 degrees apart: none is turned by more than 1.4, which changes light by 2.5 %."""


@dataclass(frozen=True)
class Mass:
    """Triangles of many buildings. points: float64 (p, 3), metres in a local frame.

    point: int64 (v,), the point of each vertex. lit: int8 (v, 4), the normals in 127ths, and a 0.
    triangles: uint32 (t, 3), counter-clockwise seen from outside. feature: int64 (v,), the building of each
    vertex. parts: int64 (k + 1, 3), offsets of points, vertices and triangles that belong together. surface:
    uint8 (v,), which of `surfaces.KINDS` was surveyed at each vertex, and how many there are where none was;
    None: nowhere.
    """

    points: NDArray[np.float64]
    point: NDArray[np.int64]
    lit: NDArray[np.int8]
    triangles: NDArray[np.uint32]
    feature: NDArray[np.int64]
    parts: NDArray[np.int64]
    surface: NDArray[np.uint8] | None = None

    @staticmethod
    def plain(
        positions: NDArray[np.float64],
        normals: NDArray[np.floating[Any]],
        triangles: NDArray[np.uint32],
        feature: NDArray[np.int64],
    ) -> Mass:
        """One part of vertices that each have a point of their own. positions, normals: float64 (v, 3)."""
        ends = np.array([[0, 0, 0], [len(positions), len(positions), len(triangles)]])
        return Mass(positions, np.arange(len(positions)), _in_127ths(normals), triangles, feature, ends)

    @property
    def positions(self) -> NDArray[np.float64]:
        """Of each vertex: float64 (v, 3)."""
        return self.points[self.point]

    @property
    def normals(self) -> NDArray[np.float32]:
        """Of each vertex: float32 (v, 3), unit."""
        normals = self.lit[:, :3].astype(np.float32)
        return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def _in_127ths(normals: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    lit = np.zeros((len(normals), 4), np.int8)
    lit[:, :3] = np.rint(normals * 127.0)
    return lit


def raise_masses(
    footprints: Footprints,
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    frame: NDArray[np.float64],
    cuts: NDArray[np.int64] | None = None,
) -> Mass:
    """Roofs at `top` and walls from there down to `bottom`, both float64 (n,), ellipsoidal metres; no floors.

    frame: float64 (4, 4), local to ECEF; its axes are about east, north, up at the buildings. cuts: int64
    (k + 1,), offsets of buildings that make a part each; None: all are one. Of two walls back to back only
    what rises above the lower building is drawn.
    """
    feature = footprints.vertex_feature
    levels = top[feature]
    outline = Outline(footprints.lonlat, next_vertex(footprints), levels, bottom[feature], feature)
    ends = None if cuts is None else footprints.feature_vertices[cuts]
    return raise_walls(outline, covered_walls(footprints, levels), frame, footprints, ends)


@dataclass(frozen=True)
class Outline:
    """Walls of many buildings, one from each of v vertices to the one `after` it, int64 (v,).

    lonlat: float64 (v, 2), radians. top, bottom: float64 (v,), ellipsoidal metres. feature: int64 (v,).
    """

    lonlat: NDArray[np.float64]
    after: NDArray[np.int64]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    feature: NDArray[np.int64]


def raise_walls(
    outline: Outline,
    covered: NDArray[np.float64],
    frame: NDArray[np.float64],
    roofed: Footprints | None = None,
    ends: NDArray[np.int64] | None = None,
) -> Mass:
    """What of the walls is not covered, elsewhere down to their bottoms, and flat roofs.

    covered: float64 (v,), ellipsoidal metres, as `covered_walls` has it. roofed: the footprints whose
    vertices these are, if they have roofs. ends: int64 (k + 1,), offsets of the vertices of each part.
    Each vertex becomes four: below and above, each with the normal of the wall that begins there and of the
    one that ends there; and a fifth of the roof. Where a wall is covered in part, the lower two of it lie
    where it begins to be seen. Runs of the same outline stand in the same order, so that a
    compressor finds all but the first to be copies (decision 0006).
    """
    after, n = outline.after, len(outline.after)
    ends = np.array([0, n]) if ends is None else ends
    foot, roof = _upright(outline, frame)
    plan = np.stack([foot[0], foot[1]], axis=1)
    is_wall, outward = _outward(foot[0][after] - foot[0], foot[1][after] - foot[1])
    is_wall &= covered < np.maximum(outline.top, outline.top[after])
    incoming = np.empty_like(outward)
    incoming[after] = outward
    party, begins = _party_walls(outline, covered, is_wall)
    low, high, apart = _points_of(ends, party)
    left, right = low.copy(), low.copy()
    left[party], right[after[party]] = apart
    points, lit = [left, right, high, high], [outward, incoming, outward, incoming]
    flat = np.empty((0, 3), np.int64)
    if roofed is not None:
        flat = cut_roofs(roofed, plan)
        points.append(high)
        lit.append(np.full(n, _DIRECTIONS, np.int64))
    places = _Places(ends, len(points))
    triangles, counts = _by_part(places.walls(np.flatnonzero(is_wall), after), places.roofs(flat), places)
    of_points = np.empty((2 * (n + len(party)), 3), order="F")
    for axis in range(3):
        of_points[low, axis], of_points[high, axis] = foot[axis], roof[axis]
    of_points[apart] = into_frame(outline.lonlat[[party, after[party]]], begins, frame)
    return Mass(
        points=of_points,
        point=places.laid(points),
        lit=_LIT[places.laid(lit)],
        triangles=triangles,
        feature=places.laid([outline.feature] * len(points)),
        parts=np.stack([2 * (ends + np.searchsorted(party, ends)), len(points) * ends, counts], axis=1),
    )


def _party_walls(
    outline: Outline, covered: NDArray[np.float64], is_wall: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Walls that are seen above a lower neighbour only: int64 (m,), and where they begin: float64 (2, m),
    ellipsoidal metres at both ends, nowhere above their tops.
    """
    party = np.flatnonzero(is_wall & (covered > outline.bottom))
    tops = outline.top[np.stack([party, outline.after[party]])]
    return party, np.minimum(tops, covered[party])


def _upright(outline: Outline, frame: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bottom and top of each vertical in a local frame: two of float64 (3, v), metres."""
    at, up = verticals(outline.lonlat[:, 0], outline.lonlat[:, 1])
    turn = frame[:3, :3].T
    base, rise = turn @ (at - frame[:3, 3:]), turn @ up
    return base + rise * outline.bottom, base + rise * outline.top


def _points_of(
    ends: NDArray[np.int64], party: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the points below and above each vertex, and of two where each party wall begins, (2, m).

    Of each part first all below, then all above, then those of its party walls.
    """
    sizes, before = np.diff(ends), np.searchsorted(party, ends)
    low = np.arange(ends[-1], dtype=np.int64) + np.repeat(ends[:-1] + 2 * before[:-1], sizes)
    after = ends[np.searchsorted(ends, party, side="right")]
    apart = 2 * (after + np.arange(len(party)))
    return low, low + np.repeat(sizes, sizes), np.stack([apart, apart + 1])


class _Places:
    """Where the copies of vertices go: runs of each copy after the other, of each part by itself."""

    def __init__(self, ends: NDArray[np.int64], copies: int) -> None:
        self.ends, self._copies = ends, copies
        sizes = np.diff(ends)
        vertex = np.arange(ends[-1], dtype=np.int64)
        first, last = np.repeat(ends[:-1], sizes), np.repeat(ends[1:], sizes)
        start = vertex - (vertex - first) % _RUN
        self._length = np.minimum(last - start, _RUN)
        self._base = (copies - 1) * start + vertex

    def of(self, copy: int, vertices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where a copy of these vertices is."""
        return np.asarray(self._base[vertices] + copy * self._length[vertices])

    def walls(
        self, begin: NDArray[np.int64], after: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """First vertices of the two triangles of each wall, and these as places."""
        end = after[begin]
        corners = [self.of(0, begin), self.of(1, end), self.of(3, end), self.of(2, begin)]
        walls = np.empty((len(begin), 6), np.uint32)
        for column, corner in enumerate((3, 0, 1, 3, 1, 2)):
            walls[:, column] = corners[corner]
        return begin, walls

    def roofs(self, flat: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Triangles over vertices: their first vertices, part by part, and all of them as places."""
        if len(self.ends) > 2:
            part = np.searchsorted(self.ends, flat[:, 0], side="right").astype(np.uint16)
            flat = flat[np.argsort(part, kind="stable")]
        return flat[:, 0], self.of(4, flat.ravel()).reshape(-1, 3).astype(np.uint32)

    def laid(self, copies: list[NDArray[Any]]) -> NDArray[Any]:
        """Values of each copy, (v,) each, in their places."""
        found = np.empty(self._copies * len(copies[0]), copies[0].dtype)
        for start, end in pairwise(self.ends.tolist()):
            whole = start + (end - start) // _RUN * _RUN
            own = found[self._copies * start : self._copies * end]
            runs = own[: self._copies * (whole - start)].reshape(-1, self._copies, _RUN)
            rest = own[self._copies * (whole - start) :].reshape(self._copies, end - whole)
            for number, copy in enumerate(copies):
                runs[:, number] = copy[start:whole].reshape(-1, _RUN)
                rest[number] = copy[whole:end]
        return found


def _by_part(
    walls: tuple[NDArray[np.int64], NDArray[np.uint32]],
    roofs: tuple[NDArray[np.int64], NDArray[np.uint32]],
    places: _Places,
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Of each part the roofs, then the walls; and the offsets of the parts' triangles."""
    ends = places.ends
    part = np.searchsorted(ends, roofs[0], side="right") - 1
    of_roofs = np.searchsorted(part, np.arange(len(ends)))
    of_walls = np.searchsorted(walls[0], ends)
    found = []
    for number in range(len(ends) - 1):
        found.append(roofs[1][of_roofs[number] : of_roofs[number + 1]])
        found.append(walls[1][of_walls[number] : of_walls[number + 1]].reshape(-1, 3))
    return np.concatenate(found), of_roofs + 2 * of_walls


def _outward(
    east: NDArray[np.float64], north: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether edges, metres (v,), carry a wall, and their normals, as one of _DIRECTIONS."""
    turn = np.rint(np.arctan2(-east, north) * (_DIRECTIONS / (2.0 * np.pi))).astype(np.int64)
    return east * east + north * north > 1e-12, turn % _DIRECTIONS


def walls_back_to_back(footprints: Footprints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of walls of which one runs from the other's end to its beginning, by their first vertices."""
    after = next_vertex(footprints)
    grid = np.rint(footprints.lonlat * _PER_RADIAN).astype(np.int64)
    spot = (grid[:, 0] << 32) + grid[:, 1]
    low, high = np.minimum(spot, spot[after]), np.maximum(spot, spot[after])
    key = low * _ODD + high  # may wrap round: it only brings together what is compared below
    order = np.argsort(key)
    one, other = order[:-1], order[1:]
    meet = (key[one] == key[other]) & (spot[one] == spot[after[other]]) & (spot[after[one]] == spot[other])
    return one[meet], other[meet]


def covered_walls(
    footprints: Footprints, lowest: NDArray[np.float64], bottom: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """How high another wall, back to back with it, covers each: float64 (v,), -inf where none does.

    lowest: float64 (v,), where the top of each is lowest. bottom: float64 (v,), where each begins: only
    those that begin alike cover each other; None: below all ground, which is no lower along both than what
    either stands on.
    """
    one, other = walls_back_to_back(footprints)
    covered = np.full(len(lowest), -np.inf)
    for wall, by in ((one, other), (other, one)):
        reach = lowest[by] if bottom is None else np.where(bottom[by] == bottom[wall], lowest[by], -np.inf)
        np.maximum.at(covered, wall, reach)
    return covered


def into_frame(
    lonlat: NDArray[np.float64], height: NDArray[np.float64], frame: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Places (radians, ellipsoidal metres) in a local frame: float64 (..., 3), metres."""
    return np.asarray((to_ecef(lonlat[..., 0], lonlat[..., 1], height) - frame[:3, 3]) @ frame[:3, :3])


def _lit_directions() -> NDArray[np.int8]:
    """Normals of walls by their direction, and last the one upward: int8 (_DIRECTIONS + 1, 4)."""
    turn = np.arange(_DIRECTIONS) * (2.0 * np.pi / _DIRECTIONS)
    walls = np.stack([np.cos(turn), np.sin(turn), np.zeros(_DIRECTIONS)], axis=1)
    return _in_127ths(np.concatenate([walls, [[0.0, 0.0, 1.0]]]))


_LIT = _lit_directions()
