"""Files of content as bytes and text: their limits, gzip, zip, encodings."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from smap.errors import InputError

__all__ = ["LARGEST_FILE", "check_zip", "encoding_of", "open_file", "open_zip", "read_bytes", "read_text"]

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes after unpacking; the largest file of the city's open data (lot of 13,628 Wi-Fi points) has 1 MB."""
MOST_ENTRIES = 10_000
"""Of a zip; a workbook has about twenty."""
_PIECE = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSES = ("utf-8", "cp949")
"""What Korean offices write: strict UTF-8 cannot be taken for CP949 text by chance, so it is asked first."""


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than `LARGEST_FILE` bytes: a small gzip can hold a large file."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path, self._left = file, path, LARGEST_FILE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise InputError(f"{self._path} has more than {LARGEST_FILE // 1024**2} MB: split it")
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def open_file(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file's bytes as a bounded stream, unpacked where it is gzip. Errors: InputError."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            plain = gzip.GzipFile(fileobj=file) if packed else file
            yield io.BufferedReader(_Bounded(cast(BinaryIO, plain), path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is a damaged gzip file: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def read_bytes(path: Path) -> bytes:
    """Give a file's bytes, unpacked where it is gzip. Errors: InputError."""
    with open_file(path) as file:
        return file.read()


def read_text(path: Path, encoding: str | None = "utf-8-sig") -> str:
    """Give a file's text; without an encoding it is found. Errors: InputError, also where it does not fit."""
    if encoding is None:
        encoding = encoding_of(path)
    body = read_bytes(path)
    try:
        return body.decode(encoding)
    except LookupError:
        raise InputError(_unknown(path, encoding)) from None
    except UnicodeDecodeError as error:
        raise InputError(_misfit(path, encoding, error.start)) from None


def encoding_of(path: Path, named: str | None = None) -> str:
    """Give a file's encoding: the one that is named, else by its byte order mark, else UTF-8, else CP949.

    The whole file is tried, so that nothing was written when a byte does not fit. Errors: InputError that
    tells the place of that byte.
    """
    if named is not None:
        misfit = _first_misfit(path, named)
        if misfit is not None:
            raise InputError(_misfit(path, named, misfit))
        return named
    with open_file(path) as file:
        head = file.peek(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        return encoding_of(path, marked)
    misfits = {name: _first_misfit(path, name) for name in _GUESSES}
    found = next((name for name, misfit in misfits.items() if misfit is None), None)
    if found is None:
        told = ", ".join(f"not {name} (byte {misfit})" for name, misfit in misfits.items())
        raise InputError(f"{path}: its encoding was not found: {told}; name it as encoding in the mapping")
    return found


def _first_misfit(path: Path, encoding: str) -> int | None:
    """Where the first byte stands that does not fit, or None."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
    except LookupError:
        raise InputError(_unknown(path, encoding)) from None
    done = 0
    with open_file(path) as file:
        while piece := file.read(_PIECE):
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return done - kept + error.start
            done += len(piece)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done
    return None


def _unknown(path: Path, encoding: str) -> str:
    return f"{path}: the encoding {encoding[:40]!r} is unknown: give utf-8 or cp949"


def _misfit(path: Path, encoding: str, at: int) -> str:
    name = encoding.removesuffix("-sig")
    return f"{path} is not {name}: byte {at} does not fit; leave encoding out of the mapping to have it found"


@contextmanager
def open_zip(path: Path, *, most_mb: int = LARGEST_FILE // 1024**2) -> Iterator[zipfile.ZipFile]:
    """Open a zip that unpacks to at most so many MB. Errors: InputError."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_zip(archive, path, most_mb=most_mb)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is no zip file that can be read: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def check_zip(archive: zipfile.ZipFile, path: Path, *, most_mb: int) -> None:
    """Refuse a zip by what its directory says before anything is unpacked (zipfile never gives more).

    Errors: InputError.
    """
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES:
        raise InputError(f"{path} has {len(entries)} entries: {MOST_ENTRIES} is the most")
    if size > most_mb * 1024**2:
        raise InputError(f"{path} would unpack to {size // 1024**2} MB: {most_mb} MB is the most; split it")
