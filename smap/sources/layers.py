"""Opening: which layer, which fields, which encoding and which reference system a file is read with."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smap.errors import CrsError, InputError, RecipeError
from smap.geo.crs import Crs, Suggestion, contradiction, fit, parse_crs
from smap.sources.cityjson import read_city
from smap.sources.csvtable import read_csv
from smap.sources.encoding import DbfEncoding, dbf_encoding
from smap.sources.formats import SourceFile
from smap.sources.gdal import Layer, batches, layer_names, layer_of, open_once
from smap.sources.held import GEOMETRY, HeldTable
from smap.sources.integrity import shapefile_sibling
from smap.sources.overpass import read_overpass
from smap.sources.placing import doubt_of, likely_first
from smap.sources.presets import PRESETS, guess_preset, resolve_preset

__all__ = ["OpenLayer", "Wanted", "crs_of", "doubts", "open_layer", "rows_of", "suggestions"]

# A file and a recipe that differ by more contradict each other
_AGREE_M = 0.5


class Wanted(Protocol):
    """What a spec says of opening; see `VectorSpec`."""

    @property
    def layer(self) -> str | None:
        """The layer's name."""

    @property
    def encoding(self) -> str | None:
        """The encoding of a Shapefile's table."""

    @property
    def preset(self) -> str | None:
        """The preset's name."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Our property to their field."""

    @property
    def keep(self) -> tuple[str, ...]:
        """Fields published under their own names."""


@dataclass(frozen=True)
class OpenLayer:
    """A layer that can be read. columns: name we publish to their field; names, kinds: of all fields.

    grid: the code of the system that files of its preset are published in, where that is known;
    kind_of_file: what they are, for messages. held: its rows, where they are in memory already; source:
    where they come from once, where the file is open already.
    """

    file: SourceFile
    name: str | None
    title: str
    crs: str | None
    count: int
    encoding: str | None
    table: DbfEncoding | None
    columns: Mapping[str, str]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    geometry: str | None
    grid: str | None = None
    kind_of_file: str = ""
    held: HeldTable | None = None
    source: Iterator[tuple[pa.RecordBatch, pa.Array | None]] | None = None

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self.file.path)

    def kind(self, ours: str) -> str:
        """ "number", "text" or "other" for a published column; "absent" when this file lacks it."""
        theirs = self.columns.get(ours)
        return self.kinds[self.names.index(theirs)] if theirs else "absent"


def open_layer(
    file: SourceFile,
    wanted: Wanted,
    *,
    every_field: bool = False,
    tables: bool = False,
    once: int | None = None,
) -> OpenLayer:
    """The layer of a file that a spec wants; InputError or RecipeError when it cannot be had so.

    Only the text of the fields that may be published is checked for its encoding, or that of `every_field`.
    tables: layers without geometry will do. once: the rows of a batch, where all rows will be read, once.
    """
    where = str(file.path)
    name = _chosen_layer(file, wanted.layer, where, tables=every_field or tables)
    table = _table(file, wanted.encoding, None if every_field else _published(wanted), where)
    encoding = table.codec if table else None
    held = _held(file, wanted)
    source = None
    if held:
        found = _layer_of_rows(file, held)
    elif once and file.lines is not None and wanted.layer is None:
        # GDAL looks through all lines for their fields whenever it opens them
        title = file.path.name.split(".")[0]
        found, source = open_once(file.gdal, name=title, count=file.lines, rows=once, where=where)
    else:
        found = layer_of(file.gdal, layer=name, encoding=encoding, where=where)
    if wanted.layer not in (None, found.name):
        raise RecipeError(f"{where}: no layer '{wanted.layer}'; the file has: {found.name}")
    if found.count == 0 and not found.fields and not every_field:
        raise InputError(f"{where}: the layer '{found.name}' holds no features")
    columns = _columns(found.fields, wanted, where)
    return OpenLayer(
        file,
        name,
        found.name,
        found.crs,
        found.count,
        encoding,
        table,
        columns,
        found.fields,
        found.kinds,
        found.geometry,
        *_published_as(wanted.preset or (guess_preset(found.fields) if every_field else None), found.fields),
        held,
        source,
    )


