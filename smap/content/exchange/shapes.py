"""Shapefile and GeoPackage in, through GDAL, in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from smap.content.exchange.file import open_zip
from smap.content.exchange.row import Row
from smap.errors import CrsError, InputError, MissingExtraError
from smap.geo.crs import Crs, parse_crs

__all__ = ["layer_crs", "read_shapes"]

_PIECE = 2_000
_RAW = "ISO-8859-1"
"""Every byte is a character in it, so that texts can be turned back into bytes."""


def read_shapes(path: Path, encoding: str | None = None, layer: str | None = None) -> Iterator[Row]:
    """Give the rows of a layer, the first by default, with their geometries in the layer's own CRS.

    The texts of a Shapefile without a .cpg are UTF-8 if all of them can be, else CP949; a zipped one is read
    too. Errors: InputError; MissingExtraError without GDAL.
    """
    import_gdal()
    info = _info(path, layer, encoding)
    raw = encoding is None and info["driver"] == "ESRI Shapefile" and not _has_cpg(path)
    texts = _Texts(path) if raw else None
    for start in range(0, int(info["features"]), _PIECE):
        yield from _piece(path, layer, _RAW if raw else encoding, start, texts)


def layer_crs(path: Path, layer: str | None = None) -> Crs:
    """Give the CRS that a file names. Errors: CrsError where it names none; InputError; MissingExtraError."""
    import_gdal()
    named = _info(path, layer, None)["crs"]
    if not named:
        raise CrsError(f"{path} names no CRS (a Shapefile does in its .prj): give crs in the mapping")
    return parse_crs(str(named), where=str(path))


def import_gdal() -> Any:
    """Give pyogrio's raw reader. Errors: MissingExtraError."""
    try:
        import shapely  # noqa: F401
        from pyogrio import raw
    except ImportError:
        raise MissingExtraError("reading a Shapefile or a GeoPackage", "build") from None
    return raw


def _has_cpg(path: Path) -> bool:
    return any(path.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG"))


def _source(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return str(path)
    with open_zip(path):
        return f"/vsizip/{path}"


def _info(path: Path, layer: str | None, encoding: str | None) -> dict[str, Any]:
    import pyogrio

    if not path.is_file():
        raise InputError(f"cannot read {path}: there is no such file")
    try:
        told = pyogrio.read_info(_source(path), layer=layer or 0, encoding=encoding, force_feature_count=True)
    except (ValueError, RuntimeError, LookupError) as error:
        raise InputError(f"{path} cannot be read by GDAL: {str(error)[:200]}") from error
    return dict(told)


def _piece(
    path: Path, layer: str | None, encoding: str | None, start: int, texts: _Texts | None
) -> Iterator[Row]:
    import shapely

    try:
        meta, _, bodies, columns = import_gdal().read(
            _source(path), layer=layer or 0, encoding=encoding, skip_features=start, max_features=_PIECE
        )
    except (ValueError, RuntimeError, LookupError) as error:
        raise InputError(f"{path} cannot be read by GDAL: {str(error)[:200]}") from error
    names = [str(name) for name in meta["fields"]]
    plain = [column if texts is None else texts.decoded(column) for column in columns]
    shapes = shapely.force_2d(shapely.from_wkb(bodies, on_invalid="ignore"))
    for number, shape in enumerate(shapes):
        fields = {name: _plain(column[number]) for name, column in zip(names, plain, strict=True)}
        yield Row(fields, None if shape is None else json.loads(shapely.to_geojson(shape)))


def _plain(value: Any) -> Any:
    """A number of numpy as Python's own; a date as text; NaN is no value."""
    item = value.item() if hasattr(value, "item") else value
    if item is None or item != item or str(item) == "NaT":
        return None
    return item if isinstance(item, str | int | float | bool) else str(item)


class _Texts:
    """Texts that were read as raw bytes: UTF-8 until one cannot be, from then on CP949."""

    def __init__(self, path: Path) -> None:
        self._path, self._encoding = path, "utf-8"

    def decoded(self, column: Sequence[Any]) -> Sequence[Any]:
        return [self._decoded(value) if isinstance(value, str) else value for value in column]

    def _decoded(self, value: str) -> str:
        body = value.encode(_RAW)
        for encoding in dict.fromkeys((self._encoding, "cp949")):
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError:
                continue
            self._encoding = encoding
            return text
        raise InputError(f"{self._path}: {body[:30]!r} is neither utf-8 nor cp949: name the encoding")
