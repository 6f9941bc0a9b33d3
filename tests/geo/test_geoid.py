from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.errors import FormatError, GeoidError
from smap.geo.geoid import (
    Geoid,
    decode_geoid,
    egm96_korea,
    ellipsoidal_to_orthometric,
    orthometric_to_ellipsoidal,
    undulation,
)

CITY_HALL = np.radians([126.9780, 37.5665])


def test_the_undulation_at_seoul_city_hall_is_the_published_one() -> None:
    assert abs(float(undulation(*CITY_HALL)) - 22.90) < 0.02


def test_the_undulation_over_seoul_spans_what_was_published() -> None:
    lon, lat = np.meshgrid(np.linspace(126.76, 127.19, 50), np.linspace(37.42, 37.70, 50))
    n = undulation(np.radians(lon), np.radians(lat))
    assert 22.3 < n.min() < n.max() < 23.5


@given(st.floats(123, 133), st.floats(32, 40), st.floats(-100, 3000))
def test_heights_come_back_from_the_ellipsoid(lon: float, lat: float, height: float) -> None:
    there = orthometric_to_ellipsoidal(np.radians(lon), np.radians(lat), height)
    assert abs(float(ellipsoidal_to_orthometric(np.radians(lon), np.radians(lat), there)) - height) < 1e-9


def test_between_its_points_the_table_is_bilinear_and_at_them_exact() -> None:
    plane = Geoid("plane", 126.0, 37.0, 0.5, np.array([[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]]))
    lon, lat = np.radians([126.0, 126.25, 127.0]), np.radians([37.0, 37.25, 37.5])
    np.testing.assert_allclose(plane.undulation(lon, lat), [0.0, 5.5, 12.0], atol=1e-9)


def test_a_users_own_grid_wins() -> None:
    flat = Geoid("flat", 126.0, 37.0, 1.0, np.full((2, 2), 23.0))
    assert float(orthometric_to_ellipsoidal(CITY_HALL[0], CITY_HALL[1], 10.0, geoid=flat)) == pytest.approx(
        33.0
    )


@pytest.mark.parametrize(("lon", "lat"), [(122.9, 37.0), (127.0, 40.1), (13.4, 52.5), (np.nan, 37.0)])
def test_outside_the_grid_is_an_error_that_names_the_place(lon: float, lat: float) -> None:
    with pytest.raises(GeoidError, match="1 positions outside the grid"):
        undulation(np.radians(lon), np.radians(lat))


def test_the_shipped_table_covers_korea() -> None:
    assert egm96_korea().metres.shape == (33, 41)
    undulation(np.radians([124, 132]), np.radians([33, 39]))


@given(st.floats(123, 132), st.floats(32, 39), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_part_cut_out_and_written_tells_the_same_undulations(
    west: float, south: float, wide: float, high: float
) -> None:
    west, south, east, north = np.radians([west, south, west + wide, south + high])
    part = decode_geoid(egm96_korea().cut((west, south, east, north)).encoded())
    assert part.metres.size < 200
    lon, lat = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    np.testing.assert_allclose(part.undulation(lon, lat), undulation(lon, lat), atol=1e-9)


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"no json", b'{"millimetres": [[1, 2]]}'])
def test_a_damaged_table_is_named_so(data: bytes) -> None:
    with pytest.raises(FormatError, match="the table of a geoid is damaged"):
        decode_geoid(data)
