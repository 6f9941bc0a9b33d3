"""Vector tiles: what is written is read again, here and by GDAL, and damaged bytes are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from smap.errors import FormatError
from smap.formats.mvt import EXTENT, Geometry, decode, encode

POINT = st.tuples(st.integers(-EXTENT, 2 * EXTENT), st.integers(-EXTENT, 2 * EXTENT))
SQUARE = [(100, 100), (900, 100), (900, 900), (100, 900)]


def geometry(kind: str, parts: list[list[tuple[int, int]]]) -> Geometry:
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    xy = np.array([point for part in parts for point in part], np.int32)
    return Geometry("areas" if kind == "areas" else "lines", xy, owner)


@given(st.sampled_from(["lines", "areas"]), st.lists(st.lists(POINT, min_size=3, max_size=9), min_size=1))
def test_what_is_written_is_read_again(kind: str, parts: list[list[tuple[int, int]]]) -> None:
    wanted = geometry(kind, parts)
    found = decode(encode({"alley": wanted}))["alley"]
    assert found.kind == kind
    assert found.xy.tolist() == wanted.xy.tolist()
    assert found.owner.tolist() == wanted.owner.tolist()


def test_a_layer_without_points_is_left_out() -> None:
    nothing = Geometry("lines", np.empty((0, 2), np.int32), np.empty(0, np.int32))
    assert encode({"alley": nothing}) == b""
    assert decode(b"") == {}


@pytest.mark.filterwarnings("ignore:.*does not contain.*")
def test_gdal_reads_the_same_lines_and_areas(tmp_path: Path) -> None:
    hole = [(300, 300), (300, 500), (500, 500), (500, 300)]
    road = [(0, 0), (2000, 10), (4096, 4096)]
    tile = encode({"water": geometry("areas", [SQUARE, hole]), "street": geometry("lines", [road, SQUARE])})
    path = tmp_path / "tile.mvt"
    path.write_bytes(tile)
    assert {name for name, _ in pyogrio.list_layers(path)} == {"water", "street"}
    water, street = (
        shapely.from_wkb(pyogrio.raw.read(path, layer=name, columns=[])[2]) for name in ("water", "street")
    )
    # GDAL counts y from the south
    assert shapely.area(water).sum() == 800 * 800 - 200 * 200
    xy = shapely.get_coordinates(shapely.get_parts(street)[0]) * [1, -1] + [0, EXTENT]
    assert xy.tolist() == [list(point) for point in road]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda tile: tile[:-1], "damaged at byte|ends within"),
        (lambda tile: tile[:1] + b"\xff" * 12, "ends within a number"),
        (lambda tile: tile.replace(b"\x28\x80\x20", b"\x28\x80\x10"), "extent 2048"),
    ],
)
def test_damaged_bytes_are_named(damage: object, message: str) -> None:
    assert callable(damage)
    with pytest.raises(FormatError, match=message):
        decode(damage(encode({"street": geometry("lines", [SQUARE])})))
