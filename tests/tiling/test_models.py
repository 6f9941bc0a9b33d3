"""Tiles of models."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from smap.tiling.models import ModelLevels, ModelTile, tiles_of

SEOUL = np.radians([126.97, 37.57])


@st.composite
def cities(draw: st.DrawFn) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[ModelLevels]]:
    count = draw(st.integers(1, 40))
    spots = draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=count, max_size=count))
    models = []
    for _ in range(count):
        finest = draw(st.integers(12, 12_000))
        levels = draw(st.integers(1, 3))
        errors = sorted(draw(st.floats(0.1, 9.0)) for _ in range(levels - 1))
        triangles = tuple(max(1, int(finest * 0.3**level)) for level in range(levels))
        models.append(ModelLevels(triangles, (0.0, *errors)))
    return SEOUL + np.array(spots) * 1e-5, models


@given(cities())
def test_every_path_down_ends_with_each_model_drawn_exactly_once_at_its_finest(
    city: tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[ModelLevels]],
) -> None:
    tiles = tiles_of(*city)
    leaves = [tile for tile in tiles if not tile.node.children]
    drawn = [pair for tile in leaves for pair in zip(tile.members, tile.levels, strict=True)]
    assert sorted(drawn) == [(member, 0) for member in range(len(city[1]))]
    assert {tile.error for tile in leaves} == {0.0}


@given(cities())
def test_children_draw_the_models_of_their_parent_no_worse(
    city: tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[ModelLevels]],
) -> None:
    tiles = tiles_of(*city)
    assert len({tile.path for tile in tiles}) == len(tiles)
    assert sorted(tiles[-1].members) == list(range(len(city[1])))
    for number, tile in enumerate(tiles):
        assert tile.error == max(
            city[1][member].errors[level] for member, level in zip(tile.members, tile.levels, strict=True)
        )
        children = [tiles[child] for child in tile.node.children]
        assert all(child < number for child in tile.node.children)
        if children:
            assert sorted(m for child in children for m in child.members) == sorted(tile.members)
            assert all(child.error <= tile.error for child in children)


def test_a_shared_tile_keeps_its_budget_where_coarser_levels_allow_it() -> None:
    models = [ModelLevels((12_000, 4_000, 25), (0.0, 0.4, 2.0))] * 60
    spots = SEOUL + np.random.default_rng(1).random((60, 2)) * 1e-3
    for tile in tiles_of(spots, models):
        drawn = sum(models[m].triangles[level] for m, level in zip(tile.members, tile.levels, strict=True))
        assert len(tile.members) == 1 or drawn <= 1_500
    assert tiles_of(spots, models)[-1].error == 2.0


def test_small_models_share_their_finest_tile() -> None:
    tiles = tiles_of(SEOUL + np.zeros((3, 2)), [ModelLevels((100,), (0.0,))] * 3)
    assert [tile.members for tile in tiles] == [(0, 1, 2)]


def test_whoever_is_near_to_one_model_of_a_leaf_draws_the_others_as_coarse_as_before() -> None:
    tiles = tiles_of(SEOUL[None], [ModelLevels((9_000, 3_000, 1_000), (0.0, 1.0, 2.0))])
    assert [(tile.path, tile.levels, tile.error) for tile in tiles[:-1]] == [
        ("models/0/0.glb", (0,), 0.0),
        ("models/0/1.glb", (1,), 1.0),
        ("models/0/2.glb", (2,), 2.0),
    ]
    assert isinstance(tiles[-1], ModelTile)
    assert (tiles[-1].levels, tiles[-1].error, tiles[-1].node.children) == ((2,), 2.0, (2,))
