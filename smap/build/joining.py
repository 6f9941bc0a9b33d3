"""Joining: what another file knows of the same buildings fills what the source does not know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smap.build.recipe import Join
from smap.scene.identity import as_texts
from smap.sources.join import PNU_DIGITS, JoinSpec, JoinTable, key_texts, looked_up, read_join

__all__ = ["fill", "read_table"]

Column = NDArray[Any]

_POSITIVE = frozenset({"height", "floors"})
"""Of these 0 means unknown, as the ladder of heights takes it."""


def read_table(join: Join) -> JoinTable:
    """The table of a [[source.join]]; errors as in `read_join`. By PNU, longer keys are cut to its digits."""
    return read_join(
        JoinSpec(
            paths=join.paths,
            key=join.key,
            layer=join.layer,
            encoding=join.encoding,
            where=join.where,
            fields=join.fields or {},
            keep=join.keep,
            preset=join.preset,
            digits=PNU_DIGITS if join.on == "pnu" else None,
        )
    )


def fill(
    columns: Mapping[str, Column], keys: Column, table: JoinTable, join: Join
) -> tuple[dict[str, Column], dict[str, Any], str | None]:
    """The columns, each (n,), with what the table knows where they know nothing; figures; a warning.

    keys: object (n,), the source's own, None where blank.
    """
    own = key_texts(pa.array(keys, pa.string()), PNU_DIGITS if join.on == "pnu" else None)
    place = looked_up(table, own)
    result = dict(columns)
    for field, theirs in table.columns.items():
        result[field] = _filled(field, columns.get(field), theirs, place)
    matched = int((place >= 0).sum())
    blank = own.null_count
    used = len(np.unique(place[place >= 0]))
    figures: dict[str, Any] = {
        "files": [Path(path).name for path in join.paths],
        "rows": table.rows,
        "rows_without_key": table.blank,
        "double_keys": table.double,
        "disagreeing": table.disagreeing,
        "keys_without_feature": len(table.keys) - used,
        "matched": matched,
        "unmatched": len(keys) - matched - blank,
        "without_key": blank,
        "texts_that_are_no_numbers": table.unreadable,
    }
    return result, figures, None if matched else _strangers(own, table, join)


def _filled(field: str, own: Column | None, theirs: Column, place: NDArray[np.int64]) -> Column:
    found = np.full(len(place), None if theirs.dtype.kind == "O" else np.nan, theirs.dtype)
    there = place >= 0
    found[there] = theirs[place[there]]
    if own is None:
        return found
    if (own.dtype.kind == "O") != (found.dtype.kind == "O"):
        own, found = (as_texts(column) for column in (own, found))
    unknown: Column = np.array([v is None for v in own.tolist()]) if own.dtype.kind == "O" else np.isnan(own)
    if field in _POSITIVE and own.dtype.kind != "O":
        unknown |= own <= 0.0
        unknown &= ~np.isnan(found)
    return np.where(unknown, found, own)


def _strangers(own: pa.Array, table: JoinTable, join: Join) -> str:
    ours = next((key for key in own.to_pylist() if key), "")
    theirs = table.keys[0].as_py() if len(table.keys) else ""
    return (
        f"{Path(join.paths[0]).name}: no feature has a key of this join: '{join.on}' is like "
        f"'{_form(ours)}', '{join.key}' is like '{_form(theirs)}'"
    )


def _form(key: str) -> str:
    """How a key is made, 9 for each digit and a for each letter: what a mask hides must not be named."""
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in key)
