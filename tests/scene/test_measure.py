"""Measures of footprints, against shapely in the same plane."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from numpy.typing import NDArray

from smap.scene import measure
from smap.scene.footprint import Footprints
from smap.scene.measure import areas, bounding_rectangles, centroids, local_plane, measured
from tests.scene.shapes import CITY_HALL, METRES, buildings, footprints_of, rectangle


def as_shapes(footprints: Footprints, xy: NDArray[np.float64]) -> list[shapely.MultiPolygon]:
    rings = [xy[a:b] for a, b in zip(footprints.rings[:-1], footprints.rings[1:], strict=True)]
    spans = zip(footprints.polygons[:-1], footprints.polygons[1:], strict=True)
    polygons = [shapely.Polygon(rings[a], rings[a + 1 : b]) for a, b in spans]
    spans = zip(footprints.features[:-1], footprints.features[1:], strict=True)
    return [shapely.MultiPolygon(polygons[a:b]) for a, b in spans]


def test_a_rectangle_of_40_by_25_metres_has_1000_square_metres() -> None:
    footprints = footprints_of([[rectangle(-500.0, 300.0, 40.0, 25.0)]])
    assert areas(footprints, local_plane(footprints)) == pytest.approx([1000.0], rel=1e-4)


@given(buildings())
def test_areas_and_centroids_agree_with_shapely(footprints: Footprints) -> None:
    plane = local_plane(footprints)
    shapes = as_shapes(footprints, plane.xy)
    assert areas(footprints, plane) == pytest.approx([shape.area for shape in shapes], rel=1e-9, abs=1e-6)
    expected = np.array([[shape.centroid.x, shape.centroid.y] for shape in shapes])
    found = (centroids(footprints, plane) - plane.origin) * plane.scale
    assert found == pytest.approx(expected, abs=1e-4)


@given(buildings())
def test_what_is_measured_a_part_at_a_time_is_what_is_measured_together(footprints: Footprints) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "_AT_ONCE", 2)
        found = measured(footprints)
    plane = local_plane(footprints)
    np.testing.assert_array_equal(found.area, areas(footprints, plane))
    np.testing.assert_array_equal(found.centroid, centroids(footprints, plane))
    corners = bounding_rectangles(footprints, plane).corners
    sides = (corners[:, 1:3] - corners[:, :2]) * plane.scale[:, None, :]
    length = np.maximum(np.hypot(sides[..., 0], sides[..., 1]), 1e-9)
    assert found.elongation == pytest.approx(length.max(axis=1) / length.min(axis=1), rel=1e-6)


def test_the_centroid_of_a_line_is_the_mean_of_its_vertices() -> None:
    footprints = footprints_of([[[[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)]]]])
    middle = (centroids(footprints, local_plane(footprints)) - CITY_HALL) * METRES
    assert middle[0] == pytest.approx([10.0, 0.0], abs=1e-6)


@given(buildings())
def test_a_rectangle_has_its_features_area_and_moves_nothing_farther_than_it_says(
    footprints: Footprints,
) -> None:
    plane = local_plane(footprints)
    rectangles = bounding_rectangles(footprints, plane)
    corners = (rectangles.corners - plane.origin[:, None, :]) * plane.scale[:, None, :]
    boxes = [shapely.Polygon(c) for c in corners]
    for box, shape, moved in zip(boxes, as_shapes(footprints, plane.xy), rectangles.moved, strict=True):
        assert box.area == pytest.approx(shape.area, rel=1e-6)
        assert shapely.is_ccw(box.exterior)
        sides = np.sqrt(max(box.area, 1e-9))
        for part in shape.geoms:
            vertices = shapely.points(np.array(part.exterior.coords))
            assert shapely.distance(vertices, box).max() <= moved + 1e-6 * sides
        inside = shapely.points(np.array(box.exterior.coords))
        assert shapely.distance(inside, shape).max() <= moved + 1e-6 * sides


def test_a_rectangle_stands_for_itself_without_any_move() -> None:
    footprints = footprints_of([[rectangle(0.0, 0.0, 30.0, 10.0)]])
    plane = local_plane(footprints)
    rectangles = bounding_rectangles(footprints, plane)
    assert rectangles.moved[0] < 1e-3
    assert (rectangles.corners[0] - CITY_HALL) * METRES == pytest.approx(
        np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 10.0], [0.0, 10.0]]), abs=1e-3
    )
