"""Partitions: parts of a city that are tiled by themselves, each a subtree of the tree of tiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.form import PLAIN, Form
from smap.build.sealed import seal, unseal
from smap.formats.utf8 import Utf8
from smap.geo.grid import Tile
from smap.scene.footprint import Footprints
from smap.tiling.tree import Node, Tree

__all__ = [
    "MOST_BUILDINGS",
    "Partition",
    "cut_tree",
    "footprint_arrays",
    "footprints_of",
    "nodes_as_rows",
    "nodes_of_rows",
    "subtree",
]

MOST_BUILDINGS = 16_000
"""A second of work and 5 MB of content: large enough that what each begins anew (terrain tiles, rounds of
blocks) costs little, small enough that processes end together and a changed building costs a twentieth."""


@dataclass(frozen=True)
class Partition:
    """n buildings in the order of their tree. height: float64 (n,), metres above the ground.

    named: bool (n,), who may be named. properties: columns of the property table, but for ground_source;
    texts as Utf8.
    form: what they are beyond prisms.
    """

    tree: Tree
    footprints: Footprints
    height: NDArray[np.float64]
    named: NDArray[np.bool_]
    properties: Mapping[str, NDArray[Any] | Utf8]
    form: Form = PLAIN

    def pack(self) -> bytes:
        """As sealed bytes; the same buildings in the same tiles give the same."""
        rows, children = nodes_as_rows(self.tree.nodes)
        columns = {f"property:{name}": column for name, column in self.properties.items()}
        own = {"nodes": rows, "height": self.height, "named": self.named}
        arrays: dict[str, NDArray[Any] | Utf8] = {
            **own,
            **footprint_arrays(self.footprints),
            **columns,
            **self.form.arrays(),
        }
        return seal(arrays, {"children": children})

    @staticmethod
    def unpack(data: bytes) -> Partition:
        """From the bytes of `pack`."""
        arrays, facts = unseal(data)
        height = arrays["height"]
        return Partition(
            tree=Tree(np.arange(len(height)), nodes_of_rows(arrays["nodes"], facts["children"])),
            footprints=footprints_of(arrays),
            height=height,
            named=arrays["named"],
            properties={
                name.removeprefix("property:"): column
                for name, column in arrays.items()
                if name.startswith("property:")
            },
            form=Form.of_arrays(arrays),
        )


def cut_tree(tree: Tree, *, most: int) -> list[int]:
    """The numbers of the highest nodes with no more than so many members, or leaves, in their order."""
    roots: list[int] = []
    todo = [len(tree.nodes) - 1]
    while todo:
        number = todo.pop()
        node = tree.nodes[number]
        if node.end - node.start <= most or not node.children:
            roots.append(number)
        else:
            todo += node.children
    return sorted(roots)


def subtree(tree: Tree, root: int) -> tuple[int, tuple[Node, ...]]:
    """The first of the nodes up to `root` that lie below it, and all these with numbers of their own."""
    first = root
    while tree.nodes[first].children:
        first = tree.nodes[first].children[0]
    start = tree.nodes[root].start
    own = tree.nodes[first : root + 1]
    return first, tuple(
        replace(
            node,
            start=node.start - start,
            end=node.end - start,
            children=tuple(child - first for child in node.children),
        )
        for node in own
    )


def nodes_as_rows(nodes: tuple[Node, ...]) -> tuple[NDArray[np.int64], list[list[int]]]:
    """z, x, y, start and end of nodes, int64 (k, 5), and the numbers of their children."""
    rows = [(n.tile.z, n.tile.x, n.tile.y, n.start, n.end) for n in nodes]
    return np.array(rows, np.int64).reshape(-1, 5), [list(n.children) for n in nodes]


def nodes_of_rows(rows: NDArray[np.int64], children: list[list[int]]) -> tuple[Node, ...]:
    """The nodes again."""
    return tuple(
        Node(Tile(z, x, y), start, end, tuple(below))
        for (z, x, y, start, end), below in zip(rows.tolist(), children, strict=True)
    )


def footprint_arrays(footprints: Footprints) -> dict[str, NDArray[Any]]:
    """Footprints as arrays by name."""
    return dict(vars(footprints))


def footprints_of(arrays: Mapping[str, NDArray[Any]]) -> Footprints:
    """The footprints again."""
    return Footprints(arrays["lonlat"], arrays["rings"], arrays["polygons"], arrays["features"])
