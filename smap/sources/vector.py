"""Buildings from vector files: GeoJSON, GeoJSON lines, GeoPackage, Shapefile, FlatGeobuf, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from smap.errors import CrsError, InputError
from smap.geo.crs import Crs, wrong_place
from smap.scene.footprint import Footprints
from smap.sources.columns import kind_of, values
from smap.sources.formats import identify, locate
from smap.sources.gdal import batches
from smap.sources.integrity import first_bad_feature, first_bad_line
from smap.sources.layers import OpenLayer, crs_of, open_layer
from smap.sources.outline import Shapes, place, sound_polygons

__all__ = ["FeatureChunk", "VectorSpec", "read_features"]


@dataclass(frozen=True)
class VectorSpec:
    """What to read. path: a file or a glob; fields: our property to their field (they win over the preset's).

    keep: fields published under their own names; clip: west, south, east, north in degrees (None: Korea);
    crs: only where the file does not say; encoding: of a Shapefile's table; where: a condition in OGR SQL.
    """

    path: str | Path
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    where: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    clip: tuple[float, float, float, float] | None = None
    preset: str | None = None


@dataclass(frozen=True)
class FeatureChunk:
    """Some features, in the order of the file.

    columns: by OUR name for mapped fields, by the source's for kept ones, each (n,): texts as objects with
    None, numbers as float64 with NaN or int64 ("id" and "pnu" are always texts). read: features that the
    file yielded; dropped: why some are not here; repaired: how many were invalid; unreadable: values that
    are no number where one is wanted, by our name; ordinal: int64 (n,), place in the whole source from 0.
    """

    footprints: Footprints
    columns: dict[str, NDArray[np.generic]]
    read: int
    dropped: dict[str, int]
    repaired: int
    unreadable: dict[str, int]
    ordinal: NDArray[np.int64]


@dataclass
class _Tally:
    """Where the features of one file lie, to tell a wrong reference system from a few stray features."""

    read: int = 0
    placed: int = 0
    astray: int = 0
    inside: int = 0
    bounds: NDArray[np.float64] = field(default_factory=lambda: np.array([np.inf, np.inf, -np.inf, -np.inf]))


def read_features(spec: VectorSpec, *, chunk: int = 65536) -> Iterator[FeatureChunk]:
    """All features of a source, at most `chunk` at a time; memory is bounded by the chunk.

    InputError, CrsError or RecipeError (one line each) for whatever is wrong with a file, its reference
    system or the spec; a fault that shows only in the middle is raised there, and one of the whole (most of a
    file outside its area, features missing) at its end.
    """
    layers = [open_layer(identify(path), spec) for path in locate(spec.path)]
    published = dict.fromkeys(ours for layer in layers for ours in layer.columns)
    kinds = {ours: kind_of(ours, {x.kind(ours) for x in layers} - {"absent"}) for ours in published}
    start = 0
    for layer in layers:
        tally = _Tally()
        for part in _chunks(layer, spec, kinds, tally, chunk):
            yield _moved(part, start)
        _check_whole(layer, spec, tally)
        start += tally.read
    if start == 0:
        condition = f" for which where = '{spec.where}' holds" if spec.where else ""
        raise InputError(f"{spec.path}: the layer '{layers[0].title}' holds no features{condition}")


def _moved(part: FeatureChunk, start: int) -> FeatureChunk:
    ordinal = part.ordinal + start
    return FeatureChunk(
        part.footprints, part.columns, part.read, part.dropped, part.repaired, part.unreadable, ordinal
    )


def _chunks(
    layer: OpenLayer, spec: VectorSpec, kinds: Mapping[str, str], tally: _Tally, rows: int
) -> Iterator[FeatureChunk]:
    crs: Crs | None = None
    source = batches(
        layer.file.gdal,
        layer=layer.name,
        columns=_needed(layer, spec.where),
        encoding=layer.encoding,
        condition=spec.where,
        rows=rows,
        where=layer.where,
    )
    for batch, geometry in source:
        shapes = sound_polygons(_wkb(geometry, batch.num_rows), where=layer.where)
        crs = crs or crs_of(layer, spec.crs, shapely.get_coordinates(shapes.polygons[:1000]))
        yield _chunk(batch, shapes, layer, kinds, _Place(crs, spec.clip), tally)
        _check_first(layer, crs, tally, batch.num_rows)
    if crs is not None and tally.astray * 2 > tally.placed:
        raise wrong_place(crs, _box(tally), where=layer.where)


def _needed(layer: OpenLayer, condition: str | None) -> list[str]:
    """The published fields, and those of the condition: OGR takes a field that is not read for NULL."""
    said = (condition or "").lower()
    return sorted({*layer.columns.values(), *(name for name in layer.names if name.lower() in said)})


@dataclass(frozen=True)
class _Place:
    crs: Crs
    clip: tuple[float, float, float, float] | None


def _wkb(geometry: pa.Array | None, rows: int) -> NDArray[np.object_]:
    if geometry is None:
        return np.full(rows, None, object)
    return np.asarray(geometry.to_numpy(zero_copy_only=False), object)


def _chunk(
    batch: pa.RecordBatch,
    shapes: Shapes,
    layer: OpenLayer,
    kinds: Mapping[str, str],
    at: _Place,
    tally: _Tally,
) -> FeatureChunk:
    outlines = place(shapes, at.crs, at.clip)
    rows = shapes.row[outlines.kept]
    columns, unreadable = _columns(batch, layer, kinds, rows)
    dropped = Counter(shapes.dropped)
    if outside := len(shapes.row) - len(rows):
        dropped["outside_area"] += outside
    ordinal = rows + tally.read
    _count(tally, batch.num_rows, shapes, outlines.misplaced, len(rows))
    return FeatureChunk(
        outlines.footprints, columns, batch.num_rows, dict(dropped), shapes.repaired, unreadable, ordinal
    )


def _columns(
    batch: pa.RecordBatch, layer: OpenLayer, kinds: Mapping[str, str], rows: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.generic]], dict[str, int]]:
    columns: dict[str, NDArray[np.generic]] = {}
    unreadable: dict[str, int] = {}
    for ours, kind in kinds.items():
        theirs = layer.columns.get(ours)
        column = batch.column(theirs) if theirs else pa.nulls(batch.num_rows, pa.string())
        found, bad = values(column, kind)
        columns[ours] = found[rows]
        if bad:
            unreadable[ours] = bad
    return columns, unreadable


def _count(tally: _Tally, read: int, shapes: Shapes, astray: int, inside: int) -> None:
    tally.read += read
    tally.placed += len(shapes.row)
    tally.astray += astray
    tally.inside += inside
    if len(shapes.row):
        low_high = shapely.total_bounds(shapes.polygons)
        tally.bounds[:2] = np.minimum(tally.bounds[:2], low_high[:2])
        tally.bounds[2:] = np.maximum(tally.bounds[2:], low_high[2:])


def _box(tally: _Tally) -> tuple[float, float, float, float]:
    west, south, east, north = (float(v) for v in tally.bounds)
    return west, south, east, north


def _check_first(layer: OpenLayer, crs: Crs, tally: _Tally, rows: int) -> None:
    """A file whose first chunk lies wholly astray is not read to its end."""
    if tally.read == rows and tally.placed and tally.astray == tally.placed:
        raise wrong_place(crs, _box(tally), where=layer.where)


def _check_whole(layer: OpenLayer, spec: VectorSpec, tally: _Tally) -> None:
    if spec.where is None and layer.file.lines is not None and tally.read != layer.file.lines:
        raise InputError(f"{layer.where}: {first_bad_line(layer.file.path)}")
    if (
        spec.where is None
        and tally.read < layer.file.geometries
        and (bad := first_bad_feature(layer.file.path))
    ):
        raise InputError(f"{layer.where}: {bad}")
    if spec.where is None and tally.read < layer.count:
        raise InputError(
            f"{layer.where}: truncated: {tally.read:,} features of {layer.count:,} could be read"
        )
    if tally.read == 0 and spec.where is None:
        raise InputError(f"{layer.where}: the layer '{layer.title}' holds no features")
    if tally.placed and not tally.inside and spec.clip:
        raise CrsError(f"{layer.where}: none of {tally.placed:,} features lies in clip = {list(spec.clip)}")