def _held(file: SourceFile, wanted: Wanted) -> HeldTable | None:
    """Rows and reference system of what GDAL does not read for us."""
    if file.format == "CityJSON":
        return read_city(file.path)
    if file.format == "Overpass":
        return read_overpass(file.path)
    if file.format == "CSV":
        return HeldTable(read_csv(file.path, encoding=wanted.encoding, fields=_published(wanted)), None)
    return None


def _layer_of_rows(file: SourceFile, held: HeldTable) -> Layer:
    rows = held.rows
    names = [name for name in rows.schema.names if name != GEOMETRY]
    types = [rows.schema.field(name).type for name in names]
    kinds = tuple("number" if pa.types.is_floating(kind) else "text" for kind in types)
    geometry = "Polygon" if GEOMETRY in rows.schema.names else None
    return Layer(file.path.name.split(".")[0], held.crs, tuple(names), kinds, geometry, rows.num_rows)


def rows_of(
    layer: OpenLayer, *, columns: list[str] | None, condition: str | None, rows: int, shapes: bool = True
) -> Iterator[tuple[pa.RecordBatch, pa.Array | None]]:
    """The rows of a layer in batches of at most `rows`, each with its WKB column if `shapes` are wanted.

    columns: the fields that are wanted (None: all); condition: in OGR SQL. A layer that was opened to be read
    once gives all fields, in the batches it was opened for.
    """
    if layer.source is not None:
        yield from layer.source
        return
    if layer.held is None:
        yield from batches(
            layer.file.gdal,
            layer=layer.name,
            columns=columns,
            encoding=layer.encoding,
            condition=condition,
            rows=rows,
            where=layer.where,
            fields=layer.names,
            shapes=shapes,
        )
        return
    if condition is not None:
        raise RecipeError(f"{layer.where}: where = is not for {layer.file.format}: it is not read by GDAL")
    for start in range(0, layer.held.rows.num_rows, rows):
        batch = layer.held.rows.slice(start, rows)
        yield batch, batch.column(GEOMETRY) if GEOMETRY in batch.schema.names else None


def _published_as(preset: str | None, fields: Sequence[str]) -> tuple[str | None, str]:
    known = PRESETS.get(preset or "")
    return (known.grid(len(fields)), f"{known.title} of {len(fields)} fields") if known else (None, "")


def _chosen_layer(file: SourceFile, layer: str | None, where: str, *, tables: bool) -> str | None:
    names = layer_names(file.gdal, where=where, tables=tables) if file.format == "GeoPackage" else []
    if layer is None and len(names) > 1:
        raise RecipeError(f"{where}: has {len(names)} layers, set layer = to one of: {', '.join(names)}")
    if file.format == "GeoPackage" and not names:
        raise InputError(f"{where}: holds no layer with geometry")
    if layer is None or not names:
        return names[0] if names else None
    if layer not in names:
        raise RecipeError(f"{where}: no layer '{layer}'; the file has: {', '.join(names)}")
    return layer


def _published(wanted: Wanted) -> set[str]:
    """Every field name that the spec may publish; a preset looks for several."""
    named = {*wanted.fields.values(), *wanted.keep}
    preset = PRESETS.get(wanted.preset or "")
    return named | ({name for options in preset.fields.values() for name in options} if preset else set())


def _columns(fields: Sequence[str], wanted: Wanted, where: str) -> dict[str, str]:
    named = {**wanted.fields, **{k: k for k in wanted.keep}}
    for ours, theirs in named.items():
        if theirs not in fields:
            has = ", ".join(fields) or "no fields"
            raise RecipeError(f"{where}: no field '{theirs}' (for {ours}); the file has: {has}")
    preset = resolve_preset(wanted.preset, fields, where=where) if wanted.preset else {}
    return {**preset, **named}


