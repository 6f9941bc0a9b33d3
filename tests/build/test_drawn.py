"""What is told of the tiles of buildings."""

from __future__ import annotations

import numpy as np
import pytest

from smap.build.drawn import Drawn, volume_of
from smap.build.tile import MadeTile
from smap.geo.bounds import Box
from smap.geo.grid import Tile
from smap.store.archive import PackedEntry
from smap.tiling.lod import Content
from smap.tiling.tree import Node
from tests.scene.shapes import footprints_of, rectangle


def noted(drawn: Drawn, kb: float, triangles: int, volume: float, children: tuple[int, ...] = ()) -> None:
    body = bytes(int(kb * 1000))
    box = Box(np.zeros(3), np.eye(3))
    made = MadeTile(f"{len(drawn.nodes)}.glb", PackedEntry(body, 8, 0, 2 * len(body)), box, triangles, 0)
    error = 7.25 if children else 0.0
    drawn.note(Node(Tile(3, 1, 1), 0, 1, children), made, error, volume)


def a_tree() -> Drawn:
    """Two leaves below one tile, which stands beside a third leaf below the root."""
    drawn = Drawn()
    noted(drawn, 30.0, 100, 1000.0)
    noted(drawn, 10.0, 50, 500.0)
    noted(drawn, 12.0, 60, 1490.0, (0, 1))
    noted(drawn, 250.0, 40, 700.0)
    noted(drawn, 15.0, 40, 2200.0, (2, 3))
    return drawn


def test_leaves_are_counted_with_the_share_that_has_a_good_size() -> None:
    figures = a_tree().figures()
    assert figures["leaves"] == 3
    assert figures["leaves_of_20_to_200_kb"] == pytest.approx(1 / 3, abs=0.001)
    assert (figures["leaf_kb_median"], figures["leaf_kb_largest"]) == (30.0, 250.0)
    assert figures["leaf_triangles"] == 190
    assert figures["largest_share_of_triangles_above"] == 0.4


def test_each_level_tells_its_tiles_bytes_error_and_least_share_of_the_true_volume() -> None:
    figures = a_tree().figures()
    assert figures["tiles_by_level"] == {"0": 1, "1": 2, "2": 2}
    assert figures["kb_by_level"] == {"0": 15.0, "1": 262.0, "2": 40.0}
    assert figures["largest_error_m_by_level"] == {"0": 7.2, "1": 7.2, "2": 0.0}
    assert figures["least_share_of_volume_by_level"] == {"0": 1.0, "1": 0.9933, "2": 1.0}


def test_a_tile_asks_for_its_children_at_a_third_of_the_pixels() -> None:
    drawn = a_tree()
    assert [one.error for one in drawn.nodes] == [0.0, 0.0, 21.75, 0.0, 21.75]
    assert drawn.errors == [0.0, 0.0, 7.25, 0.0, 7.25]


def test_a_tile_larger_than_200_kb_is_warned_of_by_its_name() -> None:
    (line,) = a_tree().warnings()
    assert line.startswith("1 of 5 tiles are larger than 200 kB, the largest 3.glb with 250 kB")
    small = Drawn()
    noted(small, 200.0, 10, 1.0)
    assert list(small.warnings()) == []


def test_the_volume_is_that_between_the_ground_and_the_roofs() -> None:
    footprints = footprints_of([[rectangle(0.0, 0.0, 10.0, 8.0)], [rectangle(20.0, 0.0, 5.0, 4.0)]])
    two = np.ones(2, np.int64)
    content = Content(
        footprints, np.array([40.0, 50.0]), np.array([30.0, 45.0]), np.zeros(2), two - 1, two, 20, 0.0
    )
    assert volume_of(content) == pytest.approx(80.0 * 10.0 + 20.0 * 5.0, rel=1e-4)
