"""Quantized-mesh 1.0: a terrain tile as bytes and back, with normals, water mask and metadata.

Specification: github.com/CesiumGS/quantized-mesh. The extension ids are 1 (octvertexnormals), 2 (watermask)
and 4 (metadata). Vertices lie in the order of their first use: the high-water-mark code demands it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.quantized_mesh_stack import (
    FULL,
    edges_of,
    high_water_codes,
    horizons_of,
    oct_encode,
    spheres_of,
    zigzag_deltas,
)
from smap.geo.bounds import Sphere
from smap.geo.ellipsoid import to_ecef

__all__ = ["FULL", "QuantizedMesh", "decode", "encode", "further_extensions", "mesh_of"]

_HEADER = struct.Struct("<3d2f3dd3d")
_EXTENSION = struct.Struct("<BI")
_SIDES = ("west", "south", "east", "north")
_NORMALS, _WATERMASK, _METADATA = 1, 2, 4
_WIDE_ABOVE = 65536  # more vertices than this need 32-bit indices (specification, "Index Data")
_MASK_SIDE = 256


@dataclass(frozen=True)
class QuantizedMesh:
    """One tile. u, v, height: uint16 (n,), 0..32767 from the west, the south and `min_height`.

    center, horizon: float64 (3,), ECEF metres and units of the ellipsoid's axes. triangles: uint32 (t, 3),
    counter-clockwise from above. west, south, east, north: uint32 (k,), the vertices on each edge, from south
    to north or west to east. normals: float64 (n, 3), unit vectors in ECEF. watermask: uint8 (1, 1) or
    (256, 256), rows from the north, 255 is water. min_height, max_height: ellipsoidal metres, float32.
    """

    center: NDArray[np.float64]
    min_height: float
    max_height: float
    sphere: Sphere
    horizon: NDArray[np.float64]
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    height: NDArray[np.uint16]
    triangles: NDArray[np.uint32]
    west: NDArray[np.uint32]
    south: NDArray[np.uint32]
    east: NDArray[np.uint32]
    north: NDArray[np.uint32]
    normals: NDArray[np.float64] | None = None
    watermask: NDArray[np.uint8] | None = None
    metadata: dict[str, Any] | None = None

    def heights(self) -> NDArray[np.float64]:
        """Ellipsoidal metres of each vertex as a client draws them: float64 (n,)."""
        return self.min_height + self.height.astype(np.float64) * ((self.max_height - self.min_height) / FULL)


def mesh_of(
    region: tuple[float, float, float, float],
    u: NDArray[np.uint16],
    v: NDArray[np.uint16],
    height: NDArray[np.uint16],
    triangles: NDArray[np.uint32],
    *,
    min_height: float,
    max_height: float,
    normals: NDArray[np.float64] | None = None,
    watermask: NDArray[np.uint8] | None = None,
    metadata: dict[str, Any] | None = None,
) -> QuantizedMesh:
    """A tile with its header and edges worked out. region: west, south, east, north in radians."""
    low, high = float(np.float32(min_height)), float(np.float32(max_height))
    west, south, east, north = region
    lon = west + u.astype(np.float64) * ((east - west) / FULL)
    lat = south + v.astype(np.float64) * ((north - south) / FULL)
    positions = to_ecef(lon, lat, low + height.astype(np.float64) * ((high - low) / FULL))
    center = to_ecef((west + east) / 2, (south + north) / 2, (low + high) / 2)
    all_of_them = np.array([0, len(u)])
    middle, radius = spheres_of(positions.T, all_of_them)
    w, s, e, n = (chosen.astype(np.uint32) for chosen, _ in edges_of(u, v, all_of_them))
    horizon = horizons_of(positions.T, all_of_them, middle)[0]
    sphere = Sphere(middle[0], float(radius[0]))
    return QuantizedMesh(
        center, low, high, sphere, horizon, u, v, height, triangles, w, s, e, n, normals, watermask, metadata
    )


def encode(mesh: QuantizedMesh) -> bytes:
    """The tile as bytes; vertices no triangle uses are a mistake of the caller."""
    mesh = _in_order_of_use(mesh)
    wide = len(mesh.u) > _WIDE_ABOVE
    index = np.dtype("<u4" if wide else "<u2")
    head = _HEADER.pack(
        *mesh.center, mesh.min_height, mesh.max_height, *mesh.sphere.center, mesh.sphere.radius, *mesh.horizon
    )
    begin = np.zeros(1, np.int64)
    vertices = b"".join(zigzag_deltas(values, begin).tobytes() for values in (mesh.u, mesh.v, mesh.height))
    body = head + struct.pack("<I", len(mesh.u)) + vertices
    body += b"\0" * (-len(body) % index.itemsize)
    parts = [
        body,
        struct.pack("<I", len(mesh.triangles)),
        high_water_codes(mesh.triangles.ravel().astype(np.int64)).astype(index).tobytes(),
    ]
    for edge in (mesh.west, mesh.south, mesh.east, mesh.north):
        parts += [struct.pack("<I", len(edge)), edge.astype(index).tobytes()]
    return b"".join([*parts, *_extensions(mesh)])


def _in_order_of_use(mesh: QuantizedMesh) -> QuantizedMesh:
    indices = mesh.triangles.ravel().astype(np.int64)
    highest = np.maximum.accumulate(indices)
    if indices[0] == 0 and highest[-1] == len(mesh.u) - 1 and (indices[1:] <= highest[:-1] + 1).all():
        return mesh
    used, first = np.unique(indices, return_index=True)
    assert len(used) == len(mesh.u)
    order = used[np.argsort(first, kind="stable")]
    new = np.empty(len(order), np.uint32)
    new[order] = np.arange(len(order), dtype=np.uint32)
    return replace(
        mesh,
        u=mesh.u[order],
        v=mesh.v[order],
        height=mesh.height[order],
        triangles=new[mesh.triangles],
        west=new[mesh.west],
        south=new[mesh.south],
        east=new[mesh.east],
        north=new[mesh.north],
        normals=None if mesh.normals is None else mesh.normals[order],
    )


def _extensions(mesh: QuantizedMesh) -> list[bytes]:
    normals = b"" if mesh.normals is None else oct_encode(mesh.normals.T).tobytes()
    bodies = [_EXTENSION.pack(_NORMALS, len(normals)) + normals] if normals else []
    text = None if mesh.metadata is None else json.dumps(mesh.metadata, separators=(",", ":"))
    return [*bodies, further_extensions(mesh.watermask, text)]


def further_extensions(watermask: NDArray[np.uint8] | None = None, metadata: str | None = None) -> bytes:
    """The bytes of the water mask and of the metadata (JSON), as they follow the normals.

    metadata is ASCII, because @here/quantized-mesh-decoder 1.2.8 takes each byte for a character.
    """
    bodies: list[tuple[int, bytes]] = []
    if watermask is not None:
        assert watermask.size in (1, _MASK_SIDE**2)
        bodies.append((_WATERMASK, watermask.astype(np.uint8).tobytes()))
    if metadata is not None:
        text = metadata.encode("ascii")
        bodies.append((_METADATA, struct.pack("<I", len(text)) + text))
    return b"".join(_EXTENSION.pack(number, len(body)) + body for number, body in bodies)


def _oct_decode(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    xy = codes.reshape(-1, 2).astype(np.float64) / 255.0 * 2.0 - 1.0
    z = 1.0 - np.abs(xy).sum(axis=1)
    folded = (1.0 - np.abs(xy[:, ::-1])) * np.where(xy < 0.0, -1.0, 1.0)
    full = np.column_stack([np.where(z[:, None] < 0.0, folded, xy), z])
    return np.asarray(full / np.linalg.norm(full, axis=1)[:, None])


class _Cursor:
    """Reads a tile's bytes from front to back and says where they end too early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int, what: str) -> bytes:
        end = self.at + length
        if end > len(self.data):
            raise FormatError(
                f"quantized-mesh: {what} needs {end} bytes, the tile has {len(self.data)}: cut short"
            )
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def count(self, what: str) -> int:
        return int.from_bytes(self.take(4, what), "little")

    def array(self, count: int, kind: str, what: str) -> NDArray[Any]:
        dtype = np.dtype(kind)
        return np.frombuffer(self.take(count * dtype.itemsize, what), dtype)