def _table(file: SourceFile, given: str | None, fields: set[str] | None, where: str) -> DbfEncoding | None:
    if file.format != "Shapefile":
        if file.format != "CSV" and given and given.lower().replace("-", "") != "utf8":
            raise RecipeError(
                f"{where}: encoding = '{given}' is for Shapefiles and CSV; {file.format} is always UTF-8"
            )
        return None
    with _parts(file) as (cpg, table):
        return dbf_encoding(table, given=given, cpg=cpg, fields=fields, where=where)


@contextmanager
def _parts(file: SourceFile) -> Iterator[tuple[str | None, IO[bytes]]]:
    """What the .cpg says, and the table, which is never held whole: that of a large city has a gigabyte."""
    if file.path.suffix.lower() != ".zip":
        cpg = shapefile_sibling(file.path, ".cpg")
        path = shapefile_sibling(file.path, ".dbf")
        assert path is not None
        with path.open("rb") as table:
            yield cpg.read_text(encoding="latin-1") if cpg else None, table
        return
    with zipfile.ZipFile(file.path) as archive:
        names = {n.lower(): n for n in archive.namelist()}
        shape = next(n for n in names if n.endswith(".shp") and not n.startswith("__macosx"))
        stem = str(PurePosixPath(shape).with_suffix(""))
        cpg_name = names.get(stem + ".cpg")
        said = archive.read(cpg_name).decode("latin-1") if cpg_name else None
        with archive.open(names[stem + ".dbf"]) as member:
            yield said, member


def crs_of(layer: OpenLayer, given: str | None, sample: NDArray[np.float64]) -> Crs:
    """The reference system of a layer; sample: float64 (n, 2), some of its coordinates.

    CrsError when neither file nor spec names one, when the name is unknown, and when the two differ by more
    than 0.5 m on the sample. GeoJSON without a "crs" says WGS84 only as long as its numbers can be degrees.
    """
    own = layer.crs
    if own and not layer.file.names_crs and layer.file.format.startswith("GeoJSON") and not _degrees(sample):
        own = None if given else own
    if given is None and own is None:
        raise CrsError(_nameless(layer, sample))
    asked = parse_crs(given, where=f"{layer.where}: crs") if given else None
    said = parse_crs(own, where=layer.where) if own else None
    if asked and said and (apart := contradiction(asked, said, sample)) > _AGREE_M:
        raise CrsError(
            f"{layer.where}: crs = {asked} contradicts the file's own {said}: positions differ by "
            f"{apart:,.1f} m; leave crs out, or correct the file"
        )
    found = asked or said
    assert found is not None
    return found


def _degrees(sample: NDArray[np.float64]) -> bool:
    return bool((np.abs(sample) <= [360.0, 90.0]).all())


def doubts(layer: OpenLayer, crs: Crs | None, sample: NDArray[np.float64]) -> tuple[str, ...]:
    """What is doubtful about a layer, one line each; sample: float64 (n, 2), some of its coordinates."""
    told = doubt_of(crs, layer.grid, sample, kind=layer.kind_of_file) if crs else None
    lines = [told] if told else []
    if n := layer.file.shapeless:
        lines.append(f"its table has {n:,} rows more than there are shapes: are .dbf and .shp of one export?")
    return (*(f"{layer.where}: {line}" for line in lines), *(layer.held.warnings if layer.held else ()))


def suggestions(layer: OpenLayer, sample: NDArray[np.float64]) -> list[Suggestion]:
    """The codes that would put a layer without a reference system in Korea, the likeliest first."""
    if not len(sample):
        return []
    low, high = sample.min(axis=0), sample.max(axis=0)
    return likely_first(fit(None, (low[0], low[1], high[0], high[1])), layer.grid)


def _nameless(layer: OpenLayer, sample: NDArray[np.float64]) -> str:
    kind = " (no readable .prj)" if layer.file.format == "Shapefile" else ""
    advice = "; ".join(map(str, suggestions(layer, sample)))
    return f"{layer.where}: the file names no CRS{kind}; set crs ={f': {advice}' if advice else ''}"
