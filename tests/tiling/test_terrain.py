"""The pyramid: which tiles, how near to the ground, and no difference at shared edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.formats.quantized_mesh import FULL
from smap.geo.ellipsoid import to_ecef
from smap.geo.grid import Tile, columns_rows
from smap.tiling.terrain import LEVEL_0_ERROR_M, Pyramid, blocks_of, finest_level, spans_of
from smap.tiling.terrain_mesh import Surface, make_block

BOUNDS = tuple(np.radians([126.95, 37.55, 127.02, 37.62]).tolist())
PYRAMID = Pyramid(((BOUNDS[0], BOUNDS[1], BOUNDS[2], BOUNDS[3]),), 90.0, 420.0, 13)


def hilly(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Waves of some kilometres up to 400 m over Seoul, nothing far away."""
    x, y = np.degrees(lon)[None, :] * 88_000.0, np.degrees(lat)[:, None] * 111_000.0
    near = np.exp(
        -(((np.degrees(lon)[None, :] - 126.985) ** 2 + (np.degrees(lat)[:, None] - 37.585) ** 2) / 0.02)
    )
    return np.asarray(near * (200.0 + 100.0 * np.sin(x / 400.0) + 90.0 * np.cos(y / 300.0 + x / 900.0)))


@dataclass(frozen=True)
class TerrainTile:
    """One tile of a block."""

    tile: Tile
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    height: NDArray[np.uint16]
    triangles: NDArray[np.int32]
    min_height: float
    max_height: float
    normals: NDArray[np.float64]
    error_m: float


def make_level(pyramid: Pyramid, z: int, surface: Surface) -> Iterator[TerrainTile]:
    for block in blocks_of(pyramid, z):
        found = make_block(pyramid, block, surface)
        for k, tile in enumerate(found.tiles):
            a, b = found.vertices[k : k + 2].tolist()
            c, d = found.triangles[k : k + 2].tolist()
            yield TerrainTile(
                tile,
                found.u[a:b],
                found.v[a:b],
                found.height[a:b],
                found.corners[c:d] - a,
                float(found.span[k, 0]),
                float(found.span[k, 1]),
                found.normals[:, a:b].T,
                float(found.error_m[k]),
            )


def made(z: int) -> dict[tuple[int, int], TerrainTile]:
    return {(t.tile.x, t.tile.y): t for t in make_level(PYRAMID, z, hilly)}


def heights(t: TerrainTile) -> NDArray[np.float64]:
    return t.min_height + t.height.astype(np.float64) * ((t.max_height - t.min_height) / FULL)


def as_set(t: TerrainTile) -> set[frozenset[tuple[float, ...]]]:
    """The triangles as sets of corners, whatever their order."""
    rows = np.column_stack([t.u, t.v, heights(t)])[t.triangles]
    return {frozenset(map(tuple, triangle)) for triangle in rows.tolist()}


def test_both_roots_exist_and_finer_levels_cover_the_bounds() -> None:
    assert PYRAMID.tiles(0) == ((range(2), range(1)),)
    ((columns, rows),) = PYRAMID.tiles(13)
    west, south = Tile(13, columns.start, rows.start).region_rad[:2]
    east, north = Tile(13, columns.stop - 1, rows.stop - 1).region_rad[2:]
    assert west <= BOUNDS[0] < BOUNDS[2] <= east
    assert south <= BOUNDS[1] < BOUNDS[3] <= north


@pytest.mark.parametrize(("cell_m", "level"), [(90.27, 13), (30.0, 15), (5.0, 17), (1.0, 20), (0.01, 22)])
def test_the_finest_level_follows_the_cell(cell_m: float, level: int) -> None:
    assert finest_level(cell_m) == level


def test_level_0_errs_as_clients_think() -> None:
    assert pytest.approx(77_067.34, abs=0.01) == LEVEL_0_ERROR_M


