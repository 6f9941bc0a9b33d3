"""Rings straight from WKB, with shapely as the witness."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from smap.sources.outline import place, sound_polygons
from smap.sources.rings import Rings, plain_rings

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2)]
CORNERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9)


def wkb(*shapes: shapely.Geometry | None) -> pa.Array:
    return pa.array([None if s is None else shapely.to_wkb(s, byte_order=1) for s in shapes], pa.binary())


def ring(corners: list[tuple[int, int]], *, multi: bool = False) -> shapely.Geometry:
    shape = shapely.Polygon(corners)
    return shapely.MultiPolygon([shape]) if multi else shape


def outlines(rings: Rings) -> list[list[list[float]]]:
    return [rings.xy[a:b].tolist() for a, b in zip(rings.offsets[:-1], rings.offsets[1:], strict=True)]


@given(st.lists(st.tuples(CORNERS, st.booleans()), min_size=1, max_size=5))
def test_what_shapely_calls_valid_is_given_as_shapely_would_turn_it(
    drawn: list[tuple[list[tuple[int, int]], bool]],
) -> None:
    shapes = [ring(corners, multi=multi) for corners, multi in drawn]
    rings, others = plain_rings(wkb(*shapes))
    valid = [i for i, s in enumerate(shapes) if shapely.is_valid(s)]
    assert rings.row.tolist() == valid
    assert others.tolist() == sorted({*range(len(shapes))} - {*valid})
    tidy = [shapely.remove_repeated_points(shapely.orient_polygons(shapes[i])) for i in valid]
    assert outlines(rings) == [shapely.get_coordinates(s)[:-1].tolist() for s in tidy]
    if valid:
        middle = shapely.get_coordinates(shapely.centroid([shapes[i] for i in valid]))
        np.testing.assert_allclose(rings.middle, middle, atol=1e-12)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Point(1, 1),
        shapely.Polygon(),
        shapely.Polygon(SQUARE, [[(0.5, 0.5), (1, 0.5), (1, 1)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        shapely.force_3d(shapely.box(0, 0, 1, 1)),
        shapely.Polygon([(0, 0), (1e12, 0), (2, 2)]),
        shapely.Polygon([(0, 0), (1, 1), (2, 2)]),
        # a pentagram turns left at each corner, but twice around
        shapely.Polygon([(0, 3), (2, -3), (-3, 1), (3, 1), (-2, -3)]),
    ],
)
def test_what_is_no_plain_ring_is_left_to_others(shape: shapely.Geometry | None) -> None:
    rings, others = plain_rings(wkb(shapely.Polygon(SQUARE), shape, shapely.Polygon(SQUARE)))
    assert rings.row.tolist() == [0, 2]
    assert others.tolist() == [1]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_left_to_others(number: float) -> None:
    square = bytearray(shapely.to_wkb(shapely.Polygon(SQUARE), byte_order=1))
    square[13 + 24 : 13 + 32] = np.array([number]).tobytes()
    assert plain_rings(pa.array([bytes(square)], pa.binary()))[1].tolist() == [0]


def test_big_endian_and_open_rings_are_left_to_others() -> None:
    square = shapely.to_wkb(shapely.Polygon(SQUARE), byte_order=1)
    swapped = shapely.to_wkb(shapely.Polygon(SQUARE), byte_order=0)
    open_ring = square[:-16] + np.array([1.0, 1.0]).tobytes()
    _, others = plain_rings(pa.array([square, swapped, open_ring, square[:-8], b"\1"], pa.binary()))
    assert others.tolist() == [1, 2, 3, 4]


def test_a_slice_of_an_array_and_large_offsets_are_read() -> None:
    whole = wkb(*(shapely.box(i, 0, i + 1, 1) for i in range(5)))
    rings, _ = plain_rings(whole[2:4])
    large, _ = plain_rings(whole.cast(pa.large_binary())[2:4])
    assert rings.middle.tolist() == large.middle.tolist() == [[2.5, 0.5], [3.5, 0.5]]


def test_nothing_at_all_is_nothing() -> None:
    rings, others = plain_rings(wkb())
    assert (len(rings), len(others)) == (0, 0)
    rings, others = plain_rings(pa.nulls(2, pa.binary()))
    assert (len(rings), others.tolist()) == (0, [0, 1])


def test_features_stay_in_the_order_of_the_file_whatever_their_kind() -> None:
    from smap.geo.crs import parse_crs

    at = [126.9 + 0.01 * i for i in range(4)]
    boxes = [shapely.box(x, 37.5, x + 0.001, 37.501) for x in at]
    holed = shapely.Polygon(
        boxes[1].exterior, [shapely.box(at[1] + 2e-4, 37.5002, at[1] + 4e-4, 37.5004).exterior]
    )
    shapes = sound_polygons(wkb(boxes[0], holed, boxes[2], None), where="a")
    placed = place(shapes, parse_crs("EPSG:4326"), None)
    first = placed.footprints.feature_vertices[:-1]
    west = [
        np.degrees(placed.footprints.lonlat[a:b, 0]).min()
        for a, b in zip(first, [*first[1:], None], strict=True)
    ]
    np.testing.assert_allclose(west, at[:3])
    assert placed.row.tolist() == [0, 1, 2]
    assert shapes.dropped == {"no_geometry": 1}
