"""Mapbox Vector Tiles 2.1: layers of one feature each, lines or areas, without properties.

Specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1. A layer's name tells what it
holds, so there is nothing to say in keys and values; properties are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError

__all__ = ["EXTENT", "Geometry", "decode", "encode"]

EXTENT = 4096
"""Units of a tile's side, from its west and its north."""

_KINDS: tuple[Literal["lines", "areas"], ...] = ("lines", "areas")
_TYPES = {"lines": 2, "areas": 3}
_MOVE, _LINE, _CLOSE = 1, 2, 7
_ONE_MOVE, _ONE_CLOSE = _MOVE | 1 << 3, _CLOSE | 1 << 3
_VARINT, _BYTES = 0, 2


@dataclass(frozen=True)
class Geometry:
    """Lines of two points and more, or rings of three and more that close themselves.

    xy: int (n, 2) in units of the tile; owner: int (n,), which line or ring, in order. Outer rings have a
    positive area by the surveyor's formula, holes a negative one, and follow what they are cut from.
    """

    kind: Literal["lines", "areas"]
    xy: NDArray[np.integer[Any]]
    owner: NDArray[np.integer[Any]]


def encode(layers: Mapping[str, Geometry]) -> bytes:
    """A tile of these layers by their names; a layer without points is left out."""
    return b"".join(
        _field(3, _layer(name, geometry)) for name, geometry in layers.items() if len(geometry.xy)
    )


def _layer(name: str, geometry: Geometry) -> bytes:
    commands = _varints(_commands(geometry))
    feature = _number(3, _TYPES[geometry.kind]) + _field(4, commands)
    return _number(15, 2) + _field(1, name.encode()) + _field(2, feature) + _number(5, EXTENT)


def _commands(geometry: Geometry) -> NDArray[np.uint32]:
    """Section 4.3: a move to the first point, lines to the others, each counted from the point before."""
    steps = np.diff(geometry.xy.astype(np.int32), axis=0, prepend=np.zeros((1, 2), np.int32))
    zigzag = ((steps << 1) ^ (steps >> 31)).view(np.uint32).ravel()
    first = np.flatnonzero(np.diff(geometry.owner, prepend=geometry.owner[0] - 1))
    count = np.diff(first, append=len(geometry.xy))
    moves, lines = np.full(len(first), _ONE_MOVE), (count - 1) << 3 | _LINE
    closes = np.full(len(first), _ONE_CLOSE)
    at, values = [2 * first, 2 * first + 2], [moves, lines]
    if geometry.kind == "areas":  # before the next ring's move, which stands at the same place
        at, values = [2 * (first + count), *at], [closes, *values]
    return np.asarray(np.insert(zigzag, np.concatenate(at), np.concatenate(values)), np.uint32)


def _varints(values: NDArray[np.uint32]) -> bytes:
    """Groups of seven bits, the lowest first, each but the last with its highest bit set."""
    groups = values[:, None] >> np.arange(0, 35, 7, dtype=np.uint64)
    more = groups[:, 1:] > 0
    out = (groups & 0x7F).astype(np.uint8)
    out[:, :4] |= more.astype(np.uint8) << 7
    return bytes(out[np.column_stack([np.ones(len(values), bool), more])])


def _number(field: int, value: int) -> bytes:
    return _varints(np.array([field << 3 | _VARINT, value], np.uint32))


def _field(field: int, body: bytes) -> bytes:
    return _varints(np.array([field << 3 | _BYTES, len(body)], np.uint32)) + body


def decode(data: bytes) -> dict[str, Geometry]:
    """The layers of a tile that `encode` made; FormatError where it is none."""
    layers: dict[str, Geometry] = {}
    for body in _bodies(data, 3):
        said = dict(_fields(body))
        name, extent = said.get(1), said.get(5, EXTENT)
        if not isinstance(name, bytes) or extent != EXTENT or said.get(15) != 2:
            raise FormatError(f"a layer of a vector tile has version {said.get(15)!r} and extent {extent!r}")
        for feature in _bodies(body, 2):
            layers[name.decode(errors="replace")] = _geometry(dict(_fields(feature)))
    return layers


def _bodies(data: bytes, wanted: int) -> Iterator[bytes]:
    yield from (value for field, value in _fields(data) if field == wanted and isinstance(value, bytes))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _read(data, at)
        value, at = _read(data, at)
        if key & 7 == _VARINT:
            yield key >> 3, value
        elif key & 7 == _BYTES and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise FormatError(f"a vector tile is damaged at byte {at} of {len(data)}")


def _read(data: bytes, at: int) -> tuple[int, int]:
    """One varint, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise FormatError(f"a vector tile ends within a number, at byte {at} of {len(data)}")


def _geometry(feature: Mapping[int, int | bytes]) -> Geometry:
    kind, commands = feature.get(3), feature.get(4)
    if not isinstance(kind, int) or kind not in _TYPES.values() or not isinstance(commands, bytes):
        raise FormatError(f"a feature of a vector tile is of type {kind!r}: only lines and areas are read")
    points, owner, at, part = [(0, 0)], [-1], 0, -1
    while at < len(commands):
        command, at = _read(commands, at)
        if command & 7 == _CLOSE:
            continue
        if command & 7 not in (_MOVE, _LINE):
            raise FormatError(f"a vector tile has the command {command & 7}, which there is not")
        for _ in range(command >> 3):
            x, at = _read(commands, at)
            y, at = _read(commands, at)
            part += command & 7 == _MOVE
            points.append((points[-1][0] + _signed(x), points[-1][1] + _signed(y)))
            owner.append(part)
    return Geometry(_KINDS[kind - 2], np.array(points[1:], np.int32).reshape(-1, 2), np.array(owner[1:]))


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
