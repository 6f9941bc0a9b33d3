"""3tz: tiles in one plain ZIP file with an MD5 index (3TZ 1.3, Maxar), written once, read by many threads.

An entry is DEFLATE where that is smaller. Such an entry is a gzip body without its header and trailer, so the
reader hands out `Content-Encoding: gzip` bytes without touching them.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError, StorageError
from smap.store.tile import GZIP_HEADER, StoredTile, is_tile_path, tile_of
from smap.store.zip import (
    DEFLATED,
    INDEX_NAME,
    STORED,
    DirectoryRecord,
    LocalHeader,
    directory_record_length,
    end_records,
    path_key,
    read_directory_record,
    read_end,
    read_local_header,
)

__all__ = ["ArchiveReader", "PackedEntry", "pack_entry", "write_archive"]

_LARGEST_ENTRY = 0xFFFFFFFE  # 0xFFFFFFFF would mean "see ZIP64", which a 3tz local header must not need
_INDEX_RECORD = np.dtype([("first", "<u8"), ("second", "<u8"), ("offset", "<u8")])
_DIRECTORY_TAIL = 1024  # holds the last directory record (61 bytes and its extra field) and the end records
_DIRECTORY_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """The bytes of an entry as the archive will hold them, with what its headers say."""

    body: bytes
    method: int
    crc: int
    size: int


def pack_entry(data: bytes, *, level: int = 6) -> PackedEntry:
    """`data` DEFLATEd by libdeflate (by zlib without the extra `build`), or stored if that is smaller."""
    if len(data) > _LARGEST_ENTRY:
        raise FormatError(f"an entry of {len(data)} bytes: a 3tz entry must stay below 4 GiB; split it")
    packed = _deflate(data, level)
    smaller = len(packed) < len(data)
    return PackedEntry(
        packed if smaller else data, DEFLATED if smaller else STORED, zlib.crc32(data), len(data)
    )


def write_archive(path: Path, entries: Iterable[tuple[str, bytes | PackedEntry]], *, level: int = 6) -> None:
    """Write a 3tz of these entries (path without leading slash, bytes), in this order.

    Written beside and renamed: `path` is either whole or as it was. The same entries give the same bytes.
    FormatError: a path twice, an absolute or climbing path, no tileset.json at the root.
    StorageError: disk full.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            _write_all(file, entries, level)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}; nothing is left there"
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


