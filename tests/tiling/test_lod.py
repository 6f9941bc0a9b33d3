"""Levels of detail: fewer triangles for an error that is measured, and never an empty city."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.scene.measure import areas, bounding_rectangles, centroids, local_plane
from smap.scene.roof import cut_roofs
from smap.tiling.lod import BLOCK, Buildings, Content, content_of_tiles
from smap.tiling.tree import Tree, grow_tree
from tests.scene.shapes import CITY_HALL, METRES, Polygon, footprints_of, rectangle

L_SHAPE: Polygon = [[(0.0, 0.0), (20.0, 0.0), (20.0, 8.0), (8.0, 8.0), (8.0, 20.0), (0.0, 20.0)]]


def town(seed: int, n: int, slope: float = 0.0) -> Buildings:
    random = np.random.default_rng(seed)
    places = random.random((n, 2)) * 1500.0
    shapes = [_moved(L_SHAPE if i % 3 else rectangle(0.0, 0.0, 12.0, 9.0), *places[i]) for i in range(n)]
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
        centroid=centroids(footprints, plane),
        scale=plane.scale,
        rectangles=bounding_rectangles(footprints, plane),
        triangles=np.bincount(footprints.vertex_feature[roofs[:, 0]], minlength=n)
        + 2 * np.diff(footprints.feature_vertices),
    )


def _moved(polygon: Polygon, east: float, north: float) -> Polygon:
    return [[(x + east, y + north) for x, y in ring] for ring in polygon]


def drawn(buildings: Buildings, capacity: float) -> tuple[Tree, list[Content]]:
    tree = grow_tree(buildings.centroid, buildings.triangles.astype(float), capacity=capacity)
    return tree, list(content_of_tiles(tree, buildings))


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
def test_what_is_missing_or_moved_is_no_larger_than_the_error(of: tuple[int, int, float]) -> None:
    buildings = town(*of)
    tree, contents = drawn(buildings, 400.0)
    stands = buildings.top - buildings.lowest
    for node, content in zip(tree.nodes, contents, strict=True):
        kept = content.building[content.building != BLOCK]
        missing = np.setdiff1d(tree.members(node), kept)
        assert (stands[missing] <= content.error).all()
        shown = np.arange(len(content.building))[content.building != BLOCK]
        assert (content.top[shown] == buildings.top[kept]).all()
        for i, building in zip(shown.tolist(), kept.tolist(), strict=True):
            apart = shapely.hausdorff_distance(_shape(content, i), _shape_of(buildings, building))
            assert min(apart, stands[building]) <= content.error + 1e-6
        blocks = content.building == BLOCK
        assert ((content.top - content.lowest)[blocks] <= content.error + 1e-9).all()


def _shape(content: Content, i: int) -> shapely.Polygon:
    one = content.footprints.take(np.array([i]))
    return shapely.Polygon(_metres(one.lonlat))


def _shape_of(buildings: Buildings, i: int) -> shapely.Polygon:
    return shapely.Polygon(_metres(buildings.footprints.take(np.array([i])).lonlat))


def _metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((lonlat - CITY_HALL) * METRES)


@settings(deadline=None, max_examples=30)
@given(TOWNS)
def test_blocks_cover_as_much_ground_as_what_they_stand_for(of: tuple[int, int, float]) -> None:
    buildings = town(*of)
    root = drawn(buildings, 400.0)[1][-1]
    area = areas(root.footprints, local_plane(root.footprints))
    assert area.sum() == pytest.approx(buildings.area.sum(), rel=1e-2)


def test_a_leaf_draws_every_building_with_its_own_outline() -> None:
    buildings = town(3, 40)
    contents = drawn(buildings, 1e9)[1]
    assert len(contents) == 1
    assert sorted(contents[0].building.tolist()) == list(range(40))
    assert contents[0].triangles == buildings.triangles.sum()
