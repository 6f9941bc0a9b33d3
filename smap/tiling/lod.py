"""Levels of detail: what a coarser tile draws of its buildings, and by how many metres that is wrong.

A tile may hold so many triangles. The smallest error E is sought for which they suffice when
- what stands no taller than E above its lowest ground is merged with its neighbours of the same cell into one
  block of their common area and mean height,
- of the rest, what a rectangle moves by no more than E is drawn as that rectangle,
- and all else keeps its footprint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smap.geo.grid import columns_rows
from smap.scene.footprint import Footprints
from smap.scene.measure import Rectangles
from smap.tiling.tree import Node, Tree

__all__ = ["BLOCK", "Buildings", "Content", "content_of_tiles"]

BLOCK = -1
"""In Content.building: this prism is no building but a block of several."""

_SHARE = 0.4
"""A coarser tile holds at most this share of the triangles of its children."""
_MOST_TRIANGLES = 16_000
_RECTANGLE_TRIANGLES = 10
_FINEST_CELLS = 6
"""A tile is divided into at most 2^6 x 2^6 cells: at 16,000 triangles more blocks could not be drawn."""


@dataclass(frozen=True)
class Buildings:
    """n buildings as tiling sees them.

    top, ground, lowest: float64 (n,), ellipsoidal metres of the roof, of the ground level and of the lowest
    ground under the footprint. area: float64 (n,), m². centroid: float64 (n, 2), radians.
    scale: float64 (n, 2), metres per radian. rectangles: what may stand for them.
    triangles: int64 (n,), with their own footprints.
    """

    footprints: Footprints
    top: NDArray[np.float64]
    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    area: NDArray[np.float64]
    centroid: NDArray[np.float64]
    scale: NDArray[np.float64]
    rectangles: Rectangles
    triangles: NDArray[np.int64]


@dataclass(frozen=True)
class Content:
    """What one tile draws: m prisms. top, lowest: float64 (m,). building: int64 (m,), BLOCK for a block.

    error: metres by which the drawn surface may differ from that of all buildings at their finest.
    """

    footprints: Footprints
    top: NDArray[np.float64]
    lowest: NDArray[np.float64]
    building: NDArray[np.int64]
    triangles: int
    error: float


def content_of_tiles(tree: Tree, buildings: Buildings) -> Iterator[Content]:
    """The content of each node of the tree, in its order: leaves whole, all others as the budget allows."""
    triangles: list[int] = []
    errors: list[float] = []
    for node in tree.nodes:
        if node.children:
            below = sum(triangles[child] for child in node.children)
            content = _coarser(node, tree.members(node), buildings, int(_SHARE * below))
            least = max(errors[child] for child in node.children)
            content = replace(content, error=max(content.error, least))
        else:
            content = _whole(tree.members(node), buildings)
        triangles.append(content.triangles)
        errors.append(content.error)
        yield content


def _whole(members: NDArray[np.int64], buildings: Buildings) -> Content:
    return Content(
        buildings.footprints.take(members),
        buildings.top[members],
        buildings.lowest[members],
        members,
        int(buildings.triangles[members].sum()),
        0.0,
    )


def _coarser(node: Node, members: NDArray[np.int64], buildings: Buildings, budget: int) -> Content:
    budget = max(min(budget, _MOST_TRIANGLES), _RECTANGLE_TRIANGLES)
    cell = _cells(node, buildings.centroid[members], budget)
    stands = buildings.top[members] - buildings.lowest[members]
    moved = np.minimum(buildings.rectangles.moved[members], stands)
    own = buildings.triangles[members]
    error = _smallest_error(stands, moved, own, cell, budget)
    merged = stands <= error
    boxed = ~merged & (moved <= error) & (own > _RECTANGLE_TRIANGLES)
    kept = ~merged & ~boxed
    blocks = _blocks(members[merged], cell[merged], buildings)
    parts = [_whole(members[kept], buildings), _boxes(members[boxed], buildings), blocks]
    return Content(
        Footprints.concatenate([part.footprints for part in parts]),
        np.concatenate([part.top for part in parts]),
        np.concatenate([part.lowest for part in parts]),
        np.concatenate([part.building for part in parts]),
        sum(part.triangles for part in parts),
        max(error, float((blocks.top - blocks.lowest).max(initial=0.0))),
    )


def _cells(node: Node, centroid: NDArray[np.float64], budget: int) -> NDArray[np.int64]:
    for finer in range(_FINEST_CELLS, -1, -1):
        columns, rows = columns_rows(node.tile.z + finer, centroid[:, 0], centroid[:, 1])
        _, cell = np.unique(columns << 32 | rows, return_inverse=True)
        if finer == 0 or _RECTANGLE_TRIANGLES * (cell.max() + 1) <= budget / 2:
            break
    return np.asarray(cell)


def _smallest_error(
    stands: NDArray[np.float64],
    moved: NDArray[np.float64],
    own: NDArray[np.int64],
    cell: NDArray[np.int64],
    budget: int,
) -> float:
    """By bisection: more error never costs more triangles, so all errors above one that suffices suffice."""
    candidates = np.unique(np.concatenate([stands, moved]))
    boxed = np.minimum(own, _RECTANGLE_TRIANGLES)
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        error = candidates[middle]
        merged = stands <= error
        alone = np.where(moved <= error, boxed, own)[~merged].sum()
        blocks = np.count_nonzero(np.bincount(cell[merged]))
        if alone + _RECTANGLE_TRIANGLES * blocks <= budget:
            high = middle
        else:
            low = middle + 1
    return float(candidates[low])


def _boxes(members: NDArray[np.int64], buildings: Buildings) -> Content:
    corners = buildings.rectangles.corners[members]
    top, lowest = buildings.top[members], buildings.lowest[members]
    return _prisms(corners, top, lowest, members)


def _blocks(members: NDArray[np.int64], cell: NDArray[np.int64], buildings: Buildings) -> Content:
    """One block for each cell: along its largest building, shaped as they stand, of their common area."""
    order = np.lexsort((-buildings.area[members], cell))
    members, cell = members[order], cell[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(cell)))
    largest = members[starts]
    area = buildings.area[members]
    total = _sum(area, starts)

    def mean(of: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sum(of * area, starts) / total

    middle = np.stack([mean(buildings.centroid[members, k]) for k in (0, 1)], axis=-1)
    scale = buildings.scale[largest]
    corners = (buildings.rectangles.corners[members] - middle[group][:, None, :]) * scale[group][:, None, :]
    along = _direction(buildings.rectangles.corners[largest], scale)
    side = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    reach = np.stack(
        [np.abs((corners * axis[group][:, None, :]).sum(axis=-1)).max(axis=1) for axis in (along, side)],
        axis=-1,
    )
    half = np.maximum(np.maximum.reduceat(reach, starts) if len(starts) else reach, 0.01)
    half = half * np.sqrt(total / (4.0 * half.prod(axis=1)))[:, None]
    signs = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    uv = signs[None] * half[:, None, :]
    xy = uv[..., :1] * along[:, None, :] + uv[..., 1:] * side[:, None, :]
    places = middle[:, None, :] + xy / scale[:, None, :]
    ground = mean(buildings.ground[members])
    top = ground + mean(buildings.top[members] - buildings.ground[members])
    lowest = np.minimum.reduceat(buildings.lowest[members], starts) if len(starts) else ground
    return _prisms(places, top, lowest, np.full(len(starts), BLOCK, np.int64))


def _sum(of: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.add.reduceat(of, starts) if len(starts) else np.zeros(0)


def _direction(corners: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    edge = (corners[:, 1] - corners[:, 0]) * scale
    return np.asarray(edge / np.maximum(np.hypot(edge[:, 0], edge[:, 1]), 1e-9)[:, None])


def _prisms(
    corners: NDArray[np.float64],
    top: NDArray[np.float64],
    lowest: NDArray[np.float64],
    building: NDArray[np.int64],
) -> Content:
    each = np.arange(len(corners) + 1, dtype=np.int64)
    footprints = Footprints(corners.reshape(-1, 2), 4 * each, each, each)
    return Content(footprints, top, lowest, building, _RECTANGLE_TRIANGLES * len(corners), 0.0)
