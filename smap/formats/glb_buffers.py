"""glTF buffers, views and accessors: written piece by piece, read back as arrays."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.glb_meshopt import StreamMode, decode_stream, encode_stream
from smap.formats.glb_quantize import extent

__all__ = ["BufferReader", "BufferWriter"]

_MESHOPT = "EXT_meshopt_compression"
_COMPONENTS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_CODES = {np.dtype(name): code for code, name in _COMPONENTS.items()}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_METADATA_ALIGNMENT = 8  # EXT_structural_metadata: each view of a property begins at a multiple of 8
_STREAM_ALIGNMENT = 4


@dataclass
class BufferWriter:
    """Gathers the binary chunk with its views and accessors; with `compress`, as streams.

    Compressed views point into a second buffer that has a length and no bytes: the fallback of the extension.
    """

    compress: bool
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)
    _length: int = 0
    _fallback: int = 0

    def attribute(
        self,
        values: NDArray[Any],
        *,
        width: int | None = None,
        normalized: bool = False,
        bounds: bool | tuple[NDArray[Any], NDArray[Any]] = False,
    ) -> int:
        """A vertex attribute (n,) or (n, k); rows are padded to a multiple of 4 bytes. Gives its accessor.

        width: so many of each row are values, where the rest is padding already. bounds: whether the accessor
        tells the least and the largest of each column, or these.
        """
        table = np.ascontiguousarray(values).reshape(len(values), -1)
        rows = table if width else _padded(table)
        view = self._view(rows, "ATTRIBUTES", _ARRAY_BUFFER)
        accessor = self._accessor(view, table, _TYPES[width or table.shape[1]])
        if normalized:
            accessor["normalized"] = True
        if bounds:
            low, high = extent(table) if isinstance(bounds, bool) else bounds
            accessor |= {"min": low.tolist(), "max": high.tolist()}
        return len(self.accessors) - 1

    def indices(self, triangles: NDArray[np.uint32], vertices: int) -> int:
        """Triangles (m, 3) as u16 where 65,535 vertices or fewer allow it. Gives their accessor."""
        narrow = triangles.astype("<u2" if vertices <= 0xFFFF else "<u4").reshape(-1, 1)
        self._accessor(self._view(narrow, "TRIANGLES", _ELEMENT_BUFFER), narrow, "SCALAR")
        return len(self.accessors) - 1

    def metadata(self, data: bytes) -> int:
        """A property's bytes, aligned to 8, with exactly their own length. Gives the view."""
        offset = self._append(data, _METADATA_ALIGNMENT)
        self.views.append({"buffer": 0, "byteOffset": offset, "byteLength": len(data)})
        return len(self.views) - 1

    def finish(self) -> tuple[bytes, list[dict[str, Any]]]:
        """The binary chunk and the `buffers` of the document."""
        binary = b"".join(self._parts)
        binary += b"\0" * (-len(binary) % _METADATA_ALIGNMENT)
        buffers: list[dict[str, Any]] = [{"byteLength": len(binary)}]
        if self._fallback:
            buffers.append({"byteLength": self._fallback, "extensions": {_MESHOPT: {"fallback": True}}})
        return binary, buffers

    def _view(self, rows: NDArray[Any], mode: StreamMode, target: int) -> int:
        stride = rows.shape[1] * rows.itemsize
        view: dict[str, Any] = {"buffer": 0, "byteOffset": 0, "byteLength": rows.nbytes, "target": target}
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        if self.compress:
            stream = encode_stream(rows, mode)
            offset = self._append(stream, _STREAM_ALIGNMENT)
            place = {"buffer": 0, "byteOffset": offset, "byteLength": len(stream)}
            view |= {"buffer": 1, "byteOffset": self._fallback}
            view["extensions"] = {_MESHOPT: {**place, "byteStride": stride, "mode": mode, "count": len(rows)}}
            self._fallback += rows.nbytes + -rows.nbytes % _STREAM_ALIGNMENT
        else:
            view["byteOffset"] = self._append(rows.tobytes(), _STREAM_ALIGNMENT)
        self.views.append(view)
        return len(self.views) - 1

    def _accessor(self, view: int, table: NDArray[Any], kind: str) -> dict[str, Any]:
        code = _CODES[table.dtype.newbyteorder("<")]
        accessor = {"bufferView": view, "componentType": code, "count": len(table), "type": kind}
        self.accessors.append(accessor)
        return accessor

    def _append(self, data: bytes, alignment: int) -> int:
        gap = -self._length % alignment
        self._parts += [b"\0" * gap, data]
        offset = self._length + gap
        self._length = offset + len(data)
        return offset


