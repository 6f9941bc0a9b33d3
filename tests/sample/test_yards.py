"""Houses about a yard: their forms, and the ranges across."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from smap.sample.yards import yard_houses

LOT = shapely.box(0.0, 0.0, 22.0, 18.0)
FORMS = {"ㅡ": 0, "ㄱ": 1, "ㄷ": 2, "ㅁ": 3}


def built(form: str, n: int = 200) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    lots = np.full(n, LOT, object)
    shares = np.tile(np.eye(4)[FORMS[form]], (n, 1))
    return yard_houses(lots, np.ones(n, bool), shares, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("form", "corners", "holes"), [("ㅡ", 4, 0), ("ㄱ", 6, 0), ("ㄷ", 8, 0), ("ㅁ", 8, 0)]
)
def test_each_form_has_its_corners(form: str, corners: int, holes: int) -> None:
    main, _ = built(form)
    outer = shapely.get_num_coordinates(shapely.get_exterior_ring(main)) - 1
    assert (outer == corners).all()
    assert (shapely.get_num_interior_rings(main) == holes).all()


def test_no_two_of_a_form_are_alike() -> None:
    main, _ = built("ㄱ")
    assert len({round(area, 3) for area in shapely.area(main)}) > 150


def test_four_of_five_rows_shut_the_north_out() -> None:
    main, _ = built("ㅡ", 1000)
    north = shapely.get_coordinates(shapely.centroid(main))[:, 1] > 11.0
    assert 0.75 < north.mean() < 0.95


@pytest.mark.parametrize("form", FORMS)
def test_a_range_across_the_yard_stands_apart_from_the_house_on_its_lot(form: str) -> None:
    main, ranges = built(form)
    there = ~shapely.is_empty(ranges)
    assert there.mean() > (0.95 if form == "ㅁ" else 0.2)
    assert (shapely.distance(main[there], ranges[there]) > (0.3 if form == "ㅁ" else 1.0)).all()
    assert shapely.within(ranges[there], shapely.buffer(LOT, 1e-9)).all()


def test_a_house_on_a_skew_lot_is_of_right_angles_and_stands_on_it() -> None:
    lot = shapely.Polygon([(0.0, 0.0), (19.0, 1.5), (21.0, 15.0), (1.0, 16.0)])
    shares = np.tile([0.0, 0.5, 0.5, 0.0], (100, 1))
    main, _ = yard_houses(np.full(100, lot, object), np.ones(100, bool), shares, np.random.default_rng(1))
    assert shapely.within(main, lot.buffer(0.1)).all()
    for house in main:
        edge = np.diff(shapely.get_coordinates(house), axis=0)
        edge /= np.linalg.norm(edge, axis=1, keepdims=True)
        assert np.abs((edge * np.roll(edge, 1, axis=0)).sum(axis=1)).max() < 1e-6
    assert shapely.area(main).mean() > 0.3 * lot.area


def test_a_lot_that_holds_no_rectangle_of_a_kan_stays_open() -> None:
    wedge = shapely.Polygon([(0.0, 0.0), (30.0, 0.0), (0.0, 5.0)])
    cut = shapely.Polygon([(0.0, 0.0), (26.0, 0.0), (20.0, 22.0), (0.0, 22.0)])
    shares = np.tile([0.0, 1.0, 0.0, 0.0], (2, 1))
    (narrow, wide), _ = yard_houses(
        np.array([wedge, cut], object), np.ones(2, bool), shares, np.random.default_rng(1)
    )
    assert shapely.is_empty(narrow)
    assert shapely.get_num_coordinates(wide) == 7
