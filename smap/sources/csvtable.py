"""CSV as a table to join: every field a text, in UTF-8 or CP949, whichever of the usual separators it has."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from smap.errors import InputError
from smap.sources.encoding import python_codec

__all__ = ["read_csv"]

_BLOCK = 1 << 20
_SEPARATORS = ",\t;|"


def read_csv(path: Path, *, encoding: str | None, fields: Collection[str]) -> pa.RecordBatch:
    """The rows of a CSV as texts, with all its fields, of which only those in `fields` are filled.

    Without `encoding` the bytes decide between UTF-8 and CP949. InputError (one line) for what is no table.
    """
    codec = python_codec(encoding, where=str(path)) if encoding else _detected(path)
    names, separator = _header(path, codec)
    wanted = [name for name in names if name in fields]
    try:
        table = pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(encoding=codec),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{path}: damaged or unreadable CSV ({codec}): {said[:200]}") from error
    return pa.RecordBatch.from_pydict({name: _column(table, name) for name in names})


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    chunks = table.column(name).chunks
    return pa.concat_arrays(chunks) if chunks else pa.nulls(0, pa.string())


def _header(path: Path, codec: str) -> tuple[list[str], str]:
    with path.open(encoding=codec, newline="") as file:
        line = file.readline().removeprefix("\ufeff").strip("\r\n")
    separator = max(_SEPARATORS, key=line.count)
    names = [name.strip('"') for name in line.split(separator)]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            f"{path}: no table: its first line must name at least two fields, each once: {line[:60]!r}"
        )
    return names, separator


def _detected(path: Path) -> str:
    for codec in ("utf-8", "cp949"):
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return codec
    raise InputError(f"{path}: text is neither UTF-8 nor CP949; set encoding =")
