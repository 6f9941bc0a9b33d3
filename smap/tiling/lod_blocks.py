"""Blocks: neighbours joined two by two into fewer and larger boxes, and how far each lies from the truth.

Within each leaf of a tree the two items that are each other's nearest become one block, again and again until
one is left; above the leaves the blocks of a tile's children become one. So every tile has a hierarchy from
its buildings up to a single block, and a coarser picture of it is a cut through that hierarchy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from smap.scene.measure import Rectangles
from smap.tiling.tree import Tree

__all__ = ["Items", "Standing", "join_above", "join_neighbours"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]

_APART_M = 1e6
"""Leaves are laid out in a row so far from one another that nobody's nearest lies in another leaf."""
_JITTER_M, _GOLDEN = 0.01, 0.6180339887498949
"""Items are moved aside by up to 1 cm, by their number within the leaf, so that stacks of the same outline
and houses of equal distance have a nearest."""
_SIGNS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
_AT_ONCE = 30_000
"""Buildings whose blocks are found together: some tens of megabytes while they are."""
_EXACT = 256
"""Blocks of more buildings are measured against the two blocks they are made of, whose errors are added."""


@dataclass
class Items:
    """k boxes: buildings in the order of the tree first, blocks after them.

    middle: float64 (k, 2), radians. along: float64 (k, 2), the unit vector of a side, metres. half: float64
    (k, 2), metres along and across. grown: float64 (k,), by how much the box must grow to hold all that it
    stands for. scale: float64 (k, 2), metres per radian. area: float64 (k,), m². top, ground, lowest: float64
    (k,), metres. count: int64 (k,), buildings. error: float64 (k,), metres: of a block how far what it stands
    for may lie from it, and it from that. parent: int64 (k,), the block that holds it, -1 for the last.
    node: int64 (k,), the number of the tree's node.
    """

    middle: Array
    along: Array
    half: Array
    grown: Array
    scale: Array
    area: Array
    top: Array
    ground: Array
    lowest: Array
    count: Indices
    error: Array
    parent: Indices
    node: Indices

    def take(self, chosen: Indices, *, room: int = 0) -> Items:
        """The chosen items in the order given, and room for more; a parent that is not among them is none."""
        place = np.full(len(self.parent) + 1, -1, np.int64)  # the last is that of no parent
        place[chosen] = np.arange(len(chosen))
        taken = _room(len(chosen) + room)
        for name, values in vars(self).items():
            getattr(taken, name)[: len(chosen)] = values[chosen]
        taken.parent[: len(chosen)] = place[self.parent[chosen]]
        return taken

    def corners(self, chosen: Indices) -> Array:
        """Corners of the boxes, float64 (m, 4, 2), radians, counter-clockwise."""
        uv = _SIGNS * self.half[chosen][:, None, :]
        along = self.along[chosen][:, None, :]
        xy = uv[..., :1] * along + uv[..., 1:] * _across(along)
        return np.asarray(self.middle[chosen][:, None, :] + xy / self.scale[chosen][:, None, :])


@dataclass(frozen=True)
class Standing:
    """How n buildings stand: top, ground, lowest: float64 (n,), metres; area: float64 (n,), m²."""

    top: Array
    ground: Array
    lowest: Array
    area: Array