def decode(data: bytes) -> QuantizedMesh:
    """The tile that these bytes (not compressed) hold; FormatError names what breaks the specification.

    Unknown extensions are passed over.
    """
    cursor = _Cursor(data)
    numbers = _HEADER.unpack(cursor.take(_HEADER.size, "the header"))
    count = cursor.count("the vertex count")
    u, v, height = (
        _from_zigzag_deltas(cursor.array(count, "<u2", "the vertices"), name) for name in ("u", "v", "height")
    )
    kind, width = ("<u4", 4) if count > _WIDE_ABOVE else ("<u2", 2)
    cursor.take(-cursor.at % width, "the padding")
    codes = cursor.array(cursor.count("the triangle count") * 3, kind, "the triangles")
    triangles = _from_high_water_codes(codes, count)
    west, south, east, north = (_read_edge(cursor, kind, count, side) for side in _SIDES)
    mesh = QuantizedMesh(
        np.array(numbers[:3]),
        numbers[3],
        numbers[4],
        Sphere(np.array(numbers[5:8]), numbers[8]),
        np.array(numbers[9:12]),
        u,
        v,
        height,
        triangles,
        west,
        south,
        east,
        north,
    )
    return _with_extensions(mesh, cursor)


def _from_zigzag_deltas(codes: NDArray[Any], name: str) -> NDArray[np.uint16]:
    wide = codes.astype(np.int64)
    values = np.cumsum((wide >> 1) ^ -(wide & 1))
    if values.size and not (values.min() >= 0 and values.max() <= FULL):
        raise FormatError(f"quantized-mesh: {name} runs to {values.min()}..{values.max()}, allowed 0..{FULL}")
    return values.astype(np.uint16)


