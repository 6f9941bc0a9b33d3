"""How far two silhouettes lie apart: figures that can be counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.silhouette import areas_apart, of_what_is_told, outlines_apart


def picture(*rectangles: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    drawn: NDArray[Any] = np.zeros((60, 80), bool)
    for left, top, right, bottom in rectangles:
        drawn[top:bottom, left:right] = True
    return drawn


def test_the_same_picture_is_nowhere_apart() -> None:
    one = picture((10, 10, 40, 40))
    assert areas_apart(one, one).max() == outlines_apart(one, one).max() == 0.0


def test_a_house_that_moves_by_six_pixels_of_the_picture_moves_by_three_of_the_screen() -> None:
    one, other = picture((10, 10, 40, 40)), picture((16, 10, 46, 40))
    assert areas_apart(one, other).max() == 3.0
    assert outlines_apart(one, other).max() == 3.0


def test_a_gap_counts_by_its_half_width_and_its_outline_by_the_way_to_the_next() -> None:
    whole, cut = picture((10, 10, 50, 40)), picture((10, 10, 28, 40), (32, 10, 50, 40))
    assert areas_apart(whole, cut).max() == 1.0
    assert outlines_apart(whole, cut).max() > 5.0


def test_what_only_one_of_them_shows_counts_by_the_way_to_the_other() -> None:
    one, other = picture((10, 10, 20, 20)), picture((10, 10, 20, 20), (30, 10, 31, 20))
    assert areas_apart(one, other).max() == (30 - 19) / 2


def test_what_lies_by_the_error_measured_is_all_of_what_is_told_and_less_off_the_middle() -> None:
    """16 pixels for three times the error: 16 / 3 in the middle, twice that at 45 degrees."""
    one, other = picture((10, 10, 20, 20)), picture((10, 10, 20, 20), (30, 10, 31, 20))
    areas = np.full(int(one.sum() + other.sum()), 16.0 / 3.0)
    half = 1080.0 / (2.0 * np.tan(np.radians(30.0)))
    middle, aside = (of_what_is_told(areas, one, other, np.array([x, -10.0])) for x in (-10.0, 2.0 * half))
    assert np.isclose(middle[0], 1.0)
    assert np.isclose(aside[0], 0.5, rtol=0.02)
