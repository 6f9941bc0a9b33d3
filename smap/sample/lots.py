"""Lots: blocks cut in two again and again, along their streets, with lanes between the larger pieces.

The way of Vanegas et al., Procedural generation of parcels in urban modeling (Computer Graphics Forum 31,
2012), without skeletons: each piece is cut across its longer side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.blocks import Blocks
from smap.sample.facts import Kind

__all__ = ["Frame", "Lots", "frames_of", "make_lots", "rectangles"]

DEEPEST = 24
"""Cuts from a block to a lot: 2^24 lots are more than the whole area holds."""
THINNEST_M = 3.0
SMALLEST_M2 = 24.0
FINE_M, COARSE_M, COARSEST = 2200.0, 3800.0, 1.9
"""Lots are as written within the first distance of the middle, and so many times as large from the second."""


@dataclass(frozen=True)
class Lots:
    """n lots: shapely Polygons on the plane, apart from each other, and the kind (n,) of each."""

    polygons: NDArray[np.object_]
    kinds: NDArray[np.str_]


@dataclass(frozen=True)
class Frame:
    """The directions of n polygons: axis (n, 2), the unit vector along most of their edges, and the extents
    low, high (n, 2) along it and across."""

    axis: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def make_lots(blocks: Blocks, kinds: dict[str, Kind], random: np.random.Generator) -> Lots:
    """Cut blocks into lots; the same blocks and the same random give the same lots."""
    pieces, names = blocks.polygons, blocks.kinds
    done: list[tuple[NDArray[np.object_], NDArray[np.str_]]] = []
    for _ in range(DEEPEST):
        if not len(pieces):
            break
        wanted = np.array([kinds[name].lot_m2 for name in names]) * random.uniform(0.75, 1.5, len(pieces))
        wanted *= _coarser_outside(pieces)
        whole = shapely.area(pieces) <= wanted
        done.append((pieces[whole], names[whole]))
        pieces, names = _halves(pieces[~whole], names[~whole], kinds, random)
    return Lots(np.concatenate([p for p, _ in done]), np.concatenate([n for _, n in done]))


def frames_of(polygons: NDArray[np.object_]) -> Frame:
    """The frame of each polygon; its long edges weigh most, and edges at right angles agree."""
    points, owner = shapely.get_coordinates(shapely.get_exterior_ring(polygons), return_index=True)
    edge = np.diff(points, axis=0)
    own = owner[1:] == owner[:-1]
    along = (edge[own, 0] + 1j * edge[own, 1]) ** 4
    length = np.abs(along)
    weight = np.where(length > 0, length ** (-0.5), 0.0)  # leaves the square of an edge's length
    turn = np.zeros(len(polygons), complex)
    np.add.at(turn, owner[1:][own], along * weight)
    angle = np.angle(turn) / 4
    axis = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    first = np.searchsorted(owner, np.arange(len(polygons)))
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    local = np.stack([(points * axis[owner]).sum(axis=1), (points * across[owner]).sum(axis=1)], axis=1)
    return Frame(axis, np.minimum.reduceat(local, first), np.maximum.reduceat(local, first))


def rectangles(
    axis: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Rectangles from low to high (n, 2) in frames with an axis (n, 2): shapely Polygons."""
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    u = np.stack([low[:, 0], high[:, 0], high[:, 0], low[:, 0]], axis=1)
    v = np.stack([low[:, 1], low[:, 1], high[:, 1], high[:, 1]], axis=1)
    return np.asarray(shapely.polygons(u[..., None] * axis[:, None] + v[..., None] * across[:, None]), object)


def _coarser_outside(pieces: NDArray[np.object_]) -> NDArray[np.float64]:
    """How much larger lots are away from the middle of the area: a model is finest where one looks."""
    middle = shapely.get_coordinates(shapely.centroid(pieces))
    share = (np.hypot(middle[:, 0], middle[:, 1]) - FINE_M) / (COARSE_M - FINE_M)
    return np.asarray(1.0 + (COARSEST - 1.0) * np.clip(share, 0.0, 1.0))


def _halves(
    pieces: NDArray[np.object_], names: NDArray[np.str_], kinds: dict[str, Kind], random: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    if not len(pieces):
        return pieces, names
    frame = frames_of(pieces)
    lane = _lanes(shapely.area(pieces), names, kinds)
    size = frame.high - frame.low
    longer = (size[:, 1] > size[:, 0]).astype(int)
    each = np.arange(len(pieces))
    cut = frame.low[each, longer] + size[each, longer] * random.uniform(0.43, 0.57, len(pieces))
    near, far = frame.high.copy(), frame.low.copy()
    near[each, longer], far[each, longer] = cut - lane / 2, cut + lane / 2
    halves = [
        shapely.intersection(
            pieces, rectangles(frame.axis, frame.low - 1.0, near + (longer[:, None] != [0, 1]))
        ),
        shapely.intersection(
            pieces, rectangles(frame.axis, far - (longer[:, None] != [0, 1]), frame.high + 1.0)
        ),
    ]
    parts, index = shapely.get_parts(np.concatenate(halves), return_index=True)
    owner = np.tile(names, 2)[index]
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    area, around = shapely.area(parts), shapely.length(parts)
    sound = polygonal & (area > SMALLEST_M2) & (2 * area > THINNEST_M * around / 2)
    return parts[sound], owner[sound]


def _lanes(area: NDArray[np.float64], names: NDArray[np.str_], kinds: dict[str, Kind]) -> NDArray[np.float64]:
    """The width of the lane that a cut leaves open, by the size of what is cut."""
    lane = np.zeros(len(area))
    for name in np.unique(names):
        mine = names == name
        for width, from_m2 in reversed(kinds[name].lane_m):
            lane[mine & (area >= from_m2)] = width
    return lane
