"""The tree of tiles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from smap.tiling.tree import Tree, grow_tree

SEOUL = np.radians([[126.76, 37.42], [127.19, 37.70]])
SHARES = hnp.arrays(np.float64, st.tuples(st.integers(1, 60), st.just(2)), elements=st.floats(0.0, 1.0))


def tree_of(shares: NDArray[np.float64], capacity: float) -> tuple[NDArray[np.float64], Tree]:
    centroid = SEOUL[0] + shares * (SEOUL[1] - SEOUL[0])
    return centroid, grow_tree(centroid, np.ones(len(shares)), capacity=capacity)


@given(SHARES, st.integers(1, 9))
def test_every_member_lies_in_exactly_one_leaf_and_inside_its_tile(
    shares: NDArray[np.float64], capacity: int
) -> None:
    centroid, tree = tree_of(shares, capacity)
    leaves = [node for node in tree.nodes if not node.children]
    members = np.concatenate([tree.members(leaf) for leaf in leaves])
    assert sorted(members.tolist()) == list(range(len(shares)))
    for node in tree.nodes:
        west, south, east, north = node.tile.region_rad
        inside = centroid[tree.members(node)]
        assert ((inside >= (west - 1e-12, south - 1e-12)) & (inside <= (east + 1e-12, north + 1e-12))).all()


@given(SHARES, st.integers(1, 9))
def test_a_leaf_weighs_no_more_than_its_capacity_unless_its_members_share_a_place(
    shares: NDArray[np.float64], capacity: int
) -> None:
    _, tree = tree_of(shares, capacity)
    for node in tree.nodes:
        if not node.children:
            assert node.end - node.start <= capacity or node.tile.z == 20


@given(SHARES, st.integers(1, 9))
def test_a_parent_has_at_least_two_children_that_share_out_its_members(
    shares: NDArray[np.float64], capacity: int
) -> None:
    _, tree = tree_of(shares, capacity)
    for i, node in enumerate(tree.nodes):
        children = [tree.nodes[child] for child in node.children]
        if children:
            assert len(children) >= 2
            assert all(child < i for child in node.children)
            spans = [(child.start, child.end) for child in children]
            assert [spans[0][0], *(end for _, end in spans)] == [*(start for start, _ in spans), node.end]
            assert all(child.tile.z > node.tile.z for child in children)


def test_no_two_nodes_share_a_tile() -> None:
    shares = np.random.default_rng(7).random((300, 2))
    _, tree = tree_of(shares, 4)
    assert len({node.tile for node in tree.nodes}) == len(tree.nodes)


def test_nothing_grows_no_tree() -> None:
    assert grow_tree(np.empty((0, 2)), np.empty(0), capacity=5).nodes == ()
