from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from smap.content.geometry import check_geometry, extent_of, meets
from smap.content.record import Bbox

SQUARE = [[126.0, 37.0], [127.0, 37.0], [127.0, 38.0], [126.0, 38.0], [126.0, 37.0]]
HOLE = [[126.2, 37.2], [126.8, 37.2], [126.8, 37.8], [126.2, 37.8], [126.2, 37.2]]


def code_of(kind: str, coordinates: Any) -> str:
    geometry, faults = check_geometry({"type": kind, "coordinates": coordinates})
    assert (geometry is None) == bool(faults)
    return faults[0].code if faults else ""


@pytest.mark.parametrize(
    ("kind", "coordinates", "code"),
    [
        ("Point", [126.98, 37.57], ""),
        ("Point", [0, 0], "zero_coordinates"),
        ("Point", [37.57, 126.98], "swapped_coordinates"),
        ("Point", [2.35, 48.85], "outside_area"),
        ("Point", [198000.5, 551000.5], "outside_area"),
        ("Point", [126.98, 37.57, 30.0], "geometry"),
        ("Point", [126.98, float("nan")], "geometry"),
        ("Point", [126.98, "37.57"], "geometry"),
        ("Point", [126.98, True], "geometry"),
        ("Point", [], "geometry"),
        ("Point", None, "geometry"),
        ("LineString", [[126.98, 37.57]], "geometry"),
        ("LineString", [[126.98, 37.57], [126.98, 37.57]], "geometry"),
        ("MultiPoint", [[126.98, 37.57], [126.99, 37.58]], ""),
        ("MultiPoint", [], "geometry"),
        ("MultiPoint", [126.98, 37.57], "geometry"),
        ("MultiPoint", [[126.98, 37.57], [0, 0]], "zero_coordinates"),
        ("MultiLineString", [], "geometry"),
        ("MultiLineString", [[[126.98, 37.57], [127.0, 37.6]]], ""),
        ("Polygon", [SQUARE, HOLE], ""),
        ("Polygon", [SQUARE[:-1]], "geometry"),
        ("Polygon", [], "geometry"),
        ("Circle", [126.98, 37.57], "geometry"),
    ],
)
def test_a_fault_of_a_geometry_has_its_code(kind: str, coordinates: Any, code: str) -> None:
    assert code_of(kind, coordinates) == code


def test_swapped_coordinates_are_offered_the_right_way_round() -> None:
    faults = check_geometry({"type": "Point", "coordinates": [37.57, 126.98]})[1]
    assert "give lon, lat: 126.98, 37.57" in faults[0].line


def test_the_extent_of_a_polygon_is_that_of_its_ring() -> None:
    assert extent_of({"type": "Polygon", "coordinates": [SQUARE, HOLE]}) == (126.0, 37.0, 127.0, 38.0)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((126.3, 37.3, 126.7, 37.7), False),  # in the hole
        ((126.3, 37.3, 126.8, 37.7), True),  # touches the hole's edge
        ((126.05, 37.05, 126.1, 37.1), True),  # wholly inside, far from every edge
        ((125.0, 36.0, 126.0, 37.0), True),  # touches a corner
        ((125.0, 36.0, 125.999, 36.999), False),
        ((120.0, 30.0, 130.0, 40.0), True),  # holds the polygon
    ],
)
def test_a_polygon_with_a_hole_meets_a_box(box: Bbox, expected: bool) -> None:
    assert meets({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, box) is expected


def test_a_slanting_line_passes_a_box_that_only_its_extent_meets() -> None:
    line = {"type": "LineString", "coordinates": [[126.0, 37.0], [127.0, 38.0]]}
    assert not meets(line, (126.0, 37.6, 126.4, 38.0))
    assert meets(line, (126.0, 37.4, 126.4, 38.0))


def test_several_points_meet_a_box_that_holds_one_of_them() -> None:
    points = {"type": "MultiPoint", "coordinates": [[126.0, 37.0], [127.0, 38.0]]}
    assert meets(points, (126.9, 37.9, 127.1, 38.1))
    assert not meets(points, (126.4, 37.4, 126.6, 37.6))  # between them


degrees = st.integers(0, 8).map(lambda step: 126.0 + step / 8)
positions = st.tuples(degrees, degrees.map(lambda lon: lon - 89.0))


@given(st.lists(positions, min_size=2, max_size=5, unique=True), positions, positions)
def test_shapely_agrees_which_lines_meet_a_box(
    line: list[tuple[float, float]], corner: tuple[float, float], other: tuple[float, float]
) -> None:
    assume(corner[0] != other[0] and corner[1] != other[1])  # a flat box is no polygon for the witness
    box = (
        min(corner[0], other[0]),
        min(corner[1], other[1]),
        max(corner[0], other[0]),
        max(corner[1], other[1]),
    )
    ours = meets({"type": "LineString", "coordinates": [list(position) for position in line]}, box)
    assert ours == shapely.LineString(line).intersects(shapely.box(*box))