class BufferReader:
    """Reads views and accessors of a document whose bytes lie in the binary chunk or in data URIs."""

    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self._views: list[dict[str, Any]] = document.get("bufferViews", [])
        self._accessors: list[dict[str, Any]] = document.get("accessors", [])
        self._buffers: list[dict[str, Any]] = document.get("buffers", [])
        self._binary = binary
        self._plain: dict[int, bytes] = {}

    def view(self, index: int) -> bytes:
        """The plain bytes of a view, streams decoded. FormatError when it lies outside its buffer."""
        if index not in self._plain:
            self._plain[index] = self._read_view(_item(self._views, index, "bufferView"))
        return self._plain[index]

    def array(self, index: int) -> NDArray[Any]:
        """The values of an accessor as stored: (n,) or (n, k). FormatError when they exceed their view."""
        accessor = _item(self._accessors, index, "accessor")
        if "sparse" in accessor:
            raise FormatError(f"accessor {index} is sparse, which is not read here")
        try:
            dtype = np.dtype(_COMPONENTS[accessor["componentType"]])
            width, count = _WIDTHS[accessor["type"]], int(accessor["count"])
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"accessor {index}: no such type or component type ({error})") from error
        if "bufferView" not in accessor:
            return np.zeros((count, width) if width > 1 else count, dtype)
        data, stride = self.view(accessor["bufferView"]), self._stride(accessor, dtype.itemsize * width)
        start = accessor.get("byteOffset", 0)
        if count < 1 or start + (count - 1) * stride + dtype.itemsize * width > len(data):
            raise FormatError(
                f"accessor {index}: {count} values do not fit the {len(data)} bytes of its view"
            )
        table = np.ndarray((count, width), dtype, data, start, (stride, dtype.itemsize))
        return table if width > 1 else table[:, 0]

    def numbers(self, index: int) -> NDArray[np.float64]:
        """The values of an accessor as float64; normalised integers as the fractions they stand for."""
        stored = self.array(index)
        if not self._accessors[index].get("normalized") or stored.dtype.kind == "f":
            return stored.astype(np.float64)
        return np.maximum(stored / float(np.iinfo(stored.dtype).max), -1.0)  # glTF 2.0 §3.11

    def _stride(self, accessor: dict[str, Any], tight: int) -> int:
        view = _item(self._views, accessor["bufferView"], "bufferView")
        stride = view.get("byteStride", tight)
        if not isinstance(stride, int) or stride < tight:
            raise FormatError(f"byteStride {stride} where an element takes {tight} bytes")
        return stride

    def _read_view(self, view: dict[str, Any]) -> bytes:
        packed = view.get("extensions", {}).get(_MESHOPT)
        if packed is None:
            return self._slice(view)
        try:
            count, stride, mode = int(packed["count"]), int(packed["byteStride"]), str(packed["mode"])
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{_MESHOPT}: count, byteStride or mode is missing ({error})") from error
        plain = decode_stream(self._slice(packed), count, stride, mode, packed.get("filter", "NONE"))
        if len(plain) != view.get("byteLength"):
            raise FormatError(
                f"{_MESHOPT}: {len(plain)} bytes decoded where {view.get('byteLength')} are announced"
            )
        return plain

    def _slice(self, place: dict[str, Any]) -> bytes:
        data = self._buffer(place.get("buffer", 0))
        start, length = place.get("byteOffset", 0), place.get("byteLength", 0)
        if not (isinstance(start, int) and isinstance(length, int)) or min(start, length) < 0:
            raise FormatError(f"bufferView from {start} with {length} bytes")
        if start + length > len(data):
            raise FormatError(f"bufferView ends at {start + length}, its buffer at {len(data)}")
        return data[start : start + length]

    def _buffer(self, index: int) -> bytes:
        uri = _item(self._buffers, index, "buffer").get("uri")
        if uri is None:
            return self._binary if index == 0 else b""
        head, comma, body = str(uri).partition(";base64,")
        if not comma or not head.startswith("data:"):
            raise FormatError(
                f"buffer {index} lies in another file ({str(uri)[:60]}), which is not read here"
            )
        try:
            return base64.b64decode(body, validate=True)
        except ValueError as error:
            raise FormatError(f"buffer {index}: its base64 is broken ({error})") from error


def _padded(table: NDArray[Any]) -> NDArray[Any]:
    """Zero columns appended until a row is a multiple of 4 bytes."""
    missing = -(table.shape[1] * table.itemsize) % 4 // table.itemsize
    if not missing:
        return table
    if table.shape[1] == 1 and table.dtype.kind == "u":
        return table.astype("<u4").view(table.dtype)
    wide = np.zeros((len(table), table.shape[1] + missing), table.dtype)
    wide[:, : table.shape[1]] = table
    return wide


def _item(items: list[dict[str, Any]], index: Any, what: str) -> dict[str, Any]:
    if not isinstance(index, int) or not 0 <= index < len(items) or not isinstance(items[index], dict):
        raise FormatError(f"there is no {what} {index}")
    return items[index]
