"""In which encoding a DBF table is written: what it says of itself, and what its bytes allow."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

from smap.errors import InputError, RecipeError

__all__ = ["DbfEncoding", "dbf_encoding", "python_codec"]

# dBASE language driver ids (byte 29) that name an Asian code page; 0 and 0x57 ("ANSI") name none
_LANGUAGE_DRIVERS = {0x13: "cp932", 0x4D: "gbk", 0x4E: "cp949", 0x4F: "cp950"}
_RECORDS_AT_ONCE = 8192


@dataclass(frozen=True)
class DbfEncoding:
    """codec: Python's name; origin: "given", "cpg", "header" or "detected"."""

    codec: str
    origin: str


@dataclass(frozen=True)
class _Field:
    name: bytes
    offset: int
    length: int


@dataclass(frozen=True)
class _Misfit:
    """The first value that a codec cannot read: row counts from 1, 0 is the field's own name."""

    field: bytes
    row: int
    value: bytes


@dataclass
class _Trial:
    misfits: dict[str, _Misfit | None]
    first: _Misfit | None = field(default=None)


def python_codec(name: str, *, where: str) -> str:
    """Python's name for an encoding as people and .cpg files write it; RecipeError when there is none."""
    plain = name.strip().upper().replace("_", "-")
    digits = plain.removeprefix("ANSI").removeprefix("CP").removeprefix("-").strip()
    if digits.isdigit():
        plain = {"65001": "UTF-8", "88591": "ISO-8859-1", "51949": "EUC-KR"}.get(digits, f"CP{digits}")
    try:
        codec = codecs.lookup(plain).name
    except LookupError as error:
        raise RecipeError(f"{where}: unknown encoding '{name}'; usual: cp949, utf-8") from error
    # Windows writes CP949 and calls it EUC-KR; CP949 reads both
    return "cp949" if codec in {"euc_kr", "ks_c_5601-1987"} else codec


def dbf_encoding(
    table: IO[bytes], *, given: str | None, cpg: str | None, fields: Collection[str] | None, where: str
) -> DbfEncoding:
    """The encoding of a DBF table, checked against the text of every record in `fields` (None: all).

    The recipe's word (`given`) comes first, then the .cpg file's, then the table's header; with none of them
    the bytes decide between UTF-8 and CP949. InputError names the field, the row and the encoding to set when
    the text cannot be read so, or could but would be gibberish (UTF-8 read as CP949).
    """
    header = _header(table, where)
    stated = _stated(header[29], given, cpg, where)
    trial = _try_all(table, header, fields, [stated.codec] if stated else [])
    found = _detected(trial, where) if stated is None else _agreed(stated, trial, where)
    _check_names(header, found.codec, where)
    return found


def _agreed(stated: DbfEncoding, trial: _Trial, where: str) -> DbfEncoding:
    misfit = trial.misfits[stated.codec]
    if misfit or (trial.first is not None and _gibberish(stated.codec, trial)):
        raise InputError(_advice(misfit or trial.first, stated, trial, where))
    return stated


def _check_names(header: bytes, codec: str, where: str) -> None:
    """Names are ten bytes long: some programs cut a Korean letter in two, and GDAL reads no such file."""
    for name in _names(header):
        try:
            name.decode(codec)
        except UnicodeDecodeError:
            whole = codecs.getincrementaldecoder(codec)("ignore").decode(name)
            raise InputError(
                f"{where}: the name of field '{whole}…' is cut in the middle of a letter: give it a shorter "
                "name, or save the file as a GeoPackage"
            ) from None


def _header(table: IO[bytes], where: str) -> bytes:
    start = table.read(32)
    if len(start) < 32:
        raise InputError(f"{where}: the .dbf has no header: only {len(start)} bytes")
    return start + table.read(int.from_bytes(start[8:10], "little") - 32)


def _stated(driver: int, given: str | None, cpg: str | None, where: str) -> DbfEncoding | None:
    if given:
        return DbfEncoding(python_codec(given, where=where), "given")
    if cpg and cpg.strip():
        return DbfEncoding(python_codec(cpg, where=f"{where} (.cpg)"), "cpg")
    if driver in _LANGUAGE_DRIVERS:
        return DbfEncoding(_LANGUAGE_DRIVERS[driver], "header")
    return None


