"""tile.json: what a base map holds, for clients of XYZ tiles (TileJSON 3.0.0); looks and spans are ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smap.errors import FormatError

__all__ = [
    "LOOKS",
    "Near",
    "NearLine",
    "Rgb",
    "Span",
    "TileJson",
    "decode",
    "encode",
    "near_path",
    "tile_path",
]

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


Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class NearLine:
    """How the lines of a layer are drawn. colours by look: under the eye, at the edge, as pictured (sRGB)."""

    name: str
    width_m: float
    colours: Mapping[str, tuple[Rgb, Rgb, Rgb]]


@dataclass(frozen=True)
class Near:
    """Lines and areas for an eye on the ground, as vector tiles (`formats.mvt`), the most important last.

    areas: what is told of areas; where there is nothing of it in a tile, it is not there.
    """

    span: Span
    lines: tuple[NearLine, ...]
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class TileJson:
    """A base map. bounds: west, south, east, north in degrees; spans: its tiles; size: their pixels."""

    name: str
    attribution: str
    bounds: tuple[float, float, float, float]
    spans: tuple[Span, ...]
    looks: tuple[str, ...] = LOOKS
    size: int = 256
    near: Near | None = None

    @property
    def levels(self) -> tuple[int, int]:
        """The coarsest and the finest level."""
        found = [span.z for span in self.spans]
        return min(found), max(found)


def tile_path(look: str, z: int, x: int, y: int) -> str:
    """Where a tile lies in its archive."""
    return f"{look}/{z}/{x}/{y}.webp"


def near_path(z: int, x: int, y: int) -> str:
    """Where a vector tile lies in its archive."""
    return f"near/{z}/{x}/{y}.mvt"


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
        "available": [_row(span) for span in tiles.spans],
    }
    if tiles.near is not None:
        lines = [
            {"name": line.name, "width_m": line.width_m, **{k: list(v) for k, v in line.colours.items()}}
            for line in tiles.near.lines
        ]
        body["near"] = {
            "tiles": ["near/{z}/{x}/{y}.mvt"],
            "available": [_row(tiles.near.span)],
            "lines": lines,
            "areas": list(tiles.near.areas),
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
            near=_near(body.get("near"), body["looks"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"tile.json: missing or wrong: {error}") from error
    _check(tiles, body)
    return tiles


def _row(span: Span) -> list[int]:
    return [span.z, span.west, span.north, span.east, span.south]


def _near(body: Any, looks: Sequence[str]) -> Near | None:
    if body is None:
        return None
    (row,) = body["available"]
    lines = [
        NearLine(str(line["name"]), float(line["width_m"]), {look: _colours(line[look]) for look in looks})
        for line in body["lines"]
    ]
    return Near(_span(row), tuple(lines), tuple(str(name) for name in body["areas"]))


def _colours(three: Sequence[Sequence[int]]) -> tuple[Rgb, Rgb, Rgb]:
    near, edge, far = (_colour(*colour) for colour in three)
    return near, edge, far


def _colour(red: int, green: int, blue: int) -> Rgb:
    return int(red), int(green), int(blue)


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