@pytest.mark.parametrize("z", [0, 11, 12, 13])
def test_tiles_at_a_shared_edge_hold_the_same_vertices_at_equal_heights(z: int) -> None:
    tiles = made(z)
    shared = 0
    for (x, y), tile in tiles.items():
        east, north = tiles.get((x + 1, y)), tiles.get((x, y + 1))
        for other, mine, theirs, along in (
            (east, tile.u == FULL, east is not None and east.u == 0, "v"),
            (north, tile.v == FULL, north is not None and north.v == 0, "u"),
        ):
            if other is None:
                continue
            shared += 1
            here = dict(zip(getattr(tile, along)[mine].tolist(), heights(tile)[mine].tolist(), strict=True))
            there = dict(
                zip(getattr(other, along)[theirs].tolist(), heights(other)[theirs].tolist(), strict=True)
            )
            assert here.keys() == there.keys()
            # equal but for the rounding of float64: the heights lie on one lattice
            np.testing.assert_allclose(list(here.values()), [there[k] for k in here], rtol=0, atol=1e-9)
            assert len(here) >= 9
    assert shared > 0


@pytest.mark.parametrize("z", [0, 3, 7, 9, 11, 13])
def test_the_measured_error_keeps_what_the_level_promises(z: int) -> None:
    assert max(tile.error_m for tile in made(z).values()) <= PYRAMID.promise(z)


def test_normals_point_up_and_are_the_same_on_both_sides_of_an_edge() -> None:
    tiles = made(13)
    (x, y), tile = next(iter(tiles.items()))
    other = tiles[(x + 1, y)]
    west, south, east, north = tile.tile.region_rad
    up = to_ecef((west + east) / 2, (south + north) / 2, 1.0) - to_ecef(
        (west + east) / 2, (south + north) / 2
    )
    assert (tile.normals @ up).min() > 0.5
    mine, theirs = np.flatnonzero(tile.u == FULL), np.flatnonzero(other.u == 0)
    mine, theirs = mine[np.argsort(tile.v[mine])], theirs[np.argsort(other.v[theirs])]
    np.testing.assert_allclose(tile.normals[mine], other.normals[theirs], atol=1e-6)


def test_a_normal_leans_away_from_the_slope() -> None:
    def rising_east(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        metres = (lon - BOUNDS[0]) * 6_378_137.0 * np.cos(BOUNDS[1])
        return np.broadcast_to(0.5 * metres, (len(lat), len(lon))).copy()

    tile = next(make_level(replace(PYRAMID, relief_m=5000.0), 13, rising_east))
    west, south, _, _ = tile.tile.region_rad
    east = np.array([-np.sin(west), np.cos(west), 0.0])
    up = np.array([np.cos(south) * np.cos(west), np.cos(south) * np.sin(west), np.sin(south)])
    lean = -(tile.normals @ east) / (tile.normals @ up)
    np.testing.assert_allclose(lean, 0.5, atol=2e-3)  # the frame turns by 0.02 degrees over the tile


def test_blocks_make_the_same_tiles_as_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    def rough(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        bumps = np.sin(lon * 9.1e7)[None, :] * np.sin(lat * 8.3e7)[:, None]
        return np.asarray(hilly(lon, lat) + 12.0 * np.maximum(bumps - 0.7, 0.0))

    whole = {t.tile: t for t in make_level(PYRAMID, 13, rough)}
    monkeypatch.setattr("smap.tiling.terrain._BLOCK_NODES", (3 * 128) ** 2)
    pieces = {t.tile: t for t in make_level(PYRAMID, 13, rough)}
    assert whole.keys() == pieces.keys()
    for key, tile in whole.items():
        assert as_set(tile) == as_set(pieces[key])
        assert tile.error_m == pieces[key].error_m


def test_no_triangle_is_degenerate_or_upside_down() -> None:
    for tile in made(12).values():
        u, v = tile.u.astype(np.int64)[tile.triangles], tile.v.astype(np.int64)[tile.triangles]
        turn = (u[:, 1] - u[:, 0]) * (v[:, 2] - v[:, 0]) - (u[:, 2] - u[:, 0]) * (v[:, 1] - v[:, 0])
        assert turn.min() > 0
        assert turn.sum() == 2 * FULL * FULL


def test_the_error_that_a_recipe_asks_for_is_kept_at_the_finest_level_and_doubles_upward() -> None:
    asked = replace(PYRAMID, error_m=1.0)
    assert [asked.tolerance(z) for z in (13, 12, 11)] == [1.0, 2.0, 4.0]
    assert asked.promise(13) == 2.0
    assert PYRAMID.tolerance(13) == 1.5


def test_sides_of_tiles_lie_nearer_to_the_ground_than_a_level_may_where_a_recipe_asks_for_little() -> None:
    loose = replace(PYRAMID, error_m=100.0)
    for z in range(14):
        # beside a level up, off by twice as much, the gap is three of these: less than the finer one's error
        assert 3.0 * loose.side_tolerance(z) < LEVEL_0_ERROR_M / 2**z
        assert PYRAMID.side_tolerance(z) <= PYRAMID.tolerance(z)


boxes = st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 12)] * 2)