def _try_all(
    table: IO[bytes], header: bytes, fields: Collection[str] | None, codecs_stated: list[str]
) -> _Trial:
    trial = _Trial(dict.fromkeys(["utf-8", "cp949", *codecs_stated]))
    for name in _names(header):
        if not name.isascii():
            trial.first = trial.first or _Misfit(name, 0, name)
            for codec, misfit in trial.misfits.items():
                if misfit is None and not _readable(name, codec):
                    trial.misfits[codec] = _Misfit(name, 0, name)
    for text_field, row, values in _texts(table, header, fields):
        trial.first = trial.first or _Misfit(text_field.name, row + int(_wide(values)[0]) + 1, b"")
        for codec, misfit in trial.misfits.items():
            if misfit is None:
                trial.misfits[codec] = _misfit(text_field, row, values, codec)
    return trial


def _texts(
    table: IO[bytes], header: bytes, fields: Collection[str] | None
) -> Iterator[tuple[_Field, int, NDArray[np.uint8]]]:
    """Each text field, of each block of records, that holds bytes beyond ASCII; and the block's first row."""
    width = int.from_bytes(header[10:12], "little")
    chosen = [f for f in _text_fields(header) if fields is None or _named(f.name, fields)]
    row = 0
    while len(block := table.read(width * _RECORDS_AT_ONCE)) >= width:
        count = len(block) // width
        records = np.frombuffer(block, np.uint8, count * width).reshape(count, width)
        for f in chosen:
            values = records[:, f.offset : f.offset + f.length]
            if len(_wide(values)):
                yield f, row, values
        row += count


def _text_fields(header: bytes) -> list[_Field]:
    found, offset = [], 1
    for entry in _entries(header):
        if entry[11:12] == b"C":
            found.append(_Field(_name(entry), offset, entry[16]))
        offset += entry[16]
    return found


def _names(header: bytes) -> list[bytes]:
    return [_name(entry) for entry in _entries(header)]


def _name(entry: bytes) -> bytes:
    return entry[:11].split(b"\0")[0]


def _entries(header: bytes) -> Iterator[bytes]:
    """The descriptions of the fields, 32 bytes each, up to the mark of their end."""
    for at in range(32, len(header) - 31, 32):
        if header[at] == 0x0D:
            break
        yield header[at : at + 32]


def _named(name: bytes, fields: Collection[str]) -> bool:
    return any(name in {f.encode("utf-8"), f.encode("cp949", "replace")} for f in fields)


def _wide(values: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.flatnonzero((values >= 0x80).any(axis=1))


def _misfit(text_field: _Field, row: int, values: NDArray[np.uint8], codec: str) -> _Misfit | None:
    rows = _wide(values)
    lines = np.full((len(rows), values.shape[1] + 1), 0x0A, np.uint8)
    lines[:, :-1] = values[rows]
    try:
        lines.tobytes().decode(codec)
    except UnicodeDecodeError:
        for r in rows:
            if not _readable(value := values[r].tobytes(), codec):
                return _Misfit(text_field.name, row + int(r) + 1, value)
    return None


def _readable(value: bytes, codec: str) -> bool:
    """Whether the value can be read, but for a last character that the width of the field cut through."""
    try:
        codecs.getincrementaldecoder(codec)().decode(value, final=value[-1:] in {b" ", b"\0"})
    except UnicodeDecodeError:
        return False
    return True


def _gibberish(codec: str, trial: _Trial) -> bool:
    """Text that is sound UTF-8, or sound CP949 said to be of single bytes, is nothing else by chance."""
    single = len("가".encode(codec, "replace")) == 1
    return (codec != "utf-8" and trial.misfits["utf-8"] is None) or (
        single and trial.misfits["cp949"] is None
    )


def _detected(trial: _Trial, where: str) -> DbfEncoding:
    for codec in ("utf-8", "cp949"):
        if (misfit := trial.misfits[codec]) is None:
            return DbfEncoding(codec, "detected")
    assert misfit is not None
    raise InputError(f"{where}: {_label(misfit)}: text is neither UTF-8 nor CP949; set encoding =")


def _advice(misfit: _Misfit | None, stated: DbfEncoding, trial: _Trial, where: str) -> str:
    assert misfit is not None
    fitting = next((c for c in ("utf-8", "cp949") if c != stated.codec and trial.misfits[c] is None), None)
    says = {"given": "encoding =", "cpg": "its .cpg says", "header": "its header says"}[stated.origin]
    advice = f'set encoding = "{fitting}"' if fitting else "neither UTF-8 nor CP949 fits either"
    return f"{where}: {_label(misfit)}: text cannot be {stated.codec} ({says} {stated.codec}); {advice}"


def _label(misfit: _Misfit) -> str:
    try:
        name = misfit.field.decode("utf-8")
    except UnicodeDecodeError:
        name = misfit.field.decode("cp949", "replace")
    return f"field '{name}', row {misfit.row}" if misfit.row else f"the name of field '{name}'"