def _from_high_water_codes(codes: NDArray[Any], count: int) -> NDArray[np.uint32]:
    is_new = codes == 0
    indices = np.cumsum(is_new) - is_new - codes.astype(np.int64)
    if indices.size and not (indices.min() >= 0 and indices.max() < count):
        raise FormatError(
            f"quantized-mesh: triangles name vertices {indices.min()}..{indices.max()} of {count}"
        )
    return np.asarray(indices, np.uint32).reshape(-1, 3)


def _read_edge(cursor: _Cursor, kind: str, count: int, side: str) -> NDArray[np.uint32]:
    stored = cursor.array(cursor.count(f"the {side} edge"), kind, f"the {side} edge")
    indices: NDArray[np.uint32] = stored.astype(np.uint32)
    if indices.size and indices.max() >= count:
        raise FormatError(f"quantized-mesh: the {side} edge names vertex {indices.max()} of {count}")
    return np.asarray(indices)


def _with_extensions(mesh: QuantizedMesh, cursor: _Cursor) -> QuantizedMesh:
    while cursor.at < len(cursor.data):
        number, length = _EXTENSION.unpack(cursor.take(_EXTENSION.size, "an extension"))
        body = cursor.take(length, f"extension {number}")
        if number == _NORMALS:
            mesh = replace(mesh, normals=_read_normals(body, len(mesh.u)))
        elif number == _WATERMASK:
            mesh = replace(mesh, watermask=_read_watermask(body))
        elif number == _METADATA:
            mesh = replace(mesh, metadata=_read_metadata(body))
    return mesh


def _read_normals(body: bytes, count: int) -> NDArray[np.float64]:
    if len(body) != 2 * count:
        raise FormatError(f"quantized-mesh: {len(body)} bytes of normals for {count} vertices, 2 each")
    return _oct_decode(np.frombuffer(body, np.uint8))


def _read_watermask(body: bytes) -> NDArray[np.uint8]:
    if len(body) not in (1, _MASK_SIDE**2):
        raise FormatError(f"quantized-mesh: a water mask of {len(body)} bytes, allowed 1 or {_MASK_SIDE**2}")
    side = 1 if len(body) == 1 else _MASK_SIDE
    return np.frombuffer(body, np.uint8).reshape(side, side)


def _read_metadata(body: bytes) -> dict[str, Any]:
    length = int.from_bytes(body[:4], "little")
    try:
        metadata = json.loads(body[4 : 4 + length])
    except ValueError as error:
        raise FormatError(f"quantized-mesh: metadata is no JSON: {error}") from error
    if not isinstance(metadata, dict) or len(body) < 4 + length:
        raise FormatError("quantized-mesh: metadata is no whole JSON object")
    return metadata
