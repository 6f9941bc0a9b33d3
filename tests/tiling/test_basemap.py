"""A base map's pyramid: which tiles, in which sheets, and where Web Mercator puts a place."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.geo.crs import from_lonlat, parse_crs
from smap.tiling.basemap import MapPyramid, degrees_of, metres_per_pixel, unit_of

SEOUL = (126.76, 37.42, 127.19, 37.70)
WALLED = (126.955, 37.548, 127.015, 37.598)
HALF_EQUATOR_M = np.pi * 6_378_137.0


def test_a_place_lies_where_epsg_3857_puts_it() -> None:
    lonlat = np.array([[126.978, 37.5665], [-179.9, -85.0], [0.0, 0.0]])
    x, y = from_lonlat(parse_crs("EPSG:3857"), *np.radians(lonlat).T)
    expected = np.column_stack([x, -y]) / (2 * HALF_EQUATOR_M) + 0.5
    np.testing.assert_allclose(unit_of(lonlat), expected, atol=1e-12)
    np.testing.assert_allclose(degrees_of(unit_of(lonlat)), lonlat, atol=1e-9)


def test_a_pixel_of_level_16_shows_about_two_metres_of_seoul() -> None:
    assert metres_per_pixel(16, 37.55) == pytest.approx(1.894, abs=0.001)


@given(st.integers(0, 14), st.integers(0, 4), st.booleans())
def test_every_tile_is_in_one_sheet(least: int, more: int, finer: bool) -> None:
    most = min(least + more, 14)
    pyramid = MapPyramid(SEOUL, least, most, ((most + 1, WALLED),) if finer else ())
    found = Counter((s.z, x, y) for s in pyramid.sheets() for x, y in s.tiles())
    assert set(found.values()) == {1}
    assert len(found) == pyramid.count()
    assert set(found) == {(z, *tile) for z in range(least, pyramid.finest + 1) for tile in pyramid.tiles(z)}


def test_a_finer_area_has_tiles_beyond_the_level_of_the_whole() -> None:
    pyramid = MapPyramid(SEOUL, 12, 16, ((18, WALLED),))
    assert pyramid.finest == 18
    assert len(pyramid.tiles(17)) < len(pyramid.tiles(16))
    inside = np.floor(unit_of(np.array([[126.98, 37.57]])) * 2**18).astype(int)[0]
    assert tuple(inside.tolist()) in pyramid.tiles(18)


def test_two_finer_areas_that_overlap_have_each_tile_once() -> None:
    pyramid = MapPyramid(SEOUL, 12, 13, ((16, WALLED), (15, (126.9, 37.5, 126.98, 37.57))))
    tiles = [(s.z, x, y) for s in pyramid.sheets() for x, y in s.tiles()]
    assert len(tiles) == len(set(tiles)) == pyramid.count()
