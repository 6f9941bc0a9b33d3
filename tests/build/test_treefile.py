"""Trees of tiles as files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from smap.build.tile import corners_of, tile_frame
from smap.build.treefile import DrawnNode, tileset_files
from smap.formats.tileset import TileNode, decode_tileset
from smap.geo.bounds import Box, box_of
from smap.tiling.tree import grow_tree

SEOUL = np.radians([[126.76, 37.42], [127.19, 37.70]])


def drawn_tree(n: int) -> list[DrawnNode]:
    random = np.random.default_rng(n)
    centroid = SEOUL[0] + random.random((n, 2)) * (SEOUL[1] - SEOUL[0])
    tree = grow_tree(centroid, np.ones(n), capacity=3)
    nodes = []
    for node in tree.nodes:
        frame = tile_frame(node.tile)
        spots = frame[:3, 3] + (random.random((9, 3)) * 500.0) @ frame[:3, :3].T
        t = node.tile
        box = box_of(spots, frame[:3, :3].T)
        nodes.append(
            DrawnNode(node, f"{t.z}/{t.x}/{t.y}.glb", box, float(20 - t.z) if node.children else 0.0)
        )
    return nodes


def files_of(nodes: list[DrawnNode], most: int) -> dict[str, TileNode]:
    files = dict(tileset_files(nodes, {"kind": "buildings"}, most=most))
    assert list(files)[-1] == "tileset.json"
    return {name: decode_tileset(data).root for name, data in files.items()}


def contents(files: dict[str, TileNode], node: TileNode) -> list[str]:
    own = node.content or ""
    if own in files:
        assert not node.children
        return contents(files, files[own])
    return [own, *(found for child in node.children for found in contents(files, child))]


def count(node: TileNode) -> int:
    return 1 + sum(count(child) for child in node.children)


@pytest.mark.parametrize("most", [1000, 40, 10])
def test_every_tile_is_named_once_and_no_file_holds_too_many(most: int) -> None:
    nodes = drawn_tree(300)
    files = files_of(nodes, most)
    assert sorted(contents(files, files["tileset.json"])) == sorted(node.content for node in nodes)
    assert all(count(root) <= most for root in files.values())
    assert (len(files) == 1) == (most == 1000)


def test_a_box_holds_its_content_and_all_boxes_below() -> None:
    nodes = drawn_tree(60)
    boxes = {node.content: node.box for node in nodes}
    root = files_of(nodes, 1000)["tileset.json"]

    def check(node: TileNode) -> None:
        assert isinstance(node.volume, Box)
        assert holds(node.volume, boxes[str(node.content)])
        for child in node.children:
            assert isinstance(child.volume, Box)
            assert holds(node.volume, child.volume)
            assert child.geometric_error <= node.geometric_error
            check(child)

    check(root)


def holds(outer: Box, inner: Box) -> bool:
    lengths = np.linalg.norm(outer.half_axes, axis=1)
    share = (corners_of(inner) - outer.center) @ (outer.half_axes / lengths[:, None]).T / lengths
    return bool((np.abs(share) <= 1.0 + 1e-6).all())


def test_drawing_nothing_costs_the_extent_of_the_city() -> None:
    document: dict[str, Any] = json.loads(dict(tileset_files(drawn_tree(300), {}))["tileset.json"])
    assert document["geometricError"] > 30_000.0
    assert document["root"]["refine"] == "REPLACE"