class ArchiveReader:
    """Reads a 3tz through its index, held in memory; a tile is one pread. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise StorageError(f"cannot open {path}: {error.strerror}") from error
        try:
            self._open()
        except BaseException:
            os.close(self._fd)
            raise

    def get(self, path: str) -> StoredTile | None:
        """The tile of this path (no leading slash), or None. FormatError when it is damaged."""
        found = self._find(path)
        if found is None:
            return None
        begin, end = found
        data = os.pread(self._fd, end - begin, begin)
        try:
            header = read_local_header(data)
        except FormatError as error:
            raise FormatError(f"{self.path}: {path}: {error}") from error
        if header.name != path:
            if path_key(header.name) == path_key(path):
                return None
            raise FormatError(
                f"{self.path}: the index leads from {path} to {header.name}: damaged, write it anew"
            )
        return self._tile(header, data)

    def names(self) -> Iterator[str]:
        """The paths of all tiles in stored order, read from the central directory."""
        at, end, rest = self._directory_start, self._directory_start + self._directory_size, b""
        while at < end:
            chunk = os.pread(self._fd, min(_DIRECTORY_CHUNK, end - at), at)
            at += len(chunk)
            records, rest = _whole_records(rest + chunk)
            yield from (record.name for record in records if record.name != INDEX_NAME)
            if not chunk:
                break
        if rest:
            raise FormatError(f"{self.path}: the central directory is damaged; write the archive anew")

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._first)

    def _open(self) -> None:
        length = os.fstat(self._fd).st_size
        tail_length = min(length, _DIRECTORY_TAIL)
        tail = os.pread(self._fd, tail_length, length - tail_length)
        try:
            _, self._directory_start, self._directory_size = read_end(tail)
            if self._directory_start + self._directory_size > length:
                raise FormatError("the central directory lies outside the file: cut short")
            self._read_index(_index_record(tail))
        except FormatError as error:
            raise FormatError(f"{self.path} is no 3tz archive: {error}") from error

    def _read_index(self, record: DirectoryRecord) -> None:
        head = os.pread(self._fd, 512, record.offset)
        header = read_local_header(head)
        body = os.pread(self._fd, header.size, record.offset + header.length)
        if header.method != STORED or len(body) != header.size or zlib.crc32(body) != header.crc:
            raise FormatError("its index is compressed, cut short or damaged")
        if len(body) % _INDEX_RECORD.itemsize:
            raise FormatError(f"its index has {len(body)} bytes, no multiple of {_INDEX_RECORD.itemsize}")
        records = np.frombuffer(body, _INDEX_RECORD)
        self._first = np.ascontiguousarray(records["first"])
        self._second = np.ascontiguousarray(records["second"])
        self._offset = records["offset"].astype(np.int64)
        if not _is_sorted(self._first, self._second):
            raise FormatError("its index is not sorted")
        if not ((self._offset >= 0) & (self._offset < record.offset)).all():
            raise FormatError("its index points outside the tiles")
        self._bounds = np.append(np.sort(self._offset), record.offset)

    def _find(self, path: str) -> tuple[int, int] | None:
        first, second = path_key(path)
        low = int(np.searchsorted(self._first, np.uint64(first)))
        while low < len(self._first) and int(self._first[low]) == first:
            if int(self._second[low]) == second:
                begin = int(self._offset[low])
                return begin, int(self._bounds[np.searchsorted(self._bounds, begin, side="right")])
            low += 1
        return None

    def _tile(self, header: LocalHeader, data: bytes) -> StoredTile:
        raw = data[header.length : header.length + header.compressed]
        where = f"{self.path}: {header.name}"
        if len(raw) != header.compressed:
            raise FormatError(f"{where}: {len(raw)} bytes where {header.compressed} are announced: damaged")
        if header.method == STORED:
            if zlib.crc32(raw) != header.crc:
                raise FormatError(f"{where}: the checksum does not fit its bytes: damaged")
            return tile_of(header.name, raw)
        if header.method != DEFLATED:
            raise FormatError(f"{where}: compression method {header.method}; 0 and 8 can be read")
        body = b"".join((GZIP_HEADER, raw, struct.pack("<II", header.crc, header.size)))
        return tile_of(header.name, body)


def _whole_records(data: bytes) -> tuple[list[DirectoryRecord], bytes]:
    """The records that lie whole in `data`, and what is left of it."""
    records, at = [], 0
    while length := directory_record_length(data, at):
        records.append(read_directory_record(data, at))
        at += length
    return records, data[at:]


def _deflate(data: bytes, level: int) -> bytes:
    try:
        from deflate import deflate_compress
    except ImportError:
        packer = zlib.compressobj(min(level, 9), zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(data) + packer.flush()
    return bytes(deflate_compress(data, level))


def _write_all(file: BinaryIO, entries: Iterable[tuple[str, bytes | PackedEntry]], level: int) -> None:
    directory: list[bytes] = []
    offsets: dict[str, int] = {}
    for name, data in entries:
        _check_name(name, offsets)
        entry = data if isinstance(data, PackedEntry) else pack_entry(data, level=level)
        offsets[name] = file.tell()
        directory.append(_write_entry(file, name, entry))
    if "tileset.json" not in offsets:
        raise FormatError("a 3tz archive needs a tileset.json at its root; add one")
    index = _index_of(offsets)
    directory.append(
        _write_entry(file, INDEX_NAME, PackedEntry(index, STORED, zlib.crc32(index), len(index)))
    )
    start = file.tell()
    file.writelines(directory)
    file.write(end_records(len(directory), start, file.tell() - start))


def _write_entry(file: BinaryIO, name: str, entry: PackedEntry) -> bytes:
    """Writes local header and body; returns the record for the central directory."""
    offset = file.tell()
    sizes = (entry.crc, len(entry.body), entry.size)
    file.write(LocalHeader(name, entry.method, *sizes, 0).pack())
    file.write(entry.body)
    return DirectoryRecord(name, entry.method, *sizes, offset).pack()


def _check_name(name: str, seen: dict[str, int]) -> None:
    if not is_tile_path(name) or name == INDEX_NAME:
        raise FormatError(f"'{name}' is no path for a tile: it must be relative, with / between its parts")
    if name in seen:
        raise FormatError(f"the path '{name}' comes twice; each tile has one")


def _index_of(offsets: dict[str, int]) -> bytes:
    records = np.empty(len(offsets), _INDEX_RECORD)
    records[:] = [(*path_key(name), offset) for name, offset in offsets.items()]
    ordered: bytes = records[np.lexsort((records["second"], records["first"]))].tobytes()
    return ordered


def _index_record(tail: bytes) -> DirectoryRecord:
    name_at = tail.rfind(INDEX_NAME.encode())
    if name_at < 46:
        raise FormatError(f"its last entry is not {INDEX_NAME}")
    return read_directory_record(tail, name_at - 46)


def _is_sorted(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> bool:
    rises = first[1:] > first[:-1]
    return bool((rises | ((first[1:] == first[:-1]) & (second[1:] > second[:-1]))).all())
