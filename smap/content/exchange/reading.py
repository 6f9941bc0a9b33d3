"""Reading a file by its mapping: one reader for each format, one stream of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from smap.content.exchange.delimited import read_csv
from smap.content.exchange.geojson import read_geojson_lines, read_geojson_rows
from smap.content.exchange.khs import read_khs
from smap.content.exchange.mapping import FieldMapping
from smap.content.exchange.openapi import read_seoul, read_tour
from smap.content.exchange.row import Row, bounded
from smap.content.exchange.shapes import layer_crs, read_shapes
from smap.content.exchange.tracks import read_gpx, read_kml
from smap.content.exchange.workbook import read_xlsx
from smap.geo.crs import Crs, parse_crs

__all__ = ["crs_of", "read_rows"]

_Reader = Callable[[Path, FieldMapping], Iterator[Row]]
_READERS: Mapping[str, _Reader] = {
    "csv": lambda path, mapping: read_csv(path, mapping.encoding),
    "xlsx": lambda path, mapping: read_xlsx(path, mapping.table),
    "geojson": lambda path, mapping: read_geojson_rows(
        path, mapping.encoding, any_crs=mapping.crs is not None
    ),
    "geojsonl": lambda path, mapping: read_geojson_lines(path, mapping.encoding),
    "khs": lambda path, mapping: read_khs(path),
    "tourapi": lambda path, mapping: read_tour(path, mapping.encoding),
    "seoul": lambda path, mapping: read_seoul(path, mapping.encoding),
    "gpx": lambda path, mapping: read_gpx(path),
    "kml": lambda path, mapping: read_kml(path),
    "shapefile": lambda path, mapping: read_shapes(path, mapping.encoding, mapping.table),
    "gpkg": lambda path, mapping: read_shapes(path, mapping.encoding, mapping.table),
}


def read_rows(path: Path, mapping: FieldMapping) -> Iterator[Row]:
    """Give the rows of a file, one by one, in their order. Errors: InputError; MissingExtraError."""
    return bounded(_READERS[mapping.format](path, mapping), str(path))


def crs_of(path: Path, mapping: FieldMapping) -> Crs | None:
    """Give the CRS of a file's positions, None for lon and lat of WGS84. Errors: CrsError; InputError."""
    if mapping.crs is not None:
        return parse_crs(mapping.crs, where=str(path))
    return layer_crs(path, mapping.table) if mapping.format in ("shapefile", "gpkg") else None
