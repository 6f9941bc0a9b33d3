"""tile.json: what is written is read again, and what is not of this kind is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smap.errors import FormatError
from smap.formats.tilejson import Near, NearLine, Span, TileJson, decode, encode, near_path, tile_path

MAP = TileJson(
    "seoul", "somebody", (126.9, 37.5, 127.0, 37.6), (Span(10, 872, 396, 873, 397), Span(11, 1, 2, 3, 4))
)


def test_what_is_written_is_read_again() -> None:
    assert decode(encode(MAP)) == MAP


def test_what_is_near_the_eye_is_read_again() -> None:
    alley = NearLine("alley", 2.0, dict.fromkeys(("day", "night"), ((1, 2, 3), (4, 5, 6), (0, 0, 255))))
    near = replace(MAP, near=Near(Span(16, 1, 2, 3, 4), (alley,), ("water",)))
    assert decode(encode(near)) == near
    assert near_path(16, 1, 2) == "near/16/1/2.mvt"


def test_any_client_of_tilejson_finds_the_tiles() -> None:
    body = json.loads(encode(MAP))
    assert (body["tilejson"], body["scheme"], body["tiles"]) == ("3.0.0", "xyz", ["day/{z}/{x}/{y}.webp"])
    assert (body["minzoom"], body["maxzoom"]) == (10, 11)


def test_a_tile_lies_under_its_look() -> None:
    assert tile_path("night", 10, 872, 396) == "night/10/872/396.webp"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b.update(scheme="tms"), "scheme is 'tms'"),
        (lambda b: b.update(format="png"), "format is 'png'"),
        (lambda b: b.pop("available"), "missing or wrong: 'available'"),
        (lambda b: b.update(available=[]), "0 spans"),
        (lambda b: b.update(looks=["dusk"]), "dusk"),
        (lambda b: b.update(maxzoom=12), "levels 10 to 12 where it lists tiles of 10 to 11"),
        (lambda b: b["available"].append([10, 2000, 0, 2000, 0]), "no tiles of a level"),
        (lambda b: b["available"].append([10, 2]), "missing or wrong"),
    ],
)
def test_what_is_no_base_map_is_refused(change: Callable[[dict[str, Any]], Any], message: str) -> None:
    body = json.loads(encode(MAP))
    change(body)
    with pytest.raises(FormatError, match=message):
        decode(json.dumps(body).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[1, 2]"])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="no JSON"):
        decode(data)
