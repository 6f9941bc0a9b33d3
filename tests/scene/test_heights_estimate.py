"""Estimates of heights: what neighbours tell, how surely, and how often they are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.scene import heights_estimate
from smap.scene.heights_estimate import ERROR_STEPS_M, Estimate, estimate_heights, leave_out, likeness

Array = NDArray[np.float64]


def row(
    heights: list[float], areas: list[float] | None = None, uses: Sequence[str | None] | None = None
) -> Estimate:
    """Buildings in a row, 20 m apart, square."""
    n = len(heights)
    place = np.column_stack([np.arange(n) * 20.0, np.zeros(n)])
    space = likeness(place, np.array(areas or [100.0] * n), np.ones(n))
    return estimate_heights(space, np.array(heights), None if uses is None else np.array(uses, object))


def grid(n: int, apart_m: float) -> Array:
    return np.array([(x, y) for x in range(n) for y in range(n)], float) * apart_m


def test_neighbours_of_one_height_are_followed_and_the_error_is_the_least() -> None:
    found = row([15.0, 15.0, np.nan, 15.0])
    assert (found.height[2], found.error[2]) == (15.0, ERROR_STEPS_M[0])
    assert np.isnan(found.height[[0, 1, 3]]).all()


def test_one_tower_among_houses_lifts_no_house_but_the_error_tells_of_it() -> None:
    calm, uneasy = row([9.0, 9.0, np.nan, 9.0, 9.0]), row([9.0, 9.0, np.nan, 9.0, 90.0])
    assert uneasy.height[2] == calm.height[2] == 9.0
    assert uneasy.error[2] > calm.error[2]


def test_two_known_buildings_are_too_few() -> None:
    assert np.isnan(row([9.0, np.nan, 9.0]).height).all()


def test_a_footprint_follows_those_of_its_size_so_that_the_skyline_is_not_flat() -> None:
    heights, areas = [9.0, 60.0] * 6, [90.0, 900.0] * 6
    found = row([*heights, np.nan, np.nan], [*areas, 90.0, 900.0])
    assert found.height[-2:].tolist() == [9.0, 60.0]


def test_long_houses_follow_long_ones() -> None:
    place = np.column_stack([np.arange(13) * 20.0, np.zeros(13)])
    elongation = np.array([1.0, 5.0] * 6 + [5.0])
    known = np.array([9.0, 45.0] * 6 + [np.nan])
    found = estimate_heights(likeness(place, np.full(13, 300.0), elongation), known)
    assert found.height[-1] == 45.0


def test_those_of_the_same_use_are_asked_before_all_others() -> None:
    heights = [6.0, 30.0] * 4 + [np.nan, np.nan, np.nan]
    found = row(heights, uses=["house", "office"] * 4 + ["house", "office", None])
    assert found.height[8:10].tolist() == [6.0, 30.0]
    assert 6.0 < found.height[10] < 30.0


def test_a_use_of_its_own_falls_back_on_all() -> None:
    assert row([9.0, 9.0, 9.0, np.nan], uses=["house", "house", "house", "temple"]).height[3] == 9.0


def test_estimates_come_in_half_metres_and_errors_in_steps() -> None:
    rng = np.random.default_rng(1)
    known = np.where(rng.random(400) < 0.5, rng.uniform(3.0, 60.0, 400), np.nan)
    found = estimate_heights(likeness(grid(20, 25.0), rng.uniform(50.0, 500.0, 400), np.ones(400)), known)
    told = ~np.isnan(found.height)
    assert told.sum() > 150
    assert (found.height[told] * 2 % 1 == 0.0).all()
    assert set(found.error[told].tolist()) <= set(ERROR_STEPS_M)


def test_how_many_are_reckoned_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    known = np.where(rng.random(225) < 0.5, rng.uniform(3.0, 60.0, 225), np.nan)
    space = likeness(grid(15, 25.0), rng.uniform(50.0, 500.0, 225), np.ones(225))
    whole = estimate_heights(space, known)
    monkeypatch.setattr(heights_estimate, "_AT_ONCE", 7)
    parts = estimate_heights(space, known)
    np.testing.assert_array_equal(parts.height, whole.height)
    np.testing.assert_array_equal(parts.error, whole.error)


@given(st.lists(st.floats(0.3, 600.0), min_size=3, max_size=20))
def test_no_estimate_lies_outside_what_is_known_by_more_than_its_rounding(heights: list[float]) -> None:
    found = row([*heights, np.nan]).height[-1]
    assert np.isnan(found) or min(heights) - 0.25 <= found <= max(heights) + 0.25


def test_where_quarters_differ_hidden_heights_are_found_far_better_than_by_a_constant() -> None:
    rng = np.random.default_rng(3)
    place = grid(40, 30.0)
    tall = np.where(place[:, 0] < 600.0, 9.0, 45.0) * rng.uniform(0.9, 1.1, len(place))
    space = likeness(place, np.full(len(place), 200.0), np.ones(len(place)))
    found = leave_out(space, tall, rng.random(len(place)) < 0.2, 6.0)
    assert found["hidden"] > 250
    assert found["median_error_m"] < found["default_median_error_m"] / 3.0
    assert found["within_stated_error"] > 0.5
    assert abs(found["bias_median_m"]) < 0.5


def test_without_anything_known_nothing_is_said_of_errors() -> None:
    space = likeness(grid(3, 10.0), np.full(9, 100.0), np.ones(9))
    assert leave_out(space, np.full(9, np.nan), np.ones(9, bool), 6.0) == {"hidden": 0}


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_buildings_has_a_likeness_too(n: int) -> None:
    assert np.isfinite(likeness(np.zeros((n, 2)), np.full(n, 100.0), np.ones(n))).all()
