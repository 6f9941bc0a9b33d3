"""Facts of tileset.json."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.tileset import TileNode, Tileset, decode_tileset, encode_tileset
from smap.geo.bounds import Box, Region, Sphere

REGION = Region(2.21, 0.65, 2.22, 0.66, 10.0, 400.0)
BOX = Box(np.array([1.0, 2.0, 3.0]), np.diag([4.0, 5.0, 6.0]))


def city() -> Tileset:
    turn: NDArray[np.float64] = np.arange(16, dtype=np.float64).reshape(4, 4)
    leaf = TileNode(BOX, 0.0, content="0/1.glb", content_volume=Sphere(np.zeros(3), 9.0), transform=turn)
    outer = TileNode(REGION, 16.0, content="0.json", refine="ADD", extras={"이름": "종로"})
    root = TileNode(REGION, 64.0, children=(leaf, outer), refine="REPLACE")
    return Tileset(root, 512.0, "v1", {"id": "s"}, ("EXT_a",), (), {"kind": "buildings"})


def test_what_is_encoded_is_decoded_again() -> None:
    data = encode_tileset(city())
    again = decode_tileset(data)
    assert encode_tileset(again) == data
    assert again.root.volume == REGION
    assert again.root.refine == "REPLACE"
    leaf, outer = again.root.children
    assert np.array_equal(leaf.transform, city().root.children[0].transform)  # type: ignore[arg-type]
    assert (leaf.content, outer.extras) == ("0/1.glb", {"이름": "종로"})
    assert isinstance(leaf.volume, Box)
    assert np.array_equal(leaf.volume.half_axes, BOX.half_axes)


def test_the_json_is_compact_utf8_with_the_words_of_the_specification() -> None:
    data = encode_tileset(city())
    assert b": " not in data
    assert "종로".encode() in data
    document = json.loads(data)
    assert document["asset"] == {"version": "1.1", "tilesetVersion": "v1"}
    leaf = document["root"]["children"][0]
    assert leaf["boundingVolume"]["box"] == [1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 0, 6]
    assert leaf["content"] == {"uri": "0/1.glb", "boundingVolume": {"sphere": [0, 0, 0, 9]}}
    assert "refine" not in leaf
    assert leaf["transform"][:5] == [0, 4, 8, 12, 1]


def broken(change: dict[str, object]) -> bytes:
    document = json.loads(encode_tileset(city()))
    document["root"]["children"][1] |= change
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"geometricError": -1},
        {"geometricError": None},
        {"boundingVolume": {}},
        {"boundingVolume": {"region": [1, 2]}},
        {"transform": [1, 2]},
        {"children": 3},
        {"content": "a"},
    ],
)
def test_a_broken_tile_is_named_by_its_place(change: dict[str, object]) -> None:
    with pytest.raises(FormatError, match=r"root\.children\[1\]"):
        decode_tileset(broken(change))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"asset":{},"geometricError":1,"root":3}'])
def test_what_is_no_tileset_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        decode_tileset(data)
