"""The ladder of heights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from smap.scene.heights import Evidence, Heights, estimate_misses, faults_of, settle_heights

LADDER = ("height", "floors", "estimate", "default")


def settle(
    height: list[float], floors: list[float], *, apart_m: float = 10.0, ladder: tuple[str, ...] = LADDER
) -> Heights:
    n = len(height)
    place = np.column_stack([np.arange(n) * apart_m, np.zeros(n)])
    evidence = Evidence(np.array(height), np.array(floors), place, np.full(n, 100.0), np.ones(n))
    return settle_heights(evidence, ladder=ladder, storey_m=3.0, default_m=6.0)


def test_a_height_wins_over_floors_and_floors_over_an_estimate() -> None:
    found = settle([20.0, np.nan, np.nan], [2.0, 5.0, np.nan], ladder=("height", "floors", "default"))
    assert found.height.tolist() == [20.0, 15.0, 6.0]
    assert found.source.tolist() == ["height", "floors", "default"]


def test_the_ladder_is_climbed_in_the_order_given() -> None:
    found = settle([20.0], [2.0], ladder=("floors", "height", "default"))
    assert found.source.tolist() == ["floors"]


@pytest.mark.parametrize("nonsense", [0.0, -3.0, 601.0, np.nan, np.inf])
def test_what_is_no_height_leaves_the_ladder_to_the_next_rung(nonsense: float) -> None:
    assert settle([nonsense], [4.0]).height.tolist() == [12.0]
    assert settle([nonsense], [np.nan]).source.tolist() == ["default"]


def test_unusable_heights_are_counted_by_their_fault_and_blanks_are_not() -> None:
    given_heights = np.array([0.0, 0.0, -1.0, 900.0, np.nan, 12.0])
    found = {fault: rows.tolist() for fault, rows in faults_of(given_heights).items()}
    assert found == {"zero": [0, 1], "negative": [2], "above_600_m": [3]}


def test_an_estimate_lies_among_its_neighbours_and_says_so() -> None:
    found = settle([9.0, 12.0, np.nan, 30.0], [np.nan] * 4)
    assert 9.0 < found.height[2] < 30.0
    assert found.source[2] == "estimate"


def test_only_what_is_estimated_carries_an_error() -> None:
    found = settle([9.0, np.nan, np.nan, 12.0], [np.nan, 4.0, np.nan, np.nan])
    assert (~np.isnan(found.error)).tolist() == [False, False, True, False]


def test_two_neighbours_are_too_few_for_an_estimate() -> None:
    assert settle([9.0, np.nan, 12.0], [np.nan] * 3).source[1] == "default"


def test_neighbours_three_kilometres_away_are_no_neighbours() -> None:
    assert settle([9.0, 9.0, 9.0, np.nan], [np.nan] * 4, apart_m=3000.0).source[3] == "default"


def test_neighbours_of_another_size_are_no_likes() -> None:
    evidence = Evidence(
        np.array([60.0, 60.0, 60.0, np.nan]),
        np.full(4, np.nan),
        np.zeros((4, 2)),
        np.array([2000.0, 2000.0, 2000.0, 80.0]),
        np.ones(4),
    )
    found = settle_heights(evidence, ladder=LADDER, storey_m=3.0, default_m=6.0)
    assert found.source[3] == "default"


METRES = st.one_of(st.just(np.nan), st.floats(-10.0, 1000.0))


@given(hnp.arrays(np.float64, 12, elements=METRES), hnp.arrays(np.float64, 12, elements=METRES))
def test_every_building_gets_a_sound_height_from_a_rung(
    height: NDArray[np.float64], floors: NDArray[np.float64]
) -> None:
    found = settle(height.tolist(), floors.tolist())
    assert ((found.height > 0.0) & (found.height <= 600.0)).all()
    assert set(found.source.tolist()) <= set(LADDER)
    measured = found.source == "height"
    assert (found.height[measured] == height[measured]).all()


def test_of_many_hidden_heights_some_are_asked_and_the_rest_tell_nothing() -> None:
    n = 300
    height = np.where(np.arange(n) < 100, 90.0, 9.0)
    place = np.column_stack([np.arange(n) * 10.0, np.zeros(n)])
    evidence = Evidence(height, np.full(n, np.nan), place, np.full(n, 100.0), np.ones(n))
    heights = settle_heights(evidence, ladder=LADDER, storey_m=3.0, default_m=6.0)
    hidden = np.arange(n) < 100
    every, some = (estimate_misses(evidence, heights, hidden, 6.0, most=most) for most in (None, 30))
    assert (every["hidden"], some["hidden"]) == (100, 25)
    # had those that are not asked told their own height, the asked ones would have followed them
    assert every["bias_median_m"] == some["bias_median_m"] == -81.0
