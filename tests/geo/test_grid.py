from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quantized_mesh_tile.global_geodetic import GlobalGeodetic

from smap.geo.grid import Tile, columns_rows, tile_at


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    z = draw(st.integers(0, 20))
    return Tile(z, draw(st.integers(0, (2 << z) - 1)), draw(st.integers(0, (1 << z) - 1)))


@given(tiles())
def test_every_child_names_its_parent(tile: Tile) -> None:
    assert {child.parent for child in tile.children} == {tile}
    assert len(set(tile.children)) == 4


@given(tiles())
def test_the_children_fill_their_parent_exactly(tile: Tile) -> None:
    regions = [child.region_rad for child in tile.children]
    west, south, east, north = tile.region_rad
    assert min(r[0] for r in regions) == west
    assert min(r[1] for r in regions) == south
    assert max(r[2] for r in regions) == east
    assert max(r[3] for r in regions) == north


@given(tiles())
def test_a_neighbour_shares_its_edge_to_the_last_bit(tile: Tile) -> None:
    _, _, east, north = tile.neighbours
    assert east is not None
    if east.x:
        assert east.region_rad[0] == tile.region_rad[2]
    if north is not None:
        assert north.region_rad[1] == tile.region_rad[3]
    assert east.neighbours[0] == tile


def test_there_is_nothing_beyond_the_poles() -> None:
    assert Tile(0, 0, 0).neighbours == (Tile(0, 1, 0), None, Tile(0, 1, 0), None)
    assert Tile(3, 0, 0).neighbours[1] is None
    assert Tile(3, 0, 7).neighbours[3] is None


@given(tiles())
def test_the_middle_of_a_tile_lies_in_it(tile: Tile) -> None:
    west, south, east, north = tile.region_rad
    assert tile_at(tile.z, (west + east) / 2, (south + north) / 2) == tile


@given(st.integers(0, 20), st.floats(-math.pi, math.pi), st.floats(-math.pi / 2, math.pi / 2))
def test_a_position_lies_in_the_tile_found_for_it(z: int, lon: float, lat: float) -> None:
    west, south, east, north = tile_at(z, lon, lat).region_rad
    # one unit in the last place of pi: what rounding may move a position that lies on an edge
    assert west - 1e-15 <= lon <= east + 1e-15
    assert south - 1e-15 <= lat <= north + 1e-15


@given(st.integers(0, 18), st.floats(126.0, 128.0), st.floats(37.0, 38.0))
def test_positions_lie_where_another_implementation_of_the_scheme_puts_them(
    z: int, lon: float, lat: float
) -> None:
    theirs = GlobalGeodetic(tmscompatible=True).LonLatToTile(lon, lat, z)
    assert tile_at(z, math.radians(lon), math.radians(lat)) == Tile(z, *theirs)


def test_many_positions_are_placed_like_one() -> None:
    lon, lat = np.radians([126.9, 127.1, 180.0]), np.radians([37.4, 37.6, 90.0])
    columns, rows = columns_rows(14, lon, lat)
    one_by_one = [tile_at(14, float(a), float(b)) for a, b in zip(lon, lat, strict=True)]
    assert [(t.x, t.y) for t in one_by_one] == list(zip(columns.tolist(), rows.tolist(), strict=True))


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (0, 2, 0), (0, 0, 1), (3, -1, 0)])
def test_a_tile_outside_the_grid_cannot_be(z: int, x: int, y: int) -> None:
    with pytest.raises((AssertionError, ValueError)):
        Tile(z, x, y)
