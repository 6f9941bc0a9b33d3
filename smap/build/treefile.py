"""Trees of tiles as tileset.json files: boxes hold all below them, many tiles make external tilesets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from smap.build.tile import corners_of, tile_frame
from smap.errors import FormatError
from smap.formats.tileset import TileNode, Tileset, decode_tileset, encode_tileset
from smap.geo.bounds import Box, box_of
from smap.store import TileReader
from smap.tiling.tree import Node

__all__ = ["DrawnNode", "body_of", "read_nodes", "tileset_files"]

MOST_TILES = 1000
"""More than so many tiles in one file make the first view wait for what it does not need."""


@dataclass(frozen=True)
class DrawnNode:
    """A node of the tree with what was made of it. content: the path of its GLB; box: around that alone."""

    node: Node
    content: str
    box: Box
    error: float


def tileset_files(
    drawn: Sequence[DrawnNode], extras: Mapping[str, Any], *, most: int = MOST_TILES
) -> Iterator[tuple[str, bytes]]:
    """The files, all at the root of the archive, tileset.json last: path and bytes.

    drawn: children before their parent, the root last. A subtree goes into a file of its own where a file
    would hold more than `most` tiles.
    """
    boxes = _boxes(drawn)
    built: list[TileNode] = []
    counts: list[int] = []
    for one, box in zip(drawn, boxes, strict=True):
        inner = list(one.node.children)
        while 1 + sum(counts[child] for child in inner) > most:
            largest = max(inner, key=lambda child: counts[child])
            if counts[largest] == 1:
                break
            path = f"tileset-{_key(drawn[largest].node)}.json"
            yield path, encode_tileset(_tileset(built[largest], drawn[largest].error, {}))
            built[largest] = TileNode(boxes[largest], drawn[largest].error, content=path)
            counts[largest] = 1
        children = tuple(built[child] for child in inner)
        built.append(TileNode(box, one.error, content=one.content, children=children))
        counts.append(1 + sum(counts[child] for child in inner))
    extent = 2.0 * float(np.linalg.norm(boxes[-1].half_axes, axis=1).max())
    yield "tileset.json", encode_tileset(_tileset(built[-1], max(extent, drawn[-1].error), extras))


def _tileset(root: TileNode, error: float, extras: Mapping[str, Any]) -> Tileset:
    """error: of drawing nothing. Of the whole that is its extent: without it, a city would be missing."""
    return Tileset(replace(root, refine="REPLACE"), error, extras=extras)


def read_nodes(tiles: TileReader) -> Iterator[tuple[int, TileNode]]:
    """Every tile of a store with its depth, parents first; the roots of external tilesets in their stead.

    FormatError: a tileset.json is missing or broken.
    """
    todo = [(0, decode_tileset(body_of(tiles, "tileset.json")).root)]
    while todo:
        depth, node = todo.pop()
        if node.content is not None and node.content.endswith(".json"):
            node = decode_tileset(body_of(tiles, node.content)).root
        yield depth, node
        todo += [(depth + 1, child) for child in reversed(node.children)]


def body_of(tiles: TileReader, path: str) -> bytes:
    """The bytes of a file of a store, unpacked; FormatError when it is not there."""
    stored = tiles.get(path)
    if stored is None:
        raise FormatError(f"{path} is missing among the tiles")
    return stored.identity()


def _boxes(drawn: Sequence[DrawnNode]) -> list[Box]:
    """The box of each node around its own content and all boxes below it, in the axes of its own tile."""
    boxes: list[Box] = []
    for one in drawn:
        inside = [one.box, *(boxes[child] for child in one.node.children)]
        axes = tile_frame(one.node.tile)[:3, :3].T
        boxes.append(_in_short_numbers(box_of(np.concatenate([corners_of(box) for box in inside]), axes)))
    return boxes


def _in_short_numbers(box: Box) -> Box:
    """The box with its numbers rounded, and 10 mm wider each way to make up for it.

    Half axes keep micrometres: one of 10 m turns by 1e-7 at most, which moves a corner 40 km away by 4 mm.
    """
    lengths = np.linalg.norm(box.half_axes, axis=1, keepdims=True)
    wider = box.half_axes * (1.0 + 0.01 / np.maximum(lengths, 0.01))
    return Box(np.round(box.center, 3), np.round(wider, 6))


def _key(node: Node) -> str:
    return f"{node.tile.z}-{node.tile.x}-{node.tile.y}"
