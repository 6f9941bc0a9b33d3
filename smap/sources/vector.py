"""Buildings from vector files: GeoJSON, GeoJSON lines, GeoPackage, Shapefile, FlatGeobuf, chunk by chunk."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smap.errors import InputError, RecipeError
from smap.geo.crs import Crs
from smap.scene.footprint import Footprints
from smap.scene.surfaces import Surfaces
from smap.sources.columns import kind_of, values
from smap.sources.formats import identify, locate
from smap.sources.held import GEOMETRY
from smap.sources.layers import OpenLayer, crs_of, doubts, open_layer, rows_of
from smap.sources.outline import Shapes, place, sound_polygons
from smap.sources.placing import parcel_field
from smap.sources.solids import MESH, placed_surfaces
from smap.sources.tally import Tally, check_first, check_whole, note

__all__ = ["FeatureChunk", "GivenLayer", "VectorSpec", "given_layers", "read_features"]

_DATUMS = ("EPSG:5193", "EPSG:5773")
"""Vertical datums whose heights `geo.geoid` can bring to the ellipsoid."""

_CHUNK = 65536
"""Rows of a batch: about 20 MB with their outlines."""
_AHEAD = 2
"""So many batches are made sound at once, while the next is read."""


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
    are no number where one is wanted, by our name; ordinal: int64 (n,), place in the whole source from 0;
    warnings: what is doubtful about the file, said once, one line each. surfaces: where the source has
    them; faults: of surfaces, counted once.
    """

    footprints: Footprints
    columns: dict[str, NDArray[np.generic]]
    read: int
    dropped: dict[str, int]
    repaired: int
    unreadable: dict[str, int]
    ordinal: NDArray[np.int64]
    warnings: tuple[str, ...] = ()
    surfaces: Surfaces | None = None
    faults: Mapping[str, int] = field(default_factory=dict)


Given = Callable[["GivenLayer", pa.RecordBatch], None]
"""Who is shown the rows of a layer as they are read, before anything is made of them."""


@dataclass(frozen=True)
class GivenLayer:
    """A layer of a source by its rows as the file gives them. kinds: of the columns that are published."""

    layer: OpenLayer
    kinds: Mapping[str, str]
    spec: VectorSpec

    def row_by_row(self, schema: pa.Schema) -> bool:
        """Whether each row becomes a feature whatever the others are; fractions as texts look at all."""
        columns = self.layer.columns
        texts = [theirs for ours, theirs in columns.items() if self.kinds[ours] == "text"]
        fractions = any(pa.types.is_floating(schema.field(name).type) for name in texts)
        alone = self.layer.held is None and self.spec.where is None
        return alone and not fractions and not parcel_field(columns)

    def batches(self, *, chunk: int = _CHUNK) -> Iterator[pa.RecordBatch]:
        """The rows, in the batches in which they are read as features."""
        needed = _needed(self.layer, self.spec.where)
        for batch, geometry in rows_of(self.layer, columns=needed, condition=self.spec.where, rows=chunk):
            yield _as_one(batch, geometry, needed)

    def features(self, rows: pa.RecordBatch) -> tuple[FeatureChunk, int]:
        """What some of the rows become, and how many of them lie astray."""
        shapes = sound_polygons(rows.column(GEOMETRY), where=self.layer.where)
        crs = crs_of(self.layer, self.spec.crs, shapes.sample(1000))
        tally = Tally()
        chunk = _chunk(rows, shapes, self.layer, self.kinds, _Place(crs, self.spec.clip), tally)
        return chunk, tally.astray

    def check_count(self, rows: int) -> None:
        """InputError when the file has more than so many rows, so that some cannot be read."""
        check_whole(Tally(read=rows), self.layer, None, condition=self.spec.where, clip=None)


def given_layers(spec: VectorSpec, *, chunk: int = _CHUNK) -> list[GivenLayer]:
    """The layers of all files of a source, opened; errors as in `read_features`."""
    paths = locate(spec.path)
    once = chunk if len(paths) == 1 and spec.where is None else None
    layers = [open_layer(identify(path), spec, once=once) for path in paths]
    published = dict.fromkeys(ours for layer in layers for ours in layer.columns)
    kinds = {ours: kind_of(ours, {x.kind(ours) for x in layers} - {"absent"}) for ours in published}
    return [GivenLayer(layer, kinds, spec) for layer in layers]


def read_features(
    spec: VectorSpec, *, chunk: int = _CHUNK, given: Given | None = None
) -> Iterator[FeatureChunk]:
    """All features of a source, at most `chunk` at a time; memory is bounded by the chunk.

    given: who is shown the rows before.
    InputError, CrsError or RecipeError (one line each) for whatever is wrong with a file, its reference
    system or the spec; a fault that shows only in the middle is raised there, and one of the whole (most of a
    file outside its area, features missing) at its end.
    """
    layers = given_layers(spec, chunk=chunk)
    start = 0
    for one in layers:
        tally = Tally()
        for part in _chunks(one, tally, chunk, given):
            yield replace(part, ordinal=part.ordinal + start)
        start += tally.read
    if start == 0:
        condition = f' for which where = "{spec.where}" holds' if spec.where else ""
        raise InputError(f"{spec.path}: the layer '{layers[0].layer.title}' holds no features{condition}")


