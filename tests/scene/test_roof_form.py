"""Which roof a building has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from smap.scene.measure import bounding_rectangles, local_plane
from smap.scene.roof_form import RoofWords, SettledRoofs, settle_roofs
from smap.scene.roof_shell import SHAPES
from tests.scene.shapes import Polygon, footprints_of, rectangle

BOX = rectangle(0.0, 0.0, 12.0, 7.0)
NAN = math.nan


def settled(
    shape: Sequence[str | None],
    height: Sequence[float],
    *,
    polygons: Sequence[Polygon] | None = None,
    rise: Sequence[float] | None = None,
    levels: Sequence[float] | None = None,
    direction: Sequence[str | None] | None = None,
    by_floors: bool = False,
) -> SettledRoofs:
    n = len(shape)
    footprints = footprints_of([[p] for p in polygons or [BOX] * n])
    plane = local_plane(footprints)
    return settle_roofs(
        footprints,
        plane,
        bounding_rectangles(footprints, plane),
        RoofWords(
            np.array(shape, object),
            np.array(rise or [NAN] * n, np.float64),
            np.array(levels or [NAN] * n, np.float64),
            np.array(direction or [None] * n, object),
            np.full(n, None, object),
        ),
        np.array(height, np.float64),
        base=np.zeros(n),
        by_floors=np.full(n, by_floors),
        storey_m=3.0,
    )


def test_words_of_openstreetmap_are_drawn_as_the_nearest_shape_and_others_are_told() -> None:
    words = ["flat", None, "Gabled", "half-hipped", "dome", "skillion", "giwa", "many", "gambrel"]
    found = settled(words, [20.0] * len(words))
    names = [SHAPES[number] for number in found.roofs.shape.tolist()]
    assert names == [
        *("flat", "flat", "gabled", "hipped", "pyramidal", "skillion", "giwa", "flat", "gabled"),
    ]
    rows, said = found.faults["roof_shape_unknown"]
    assert (rows.tolist(), said.tolist()) == ([7], ["many"])


def test_the_roof_is_as_high_as_said_else_by_its_levels_else_by_the_usual_pitch() -> None:
    found = settled(["gabled"] * 3, [20.0] * 3, rise=[2.5, NAN, NAN], levels=[1.0, 1.0, NAN])
    assert found.roofs.rise == pytest.approx([2.5, 3.0, 3.5 * math.tan(math.radians(30.0))], rel=1e-3)
    assert found.height.tolist() == [20.0] * 3


def test_a_roof_of_which_nothing_is_said_takes_no_more_than_half_of_its_building() -> None:
    assert settled(["gabled"], [3.0]).roofs.rise.tolist() == [1.5]


def test_a_roof_that_is_higher_than_its_building_or_not_above_nothing_is_told_and_usual() -> None:
    found = settled(["gabled"] * 4, [9.0] * 4, rise=[9.5, -1.0, 0.0, 9.0], direction=None)
    assert found.faults["roof_height_above_height"][0].tolist() == [0]
    assert found.faults["roof_height_not_positive"][0].tolist() == [1, 2]
    assert found.roofs.rise.tolist()[:3] == pytest.approx([2.02] * 3, abs=0.01)
    assert found.roofs.rise[3] == 9.0
    many = settled(["gabled"] * 2, [9.0] * 2, levels=[4.0, -1.0])
    assert many.faults["roof_levels_not_usable"][0].tolist() == [0, 1]


def test_a_direction_is_degrees_or_a_point_of_the_compass_and_others_are_told() -> None:
    said = ["90", "SW", "down", "720", None]
    found = settled(["gabled"] * 5, [9.0] * 5, direction=said)
    assert found.roofs.facing[0] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert found.roofs.facing[1] == pytest.approx([-math.sqrt(0.5)] * 2)
    assert np.isnan(found.roofs.facing[2:]).all()
    assert found.faults["roof_direction_unknown"][0].tolist() == [2, 3]


def test_floors_do_not_count_what_is_under_the_roof() -> None:
    assert settled(["gabled"], [6.0], rise=[2.0], by_floors=True).height.tolist() == [8.0]


def test_a_footprint_that_does_not_suit_its_roof_is_told_and_flat() -> None:
    comb: Polygon = [
        [(0, 0), (20, 0), (20, 9), (16, 9), (16, 3), (12, 3), (12, 9), (8, 9), (8, 3), (4, 3), (4, 9), (0, 9)]
    ]
    found = settled(["gabled", "gabled"], [9.0, 9.0], polygons=[comb, BOX])
    assert found.faults["roof_unsuited"][0].tolist() == [0]
    assert found.roofs.shape.tolist() == [0, 1]
    assert found.mean[0] == 9.0


def test_a_flat_roof_at_the_mean_height_holds_as_much_room_and_lies_off_by_so_much() -> None:
    found = settled(["gabled", "pyramidal", "flat"], [9.0] * 3, rise=[4.0, 3.0, NAN])
    assert found.mean == pytest.approx([7.0, 7.0, 9.0], rel=1e-4)
    assert found.off == pytest.approx([2.0, 2.0, 0.0], abs=1e-3)
    assert found.further_triangles.tolist() == [4, 2, 0]
