"""EXT_meshopt_compression streams. The one place where `meshopt` is called."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError, MissingExtraError

__all__ = ["StreamMode", "decode_stream", "encode_stream"]

StreamMode = Literal["ATTRIBUTES", "TRIANGLES", "INDICES"]


def encode_stream(rows: NDArray[Any], mode: StreamMode) -> bytes:
    """A stream of the extension's version 0: rows of a multiple of 4 bytes, or u16/u32 indices in threes."""
    meshopt = _meshopt("writing compressed GLBs")
    stream: bytes = meshopt.encode_gltf_buffer(rows, mode, version=0)
    assert stream[0] == (0xA0 if mode == "ATTRIBUTES" else 0xE1 if mode == "TRIANGLES" else 0xD1)
    return stream


def decode_stream(stream: bytes, count: int, stride: int, mode: str, kind: str = "NONE") -> bytes:
    """The plain bytes of a stream: count × stride. `kind`: the extension's filter. Or FormatError."""
    meshopt = _meshopt("reading compressed GLBs")
    try:
        plain: NDArray[Any] = meshopt.decode_gltf_buffer(stream, count, stride, mode, kind)
    except (ValueError, TypeError) as error:
        raise FormatError(
            f"meshopt stream ({mode}, {count} × {stride} bytes) cannot be decoded: {error}"
        ) from error
    return np.ascontiguousarray(plain).tobytes()


def _meshopt(work: str) -> Any:
    try:
        import meshopt
    except ImportError as error:
        raise MissingExtraError(work, "build") from error
    return meshopt
