"""Lines with what is known of them: from a snapshot of the content or from an operator's own file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sources.formats import identify, locate
from smap.sources.layers import OpenLayer, crs_of, open_layer, rows_of
from smap.sources.mapfile import MapSpec, check_count, in_degrees

__all__ = ["Line", "Lines", "read_lines"]

_ROWS = 16_384
_LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True)
class Line:
    """One feature: lonlat, float64 (n, 2) in degrees, of each of its parts; facts: what is known, no None."""

    id: str
    parts: tuple[NDArray[np.float64], ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Lines:
    """read: features of the source; dropped: why some are no lines."""

    lines: tuple[Line, ...]
    read: int
    dropped: Mapping[str, int]


def read_lines(spec: MapSpec, wanted: tuple[str, ...]) -> Lines:
    """The lines of a source with the wanted properties, as far as it has them.

    They are found under our own names, or as spec.fields says; a `member` of the spec is not looked at.
    InputError, CrsError or RecipeError (one line each) for whatever is wrong with a file or the spec.
    """
    lines: list[Line] = []
    dropped: Counter[str] = Counter()
    read = 0
    for path in locate(spec.path):
        layer = open_layer(identify(path), spec)
        shapes, facts = _rows(layer, spec, wanted, path)
        read += len(shapes)
        whole = in_degrees(shapes, crs_of(layer, spec.crs, shapely.get_coordinates(shapes[:1000])), str(path))
        for number, (shape, fact) in enumerate(zip(whole, facts, strict=True), len(lines) + 1):
            reason = _unfit(shape)
            if reason:
                dropped[reason] += 1
                continue
            parts = tuple(shapely.get_coordinates(part) for part in shapely.get_parts(shape))
            lines.append(Line(str(fact.pop("id", number)), parts, fact))
    if not lines:
        kinds = "; ".join(f"{n} {reason}" for reason, n in dropped.items()) or "no features"
        raise InputError(f"{spec.path}: holds no lines ({kinds})")
    return Lines(tuple(lines), read, dict(dropped))


def _rows(
    layer: OpenLayer, spec: MapSpec, wanted: tuple[str, ...], path: Path
) -> tuple[NDArray[np.object_], list[dict[str, Any]]]:
    theirs = {ours: spec.fields.get(ours, ours) for ours in wanted}
    theirs = {ours: name for ours, name in theirs.items() if name in layer.names}
    shapes, facts = [], []
    for batch, geometry in rows_of(layer, columns=[*theirs.values()], condition=spec.where, rows=_ROWS):
        if geometry is None:
            raise InputError(f"{path}: the layer '{layer.title}' has no geometry")
        shapes.append(shapely.from_wkb(np.asarray(geometry.to_numpy(zero_copy_only=False), object), "ignore"))
        facts += _facts(batch, theirs)
    found = np.concatenate(shapes) if shapes else np.empty(0, object)
    if spec.where is None:
        check_count(len(found), layer)
    return found, facts


def _facts(batch: pa.RecordBatch, theirs: Mapping[str, str]) -> list[dict[str, Any]]:
    columns = {ours: batch.column(name).to_pylist() for ours, name in theirs.items()}
    rows = range(batch.num_rows)
    return [
        {ours: values[row] for ours, values in columns.items() if values[row] is not None} for row in rows
    ]


def _unfit(shape: Any) -> str | None:
    if shape is None or shape.is_empty:
        return "no_geometry"
    return None if shape.geom_type in _LINES else "not_a_line"
