"""Sealed arrays: named numpy arrays and a few facts as bytes that know whether they are whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError

__all__ = ["digest_of_sealed", "is_whole", "seal", "unseal"]

Array = NDArray[Any]

_MAGIC = b"smap-1\n\0"
_DIGEST = 32
_ALIGNED = 8
_NONE = -1


def seal(arrays: Mapping[str, Array], facts: Mapping[str, Any] | None = None) -> bytes:
    """Numbers of any shape, texts as object (n,) of str or None, and facts as JSON knows them.

    The same content gives the same bytes: a magic, the SHA-256 of all that follows, a header, the numbers.
    """
    table: list[tuple[str, str, tuple[int, ...]]] = []
    parts: list[bytes] = []
    for name, array in arrays.items():
        if array.dtype.kind == "O":
            lengths, text = _from_texts(array)
            table.append((name, "text", (len(text), len(array))))
            parts += [_padded(text), _padded(lengths.tobytes())]
        else:
            table.append((name, array.dtype.str, array.shape))
            parts.append(_padded(array.tobytes()))
    header = json.dumps([table, dict(facts or {})], ensure_ascii=False, separators=(",", ":")).encode()
    body = b"".join([len(header).to_bytes(_ALIGNED, "little"), _padded(header), *parts])
    return b"".join([_MAGIC, sha256(body).digest(), body])


def unseal(data: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays, which cannot be written to, and the facts. FormatError when one bit is not as it was."""
    if not is_whole(data):
        raise FormatError("sealed arrays: cut short or changed")
    body = memoryview(data)[len(_MAGIC) + _DIGEST :]
    end = _ALIGNED + int.from_bytes(body[:_ALIGNED], "little")
    table, facts = json.loads(bytes(body[_ALIGNED:end]))
    at = _ALIGNED + _room(end - _ALIGNED)
    arrays: dict[str, Array] = {}
    for name, kind, shape in table:
        if kind == "text":
            size, count = shape
            lengths = np.frombuffer(body, "<i4", count, at + _room(size))
            arrays[name] = _as_texts(bytes(body[at : at + size]).decode("utf-8", "surrogatepass"), lengths)
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


def _from_texts(column: Array) -> tuple[NDArray[np.int32], bytes]:
    """Lengths in characters, -1 for None, and all texts in one."""
    is_none = column == None  # noqa: E711 (element by element)
    texts = np.where(is_none, "", column).tolist()
    lengths = np.fromiter(map(len, texts), "<i4", len(texts))
    lengths[is_none] = _NONE
    return lengths, "".join(texts).encode("utf-8", "surrogatepass")


def _as_texts(text: str, lengths: NDArray[np.int32]) -> Array:
    ends = np.cumsum(np.maximum(lengths, 0))
    starts = ends - np.maximum(lengths, 0)
    column = np.empty(len(lengths), object)
    column[:] = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    column[lengths == _NONE] = None
    return column


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNED)


def _room(size: int) -> int:
    return size + -size % _ALIGNED
