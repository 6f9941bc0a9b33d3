"""Sealed arrays: named numpy arrays and a few facts as bytes that know whether they are whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.formats.utf8 import Utf8

__all__ = ["digest_of_sealed", "is_whole", "seal", "sealed_parts", "unseal"]

Array = NDArray[Any]

_MAGIC = b"smap-1\n\0"
_DIGEST = 32
_ALIGNED = 8
_NONE = -1


def seal(arrays: Mapping[str, Array | Utf8], facts: Mapping[str, Any] | None = None) -> bytes:
    """Numbers of any shape, texts, also as object (n,) of str or None, and facts as JSON knows them.

    The same content gives the same bytes: a magic, the SHA-256 of all that follows, a header, the numbers.
    """
    return b"".join(sealed_parts(arrays, facts))


def sealed_parts(
    arrays: Mapping[str, Array | Utf8], facts: Mapping[str, Any] | None = None
) -> list[bytes | memoryview]:
    """What `seal` puts one behind the other, the first with magic and digest; large arrays are not copied."""
    table: list[tuple[str, str, tuple[int, ...]]] = []
    parts: list[bytes | memoryview] = []
    for name, array in arrays.items():
        if isinstance(array, Utf8) or array.dtype.kind == "O":
            texts = array if isinstance(array, Utf8) else Utf8.of(array)
            lengths = np.where(texts.known, np.diff(texts.offsets), _NONE).astype("<i4")
            table.append((name, "text", (len(texts.data), len(texts))))
            parts += [*_bytes_of(texts.data), *_bytes_of(lengths)]
        else:
            table.append((name, array.dtype.str, array.shape))
            parts += _bytes_of(array)
    header = json.dumps([table, dict(facts or {})], ensure_ascii=False, separators=(",", ":")).encode()
    body = [len(header).to_bytes(_ALIGNED, "little"), header, _padding(len(header)), *parts]
    digest = sha256()
    for part in body:
        digest.update(part)
    return [_MAGIC + digest.digest(), *body]


def unseal(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays, which cannot be written to, texts as Utf8, and the facts.

    data: whole, as `seal` made it; who takes it from where it may have been damaged asks `is_whole` first.
    """
    assert data[: len(_MAGIC)] == _MAGIC
    body = memoryview(data)[len(_MAGIC) + _DIGEST :]
    end = _ALIGNED + int.from_bytes(body[:_ALIGNED], "little")
    table, facts = json.loads(bytes(body[_ALIGNED:end]))
    at = _ALIGNED + _room(end - _ALIGNED)
    arrays: dict[str, Any] = {}
    for name, kind, shape in table:
        if kind == "text":
            size, count = shape
            lengths = np.frombuffer(body, "<i4", count, at + _room(size))
            offsets = np.concatenate(
                [np.zeros(1, np.int64), np.cumsum(np.maximum(lengths, 0), dtype=np.int64)]
            )
            arrays[name] = Utf8(np.frombuffer(body, np.uint8, size, at), offsets, lengths != _NONE)
            at += _room(size) + _room(lengths.nbytes)
        else:
            array = np.frombuffer(body, kind, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)
            arrays[name] = array
            at += _room(array.nbytes)
    return arrays, facts


def is_whole(data: bytes) -> bool:
    """Whether these are sealed bytes as they were made."""
    start = len(_MAGIC) + _DIGEST
    seen = data[len(_MAGIC) : start]
    return data[: len(_MAGIC)] == _MAGIC and seen == sha256(memoryview(data)[start:]).digest()


def digest_of_sealed(data: bytes) -> str:
    """What `seal` reckoned of its content, 64 hexadecimal digits."""
    return data[len(_MAGIC) : len(_MAGIC) + _DIGEST].hex()


def _bytes_of(array: Array) -> tuple[memoryview, bytes]:
    plain = np.ascontiguousarray(array)
    return plain.reshape(-1).view(np.uint8).data, _padding(plain.nbytes)


def _padding(size: int) -> bytes:
    return bytes(-size % _ALIGNED)


def _room(size: int) -> int:
    return size + -size % _ALIGNED
