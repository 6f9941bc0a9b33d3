"""Points along a line, their way, and what the ground does between them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smap.ground.profile import climb_of, length_of, sampled, slopes_of

NORTH = np.array([[127.0, 37.5], [127.0, 37.51], [127.0, 37.51], [127.01, 37.51]])


def test_a_line_is_as_long_as_on_the_ellipsoid() -> None:
    """By GeographicLib (C. Karney, 2013): 0.01 degrees from 37.5 N are 1109.8 m north and 884.1 m east."""
    assert length_of(NORTH[:2]) == pytest.approx(1109.83, abs=0.05)
    assert length_of(NORTH[2:]) == pytest.approx(884.17, abs=0.2)


def test_points_are_no_farther_apart_than_asked_and_keep_the_corners() -> None:
    points, way = sampled(NORTH, 100.0)
    assert np.diff(way).max() <= 100.0
    assert np.diff(way).min() >= 0.0
    assert way[-1] == pytest.approx(length_of(NORTH))
    for corner in NORTH:
        assert (np.abs(points - corner).sum(axis=1) == 0.0).any()
    assert len(points) == len(way) == 12 + 1 + 9 + 1


def test_unknown_ground_neither_climbs_nor_slopes() -> None:
    heights = np.array([10.0, 14.0, np.nan, 20.0, 17.0])
    assert climb_of(heights) == (4.0, 3.0)
    slopes = slopes_of(np.array([0.0, 100.0, 200.0, 300.0, 300.0]), heights)
    assert slopes[1] == pytest.approx(4.0)
    assert [math.isnan(slope) for slope in slopes] == [True, False, True, True, True]