def join_neighbours(tree: Tree, rectangles: Rectangles, scale: Array, standing: Standing) -> dict[int, Items]:
    """The items of each leaf by its number: its members in the order of the tree, then their blocks.

    The arrays are over the tree's members, in their own order (not that of the tree).
    """
    n, order = len(tree.order), tree.order
    items = _room(2 * n)
    for number, node in enumerate(tree.nodes):
        if not node.children:
            items.node[node.start : node.end] = number
    for name, values in vars(standing).items():
        getattr(items, name)[:n] = values[order]
    items.scale[:n], items.grown[:n] = scale[order], rectangles.grown[order]
    corners = rectangles.corners[order]
    sides = (corners[:, [1, 2]] - corners[:, [0, 1]]) * items.scale[:n, None, :]
    length = np.maximum(np.hypot(sides[..., 0], sides[..., 1]), 1e-9)
    items.middle[:n] = (corners[:, 0] + corners[:, 2]) / 2.0
    items.along[:n], items.half[:n] = sides[:, 0] / length[:, :1], length / 2.0
    used = n
    for start, end in _batches(tree):
        used = _join_within(items, start, end, used, len(tree.nodes))
    blocks = n + np.argsort(items.node[n:used], kind="stable")
    ends = np.searchsorted(items.node[blocks], np.arange(len(tree.nodes)), side="right")
    return {
        number: items.take(
            np.concatenate([np.arange(node.start, node.end), blocks[_before(ends, number) : end]])
        )
        for number, (node, end) in enumerate(zip(tree.nodes, ends.tolist(), strict=True))
        if not node.children
    }


def _before(ends: Indices, number: int) -> int:
    return int(ends[number - 1]) if number else 0


def join_above(children: Sequence[Items], buildings: Sequence[int]) -> Items:
    """Items of several tiles as those of one: all buildings, all blocks, last a block of all.

    The last item of each tile stands for all of it. buildings: how many items of each are buildings. The
    error of the new block is how far it lies from these, and the largest of theirs.
    """
    sizes = np.array([len(each.error) for each in children])
    firsts = np.cumsum(sizes) - sizes
    is_block = [np.arange(size) >= n for size, n in zip(sizes, buildings, strict=True)]
    order = np.argsort(np.concatenate(is_block), kind="stable")
    items = _chained(children, firsts).take(order, room=1)
    rows = np.flatnonzero(items.parent[:-1] < 0)
    fresh = np.array([len(order)])
    items.parent[rows] = fresh[0]
    items.count[fresh] = items.count[rows].sum()
    deviation = _box(items, fresh, rows, np.zeros(1, np.int64))
    items.error[fresh] = deviation + items.error[rows].max()
    return items


def _chained(children: Sequence[Items], firsts: Indices) -> Items:
    """All items in a row, still with the parents they have."""
    columns = {name: np.concatenate([getattr(each, name) for each in children]) for name in vars(children[0])}
    parents = [
        np.where(each.parent >= 0, each.parent + first, -1)
        for each, first in zip(children, firsts.tolist(), strict=True)
    ]
    return Items(**{**columns, "parent": np.concatenate(parents)})


def _room(k: int) -> Items:
    """Room for k items; so far each is one building without error and without a block."""
    middle, along, half, scale = np.empty((4, k, 2))
    grown, area, top, ground, lowest, error = np.zeros((6, k))
    count, parent, node = np.ones(k, np.int64), *np.full((2, k), -1)
    return Items(middle, along, half, grown, scale, area, top, ground, lowest, count, error, parent, node)


def _batches(tree: Tree) -> Iterator[tuple[int, int]]:
    """Ranges of the tree's order that hold whole leaves, so many that their work fits a little memory."""
    start = 0
    for node in tree.nodes:
        if not node.children and (node.end - start >= _AT_ONCE or node.end == len(tree.order)):
            yield start, node.end
            start = node.end


