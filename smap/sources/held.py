"""Rows of files that are read by us and not by GDAL: what a document holds, as one table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

__all__ = ["GEOMETRY", "HeldTable", "table_of"]

GEOMETRY = "wkb_geometry"
"""The column of footprints."""


@dataclass(frozen=True)
class HeldTable:
    """n features. rows: attributes, with `GEOMETRY`; crs: as `parse_crs` takes it.

    lost: features that are not among the rows, by reason; warnings: what is doubtful, one line each.
    """

    rows: pa.RecordBatch
    crs: str | None
    lost: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def table_of(features: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> pa.RecordBatch:
    """Features as rows, `columns` first; a column has numbers where all are numbers, else texts."""
    names = dict.fromkeys([*columns, *(name for one in features for name in one)])
    return pa.RecordBatch.from_pydict(
        {name: _column(name, [one.get(name) for one in features]) for name in names}
    )


def _column(name: str, values: list[Any]) -> pa.Array:
    """What is nested becomes JSON."""
    if name == GEOMETRY:
        return pa.array(values, pa.binary())
    known = [v for v in values if v is not None]
    if known and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    texts = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    return pa.array(texts, pa.string())
