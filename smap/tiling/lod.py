"""Levels of detail: what a coarser tile draws of its buildings, and by how many metres that is wrong.

A tile may hold so many triangles. The smallest error E is sought for which they suffice when
- neighbours are drawn as one block as soon as it lies no more than E from any of them (`lod_blocks`),
- of the rest, what a rectangle moves by no more than E is drawn as that rectangle,
- and all else keeps its footprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import Rectangles
from smap.tiling.lod_blocks import Items, Standing, join_above, join_neighbours
from smap.tiling.tree import Tree

__all__ = ["BLOCK", "Buildings", "Content", "Frontier", "content_of_tiles", "draw_above"]

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
    the flat roof at `top` lies off the true one; not given: all roofs are flat.
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
    off: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if len(self.off) != len(self.top):
            object.__setattr__(self, "off", np.zeros(len(self.top)))

    def take(self, chosen: NDArray[np.int64]) -> Buildings:
        """The chosen ones, in the order given."""
        columns = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return Buildings(self.footprints.take(chosen), rectangles=self.rectangles.take(chosen), **columns)

    @staticmethod
    def concatenate(parts: Sequence[Buildings]) -> Buildings:
        """Several sets as one, in order."""
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
        footprints = Footprints.concatenate([part.footprints for part in parts])
        rectangles = Rectangles.concatenate([part.rectangles for part in parts])
        return Buildings(footprints, rectangles=rectangles, **columns)


_COLUMNS = ("top", "ground", "lowest", "area", "scale", "triangles", "hidden", "off")


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


@dataclass(frozen=True)
class Frontier:
    """What a tile leaves to those above it: buildings and blocks not yet drawn within a coarser block.

    buildings: m of them; number: int64 (m,), their numbers in Content.building. items: the m buildings, then
    the blocks, of which the last stands for all. triangles, error: of the tile's content.
    """

    buildings: Buildings
    number: NDArray[np.int64]
    items: Items
    triangles: int
    error: float


def content_of_tiles(tree: Tree, buildings: Buildings) -> Iterator[tuple[Content, Frontier]]:
    """The content of each node of the tree, in its order: leaves whole, all others as the budget allows.

    A node's frontier is forgotten as soon as its parent has been drawn.
    """
    standing = Standing(buildings.top, buildings.ground, buildings.lowest, buildings.area)
    leaves = join_neighbours(tree, buildings.rectangles, buildings.scale, standing)
    open_: dict[int, Frontier] = {}
    for number, node in enumerate(tree.nodes):
        if node.children:
            content, frontier = draw_above([open_.pop(child) for child in node.children])
        else:
            content, frontier = _draw_leaf(tree.members(node), buildings, leaves[number])
        open_[number] = frontier
        yield content, frontier


def _draw_leaf(members: NDArray[np.int64], buildings: Buildings, items: Items) -> tuple[Content, Frontier]:
    own = buildings.take(members)
    content = _named(_whole(np.arange(len(members)), own), members)
    return content, Frontier(own, members, items, content.triangles, 0.0)


def draw_above(children: Sequence[Frontier]) -> tuple[Content, Frontier]:
    """What the parent of these tiles draws: a cut through their hierarchy, joined by one more block.

    The cut lies at the smallest error, no smaller than theirs, that fits the budget.
    """
    buildings = Buildings.concatenate([child.buildings for child in children])
    number = np.concatenate([child.number for child in children])
    items = join_above([child.items for child in children], [len(child.number) for child in children])
    budget = int(_SHARE * sum(child.triangles for child in children))
    budget = max(min(budget, _MOST_TRIANGLES), _RECTANGLE_TRIANGLES)
    cut = _Cut.of(items, buildings)
    least = max(float(buildings.off.max(initial=0.0)), *(child.error for child in children))
    error = cut.smallest_error(budget, least)
    content = _named(_drawn_at(error, cut, items, buildings), number)
    left = np.flatnonzero(cut.until > error)
    blocks = len(number) + np.flatnonzero(cut.block_until > error)
    kept = items.take(np.concatenate([left, blocks]))
    return content, Frontier(buildings.take(left), number[left], kept, content.triangles, error)


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


def _named(content: Content, number: NDArray[np.int64]) -> Content:
    """With these numbers of the buildings in the stead of their places."""
    building = content.building.copy()
    is_own = building != BLOCK
    building[is_own] = number[building[is_own]]
    return replace(content, building=building)


def _drawn_at(error: float, cut: _Cut, items: Items, buildings: Buildings) -> Content:
    """The cut through a hierarchy at an error."""
    alone = cut.until > error
    boxed = alone & (cut.moved <= error) & (cut.own > _RECTANGLE_TRIANGLES)
    shown = len(cut.own) + np.flatnonzero((cut.block_error <= error) & (error < cut.block_until))
    whole, boxes = np.flatnonzero(alone & ~boxed), np.flatnonzero(boxed)
    parts = [_whole(whole, buildings), _boxes(boxes, buildings), _blocks(items, shown)]
    return _joined(parts, error)


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

    @staticmethod
    def of(items: Items, buildings: Buildings) -> _Cut:
        """items: the buildings, then the blocks."""
        n = len(buildings.triangles)
        until = np.where(items.parent >= 0, items.error[items.parent], np.inf)
        moved = buildings.rectangles.moved
        return _Cut(moved, buildings.triangles, until[:n], items.error[n:], until[n:])

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
