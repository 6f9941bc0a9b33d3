"""The records of a ZIP file (PKWARE APPNOTE 6.3.9) as far as 3tz needs them, and the index record of 3tz.

No encryption, no data descriptors, no comments, the DOS epoch as date. ZIP64
where a count or an offset needs it.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from smap.errors import FormatError

__all__ = [
    "DEFLATED",
    "END_SIZE",
    "INDEX_NAME",
    "LOCAL_SIZE",
    "STORED",
    "DirectoryRecord",
    "LocalHeader",
    "directory_record_length",
    "end_records",
    "path_key",
    "read_directory_record",
    "read_end",
    "read_local_header",
]

INDEX_NAME = "@3dtilesIndex1@"
STORED = 0
DEFLATED = 8

_U16 = 0xFFFF
_U32 = 0xFFFFFFFF
_DOS_EPOCH = (1 << 5 | 1) << 16  # 1980-01-01 00:00:00: date in the upper, time in the lower half
_UTF8 = 1 << 11  # general purpose bit 11: the name is UTF-8
_REFUSED_FLAGS = 1 << 0 | 1 << 3  # encrypted; sizes only after the data
_VERSION = 20  # 2.0: DEFLATE
_VERSION_ZIP64 = 45

_LOCAL = struct.Struct("<4sHHHIIIIHH")
_DIRECTORY = struct.Struct("<4sHHHHIIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<4sIQI")
LOCAL_SIZE = _LOCAL.size
END_SIZE = _END.size + _LOCATOR64.size + _END64.size


@dataclass(frozen=True, slots=True)
class LocalHeader:
    """What stands before the data of an entry; `length` counts the header's own bytes."""

    name: str
    method: int
    crc: int
    compressed: int
    size: int
    length: int

    def pack(self) -> bytes:
        """The header's bytes."""
        name = self.name.encode()
        sizes = (self.crc, self.compressed, self.size, len(name), 0)
        return _LOCAL.pack(b"PK\x03\x04", _VERSION, _flags(name), self.method, _DOS_EPOCH, *sizes) + name


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """What the central directory says of an entry; `length` counts the record's own bytes."""

    name: str
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    length: int = 0

    def pack(self) -> bytes:
        """The record's bytes; an offset of 4 GiB and more goes into a ZIP64 extra field."""
        name = self.name.encode()
        large = self.offset >= _U32
        extra = struct.pack("<HHQ", 1, 8, self.offset) if large else b""
        version = _VERSION_ZIP64 if large else _VERSION
        head = (b"PK\x01\x02", version, version, _flags(name), self.method, _DOS_EPOCH)
        sizes = (self.crc, self.compressed, self.size, len(name), len(extra), 0, 0, 0, 0)
        return _DIRECTORY.pack(*head, *sizes, min(self.offset, _U32)) + name + extra


def path_key(path: str) -> tuple[int, int]:
    """The MD5 of a path as two little-endian u64, the first eight bytes first: the order of a 3tz index."""
    digest = hashlib.md5(path.encode(), usedforsecurity=False).digest()
    return struct.unpack("<QQ", digest)


def read_local_header(data: bytes) -> LocalHeader:
    """The header at the start of `data`. FormatError when there is none, or one that 3tz forbids."""
    if len(data) < LOCAL_SIZE or data[:4] != b"PK\x03\x04":
        raise FormatError("no local file header where the index points to")
    _, _, flags, method, _, crc, compressed, size, names, extras = _LOCAL.unpack_from(data)
    if flags & _REFUSED_FLAGS:
        raise FormatError(f"flags {flags:#06x} in a local header: encrypted, or without sizes")
    if _U32 in (compressed, size):
        raise FormatError("an entry of 4 GiB or more")
    name = data[LOCAL_SIZE : LOCAL_SIZE + names].decode(errors="replace")
    return LocalHeader(name, method, crc, compressed, size, LOCAL_SIZE + names + extras)


def directory_record_length(data: bytes, at: int) -> int:
    """Length of the central directory record at `at`, or 0 where it does not lie whole in `data`."""
    if len(data) < at + _DIRECTORY.size:
        return 0
    length = _DIRECTORY.size + sum(struct.unpack_from("<HHH", data, at + 28))
    return length if len(data) >= at + length else 0


def read_directory_record(data: bytes, at: int = 0) -> DirectoryRecord:
    """The central directory record that begins at `at`. FormatError when it is none."""
    if len(data) < at + _DIRECTORY.size or data[at : at + 4] != b"PK\x01\x02":
        raise FormatError("no central directory record where one must stand")
    fields = _DIRECTORY.unpack_from(data, at)
    method, crc, compressed, size, names, extras, comments = fields[4], *fields[6:12]
    name_at = at + _DIRECTORY.size
    extra_at = name_at + names
    name = data[name_at:extra_at].decode(errors="replace")
    wide = _wide_values(data[extra_at : extra_at + extras], (size, compressed, fields[15]))
    length = _DIRECTORY.size + names + extras + comments
    return DirectoryRecord(name, method, crc, wide[1], wide[0], wide[2], length)


def end_records(entries: int, start: int, size: int) -> bytes:
    """What ends the file: the end record and, where a number needs it, ZIP64's two before it."""
    end = _END.pack(b"PK\x05\x06", 0, 0, *[min(entries, _U16)] * 2, min(size, _U32), min(start, _U32), 0)
    if entries < _U16 and start < _U32 and size < _U32:
        return end
    versions = (_VERSION_ZIP64, _VERSION_ZIP64, 0, 0)
    end64 = _END64.pack(b"PK\x06\x06", _END64.size - 12, *versions, entries, entries, size, start)
    return end64 + _LOCATOR64.pack(b"PK\x06\x07", 0, start + size, 1) + end


def read_end(tail: bytes) -> tuple[int, int, int]:
    """Entries, start and size of the central directory, from the last END_SIZE bytes of a file or more."""
    if len(tail) < _END.size or tail[-_END.size :][:4] != b"PK\x05\x06":
        raise FormatError("no end of central directory at the end: cut short, commented, or no ZIP file")
    _, _, _, _, entries, size, start, _ = _END.unpack(tail[-_END.size :])
    locator = tail[-_END.size - _LOCATOR64.size : -_END.size]
    if locator[:4] != b"PK\x06\x07":
        return entries, start, size
    end64 = tail[-END_SIZE : -_END.size - _LOCATOR64.size]
    if end64[:4] != b"PK\x06\x06":
        raise FormatError("ZIP64 locator without its end record")
    fields = _END64.unpack(end64)
    return fields[7], fields[9], fields[8]


def _flags(name: bytes) -> int:
    return 0 if name.isascii() else _UTF8


def _wide_values(extra: bytes, narrow: tuple[int, int, int]) -> tuple[int, int, int]:
    """The values, those of 0xFFFFFFFF taken from the ZIP64 extra field, where they stand in this order."""
    wide = iter(_zip64_field(extra))
    try:
        size, compressed, offset = (next(wide) if value == _U32 else value for value in narrow)
    except (RuntimeError, ValueError) as error:
        raise FormatError("a ZIP64 extra field is too short") from error
    return size, compressed, offset


def _zip64_field(extra: bytes) -> tuple[int, ...]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            body = extra[at + 4 : at + 4 + length // 8 * 8]
            return struct.unpack(f"<{len(body) // 8}Q", body)
        at += 4 + length
    return ()
