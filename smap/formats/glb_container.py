"""The GLB container (glTF 2.0 §4.4): one JSON chunk and one BIN chunk."""

from __future__ import annotations

import json
import struct
from typing import Any

from smap.errors import FormatError

__all__ = ["pack_glb", "unpack_glb"]

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_ALIGNMENT = 8  # EXT_structural_metadata: the binary chunk begins and ends at multiples of 8 bytes


def pack_glb(document: dict[str, Any], binary: bytes) -> bytes:
    """The document as compact JSON and the binary buffer, both padded so that the binary lies 8-aligned."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(_HEADER.size + 2 * _CHUNK.size + len(text)) % _ALIGNMENT)
    binary += b"\0" * (-len(binary) % _ALIGNMENT)
    parts = [_CHUNK.pack(len(text), b"JSON"), text]
    if binary:
        parts += [_CHUNK.pack(len(binary), b"BIN\0"), binary]
    body = b"".join(parts)
    return _HEADER.pack(b"glTF", 2, _HEADER.size + len(body)) + body


def unpack_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The document and the binary buffer (empty where there is none). FormatError when it is broken."""
    if len(data) < _HEADER.size or data[:4] != b"glTF":
        raise FormatError("no GLB: it must begin with 'glTF'")
    _, version, length = _HEADER.unpack_from(data)
    if version != 2 or length != len(data):
        raise FormatError(f"GLB of version {version} and {length} bytes, where 2 and {len(data)} are true")
    chunks = _chunks(data)
    if not chunks or chunks[0][0] != b"JSON":
        raise FormatError("GLB: the first chunk must be JSON")
    try:
        document = json.loads(chunks[0][1])
    except ValueError as error:
        raise FormatError(f"GLB: its JSON cannot be read ({error})") from error
    if not isinstance(document, dict):
        raise FormatError("GLB: its JSON is no object")
    binary = next((body for kind, body in chunks[1:] if kind == b"BIN\0"), b"")
    return document, binary


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], _HEADER.size
    while at < len(data):
        if at + _CHUNK.size > len(data):
            raise FormatError("GLB: a chunk header is cut short")
        length, kind = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        if at + length > len(data):
            raise FormatError(f"GLB: a chunk of {length} bytes is cut short")
        chunks.append((kind, data[at : at + length]))
        at += length
    return chunks
