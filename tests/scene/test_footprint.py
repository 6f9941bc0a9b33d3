"""Footprints: taking and joining loses no vertex."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from smap.scene.footprint import Footprints
from tests.scene.shapes import buildings


@given(buildings(), buildings())
def test_what_was_joined_can_be_taken_apart(first: Footprints, second: Footprints) -> None:
    both = Footprints.concatenate([first, second])
    assert len(both) == len(first) + len(second)
    back = both.take(np.arange(len(first), len(both)))
    assert (back.lonlat == second.lonlat).all()
    assert (back.rings == second.rings).all()
    assert (back.polygons == second.polygons).all()
    assert (back.features == second.features).all()


@given(buildings())
def test_taking_backwards_twice_gives_the_same(footprints: Footprints) -> None:
    backwards = np.arange(len(footprints))[::-1]
    twice = footprints.take(backwards).take(backwards)
    assert (twice.lonlat == footprints.lonlat).all()
    assert (twice.rings == footprints.rings).all()


def test_nothing_joined_is_nothing() -> None:
    assert len(Footprints.concatenate([])) == 0


@given(buildings())
def test_every_vertex_and_ring_knows_its_feature(footprints: Footprints) -> None:
    assert (
        footprints.ring_feature[
            np.searchsorted(footprints.rings, np.arange(len(footprints.lonlat)), "right") - 1
        ]
        == footprints.vertex_feature
    ).all()


@given(buildings(), st.data())
def test_a_range_is_taken_without_a_copy_and_is_what_each_of_it_is(
    footprints: Footprints, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(footprints) - 1))
    end = data.draw(st.integers(start + 1, len(footprints)))
    found = footprints.take(np.arange(start, end))
    assert np.shares_memory(found.lonlat, footprints.lonlat)
    alone = Footprints.concatenate([footprints.take(np.array([k, k])) for k in range(start, end)])
    expected = alone.take(np.arange(0, len(alone), 2))
    for name, values in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), values)
