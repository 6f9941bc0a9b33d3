"""`smap inspect FILE`: what a source file holds, for people, as JSON, or as a ready recipe."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smap.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from smap.sources.inspect import FieldInfo, VectorInfo
    from smap.sources.raster import RasterInfo

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the file and the two forms of the answer."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a vector file or an elevation raster")
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")
    parser.add_argument("--recipe", action="store_true", help="print a ready recipe")
    parser.add_argument("--encoding", help="of a Shapefile's table, where it does not say or says wrong")


def run(args: argparse.Namespace) -> int:
    """Tell what the file holds; 0 when it can be built, 1 when it has faults that a build would refuse."""
    try:
        from smap.sources.drafts import is_raster
    except ModuleNotFoundError as error:
        raise MissingExtraError("smap inspect", "build") from error
    if args.file.is_dir():
        raise InputError(f"{args.file}: is a folder; name one file in it")
    if not args.file.exists():
        raise InputError(f"{args.file}: no such file")
    return _raster(args) if is_raster(args.file) else _vector(args)


def _raster(args: argparse.Namespace) -> int:
    from smap.sources.drafts import terrain_recipe
    from smap.sources.raster import RasterSpec, inspect_raster

    info = inspect_raster(RasterSpec(args.file))
    if args.recipe:
        print(terrain_recipe([args.file], name=args.file.stem), end="")
    elif not args.json:
        print("\n".join(_raster_lines(info)))
    if args.json:
        print(json.dumps(_raster_json(info), ensure_ascii=False))
    return 0


def _vector(args: argparse.Namespace) -> int:
    from smap.cli.progress import BarProgress
    from smap.sources.inspect import inspect_vector, layers_of

    layers = layers_of(args.file)
    with BarProgress() as progress:
        progress.start("reading", None)
        infos = [
            inspect_vector(args.file, layer=layer, encoding=args.encoding, on_read=progress.step)
            for layer in layers
        ]
    if args.recipe and not _print_recipe(infos):
        return 1
    if not args.recipe and not args.json:
        print("\n\n".join("\n".join(_vector_lines(info)) for info in infos))
    if args.json:
        layer_objects = [_vector_json(info) for info in infos]
        print(json.dumps({**layer_objects[0], "layers": layer_objects}, ensure_ascii=False))
    return 1 if not args.recipe and any(info.faults for info in infos) else 0


def _print_recipe(infos: list[VectorInfo]) -> bool:
    """The recipe on stdout and what is doubtful on stderr; False when nothing here can be built."""
    from smap.sources.drafts import layers_recipe

    try:
        print(layers_recipe(infos), end="")
    except InputError as error:
        print(f"smap inspect: {error}", file=sys.stderr)
        return False
    for info in infos:
        for line in (*info.warnings, *(info.faults if info.suggestion else ())):
            print(f"smap inspect: {line}", file=sys.stderr)
    return True


def _vector_lines(info: VectorInfo) -> Iterator[str]:
    from smap.sources.presets import PRESETS

    origin = {"format": "", "detected": " (detected from the text)"}.get(
        info.encoding_origin, f" (from {info.encoding_origin})"
    )
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in info.geometry.items())
    yield str(info.path)
    yield f"  format     {info.format}"
    yield f"  layer      {info.layer}"
    yield f"  CRS        {info.crs or 'not named in the file'}"
    yield f"  encoding   {info.encoding.upper()}{origin}"
    yield f"  bounds     {_span(info.bounds_deg)}"
    yield f"  features   {info.count:,} ({kinds})"
    if info.invalid:
        yield f"  invalid    {info.invalid:,} outlines, repaired when built"
    if info.preset:
        yield f"  preset     {info.preset}: {PRESETS[info.preset].title}"
    yield "  fields"
    yield from _field_lines(info.fields, info.count)
    for warning in info.warnings:
        yield f"  WARNING    {warning}"
    for fault in info.faults:
        yield f"  FAULT      {fault}"


def _field_lines(fields: Iterable[FieldInfo], count: int) -> Iterator[str]:
    rows = [(f.name, f.kind, f"{100 * f.filled / max(count, 1):.1f} %", _values(f), _role(f)) for f in fields]
    widths = [max((_width(row[i]) for row in rows), default=0) for i in range(4)]
    for row in rows:
        cells = (_padded(cell, width) for cell, width in zip(row[:4], widths, strict=True))
        yield f"    {'  '.join(cells)}  {row[4]}".rstrip()


def _values(field: FieldInfo) -> str:
    if field.lowest is not None and field.highest is not None and field.role != "id":
        return f"{field.lowest:g} to {field.highest:g}"
    shown = ", ".join(field.examples)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _role(field: FieldInfo) -> str:
    return f"-> {field.role}" if field.role else ""


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Korean syllables and Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _span(bounds: tuple[float, float, float, float] | None) -> str:
    if bounds is None:
        return "unknown"
    west, south, east, north = bounds
    return f"{west:.5f} to {east:.5f} E, {south:.5f} to {north:.5f} N (WGS84)"


def _vector_json(info: VectorInfo) -> dict[str, Any]:
    return {
        "path": str(info.path),
        "format": info.format,
        "layer": info.layer,
        "crs": _crs_json(info.crs),
        "encoding": info.encoding,
        "encoding_origin": info.encoding_origin,
        "bounds": info.bounds_deg,
        "count": info.count,
        "geometry": info.geometry,
        "invalid": info.invalid,
        "preset": info.preset,
        "fields": [
            {
                "name": f.name,
                "type": f.kind,
                "filled": f.filled,
                "examples": f.examples,
                "min": f.lowest,
                "max": f.highest,
                "looks_like": f.role,
            }
            for f in info.fields
        ],
        "warnings": info.warnings,
        "faults": info.faults,
    }


def _crs_json(crs: Any) -> dict[str, Any] | None:
    return {"code": crs.code, "name": crs.name, "vertical": crs.vertical} if crs else None


def _raster_lines(info: RasterInfo) -> Iterator[str]:
    flagged = "none flagged" if info.nodata is None else f"{info.nodata:g}"
    yield str(info.path)
    yield f"  format     {info.driver}"
    yield f"  CRS        {info.crs}"
    yield f"  bounds     {_span(info.bounds_deg)}"
    yield f"  cells      {info.columns:,} x {info.rows:,}, about {info.cell_m:.1f} m each"
    yield f"  elevation  {info.lowest_m:g} to {info.highest_m:g} m"
    yield f"  no-data    {flagged}; {info.nodata_cells:,} cells without a height"
    for warning in info.warnings:
        yield f"  WARNING    {warning}"


def _raster_json(info: RasterInfo) -> dict[str, Any]:
    return {
        "path": str(info.path),
        "format": info.driver,
        "layers": [],
        "crs": _crs_json(info.crs),
        "bounds": info.bounds_deg,
        "columns": info.columns,
        "rows": info.rows,
        "cell_m": info.cell_m,
        "lowest_m": info.lowest_m,
        "highest_m": info.highest_m,
        "nodata": info.nodata,
        "nodata_cells": info.nodata_cells,
        "warnings": info.warnings,
    }
