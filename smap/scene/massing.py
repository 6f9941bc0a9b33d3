"""Massing: footprints with a top and a bottom become flat roofs and upright walls, all buildings at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import to_ecef
from smap.scene.footprint import Footprints
from smap.scene.measure import local_plane, next_vertex
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
    """Triangles of many buildings. positions: float64 (v, 3), metres in a local frame.

    normals: float32 (v, 3). triangles: uint32 (t, 3), counter-clockwise seen from outside.
    feature: int64 (v,), the building of each vertex.
    """

    positions: NDArray[np.float64]
    normals: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    feature: NDArray[np.int64]


def raise_masses(
    footprints: Footprints,
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    frame: NDArray[np.float64],
) -> Mass:
    """Roofs at `top` and walls from there down to `bottom`, both float64 (n,), ellipsoidal metres; no floors.

    frame: float64 (4, 4), local to ECEF; its axes are about east, north, up at the buildings. Of two walls
    back to back that of the lower building is left out, of two as tall as each other both are.
    """
    feature = footprints.vertex_feature
    levels = top[feature]
    outline = Outline(footprints.lonlat, next_vertex(footprints), levels, bottom[feature], feature)
    roofs = cut_roofs(footprints, local_plane(footprints).xy)
    return raise_walls(outline, covered_walls(footprints, levels), frame, roofs)


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
    roofs: NDArray[np.int64] | None = None,
) -> Mass:
    """The walls that are not covered up to their tops, down to their bottoms, and flat roofs.

    covered: float64 (v,), ellipsoidal metres, as `covered_walls` has it. roofs: int64 (t, 3), over vertices.
    Each vertex becomes four: below and above, each with the normal of the wall that begins there and of the
    one that ends there; and a fifth of the roof. Runs of the same outline stand in the same order, so that a
    compressor finds all but the first to be copies (decision 0006).
    """
    after = outline.after
    roof = into_frame(outline.lonlat, outline.top, frame)
    foot = into_frame(outline.lonlat, outline.bottom, frame)
    is_wall, outward = _outward(foot[after, :2] - foot[:, :2])
    is_wall &= covered < np.maximum(outline.top, outline.top[after])
    incoming = np.empty_like(outward)
    incoming[after] = outward
    positions, normals = [foot, foot, roof, roof], [outward, incoming, outward, incoming]
    if roofs is not None:
        positions.append(roof)
        normals.append(np.broadcast_to(np.array([0.0, 0.0, 1.0], np.float32), outward.shape))
    places = _runs(len(after), len(positions))
    begin = np.flatnonzero(is_wall)
    low, low_end, high, high_end = places[:4]
    ends = after[begin]
    corners = [low[begin], low_end[ends], high_end[ends], high[begin]]
    walls = np.stack([corners[i] for i in (3, 0, 1, 3, 1, 2)], axis=-1).reshape(-1, 3)
    order = np.empty(places.size, np.int64)
    order[places.ravel()] = np.arange(places.size)
    flat = [] if roofs is None else [places[4][roofs]]
    return Mass(
        positions=np.concatenate(positions)[order],
        normals=np.concatenate(normals)[order],
        triangles=np.concatenate([*flat, walls]).astype(np.uint32),
        feature=np.tile(outline.feature, len(places))[order],
    )


def _outward(edge: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Whether an edge, float64 (v, 2) metres, carries a wall, and its normal, to one of _DIRECTIONS."""
    turn = np.arctan2(-edge[:, 0], edge[:, 1])
    step = 2.0 * np.pi / _DIRECTIONS
    turn = np.rint(turn / step) * step
    normal = np.stack([np.cos(turn), np.sin(turn), np.zeros(len(turn))], axis=-1)
    return np.hypot(edge[:, 0], edge[:, 1]) > 1e-6, normal.astype(np.float32)


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


def _runs(n: int, copies: int) -> NDArray[np.int64]:
    """Where the copies of each of n vertices go, int64 (copies, n): a run of each copy after the other."""
    vertex = np.arange(n, dtype=np.int64)
    start = vertex // _RUN * _RUN
    length = np.minimum(n - start, _RUN)
    return np.stack([copies * start + copy * length + vertex - start for copy in range(copies)])


def into_frame(
    lonlat: NDArray[np.float64], height: NDArray[np.float64], frame: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Places (radians, ellipsoidal metres) in a local frame: float64 (v, 3), metres."""
    return np.asarray((to_ecef(lonlat[:, 0], lonlat[:, 1], height) - frame[:3, 3]) @ frame[:3, :3])