def _join_within(items: Items, start: int, end: int, used: int, nodes: int) -> int:
    """Blocks within the leaves of a range, round after round; gives how many items there are then."""
    alive, holder = np.arange(start, end), np.arange(start, end)
    while True:
        alive = alive[np.bincount(items.node[alive], minlength=nodes)[items.node[alive]] > 1]
        if not len(alive):
            return used
        one, other = _pairs(items, alive)
        fresh = used + np.arange(len(one))
        items.parent[one] = items.parent[other] = fresh
        joined = np.flatnonzero(items.parent[holder] >= used)
        held = holder[joined] = items.parent[holder[joined]]
        items.count[fresh] = items.count[one] + items.count[other]
        items.node[fresh] = items.node[one]
        is_few = items.count[held] <= _EXACT
        few = start + joined[is_few]
        many = np.concatenate([one, other])
        many = many[items.count[items.parent[many]] > _EXACT]
        rows, block = np.concatenate([few, many]), np.concatenate([held[is_few], items.parent[many]])
        order = np.argsort(block, kind="stable")
        firsts = np.flatnonzero(np.diff(block[order], prepend=-1))
        deviation = _box(items, fresh, rows[order], firsts)
        below = np.maximum(items.error[one], items.error[other])
        is_exact = items.count[fresh] <= _EXACT
        items.error[fresh] = np.where(is_exact, np.maximum(deviation, below), deviation + below)
        alive = np.concatenate([alive[items.parent[alive] < 0], fresh])
        used += len(fresh)


def _pairs(items: Items, alive: Indices) -> tuple[Indices, Indices]:
    """Items of which each is the nearest of the other; where a tie hides all of them, the nearest two."""
    first = np.unique(items.node[alive], return_index=True)[1]
    leaf = np.searchsorted(items.node[alive[first]], items.node[alive])
    origin, scale = items.middle[alive[first]][leaf], items.scale[alive[first]][leaf]
    places = (items.middle[alive] - origin) * scale
    here = np.arange(len(alive))
    aside = _APART_M * leaf + _JITTER_M * ((here - first[leaf]) * _GOLDEN % 1.0)
    spots = np.column_stack([places[:, 0] + aside, places[:, 1], items.top[alive]])
    tree = cKDTree(spots, compact_nodes=False, balanced_tree=False)
    distance, found = (np.asarray(each) for each in tree.query(spots, k=2))
    column = (found[:, 0] == here).astype(np.int64)
    nearest, apart = found[here, column], distance[here, column]
    mutual = np.flatnonzero((nearest[nearest] == here) & (here < nearest))
    if not len(mutual):
        mutual = np.array([int(np.argmin(apart))])
    return alive[mutual], alive[nearest[mutual]]


def _box(items: Items, fresh: Indices, rows: Indices, starts: Indices) -> Array:
    """Make the boxes `fresh` of the items `rows`, grouped from `starts`; gives metres they deviate.

    A box lies along its largest member, has the proportions of the box about all of them, their common area
    and their mean top and ground, so that it has their volume.
    """
    sizes = np.diff(starts, append=len(rows))
    group = np.repeat(np.arange(len(starts)), sizes)
    area = items.area[rows]
    largest = rows[_largest(area, starts, sizes)]
    total = np.add.reduceat(area, starts)
    along, scale, origin = items.along[largest], items.scale[largest], items.middle[largest]
    members = _Members.of(items, rows, group, largest)
    low, high = members.reach(starts)
    full = np.maximum((high - low) / 2.0, 0.005)
    half = full * np.sqrt(np.maximum(total, 1e-4) / (4.0 * full.prod(axis=1)))[:, None]
    center = (low + high) / 2.0
    xy = center[:, :1] * along + center[:, 1:] * _across(along)
    items.middle[fresh] = origin + xy / scale
    items.along[fresh], items.half[fresh], items.scale[fresh] = along, half, scale
    items.grown[fresh] = np.maximum((full / half).max(axis=1), 1.0)
    items.area[fresh] = total
    for level in (items.top, items.ground):
        level[fresh] = np.add.reduceat(area * level[rows], starts) / total
    items.lowest[fresh] = np.minimum.reduceat(items.lowest[rows], starts)
    upright = np.abs(items.top[rows] - np.repeat(items.top[fresh], sizes))
    outside = np.maximum.reduceat(np.maximum(members.beyond(center, half, sizes), upright), starts)
    return np.asarray(np.maximum(outside, members.gap(center, half, starts, sizes)))


