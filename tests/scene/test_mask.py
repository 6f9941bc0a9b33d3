"""Masked areas."""

from __future__ import annotations

import numpy as np

from smap.scene.mask import inside_areas
from tests.scene.shapes import CITY_HALL, METRES, footprints_of, rectangle


def test_places_inside_an_area_are_found_and_those_in_its_hole_are_not() -> None:
    hole = [[(40.0, 40.0), (40.0, 60.0), (60.0, 60.0), (60.0, 40.0)]]
    areas = footprints_of([[rectangle(0.0, 0.0, 100.0, 100.0) + hole], [rectangle(500.0, 0.0, 10.0, 10.0)]])
    places = CITY_HALL + np.array([[10.0, 10.0], [50.0, 50.0], [505.0, 5.0], [300.0, 5.0]]) / METRES
    assert inside_areas(places, areas).tolist() == [True, False, True, False]
