from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from smap.geo.ellipsoid import SEMI_MINOR_M, east_north_up, from_ecef, to_ecef

LON = st.floats(-np.pi, np.pi)
LAT = st.floats(-np.pi / 2, np.pi / 2)
HEIGHT = st.floats(-12_000, 1_000_000)


@given(LON, LAT, HEIGHT)
def test_going_to_ecef_and_back_gives_the_same_position(lon: float, lat: float, height: float) -> None:
    back_lon, back_lat, back_height = from_ecef(to_ecef(lon, lat, height))
    # 1e-9 rad is 6 mm; at the poles every longitude is the same place, so compare along the parallel
    turn = (back_lon - lon + np.pi) % (2 * np.pi) - np.pi
    assert abs(turn) * np.cos(lat) < 1e-9
    assert abs(back_lat - lat) < 1e-9
    assert abs(back_height - height) < 1e-6


def test_ecef_agrees_with_proj() -> None:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(-180, 180, 1000), random.uniform(-90, 90, 1000)
    height = random.uniform(-500, 9000, 1000)
    proj = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    theirs = np.stack(proj.transform(lon, lat, height), axis=-1)
    np.testing.assert_allclose(to_ecef(np.radians(lon), np.radians(lat), height), theirs, rtol=0, atol=1e-7)


def test_the_poles_and_the_equator_are_where_they_should_be() -> None:
    np.testing.assert_allclose(to_ecef(0, np.pi / 2, 0), [0, 0, SEMI_MINOR_M], atol=1e-9)
    lon, lat, height = from_ecef([[0.0, 0.0, -SEMI_MINOR_M - 10.0], [6378137.0, 0.0, 0.0]])
    np.testing.assert_allclose(lat, [-np.pi / 2, 0.0], atol=1e-15)
    np.testing.assert_allclose(height, [10.0, 0.0], atol=1e-8)
    assert lon[1] == 0.0


def test_a_position_near_the_centre_of_the_earth_has_no_answer() -> None:
    assert np.isnan(from_ecef([1000.0, 0.0, 0.0])[2])


@given(LON, LAT, HEIGHT)
def test_the_local_frame_is_orthonormal_and_right_handed(lon: float, lat: float, height: float) -> None:
    turn = east_north_up(lon, lat, height)[:3, :3]
    np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) > 0


def test_a_metre_up_in_the_local_frame_is_a_metre_of_height() -> None:
    matrix = east_north_up(2.2162, 0.6557, 40.0)
    lon, lat, height = from_ecef((matrix @ [0.0, 0.0, 1.0, 1.0])[:3])
    assert abs(lon - 2.2162) < 1e-12
    assert abs(lat - 0.6557) < 1e-12
    assert abs(height - 41.0) < 1e-8


def test_a_metre_east_and_north_go_where_their_names_say() -> None:
    matrix = east_north_up(2.2162, 0.6557, 40.0)
    east, north = (
        from_ecef((matrix @ [1.0, 0.0, 0.0, 1.0])[:3]),
        from_ecef((matrix @ [0.0, 1.0, 0.0, 1.0])[:3]),
    )
    assert east[0] > 2.2162
    assert north[1] > 0.6557
    assert matrix.shape == (4, 4)
    np.testing.assert_array_equal(matrix[3], [0, 0, 0, 1])
