"""Footprints: taking and joining loses no vertex."""

from __future__ import annotations

import numpy as np
from hypothesis import given

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
