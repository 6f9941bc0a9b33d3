"""Tiles of models: one of its own for each level of each model, and above them tiles that several share.

Models go by their place into a quadtree. Each of its tiles draws all models below it in one piece, each at
the coarsest level that is wrong by no more than E; the smallest E is taken for which the triangles suffice.
Below a leaf of the quadtree each model has a chain of its own levels, one tile after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.grid import tile_at
from smap.tiling.tree import Node, Tree, grow_tree

__all__ = ["ModelLevels", "ModelTile", "tiles_of"]

_TOGETHER = 4
"""Models that one leaf of the quadtree may draw: whoever comes near loads no more than so many chains."""
_MOST_TRIANGLES = 1_500
"""Of a tile that several share: whoever stands in its box draws all that lie below it, far or near."""
_OWN_TILE = 20
"""The grid's level that gives a model's own tiles their axes: 19 m a side."""


@dataclass(frozen=True)
class ModelLevels:
    """The levels of one model, finest first: triangles, and metres of error (0 first, never falling)."""

    triangles: tuple[int, ...]
    errors: tuple[float, ...]

    def __post_init__(self) -> None:
        assert len(self.triangles) == len(self.errors)
        assert self.errors[0] == 0.0
        assert list(self.errors) == sorted(self.errors)

    def coarsest_within(self, error: float) -> int:
        """The last level that is wrong by no more than so many metres."""
        return max(level for level, own in enumerate(self.errors) if own <= error)


@dataclass(frozen=True)
class ModelTile:
    """What one tile draws: these models, each at its level. error: metres. node: its place in the tree."""

    node: Node
    path: str
    members: tuple[int, ...]
    levels: tuple[int, ...]
    error: float


def tiles_of(places: NDArray[np.float64], models: Sequence[ModelLevels]) -> list[ModelTile]:
    """All tiles, children before their parent, the root last. places: float64 (n, 2), radians."""
    tree = grow_tree(places, np.ones(len(places)), capacity=_TOGETHER)
    tiles: list[ModelTile] = []
    numbers: list[int] = []
    for node in tree.nodes:
        members = tuple(tree.members(node).tolist())
        levels, error = _shared([models[member] for member in members])
        if node.children:
            below = tuple(numbers[child] for child in node.children)
        else:
            below = tuple(_chains(tree, node, models, levels, places, tiles)) if error > 0.0 else ()
        numbers.append(len(tiles))
        t = node.tile
        shared = Node(t, node.start, node.end, below)
        tiles.append(ModelTile(shared, f"{t.z}/{t.x}/{t.y}.glb", members, levels, error))
    return tiles


def _shared(models: Sequence[ModelLevels]) -> tuple[tuple[int, ...], float]:
    """The level of each model in a tile that they share, and its error."""
    for error in sorted({error for model in models for error in model.errors}):
        levels = tuple(model.coarsest_within(error) for model in models)
        drawn = sum(model.triangles[level] for model, level in zip(models, levels, strict=True))
        if drawn <= _MOST_TRIANGLES:
            break
    return levels, max(model.errors[level] for model, level in zip(models, levels, strict=True))


def _chains(
    tree: Tree,
    leaf: Node,
    models: Sequence[ModelLevels],
    shared: tuple[int, ...],
    places: NDArray[np.float64],
    tiles: list[ModelTile],
) -> list[int]:
    """Appends each model's own tiles, finest first; gives the numbers of the coarsest of each.

    The first draws the level that the shared tile has: who is near to one of them is far from the others.
    """
    tops = []
    for at, (member, shown) in enumerate(zip(tree.members(leaf).tolist(), shared, strict=True), leaf.start):
        lon, lat = places[member].tolist()
        tile = tile_at(_OWN_TILE, lon, lat)
        below: tuple[int, ...] = ()
        for level in range(shown + 1):
            tiles.append(
                ModelTile(
                    Node(tile, at, at + 1, below),
                    f"models/{member}/{level}.glb",
                    (member,),
                    (level,),
                    models[member].errors[level],
                )
            )
            below = (len(tiles) - 1,)
        tops.append(len(tiles) - 1)
    return tops
