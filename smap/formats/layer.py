"""layer.json: what a terrain pyramid holds, for clients of quantized-mesh (TileJSON 2.1.0, TMS)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from smap.errors import FormatError

__all__ = ["Layer", "Rectangle", "decode", "encode", "root_metadata"]

_FORMAT = "quantized-mesh-1.0"


@dataclass(frozen=True)
class Rectangle:
    """Tiles of one level from (start_x, start_y) to (end_x, end_y), both included; rows from the south."""

    start_x: int
    start_y: int
    end_x: int
    end_y: int

    def holds(self, x: int, y: int) -> bool:
        """Whether the tile lies inside."""
        return self.start_x <= x <= self.end_x and self.start_y <= y <= self.end_y


@dataclass(frozen=True)
class Layer:
    """A terrain pyramid. bounds: west, south, east, north in degrees; available: rectangles of each level."""

    name: str
    attribution: str
    bounds: tuple[float, float, float, float]
    available: tuple[tuple[Rectangle, ...], ...]
    extensions: tuple[str, ...] = ("octvertexnormals", "watermask", "metadata")
    description: str = ""
    tiles: str = "{z}/{x}/{y}.terrain"

    @property
    def max_level(self) -> int:
        """The finest level that has tiles."""
        return len(self.available) - 1

    def has(self, z: int, x: int, y: int) -> bool:
        """Whether the tile exists."""
        return 0 <= z < len(self.available) and any(r.holds(x, y) for r in self.available[z])


def encode(layer: Layer) -> bytes:
    """layer.json as UTF-8 bytes."""
    body: dict[str, Any] = {
        "tilejson": "2.1.0",
        "name": layer.name,
        "description": layer.description,
        "version": "1.0.0",
        "format": _FORMAT,
        "scheme": "tms",
        "projection": "EPSG:4326",
        "attribution": layer.attribution,
        "bounds": list(layer.bounds),
        "minzoom": 0,
        "maxzoom": layer.max_level,
        "tiles": [layer.tiles],
        "extensions": list(layer.extensions),
        "available": [[_rectangle(r) for r in level] for level in layer.available],
    }
    if "metadata" in layer.extensions:
        # CesiumJS reads the extension only where tiles tell what lies below them: here both roots tell it all
        body["metadataAvailability"] = layer.max_level + 1
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def root_metadata(layer: Layer) -> dict[str, Any]:
    """What the metadata of both root tiles must hold: the rectangles of every level below them."""
    return {"available": [[_rectangle(r) for r in level] for level in layer.available[1:]]}


def _rectangle(r: Rectangle) -> dict[str, int]:
    return {"startX": r.start_x, "startY": r.start_y, "endX": r.end_x, "endY": r.end_y}


def decode(data: bytes) -> Layer:
    """The pyramid that a layer.json describes; FormatError names what is missing or of another grid."""
    body = _object(data)
    for key, wanted in (("format", _FORMAT), ("scheme", "tms"), ("projection", "EPSG:4326")):
        if body.get(key, wanted) != wanted:
            raise FormatError(f"layer.json: {key} is '{body[key]}', only '{wanted}' can be read")
    try:
        return Layer(
            name=str(body.get("name", "")),
            attribution=str(body.get("attribution", "")),
            bounds=_bounds(body.get("bounds", [-180.0, -90.0, 180.0, 90.0])),
            available=tuple(
                tuple(Rectangle(r["startX"], r["startY"], r["endX"], r["endY"]) for r in level)
                for level in body["available"]
            ),
            extensions=tuple(str(name) for name in body.get("extensions", [])),
            description=str(body.get("description", "")),
            tiles=str(body["tiles"][0]),
        )
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FormatError(f"layer.json: missing or wrong: {error}") from error


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise FormatError(f"layer.json is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise FormatError("layer.json is no JSON object")
    return body


def _bounds(values: list[float]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north