def _chunks(one: GivenLayer, tally: Tally, rows: int, given: Given | None) -> Iterator[FeatureChunk]:
    crs: Crs | None = None
    layer, spec = one.layer, one.spec
    source = rows_of(layer, columns=_needed(layer, spec.where), condition=spec.where, rows=rows)
    if given is not None:
        source = _shown(source, one, given)
    for batch, shapes in _with_shapes(source, layer.where):
        crs = crs or crs_of(layer, spec.crs, shapes.sample(1000))
        chunk = _chunk(batch, shapes, layer, one.kinds, _Place(crs, spec.clip), tally)
        if tally.read == batch.num_rows:
            check_first(tally, layer, crs)
            chunk = _with_doubts(chunk, layer, doubts(layer, crs, shapes.sample(1000)), spec.where)
        yield chunk
    check_whole(tally, layer, crs, condition=spec.where, clip=spec.clip)


def _shown(
    source: Iterator[tuple[pa.RecordBatch, pa.Array | None]], one: GivenLayer, given: Given
) -> Iterator[tuple[pa.RecordBatch, pa.Array | None]]:
    names = _needed(one.layer, one.spec.where)
    for batch, geometry in source:
        given(one, _as_one(batch, geometry, names))
        yield batch, geometry


def _as_one(batch: pa.RecordBatch, geometry: pa.Array | None, names: list[str]) -> pa.RecordBatch:
    """The columns that are read, and last the outlines under `GEOMETRY`."""
    columns = [batch.column(name) for name in names]
    return pa.RecordBatch.from_arrays([*columns, _wkb(geometry, batch.num_rows)], names=[*names, GEOMETRY])


def _with_shapes(
    source: Iterator[tuple[pa.RecordBatch, pa.Array | None]], where: str
) -> Iterator[tuple[pa.RecordBatch, Shapes]]:
    """Batches with their outlines made sound, by threads while the next are read; faults at their place."""
    with ThreadPoolExecutor(_AHEAD) as pool:
        waiting: deque[tuple[pa.RecordBatch, Future[Shapes]]] = deque()
        fault: InputError | RecipeError | None = None
        while True:
            try:
                found = next(source, None)
            except (InputError, RecipeError) as error:
                found, fault = None, error
            if found is not None:
                batch, geometry = found
                shapes = pool.submit(sound_polygons, _wkb(geometry, batch.num_rows), where=where)
                waiting.append((batch, shapes))
            if not waiting:
                break
            if found is None or len(waiting) > _AHEAD:
                batch, shapes = waiting.popleft()
                yield batch, shapes.result()
    if fault is not None:
        raise fault


def _with_doubts(
    chunk: FeatureChunk, layer: OpenLayer, told: tuple[str, ...], condition: str | None
) -> FeatureChunk:
    """The first chunk also tells of what is not among the rows: those of a table that no shape belongs to,
    which GDAL passes over, and features of a document that have no outline.
    """
    lost = Counter({"no_geometry": layer.file.shapeless if condition is None else 0})
    lost += Counter(layer.held.lost if layer.held else {})
    dropped = Counter(chunk.dropped) + lost
    told_of = {kind: n for kind, n in (layer.held.faults if layer.held else {}).items() if n}
    return replace(
        chunk, read=chunk.read + lost.total(), dropped=dict(dropped), warnings=told, faults=told_of
    )


def _needed(layer: OpenLayer, condition: str | None) -> list[str]:
    """The published fields, and those of the condition: OGR takes a field that is not read for NULL."""
    said = (condition or "").lower()
    return sorted({*layer.columns.values(), *(name for name in layer.names if name.lower() in said)})


@dataclass(frozen=True)
class _Place:
    crs: Crs
    clip: tuple[float, float, float, float] | None


def _wkb(geometry: pa.Array | None, rows: int) -> pa.Array:
    return pa.nulls(rows, pa.binary()) if geometry is None else geometry


def _chunk(
    batch: pa.RecordBatch,
    shapes: Shapes,
    layer: OpenLayer,
    kinds: Mapping[str, str],
    at: _Place,
    tally: Tally,
) -> FeatureChunk:
    outlines = place(shapes, at.crs, at.clip)
    columns, unreadable = _columns(batch, layer, kinds, outlines.row)
    dropped = Counter(shapes.dropped)
    if outside := len(shapes) - len(outlines.row):
        dropped["outside_area"] += outside
    ordinal = outlines.row + tally.read
    note(tally, batch, shapes, outlines, layer)
    return FeatureChunk(
        outlines.footprints,
        columns,
        batch.num_rows,
        dict(dropped),
        shapes.repaired,
        unreadable,
        ordinal,
        surfaces=_surfaces(batch, outlines.row, at.crs),
    )


def _surfaces(batch: pa.RecordBatch, rows: NDArray[np.int64], crs: Crs) -> Surfaces | None:
    if MESH not in batch.schema.names or not pa.types.is_binary(batch.schema.field(MESH).type):
        return None
    return placed_surfaces(batch.column(MESH), rows, crs, datum_known=crs.vertical in _DATUMS)


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
