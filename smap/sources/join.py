"""Joins: attributes of other files by a key, without their geometry; what rows disagree on is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sources.columns import kind_of, texts, values
from smap.sources.formats import identify, locate
from smap.sources.layers import OpenLayer, open_layer, rows_of

__all__ = ["PNU_DIGITS", "JoinSpec", "JoinTable", "key_texts", "looked_up", "read_join"]

PNU_DIGITS = 19
"""Digits of a parcel's number; the 25 of a BD_MGT_SN begin with them."""

_KEY = "key of the join"


@dataclass(frozen=True)
class JoinSpec:
    """What to join. paths: files or globs; key: their field; fields, keep, preset, layer, encoding, where: as
    in `VectorSpec`. digits: of the key so many are compared (None: all).
    """

    paths: tuple[str, ...]
    key: str
    layer: str | None = None
    encoding: str | None = None
    where: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    preset: str | None = None
    digits: int | None = None


@dataclass(frozen=True)
class JoinTable:
    """Attributes by key. keys: Arrow strings (k,), each once.

    columns: by our name or their kept one, each (k,), as in `FeatureChunk`: what all rows of a key that know
    it agree on. rows: rows read; blank: of them without a key; double: keys that stand in several rows;
    disagreeing: keys whose rows differ, by column; unreadable: values that are no number, by column.
    """

    keys: pa.Array
    columns: dict[str, NDArray[np.generic]]
    rows: int
    blank: int
    double: int
    disagreeing: dict[str, int]
    unreadable: dict[str, int]


@dataclass(frozen=True)
class _Wanted:
    """A spec as `open_layer` wants it: the key is one more field."""

    layer: str | None
    encoding: str | None
    preset: str | None
    fields: Mapping[str, str]
    keep: tuple[str, ...]


def read_join(spec: JoinSpec) -> JoinTable:
    """All rows of the files; InputError or RecipeError (one line) for a file or a field that is not there."""
    wanted = _Wanted(spec.layer, spec.encoding, spec.preset, {**spec.fields, _KEY: spec.key}, spec.keep)
    paths = [path for text in spec.paths for path in locate(text, tables=True)]
    layers = [open_layer(identify(path, tables=True), wanted, tables=True) for path in paths]
    published = dict.fromkeys(ours for layer in layers for ours in layer.columns if ours not in (_KEY, "id"))
    kinds = {ours: kind_of(ours, {x.kind(ours) for x in layers} - {"absent"}) for ours in published}
    keys: list[pa.Array] = []
    parts: dict[str, list[NDArray[np.generic]]] = {ours: [] for ours in kinds}
    unreadable = dict.fromkeys(kinds, 0)
    for layer in layers:
        for batch in _batches(layer, spec):
            keys.append(key_texts(batch.column(layer.columns[_KEY]), spec.digits))
            for ours, kind in kinds.items():
                theirs = layer.columns.get(ours)
                column = batch.column(theirs) if theirs else pa.nulls(batch.num_rows, pa.string())
                found, bad = values(column, kind)
                parts[ours].append(found)
                unreadable[ours] += bad
    if not keys:
        raise InputError(f"{Path(spec.paths[0])}: the join holds no rows")
    columns = {ours: np.concatenate(part) for ours, part in parts.items()}
    return _by_key(pa.concat_arrays(keys), columns, {k: n for k, n in unreadable.items() if n})


def key_texts(column: pa.Array, digits: int | None) -> pa.Array:
    """Keys as Arrow strings, without spaces around and of at most so many digits; blank ones are null."""
    plain = pa.array(texts(column), pa.string())
    return pc.utf8_slice_codeunits(plain, 0, digits) if digits else plain


def looked_up(table: JoinTable, keys: pa.Array) -> NDArray[np.int64]:
    """The place of each key in the table, -1 where it is not or is null: int64 (n,)."""
    found = pc.index_in(keys, value_set=table.keys, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)


def _batches(layer: OpenLayer, spec: JoinSpec) -> Iterator[pa.RecordBatch]:
    columns = None if spec.where else sorted(set(layer.columns.values()))
    source = rows_of(layer, columns=columns, condition=spec.where, rows=65536, shapes=False)
    return (batch for batch, _ in source)


def _by_key(keys: pa.Array, columns: dict[str, NDArray[np.generic]], unreadable: dict[str, int]) -> JoinTable:
    known = pc.drop_null(keys).dictionary_encode()
    code = np.asarray(known.indices.to_numpy(zero_copy_only=False), np.int64)
    rows = np.flatnonzero(np.asarray(pc.is_valid(keys).to_numpy(zero_copy_only=False)))
    order = np.argsort(code, kind="stable")
    first = np.searchsorted(code[order], np.arange(len(known.dictionary)))
    counts = np.bincount(code, minlength=len(known.dictionary))
    agreed: dict[str, NDArray[np.generic]] = {}
    disagreeing: dict[str, int] = {}
    for ours, column in columns.items():
        agreed[ours], differing = _agreed(column[rows[order]], first)
        if differing:
            disagreeing[ours] = differing
    blank = len(keys) - len(rows)
    double = int((counts > 1).sum())
    return JoinTable(known.dictionary, agreed, len(keys), blank, double, disagreeing, unreadable)


def _agreed(column: NDArray[np.generic], first: NDArray[np.int64]) -> tuple[NDArray[np.generic], int]:
    """One value of each run of rows that begins at `first`: what those that know it agree on; the runs that
    differ.
    """
    if not len(first):
        return column[:0], 0
    if column.dtype.kind == "O":
        words = pa.array(column, pa.string()).dictionary_encode()
        codes = np.asarray(pc.fill_null(words.indices, -1).to_numpy(zero_copy_only=False), np.float64)
        codes[codes < 0] = np.nan
        found, differing = _agreed(codes, first)
        known = ~np.isnan(found)
        texts_by_code = np.asarray(words.dictionary.to_numpy(zero_copy_only=False), object)
        result = np.full(len(first), None, object)
        result[known] = texts_by_code[found[known].astype(np.int64)]
        return result, differing
    numbers = column.astype(np.float64)
    low, high = np.fmin.reduceat(numbers, first), np.fmax.reduceat(numbers, first)
    differs = low < high
    return np.where(differs, np.nan, low), int(differs.sum())
