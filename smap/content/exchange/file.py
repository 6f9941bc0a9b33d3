"""Files of content as bytes and text: their limits, gzip, encodings."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from smap.errors import InputError

__all__ = ["LARGEST_FILE", "read_bytes", "read_text"]

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes after unpacking; the largest file of the city's open data (lot of 13,628 Wi-Fi points) has 1 MB."""


def read_bytes(path: Path) -> bytes:
    """Give a file's bytes, unpacked where it is gzip. Errors: InputError."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            body = (gzip.GzipFile(fileobj=file) if packed else file).read(LARGEST_FILE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is a damaged gzip file: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    if len(body) > LARGEST_FILE:
        raise InputError(f"{path} has more than {LARGEST_FILE // 1024**2} MB: split it")
    return body


def read_text(path: Path, encoding: str = "utf-8-sig") -> str:
    """Give a file's text. Errors: InputError, also where the encoding is not what it says."""
    body = read_bytes(path)
    try:
        return body.decode(encoding)
    except LookupError:
        raise InputError(f"{path}: the encoding {encoding[:40]!r} is unknown: give utf-8 or cp949") from None
    except UnicodeDecodeError as error:
        name = "utf-8" if encoding == "utf-8-sig" else encoding
        raise InputError(
            f"{path} is not {name}: byte {error.start} does not fit; name its encoding"
        ) from None
