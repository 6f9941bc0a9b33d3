"""Opening vector files with GDAL: its complaints become our errors, its chatter is unheard."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from smap.errors import InputError, RecipeError
from smap.sources.integrity import has_index

__all__ = ["Layer", "batches", "layer_names", "layer_of", "open_once"]

_GDAL_ERRORS = (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
    pa.ArrowInvalid,
    OSError,
    UnicodeDecodeError,
    RuntimeError,
)


@dataclass(frozen=True)
class Layer:
    """What GDAL says of a layer. kinds: of each field, "number", "text" or "other"; count: features."""

    name: str
    crs: str | None
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    geometry: str | None
    count: int


@contextmanager
def _quiet(where: str) -> Iterator[None]:
    """GDAL's errors as one line of ours; its warnings (log records and Python warnings) unheard."""
    log = logging.getLogger("pyogrio")
    propagate, log.propagate = log.propagate, False
    silence = logging.NullHandler()
    log.addHandler(silence)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _GDAL_ERRORS as error:
        raise InputError(f"{where}: damaged or unreadable: {_reason(error)}") from error
    finally:
        log.removeHandler(silence)
        log.propagate = propagate


def _reason(error: BaseException) -> str:
    """What GDAL said, on one line of bearable length."""
    said = " ".join(str(error).split())
    return said if len(said) <= 200 else f"{said[:199]}…"


def layer_names(gdal: str, *, where: str, tables: bool = False) -> list[str]:
    """The names of the layers that have geometry; `tables`: of those without, too."""
    _settle()
    with _quiet(where):
        return [str(name) for name, geometry in pyogrio.list_layers(gdal) if tables or geometry is not None]


def layer_of(gdal: str, *, layer: str | None, encoding: str | None, where: str) -> Layer:
    """What GDAL says of one layer (None: the first)."""
    _settle()
    with _quiet(where):
        info = pyogrio.read_info(gdal, layer=layer, encoding=encoding, force_feature_count=True)
    return Layer(
        str(info["layer_name"]),
        str(info["crs"]) if info["crs"] else None,
        tuple(map(str, info["fields"])),
        tuple(
            _kind(str(dtype), str(ogr)) for dtype, ogr in zip(info["dtypes"], info["ogr_types"], strict=True)
        ),
        info["geometry_type"],
        int(info["features"]),
    )


def _kind(dtype: str, ogr: str) -> str:
    if dtype.startswith(("int", "float", "uint", "bool")):
        return "number"
    return "text" if ogr == "OFTString" else "other"


def batches(
    gdal: str,
    *,
    layer: str | None,
    columns: list[str] | None,
    encoding: str | None,
    condition: str | None,
    rows: int,
    where: str,
    fields: Sequence[str] = (),
    shapes: bool = True,
) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
    """Record batches of at most `rows` features with their WKB column; memory is bounded by one batch.

    fields: all that the layer has, for the refusal of a condition. shapes: whether the geometry is wanted.
    """
    source = _opened(
        gdal,
        where,
        condition,
        fields,
        layer=layer,
        columns=columns,
        encoding=encoding,
        batch_size=rows,
        read_geometry=shapes,
    )
    next(source)
    yield from cast(Iterator[tuple[pa.RecordBatch, pa.Array | None]], source)


def open_once(
    gdal: str, *, name: str, count: int, rows: int, where: str
) -> tuple[Layer, Iterator[tuple[pa.RecordBatch, pa.Array | None]]]:
    """A layer and all its rows, for formats that GDAL reads through to its end at each opening.

    name, count: what is known of it without asking. The file stays open until the rows are read or forgotten.
    """
    source = _opened(gdal, where, None, (), batch_size=rows)
    meta = cast(Mapping[str, Any], next(source))
    kinds = tuple(_kind(str(d), str(o)) for d, o in zip(meta["dtypes"], meta["ogr_types"], strict=True))
    crs = str(meta["crs"]) if meta["crs"] else None
    layer = Layer(name, crs, tuple(map(str, meta["fields"])), kinds, meta["geometry_type"], count)
    return layer, cast(Iterator[tuple[pa.RecordBatch, pa.Array | None]], source)


def _opened(
    gdal: str, where: str, condition: str | None, fields: Sequence[str], **options: Any
) -> Iterator[Mapping[str, Any] | tuple[pa.RecordBatch, pa.Array | None]]:
    """First what GDAL says of the layer, then its batches with their WKB column."""
    _settle()
    if gdal.endswith(".fgb") and not has_index(Path(gdal)):
        # GDAL's short way (3.12) loses outlines after a feature without one, which only such a file can hold;
        # the option is asked for at each batch of any file, so it stays
        pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})
    with ExitStack() as opened:
        with _quiet(where), _conditioned(condition, where, fields):
            source = pyogrio.open_arrow(gdal, where=condition, use_pyarrow=True, **options)
            meta, reader = opened.enter_context(source)
        yield meta
        geometry = meta["geometry_name"] or "wkb_geometry"
        # some drivers only look at the condition when the first feature is wanted
        with _quiet(where), _conditioned(condition, where, fields):
            batch = next(reader, None)
        while batch is not None:
            yield batch, batch.column(geometry) if geometry in batch.schema.names else None
            with _quiet(where):
                batch = next(reader, None)


@contextmanager
def _conditioned(condition: str | None, where: str, fields: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except (ValueError, DataLayerError, OSError) as error:
        if condition is None:
            raise InputError(f"{where}: damaged or unreadable: {_reason(error)}") from error
        said = _reason(error)
        # of most formats GDAL says no more than the condition itself
        reason = "" if said.startswith("Invalid SQL query") else f": {said}"
        raise RecipeError(
            f'{where}: where = "{condition}" cannot be understood{reason}; OGR SQL writes texts in single '
            f"quotes and names as the file has them: {', '.join(fields) or 'no fields'}"
        ) from error


def _settle() -> None:
    # without this GDAL writes NAME.gz.properties beside what it reads
    pyogrio.set_gdal_config_options({"CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO"})
