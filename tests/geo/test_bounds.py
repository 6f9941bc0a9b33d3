from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from smap.geo.bounds import Box, Region, Sphere, box_of
from smap.geo.ellipsoid import east_north_up

LENGTH = st.floats(-1e6, 1e6)
SPAN = st.tuples(LENGTH, LENGTH).map(sorted)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    (west, east), (south, north), (low, high) = draw(SPAN), draw(SPAN), draw(SPAN)
    return Region(west, south, east, north, low, high)


@given(regions(), regions())
def test_the_union_of_two_regions_contains_both(a: Region, b: Region) -> None:
    assert a.union(b).contains(a)
    assert a.union(b).contains(b)
    assert a.union(b) == b.union(a)


def test_a_region_does_not_contain_one_that_reaches_higher() -> None:
    low, high = Region(0, 0, 1, 1, 0, 10), Region(0, 0, 1, 1, 0, 11)
    assert high.contains(low)
    assert not low.contains(high)


@given(arrays(np.float64, st.tuples(st.integers(1, 20), st.just(3)), elements=LENGTH))
def test_every_position_lies_in_its_box(positions: np.ndarray) -> None:
    axes = east_north_up(2.2, 0.65)[:3, :3].T
    box = box_of(positions, axes)
    half = np.linalg.norm(box.half_axes, axis=1)
    along = np.abs((positions - box.center) @ axes.T)
    # 1e-9 of a coordinate of 1e6 m: what rounding in the two products may cost
    assert (along <= half + 1e-8).all()


def test_a_box_touches_the_outermost_positions() -> None:
    box = box_of(np.array([[0.0, 0.0, 0.0], [2.0, 4.0, 6.0]]), np.eye(3))
    assert box.as_list() == [1, 2, 3, 1, 0, 0, 0, 2, 0, 0, 0, 3]


def test_volumes_are_written_in_the_order_of_the_specification() -> None:
    assert Region(1, 2, 3, 4, 5, 6).as_list() == [1, 2, 3, 4, 5, 6]
    assert Sphere(np.array([1.0, 2.0, 3.0]), 4.0).as_list() == [1, 2, 3, 4]
    assert len(Box(np.zeros(3), np.eye(3)).as_list()) == 12
