"""Levels of detail: what a coarser tile draws of its buildings, and by how many metres that is wrong.

A tile may hold so many triangles. The smallest error E is sought for which they suffice when
- neighbours are drawn as one block as soon as it lies no more than E from any of them (`lod_blocks`),
- of the rest, what a rectangle moves by no more than E is drawn as that rectangle,
- and all else keeps its footprint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import Rectangles
from smap.tiling.lod_blocks import Items, Standing, join_neighbours
from smap.tiling.tree import Node, Tree

__all__ = ["BLOCK", "Buildings", "Content", "content_of_tiles"]

BLOCK = -1
"""In Content.building: this prism is no building but a block of several."""

_SHARE = 0.4
"""A coarser tile holds at most this share of the triangles of its children."""
_MOST_TRIANGLES = 24_000
"""About 100 kB as stored."""
_RECTANGLE_TRIANGLES = 10


@dataclass(frozen=True)
class Buildings:
    """n buildings as tiling sees them.

    top, ground, lowest: float64 (n,), ellipsoidal metres of the roof, of the ground level and of the lowest
    ground under the footprint. area: float64 (n,), m². scale: float64 (n, 2), metres per radian.
    rectangles: what may stand for them. triangles: int64 (n,), with their own footprints; hidden: int64 (n,),
    so many of them may be left out because another building covers them. off: float64 (n,), metres by which
    the flat roof at `top` lies off the true one; None: all roofs are flat.
    """

    footprints: Footprints
    top: NDArray[np.float64]
    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    area: NDArray[np.float64]
    scale: NDArray[np.float64]
    rectangles: Rectangles
    triangles: NDArray[np.int64]
    hidden: NDArray[np.int64]
    off: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Content:
    """What one tile draws: m prisms. top, ground, lowest: float64 (m,), metres.

    building: int64 (m,), BLOCK for a block. count: int64 (m,), how many buildings each stands for.
    triangles: at least so many. error: metres by which the drawn surface may differ from that of all
    buildings at their finest.
    """

    footprints: Footprints
    top: NDArray[np.float64]
    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    building: NDArray[np.int64]
    count: NDArray[np.int64]
    triangles: int
    error: float


def content_of_tiles(tree: Tree, buildings: Buildings) -> Iterator[Content]:
    """The content of each node of the tree, in its order: leaves whole, all others as the budget allows."""
    n = len(tree.order)
    standing = Standing(buildings.top, buildings.ground, buildings.lowest, buildings.area)
    items = join_neighbours(tree, buildings.rectangles, buildings.scale, standing)
    order = n + np.argsort(items.node[n:], kind="stable")
    ends = np.searchsorted(items.node[order], np.arange(len(tree.nodes)), side="right")
    begins: list[int] = []
    triangles: list[int] = []
    errors: list[float] = []
    for number, node in enumerate(tree.nodes):
        inner = [begins[child] for child in node.children]
        begins.append(min(inner) if inner else int(ends[number - 1]) if number else 0)
        if node.children:
            budget = int(_SHARE * sum(triangles[child] for child in node.children))
            least = max(errors[child] for child in node.children)
            if buildings.off is not None:
                least = max(least, float(buildings.off[tree.members(node)].max()))
            blocks = order[begins[number] : ends[number]]
            content = _coarser(tree, node, items, blocks, buildings, budget, least)
        else:
            content = _whole(tree.members(node), buildings)
        triangles.append(content.triangles)
        errors.append(content.error)
        yield content


def _whole(members: NDArray[np.int64], buildings: Buildings) -> Content:
    triangles = int((buildings.triangles - buildings.hidden)[members].sum())
    return _alone(buildings.footprints.take(members), members, buildings, triangles)


def _boxes(members: NDArray[np.int64], buildings: Buildings) -> Content:
    footprints = _quads(buildings.rectangles.corners[members])
    return _alone(footprints, members, buildings, _RECTANGLE_TRIANGLES * len(members))


def _alone(
    footprints: Footprints, members: NDArray[np.int64], buildings: Buildings, triangles: int
) -> Content:
    return Content(
        footprints,
        buildings.top[members],
        buildings.ground[members],
        buildings.lowest[members],
        members,
        np.ones(len(members), np.int64),
        triangles,
        0.0,
    )


def _blocks(items: Items, shown: NDArray[np.int64]) -> Content:
    return Content(
        _quads(items.corners(shown)),
        items.top[shown],
        items.ground[shown],
        items.lowest[shown],
        np.full(len(shown), BLOCK, np.int64),
        items.count[shown],
        _RECTANGLE_TRIANGLES * len(shown),
        0.0,
    )


def _quads(corners: NDArray[np.float64]) -> Footprints:
    each = np.arange(len(corners) + 1, dtype=np.int64)
    return Footprints(corners.reshape(-1, 2), 4 * each, each, each)


def _joined(parts: list[Content], error: float) -> Content:
    return Content(
        Footprints.concatenate([part.footprints for part in parts]),
        np.concatenate([part.top for part in parts]),
        np.concatenate([part.ground for part in parts]),
        np.concatenate([part.lowest for part in parts]),
        np.concatenate([part.building for part in parts]),
        np.concatenate([part.count for part in parts]),
        sum(part.triangles for part in parts),
        error,
    )


def _coarser(
    tree: Tree,
    node: Node,
    items: Items,
    blocks: NDArray[np.int64],
    buildings: Buildings,
    budget: int,
    least: float,
) -> Content:
    """A cut through the hierarchy of a tile at the smallest error from `least` on that fits the budget."""
    budget = max(min(budget, _MOST_TRIANGLES), _RECTANGLE_TRIANGLES)
    members = tree.members(node)
    until = _until(items, np.arange(node.start, node.end), blocks)
    moved, own = buildings.rectangles.moved[members], buildings.triangles[members]
    cut = _Cut(moved, own, until, items.error[blocks], _until(items, blocks, blocks))
    error = cut.smallest_error(budget, least)
    alone = until > error
    boxed = alone & (moved <= error) & (own > _RECTANGLE_TRIANGLES)
    shown = blocks[(cut.block_error <= error) & (error < cut.block_until)]
    parts = [_whole(members[alone & ~boxed], buildings), _boxes(members[boxed], buildings)]
    return _joined([*parts, _blocks(items, shown)], error)


def _until(items: Items, chosen: NDArray[np.int64], blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """The error from which on each item is drawn as part of its block; inf for the last block of a tile."""
    parent = items.parent[chosen]
    last = blocks[-1] if len(blocks) else -1
    inside = (parent >= 0) & (chosen != last)
    return np.where(inside, items.error[parent], np.inf)


@dataclass(frozen=True)
class _Cut:
    """What the items of a tile cost at every error.

    moved, until: float64 (n,), metres at which each building becomes a rectangle, and part of a block.
    own: int64 (n,), its triangles. block_error, block_until: float64 (m,), from where to where a block shows.
    """

    moved: NDArray[np.float64]
    own: NDArray[np.int64]
    until: NDArray[np.float64]
    block_error: NDArray[np.float64]
    block_until: NDArray[np.float64]

    def smallest_error(self, budget: int, least: float) -> float:
        """The smallest error of `least` or more at which no more than `budget` triangles are drawn.

        Each thing comes with its triangles at one error and goes with them at another: all comings and goings
        in order, heaped up, are the triangles at every error.
        """
        boxed = np.minimum(self.own, _RECTANGLE_TRIANGLES)
        saves = (self.moved < self.until) & (boxed < self.own)
        shows = self.block_error < self.block_until
        box = np.full(int(shows.sum()), _RECTANGLE_TRIANGLES)
        at = [self.until, self.moved[saves], self.block_error[shows], self.block_until[shows]]
        change = [-np.where(saves, boxed, self.own), (boxed - self.own)[saves], box, -box]
        error, change_of = np.maximum(np.concatenate(at), least), np.concatenate(change)
        order = np.argsort(error)
        error = np.concatenate([[least], error[order]])
        drawn = int(self.own.sum()) + np.concatenate([[0], np.cumsum(change_of[order])])
        is_last = np.append(error[1:] > error[:-1], True)
        fits = np.flatnonzero(is_last & (drawn <= budget))
        return float(error[fits[0]])  # at the largest one block is left, which every budget allows
