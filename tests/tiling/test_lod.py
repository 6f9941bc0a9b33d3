"""Levels of detail: fewer triangles for an error that is measured, and never an empty city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.scene.measure import areas, bounding_rectangles, centroids, local_plane
from smap.scene.roof import cut_roofs
from smap.tiling.lod import BLOCK, Buildings, Content, content_of_tiles
from smap.tiling.lod_blocks import Standing, join_neighbours
from smap.tiling.tree import Tree, grow_tree
from tests.scene.shapes import CITY_HALL, METRES, Polygon, footprints_of, rectangle

L_SHAPE: Polygon = [[(0.0, 0.0), (20.0, 0.0), (20.0, 8.0), (8.0, 8.0), (8.0, 20.0), (0.0, 20.0)]]


def town(seed: int, n: int, slope: float = 0.0) -> Buildings:
    random = np.random.default_rng(seed)
    places = random.random((n, 2)) * 1500.0
    large = [[(6.0 * x, 6.0 * y) for x, y in L_SHAPE[0]]]
    kinds = [rectangle(0.0, 0.0, 12.0, 9.0), L_SHAPE, large]
    shapes = [_moved(kinds[i % 3], *places[i]) for i in range(n)]
    footprints = footprints_of([[shape] for shape in shapes])
    plane = local_plane(footprints)
    roofs = cut_roofs(footprints, plane.xy)
    ground = 20.0 + places[:, 0] * slope
    return Buildings(
        footprints=footprints,
        top=ground + random.lognormal(2.3, 0.6, n),
        ground=ground,
        lowest=ground - 10.0 * slope,
        area=areas(footprints, plane),
        scale=plane.scale,
        rectangles=bounding_rectangles(footprints, plane),
        triangles=np.bincount(footprints.vertex_feature[roofs[:, 0]], minlength=n)
        + 2 * np.diff(footprints.feature_vertices),
        hidden=np.zeros(n, np.int64),
    )


def _moved(polygon: Polygon, east: float, north: float) -> Polygon:
    return [[(x + east, y + north) for x, y in ring] for ring in polygon]


def drawn(buildings: Buildings, capacity: float) -> tuple[Tree, list[Content]]:
    centroid = centroids(buildings.footprints, local_plane(buildings.footprints))
    tree = grow_tree(centroid, buildings.triangles.astype(float), capacity=capacity)
    return tree, [content for content, _ in content_of_tiles(tree, buildings)]


TOWNS = st.tuples(st.integers(0, 10_000), st.integers(30, 300), st.sampled_from([0.0, 0.2]))


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_a_coarser_tile_holds_at_most_two_fifths_of_the_triangles_below_it(
    of: tuple[int, int, float],
) -> None:
    tree, contents = drawn(town(*of), 400.0)
    for node, content in zip(tree.nodes, contents, strict=True):
        if node.children:
            assert content.triangles <= 0.4 * sum(contents[child].triangles for child in node.children)


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_no_tile_is_empty_and_errors_grow_upward(of: tuple[int, int, float]) -> None:
    tree, contents = drawn(town(*of), 400.0)
    for node, content in zip(tree.nodes, contents, strict=True):
        assert len(content.building) > 0
        assert content.error == 0.0 if not node.children else content.error > 0.0
        assert all(contents[child].error <= content.error for child in node.children)


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_what_is_drawn_as_itself_or_as_a_rectangle_lies_within_the_error(of: tuple[int, int, float]) -> None:
    buildings = town(*of)
    for content in drawn(buildings, 400.0)[1]:
        shown = np.flatnonzero(content.building != BLOCK)
        kept = content.building[shown]
        assert (content.top[shown] == buildings.top[kept]).all()
        corners = np.diff(content.footprints.feature_vertices)[shown]
        is_box = corners < np.diff(buildings.footprints.feature_vertices)[kept]
        assert (buildings.rectangles.moved[kept[is_box]] <= content.error).all()
        for i, building in zip(shown.tolist(), kept.tolist(), strict=True):
            apart = shapely.hausdorff_distance(_shape(content, i), _shape_of(buildings, building))
            assert apart <= content.error + 1e-6


@settings(deadline=None, max_examples=15)
@given(TOWNS)
def test_no_building_is_farther_from_a_block_than_the_error_nor_taller_by_more(
    of: tuple[int, int, float],
) -> None:
    buildings = town(*of)
    tree, contents = drawn(buildings, 400.0)
    for node, content in zip(tree.nodes, contents, strict=True):
        blocks = np.flatnonzero(content.building == BLOCK)
        missing = np.setdiff1d(tree.members(node), content.building)
        if not len(missing):
            continue
        shapes = [_shape(content, i) for i in blocks.tolist()]
        for building in missing.tolist():
            corners = shapely.points(_metres(buildings.footprints.take(np.array([building])).lonlat))
            apart = [max(shapely.distance(shape, corners)) for shape in shapes]
            taller = np.abs(content.top[blocks] - buildings.top[building])
            # a metre east is fewer radians 1.5 km farther north, by 1 in 5,000
            assert np.maximum(apart, taller).min() <= content.error * 1.0005


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_every_building_is_counted_once_in_every_tile(of: tuple[int, int, float]) -> None:
    tree, contents = drawn(town(*of), 400.0)
    for node, content in zip(tree.nodes, contents, strict=True):
        assert content.count.sum() == node.end - node.start
        assert (content.count[content.building != BLOCK] == 1).all()
        assert (content.count[content.building == BLOCK] > 1).all()


def _shape(content: Content, i: int) -> shapely.Polygon:
    one = content.footprints.take(np.array([i]))
    return shapely.Polygon(_metres(one.lonlat))


def _shape_of(buildings: Buildings, i: int) -> shapely.Polygon:
    return shapely.Polygon(_metres(buildings.footprints.take(np.array([i])).lonlat))


def _metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((lonlat - CITY_HALL) * METRES)


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_every_tile_has_the_volume_of_its_buildings(of: tuple[int, int, float]) -> None:
    buildings = town(*of)
    tree, contents = drawn(buildings, 400.0)
    volume = buildings.area * (buildings.top - buildings.ground)
    for node, content in zip(tree.nodes, contents, strict=True):
        area = areas(content.footprints, local_plane(content.footprints))
        built = (area * (content.top - content.ground)).sum()
        assert built == pytest.approx(volume[tree.members(node)].sum(), rel=1e-3)


@pytest.mark.parametrize("n", [2, 9, 700])
def test_houses_in_one_place_become_one_block(n: int) -> None:
    footprints = footprints_of([[rectangle(0.0, 0.0, 12.0, 9.0)]] * n)
    plane = local_plane(footprints)
    standing = Standing(*(np.full(n, metres) for metres in (30.0, 20.0, 20.0, 108.0)))
    tree = grow_tree(centroids(footprints, plane), np.ones(n), capacity=100.0)
    leaves = join_neighbours(tree, bounding_rectangles(footprints, plane), plane.scale, standing)
    for number, items in leaves.items():
        assert (items.parent < 0).sum() == 1
        assert items.count[-1] == tree.nodes[number].end - tree.nodes[number].start


def test_a_leaf_draws_every_building_with_its_own_outline() -> None:
    buildings = town(3, 40)
    contents = drawn(buildings, 1e9)[1]
    assert len(contents) == 1
    assert sorted(contents[0].building.tolist()) == list(range(40))
    assert contents[0].triangles == buildings.triangles.sum()


def test_walls_that_may_be_left_out_count_for_what_is_drawn_but_not_for_what_it_may_cost() -> None:
    buildings = town(4, 120)
    tree, contents = drawn(replace(buildings, hidden=np.full(120, 4)), 400.0)
    for node, content in zip(tree.nodes, contents, strict=True):
        if not node.children:
            assert content.triangles == buildings.triangles[tree.members(node)].sum() - 4 * (
                node.end - node.start
            )
            continue
        outlines = content.building[content.building != BLOCK]
        corners = np.diff(content.footprints.feature_vertices)[content.building != BLOCK]
        whole = corners == np.diff(buildings.footprints.feature_vertices)[outlines]
        most = content.triangles + 4 * whole.sum()
        assert most <= 0.4 * sum(contents[child].triangles for child in node.children)


def test_blocks_are_the_same_whether_leaves_are_joined_together_or_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = drawn(town(7, 200), 400.0)[1]
    monkeypatch.setattr("smap.tiling.lod_blocks._AT_ONCE", 1)
    for one, other in zip(drawn(town(7, 200), 400.0)[1], together, strict=True):
        np.testing.assert_array_equal(one.footprints.lonlat, other.footprints.lonlat)
        assert one.error == other.error
