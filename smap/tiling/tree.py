"""Trees of tiles: buildings go by their centroid into a quadtree that splits where there is too much."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smap.geo.grid import Tile, columns_rows

__all__ = ["Node", "Tree", "grow_tree"]

_DEEPEST = 20
"""Tiles of this level are 19 m high; what lies closer together is not divided further."""


@dataclass(frozen=True)
class Node:
    """A tile and its members, order[start:end]; children: numbers of nodes, empty in a leaf."""

    tile: Tile
    start: int
    end: int
    children: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tree:
    """order: int64 (n,), members along the tiles' curve. nodes: children before their parent, root last."""

    order: NDArray[np.int64]
    nodes: tuple[Node, ...]

    def members(self, node: Node) -> NDArray[np.int64]:
        """The members of a node and of all below it."""
        return self.order[node.start : node.end]


def grow_tree(centroid: NDArray[np.float64], weight: NDArray[np.float64], *, capacity: float) -> Tree:
    """A quadtree over the tile grid whose leaves weigh at most `capacity` (one member may weigh more).

    centroid: float64 (n, 2), radians; weight: float64 (n,). A tile with one child only is left out of the
    tree: the child stands in its place. Members of a tile keep the order given.
    """
    columns, rows = columns_rows(_DEEPEST, centroid[:, 0], centroid[:, 1])
    keys = _interleave(columns, rows)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    heaped = np.concatenate([[0.0], np.cumsum(weight[order])])
    nodes: list[Node] = []

    def grow(start: int, end: int) -> int:
        level = _common_level(keys[start], keys[end - 1])
        children: tuple[int, ...] = ()
        if heaped[end] - heaped[start] > capacity and level < _DEEPEST:
            cuts = _quarters(keys, start, end, level)
            children = tuple(grow(a, b) for a, b in pairwise(cuts) if a < b)
        member = order[start]
        shift = _DEEPEST - level
        tile = Tile(level, int(columns[member]) >> shift, int(rows[member]) >> shift)
        nodes.append(Node(tile, start, end, children))
        return len(nodes) - 1

    if len(order):
        grow(0, len(order))
    return Tree(order, tuple(nodes))


def _interleave(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    keys = np.zeros(len(columns), np.int64)
    for bit in range(_DEEPEST + 1):
        keys |= ((columns >> bit) & 1) << (2 * bit)
        keys |= ((rows >> bit) & 1) << (2 * bit + 1)
    return keys


def _common_level(first: int, last: int) -> int:
    differing = (int(first) ^ int(last)).bit_length()
    shift = (differing + 1) // 2
    assert shift <= _DEEPEST, "the members lie in both hemispheres, which share no tile"
    return _DEEPEST - shift


def _quarters(keys: NDArray[np.int64], start: int, end: int, level: int) -> list[int]:
    shift = 2 * (_DEEPEST - level - 1)
    base = (int(keys[start]) >> (shift + 2)) << 2
    inner = np.searchsorted(keys[start:end], [(base + quarter) << shift for quarter in (1, 2, 3)])
    return [start, *(inner + start).tolist(), end]
