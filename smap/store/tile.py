"""A stored tile: the bytes as they lie in the store, ready to be sent, and what a client must be told."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal, Protocol, Self

from smap.errors import FormatError

__all__ = ["GZIP_HEADER", "StoredTile", "TileReader", "is_tile_path", "media_type_of", "tile_of"]

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: DEFLATE, no name, no time, any system
_GZIP_TRAILER = struct.Struct("<II")  # CRC-32 and size of the identity bytes
_GZIP_WINDOW = 31  # zlib's wbits for "a gzip member with the largest window"

_MEDIA_TYPES = {
    "avif": "image/avif",
    "geojson": "application/geo+json",
    "glb": "model/gltf-binary",
    "gltf": "model/gltf+json",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "ktx2": "image/ktx2",
    "mvt": "application/vnd.mapbox-vector-tile",
    "pbf": "application/vnd.mapbox-vector-tile",
    "png": "image/png",
    "terrain": "application/vnd.quantized-mesh",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class StoredTile:
    """One tile as stored. `body` is in the content coding `encoding`; `size` counts the bytes without it."""

    body: bytes
    encoding: Literal["gzip"] | None
    media_type: str
    etag: str
    size: int

    def identity(self) -> bytes:
        """The bytes without content coding. FormatError when the stored ones are damaged."""
        if self.encoding is None:
            return self.body
        try:
            data = zlib.decompress(self.body, _GZIP_WINDOW)
        except zlib.error as error:
            raise FormatError(f"tile {self.etag}: damaged gzip bytes ({error}); write it anew") from error
        if len(data) != self.size:
            raise FormatError(f"tile {self.etag}: {len(data)} bytes inflated where {self.size} are announced")
        return data

    def as_identity(self) -> StoredTile:
        """The same tile for a client that does not take gzip, with an ETag of its own."""
        if self.encoding is None:
            return self
        etag = self.etag.removesuffix('-gzip"') + '-identity"'
        return replace(self, body=self.identity(), encoding=None, etag=etag)


class TileReader(Protocol):
    """What an archive and a folder of tiles have in common. Safe to use from many threads."""

    def get(self, path: str) -> StoredTile | None:
        """The tile of this path (no leading slash), or None. FormatError when it is damaged."""

    def names(self) -> Iterator[str]:
        """The paths of all tiles, in stored order."""

    def close(self) -> None:
        """Let go of the files."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def is_tile_path(path: str) -> bool:
    """Whether a path is relative, with / between its parts, and neither climbs nor has empty parts."""
    return "\\" not in path and not any(part in ("", ".", "..") for part in path.split("/"))


def media_type_of(path: str) -> str:
    """The media type by the suffix of a path; application/octet-stream for any other."""
    return _MEDIA_TYPES.get(path.rpartition(".")[2].lower(), "application/octet-stream")


def tile_of(path: str, body: bytes) -> StoredTile:
    """The tile of a path from its bytes; those of a gzip member are offered as `Content-Encoding: gzip`."""
    if body.startswith(GZIP_HEADER[:3]) and len(body) >= len(GZIP_HEADER) + _GZIP_TRAILER.size:
        crc, size = _GZIP_TRAILER.unpack_from(body, len(body) - _GZIP_TRAILER.size)
        return StoredTile(body, "gzip", media_type_of(path), f'"{crc:08x}-{size:x}-gzip"', size)
    etag = f'"{zlib.crc32(body):08x}-{len(body):x}-identity"'
    return StoredTile(body, None, media_type_of(path), etag, len(body))
