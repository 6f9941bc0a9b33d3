"""What is built in a precinct beside its halls: the stone beasts before a gate."""

from __future__ import annotations

import numpy as np
import pytest

from smap.sample.precinct.built import hall_mesh
from smap.sample.precinct.facts import Part

BEAST = Part("haetae", 0.0, 0.0, 2.4, 3.4, 3.3)


@pytest.mark.parametrize("detail", [1, 2])
def test_a_haetae_is_as_high_as_written_on_a_plinth_of_its_size(detail: int) -> None:
    at = hall_mesh(BEAST, detail).positions
    assert at[:, 2].max() == pytest.approx(3.3, abs=0.08)
    assert np.ptp(at[:, :2], axis=0) == pytest.approx([2.4, 3.4], abs=1e-9)


def test_a_haetae_sits_and_looks_to_the_front() -> None:
    """Its head is over its fore legs, its haunches are behind and low."""
    at = hall_mesh(BEAST, 1).positions
    head, haunches = at[at[:, 2] > 2.6], at[(at[:, 2] > 1.2) & (at[:, 2] < 1.7) & (at[:, 1] > 0.0)]
    assert head[:, 1].mean() < -0.4
    assert haunches[:, 1].max() > 1.2
    assert at[at[:, 1] > 1.0][:, 2].max() < 2.4


def test_two_haetae_cost_few_triangles() -> None:
    fine, coarse = (len(hall_mesh(BEAST, detail).triangles) for detail in (1, 2))
    assert fine <= 240
    assert coarse < 0.5 * fine
