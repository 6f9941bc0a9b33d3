"""One tile's work."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from smap.build.tile import TileTask, corners_of, make_tile, tile_frame, tile_task
from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import from_ecef
from smap.geo.grid import tile_at
from smap.tiling.lod import BLOCK, Content
from tests.scene.shapes import CITY_HALL, footprints_of, rectangle

TILE = tile_at(14, *CITY_HALL.tolist())
PROPERTIES = {
    "smap_id": np.array(["s:1", "s:2", "s:3"], object),
    "height": np.array([10.0, 20.0, 30.0], np.float32),
    "year": np.array([1990, 2000, 2010]),
}


def texts_of(task: TileTask, name: str) -> list[str | None]:
    texts = task.properties[name].texts
    assert texts is not None
    return list(texts.objects())


def content(building: list[int], error: float = 0.0) -> Content:
    footprints = footprints_of([[rectangle(40.0 * i, 0.0, 12.0, 9.0)] for i in range(len(building))])
    n = len(building)
    top, ground, lowest = (np.full(n, level) for level in (70.0, 52.0, 50.0))
    count = np.where(np.array(building) == BLOCK, 7, 1)
    return Content(footprints, top, ground, lowest, np.array(building), count, 10 * n, error)


def test_features_keep_the_rows_of_their_buildings_and_who_has_no_name_shares_one_that_knows_nothing() -> (
    None
):
    task = tile_task(TILE, content([2, BLOCK, 0, 1]), PROPERTIES, np.array([True, False, True]))
    assert task.row.tolist() == [0, 2, 1, 3]
    assert texts_of(task, "smap_id") == ["s:3", "s:1", None, None]
    assert task.properties["height"].values[:2].tolist() == [30.0, 10.0]
    assert np.isnan(task.properties["height"].values[3])
    unknown = task.properties["year"].unknown
    assert unknown is not None
    assert unknown.tolist() == [False, False, True, True]


def test_our_columns_say_in_korean_and_english_what_they_are_and_a_source_s_own_do_not() -> None:
    properties = PROPERTIES | {"gu": np.array(["a", "b", "c"], object)}
    made = make_tile(tile_task(TILE, content([0, 1, 2]), properties, np.ones(3, bool)))
    table = decode_glb(_inflated(made.entry.body)).table
    assert table is not None
    assert table.columns["height"].title == "높이 (m) · height (m)"
    assert table.columns["gu"].title == ""


def test_a_block_has_a_row_with_the_count_of_its_buildings_and_their_mean_height() -> None:
    task = tile_task(TILE, content([2, BLOCK, 0, BLOCK]), PROPERTIES, np.ones(3, bool))
    assert task.row.tolist() == [0, 2, 1, 3]
    assert task.properties["height"].values[2:].tolist() == [18.0, 18.0]
    counts = task.properties["buildings"]
    assert counts.unknown is not None
    assert counts.unknown.tolist() == [True, True, False, False]
    assert counts.values[2:].tolist() == [7, 7]


def test_walls_go_a_metre_below_the_lowest_ground_and_deeper_where_tiles_are_coarse() -> None:
    named = np.ones(3, bool)
    depths = [
        50.0 - tile_task(TILE, content([0, 1], error), PROPERTIES, named).bottom[0]
        for error in (0.0, 7.0, 500.0)
    ]
    assert depths == [1.0, 8.0, 21.0]


def test_positions_come_back_from_the_bytes_to_a_centimetre_and_the_box_holds_them() -> None:
    made = make_tile(tile_task(TILE, content([0, 1, 2]), PROPERTIES, np.ones(3, bool)))
    tile = decode_glb(made.entry.body if made.entry.method == 0 else _inflated(made.entry.body))
    ecef = tile.ecef()
    heights = from_ecef(ecef)[2]
    assert np.abs(heights[:, None] - [49.0, 70.0]).min(axis=1).max() < 0.011
    lengths = np.linalg.norm(made.box.half_axes, axis=1)
    share = (ecef - made.box.center) @ (made.box.half_axes / lengths[:, None]).T / lengths
    assert np.abs(share).max() <= 1.0
    assert np.abs(share).max(axis=0) == pytest.approx(np.ones(3), abs=0.01)
    assert made.triangles == len(tile.triangles) == 30
    assert made.path == f"14/{TILE.x}/{TILE.y}.glb"


def _inflated(body: bytes) -> bytes:
    return zlib.decompress(body, -15)


def test_the_frame_lies_at_the_middle_of_the_tile() -> None:
    lon, lat, height = from_ecef(tile_frame(TILE, 33.0)[:3, 3])
    west, south, east, north = TILE.region_rad
    assert (lon, lat, height) == pytest.approx(((west + east) / 2, (south + north) / 2, 33.0), abs=1e-6)


def test_the_corners_of_a_box_are_eight_and_lie_on_it() -> None:
    made = make_tile(tile_task(TILE, content([0]), PROPERTIES, np.ones(3, bool)))
    corners = corners_of(made.box)
    assert len(np.unique(np.round(corners, 6), axis=0)) == 8
    assert np.linalg.norm(corners - made.box.center, axis=1) == pytest.approx(
        np.full(8, np.linalg.norm(made.box.half_axes)), rel=1e-9
    )
