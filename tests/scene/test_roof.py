"""Flat roofs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import areas, local_plane
from smap.scene.roof import cut_roofs
from tests.scene.shapes import buildings, footprints_of, rectangle


def doubled_areas(triangles: NDArray[np.int64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c = (xy[triangles[:, k]] for k in range(3))
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))


@given(buildings())
def test_the_triangles_of_a_roof_sum_to_its_footprint_and_face_up(footprints: Footprints) -> None:
    plane = local_plane(footprints)
    triangles = cut_roofs(footprints, plane.xy)
    twice = doubled_areas(triangles, plane.xy)
    assert (twice >= 0.0).all()
    feature = footprints.vertex_feature[triangles]
    assert (feature == feature[:, :1]).all()
    summed = np.bincount(feature[:, 0], twice / 2.0, len(footprints))
    assert summed == pytest.approx(areas(footprints, plane), rel=1e-6, abs=1e-6)


def test_a_convex_quad_takes_two_triangles_and_a_dart_is_cut_at_its_notch() -> None:
    dart = [[(0.0, 0.0), (10.0, 0.0), (3.0, 3.0), (0.0, 10.0)]]
    footprints = footprints_of([[rectangle(50.0, 0.0, 8.0, 8.0)], [dart]])
    plane = local_plane(footprints)
    triangles = cut_roofs(footprints, plane.xy)
    assert len(triangles) == 4
    summed = np.bincount(footprints.vertex_feature[triangles[:, 0]], doubled_areas(triangles, plane.xy) / 2)
    assert summed == pytest.approx([64.0, 30.0], rel=1e-3)


def test_an_ell_is_a_fan_about_its_inner_corner_and_a_comb_is_cut_by_its_ears() -> None:
    ell = [[(0.0, 0.0), (9.0, 0.0), (9.0, 4.0), (4.0, 4.0), (4.0, 9.0), (0.0, 9.0)]]
    comb = [[(30.0, 0.0), (38.0, 0.0), (38.0, 9.0), (36.0, 9.0), (36.0, 2.0), (34.0, 2.0), (34.0, 9.0),
             (33.0, 9.0), (33.0, 2.0), (31.0, 2.0), (31.0, 9.0), (30.0, 9.0)]]  # fmt: skip
    footprints = footprints_of([[ell], [comb]])
    plane = local_plane(footprints)
    triangles = cut_roofs(footprints, plane.xy)
    assert (triangles[:4, 0] == 3).all()
    twice = doubled_areas(triangles, plane.xy)
    summed = np.bincount(footprints.vertex_feature[triangles[:, 0]], twice / 2)
    assert (twice >= 0.0).all()
    assert summed == pytest.approx(areas(footprints, plane), rel=1e-9)