def _largest(area: Array, starts: Indices, sizes: Indices) -> Indices:
    """Of each group the place of the first of its largest."""
    found = np.flatnonzero(area == np.repeat(np.maximum.reduceat(area, starts), sizes))
    return found[np.searchsorted(found, starts)]


@dataclass(frozen=True)
class _Members:
    """r items as they lie in the axes of their boxes; places and directions are complex, u + i v, metres.

    middle, turned: complex128 (r,), middles and directions. half_u, half_v, spread_u, spread_v: float64 (r,),
    half sides along their own axes, and how far each reaches along those of its box.
    """

    middle: Complex
    turned: Complex
    half_u: Array
    half_v: Array
    spread_u: Array
    spread_v: Array

    @staticmethod
    def of(items: Items, rows: Indices, group: Indices, largest: Indices) -> _Members:
        """The items `rows` in axes along the largest of each group."""
        back = _as_complex(items.along)[largest].conj()[group]
        middle = _as_complex(items.middle)[rows] - _as_complex(items.middle)[largest][group]
        middle.real *= items.scale[largest, 0][group]
        middle.imag *= items.scale[largest, 1][group]
        middle *= back
        turned = _as_complex(items.along)[rows] * back
        half_u, half_v, grown = items.half[rows, 0], items.half[rows, 1], items.grown[rows]
        cos, sin = np.abs(turned.real) * grown, np.abs(turned.imag) * grown
        spread_u, spread_v = cos * half_u + sin * half_v, sin * half_u + cos * half_v
        return _Members(middle, turned, half_u, half_v, spread_u, spread_v)

    def reach(self, starts: Indices) -> tuple[Array, Array]:
        """Least and largest u and v of each group: float64 (g, 2) each."""
        u, v = self.middle.real, self.middle.imag
        low = [np.minimum.reduceat(at - by, starts) for at, by in ((u, self.spread_u), (v, self.spread_v))]
        high = [np.maximum.reduceat(at + by, starts) for at, by in ((u, self.spread_u), (v, self.spread_v))]
        return np.stack(low, axis=1), np.stack(high, axis=1)

    def beyond(self, center: Array, half: Array, sizes: Indices) -> Array:
        """How far each reaches out of the box of its group: float64 (r,)."""
        at = self.middle - np.repeat(_as_complex(center), sizes)
        over_u = np.maximum(np.abs(at.real) + self.spread_u - np.repeat(half[:, 0], sizes), 0.0)
        over_v = np.maximum(np.abs(at.imag) + self.spread_v - np.repeat(half[:, 1], sizes), 0.0)
        return np.asarray(np.sqrt(over_u * over_u + over_v * over_v))

    def gap(self, center: Array, half: Array, starts: Indices, sizes: Indices) -> Array:
        """How far the corners and the middle of a box lie from the nearest member at most: float64 (g,)."""
        back = self.turned.conj()
        at = (np.repeat(_as_complex(center), sizes) - self.middle) * back
        to_u = np.repeat(half[:, 0], sizes) * back
        to_v = np.repeat(half[:, 1], sizes) * (1j * back)
        farthest = np.zeros(len(starts))
        for spot in (at, at + to_u + to_v, at + to_u - to_v, at - to_u + to_v, at - to_u - to_v):
            beside = np.maximum(np.abs(spot.real) - self.half_u, 0.0)
            before = np.maximum(np.abs(spot.imag) - self.half_v, 0.0)
            nearest = np.minimum.reduceat(beside * beside + before * before, starts)
            farthest = np.maximum(farthest, nearest)
        return np.sqrt(farthest)


def _as_complex(pairs: Array) -> Complex:
    """(k, 2) as x + i y: complex128 (k,)."""
    return np.asarray(np.ascontiguousarray(pairs).view(np.complex128)[:, 0])


def _across(along: Array) -> Array:
    return np.stack([-along[..., 1], along[..., 0]], axis=-1)
