"""layer.json: what clients are told of a terrain pyramid."""

from __future__ import annotations

import json

import pytest

from smap.errors import FormatError
from smap.formats.layer import Layer, Rectangle, decode, encode, root_metadata

LAYER = Layer(
    name="seoul-terrain",
    attribution="누구의 땅",
    bounds=(126.7, 37.4, 127.2, 37.7),
    available=((Rectangle(0, 0, 1, 0),), (Rectangle(3, 1, 3, 1),)),
)


def test_a_layer_comes_back_as_it_was() -> None:
    assert decode(encode(LAYER)) == LAYER


def test_the_words_are_those_that_clients_look_for() -> None:
    body = json.loads(encode(LAYER))
    assert (body["tilejson"], body["format"], body["scheme"]) == ("2.1.0", "quantized-mesh-1.0", "tms")
    assert body["projection"] == "EPSG:4326"
    assert body["extensions"] == ["octvertexnormals", "watermask", "metadata"]
    assert body["available"][0] == [{"startX": 0, "startY": 0, "endX": 1, "endY": 0}]
    assert body["maxzoom"] == 1
    assert "누구의 땅" in encode(LAYER).decode()


def test_a_layer_knows_which_tiles_exist() -> None:
    assert LAYER.has(0, 1, 0)
    assert not LAYER.has(1, 2, 1)
    assert not LAYER.has(2, 6, 2)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"{", "no JSON"),
        (b"[]", "no JSON object"),
        (b'{"format": "heightmap-1.0"}', "heightmap-1.0"),
        (b'{"scheme": "slippyMap"}', "slippyMap"),
        (b'{"projection": "EPSG:3857"}', "EPSG:3857"),
        (b'{"tiles": ["x"]}', "available"),
        (b'{"available": [[{"startX": 0}]], "tiles": ["x"]}', "startY"),
    ],
)
def test_another_grid_or_a_missing_word_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        decode(data)


def test_both_roots_tell_what_lies_below_where_metadata_is_served() -> None:
    """CesiumJS reads the extension only with metadataAvailability, and then trusts the tiles alone."""
    layer = Layer(
        "l",
        "a",
        (0.0, 0.0, 1.0, 1.0),
        ((Rectangle(0, 0, 1, 0),), (Rectangle(1, 0, 3, 1), Rectangle(0, 0, 0, 0))),
    )
    assert json.loads(encode(layer))["metadataAvailability"] == 2
    below = root_metadata(layer)["available"]
    assert below == json.loads(encode(layer))["available"][1:]