@given(st.lists(boxes, min_size=1, max_size=6))
def test_rectangles_of_a_level_share_no_tile_and_hold_what_touches_an_area(
    found: list[tuple[int, int, int, int]],
) -> None:
    z = 6
    span = np.pi / 2**z
    areas = tuple(
        (
            (x + 0.1) * span - np.pi,
            (y + 0.1) * span - np.pi / 2,
            (x + w - 0.1) * span - np.pi,
            (y + h - 0.1) * span - np.pi / 2,
        )
        for x, y, w, h in found
    )
    tiles = [
        (x, y) for columns, rows in replace(PYRAMID, areas=areas).tiles(z) for x in columns for y in rows
    ]
    wanted = {(a, b) for x, y, w, h in found for a in range(x, x + w) for b in range(y, y + h)}
    assert len(tiles) == len(set(tiles))
    assert set(tiles) == wanted


def test_tiles_that_lie_in_a_hole_are_left_out_and_no_two_levels_apart_meet() -> None:
    whole = Pyramid((tuple(np.radians([126.9, 37.4, 127.1, 37.6]).tolist()),), 30.0, 420.0, 15)
    rng = np.random.default_rng(4)
    places = np.radians(rng.uniform([126.9, 37.4], [127.1, 37.6], (4000, 2)))
    places = places[np.hypot(*(places - np.radians([127.0, 37.5])).T) > math.radians(0.06)]
    spans = spans_of(whole, [], places)
    kept = [{(x, y) for columns, rows in span for x in columns for y in rows} for span in spans]
    for z in range(1, 16):
        assert sum(len(columns) * len(rows) for columns, rows in spans[z]) == len(
            kept[z]
        )  # none is told twice
        known = set(zip(*(axis.tolist() for axis in columns_rows(z, *places.T)), strict=True))
        assert known <= kept[z] <= {(x, y) for c, r in whole.tiles(z) for x in c for y in r}
        assert {(x // 2, y // 2) for x, y in kept[z]} <= kept[z - 1]
        beside = {(x + i, y + j) for x, y in kept[z] for i in (-1, 0, 1) for j in (-1, 0, 1)}
        within = {(x, y) for x, y in beside if any(x in c and y in r for c, r in whole.tiles(z))}
        assert {(x // 2, y // 2) for x, y in within} <= kept[z - 1]
    (x,), (y,) = columns_rows(15, [math.radians(127.0)], [math.radians(37.5)])
    assert (x, y) not in kept[15]
    assert len(kept[15]) < 0.9 * sum(len(columns) * len(rows) for columns, rows in whole.tiles(15))
