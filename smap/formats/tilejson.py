"""tile.json: what a base map holds, for clients of XYZ tiles (TileJSON 3.0.0); looks and spans are ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smap.errors import FormatError

__all__ = ["LOOKS", "Span", "TileJson", "decode", "encode", "tile_path"]

LOOKS = ("day", "night")
"""The looks that a base map may have, that of the plain address first."""


@dataclass(frozen=True)
class Span:
    """Tiles of level z from column west and row north to east and south, all included."""

    z: int
    west: int
    north: int
    east: int
    south: int


@dataclass(frozen=True)
class TileJson:
    """A base map. bounds: west, south, east, north in degrees; spans: its tiles; size: their pixels."""

    name: str
    attribution: str
    bounds: tuple[float, float, float, float]
    spans: tuple[Span, ...]
    looks: tuple[str, ...] = LOOKS
    size: int = 256

    @property
    def levels(self) -> tuple[int, int]:
        """The coarsest and the finest level."""
        found = [span.z for span in self.spans]
        return min(found), max(found)


def tile_path(look: str, z: int, x: int, y: int) -> str:
    """Where a tile lies in its archive."""
    return f"{look}/{z}/{x}/{y}.webp"


def encode(tiles: TileJson) -> bytes:
    """tile.json as UTF-8 bytes; its addresses are relative to it."""
    least, most = tiles.levels
    body: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": tiles.name,
        "attribution": tiles.attribution,
        "scheme": "xyz",
        "tiles": [f"{tiles.looks[0]}/{{z}}/{{x}}/{{y}}.webp"],
        "minzoom": least,
        "maxzoom": most,
        "bounds": list(tiles.bounds),
        "format": "webp",
        "tile_size": tiles.size,
        "looks": list(tiles.looks),
        "available": [[s.z, s.west, s.north, s.east, s.south] for s in tiles.spans],
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def decode(data: bytes) -> TileJson:
    """The base map that a tile.json describes; FormatError names what is missing or not of this kind."""
    body = _object(data)
    for key, wanted in (("scheme", "xyz"), ("format", "webp")):
        if body.get(key) != wanted:
            raise FormatError(f"tile.json: {key} is {body.get(key)!r}, only '{wanted}' can be read")
    try:
        tiles = TileJson(
            name=str(body["name"]),
            attribution=str(body["attribution"]),
            bounds=_bounds(body["bounds"]),
            spans=tuple(_span(row) for row in body["available"]),
            looks=tuple(str(look) for look in body["looks"]),
            size=int(body["tile_size"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"tile.json: missing or wrong: {error}") from error
    _check(tiles, body)
    return tiles


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise FormatError(f"tile.json is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise FormatError("tile.json is no JSON object")
    return body


def _check(tiles: TileJson, body: Mapping[str, Any]) -> None:
    if not tiles.spans or not tiles.looks or not set(tiles.looks) <= set(LOOKS):
        raise FormatError(f"tile.json: it lists {len(tiles.spans)} spans and the looks {list(tiles.looks)}")
    if (body.get("minzoom"), body.get("maxzoom")) != tiles.levels:
        said = f"{body.get('minzoom')} to {body.get('maxzoom')}"
        raise FormatError(
            f"tile.json: levels {said} where it lists tiles of {tiles.levels[0]} to {tiles.levels[1]}"
        )


def _bounds(values: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north


def _span(row: Sequence[int]) -> Span:
    span = Span(*(int(value) for value in row))
    most = (1 << span.z) - 1
    if not (
        0 <= span.z <= 30 and 0 <= span.west <= span.east <= most and 0 <= span.north <= span.south <= most
    ):
        raise ValueError(f"{list(row)} are no tiles of a level")
    return span
