"""Which vector files a path names, in which format each is, and whether its bytes are whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smap.errors import InputError
from smap.sources import integrity
from smap.sources.citygml import is_citygml
from smap.sources.cityjson import is_cityjson
from smap.sources.overpass import is_overpass

__all__ = ["SUFFIXES", "SourceFile", "identify", "locate"]

# What the end of a name means; .gz behind the JSON ones and .zip around a Shapefile are read through
SUFFIXES = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".geojsonl": "GeoJSONSeq",
    ".geojsons": "GeoJSONSeq",
    ".geojsonseq": "GeoJSONSeq",
    ".ndjson": "GeoJSONSeq",
    ".jsonl": "GeoJSONSeq",
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".zip": "Shapefile",
    ".fgb": "FlatGeobuf",
    ".gml": "CityGML",
    ".citygml": "CityGML",
}
# What can be joined although it has no geometry
_TABLES = {".csv": "CSV", ".dbf": "Shapefile"}


@dataclass(frozen=True)
class SourceFile:
    """One file that is whole. gdal: the name GDAL opens; lines: features announced, where lines tell them.

    names_crs: whether it has a place for a reference system and fills it (GeoJSON: the old "crs" member);
    geometries: how often a GeoJSON text says "geometry", as each feature does once. shapeless: rows of a
    Shapefile's table that have no shape.
    """

    path: Path
    format: str
    gdal: str
    lines: int | None = None
    names_crs: bool = True
    geometries: int = 0
    shapeless: int = 0


def locate(path: str | Path, *, tables: bool = False) -> list[Path]:
    """The files that a path or a glob names, in order of name; InputError when there are none.

    tables: files without geometry count too.
    """
    plain = Path(path)
    if plain.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it, or a glob such as {plain / '*.shp'}")
    if plain.exists():
        return [plain]
    if not set("*?[") & set(str(path)):
        raise InputError(f"{path}: no such file")
    matches = sorted(Path(plain.anchor).glob(str(plain.relative_to(plain.anchor))))
    found = [p for p in matches if p.is_file() and _format(p, tables=tables)]
    if not found:
        beside = f"; it matches {len(matches)} files of other formats" if matches else ""
        raise InputError(f"{path}: no file matches{beside}")
    return found


def identify(path: Path, *, tables: bool = False) -> SourceFile:
    """The format of one file, after its bytes were found whole; InputError (one line) for every fault.

    tables: files without geometry will do.
    """
    kind = _format(path, tables=tables)
    if kind is None:
        known = ", ".join([*SUFFIXES, ".geojson.gz", ".geojsonl.gz", *(_TABLES if tables else ())])
        raise InputError(
            f"{path}: unknown format '{''.join(path.suffixes[-2:]) or path.name}'; known: {known}"
        )
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path}: the file is empty (0 bytes)")
        return _table(path, kind) if path.suffix.lower() in _TABLES else _CHECKED[kind](path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _format(path: Path, *, tables: bool) -> str | None:
    name = path.name.lower()
    kind = SUFFIXES.get(suffix := Path(name.removesuffix(".gz")).suffix)
    if tables and suffix in _TABLES:
        return _TABLES[suffix] if not name.endswith(".gz") else None
    return kind if not name.endswith(".gz") or (kind or "").startswith("GeoJSON") else None


def _table(path: Path, kind: str) -> SourceFile:
    if kind == "Shapefile":
        integrity.check_table(path)
    return SourceFile(path, kind, str(path))


def _geojson(path: Path) -> SourceFile:
    head = integrity.head_of(path)
    if is_cityjson(head):
        return SourceFile(path, "CityJSON", "")
    if is_overpass(head):
        return SourceFile(path, "Overpass", "")
    names_crs, geometries = integrity.check_geojson(path)
    name = _json_name("GeoJSON", path)
    return SourceFile(path, "GeoJSON", name, names_crs=names_crs, geometries=geometries)


def _geojson_lines(path: Path) -> SourceFile:
    if is_cityjson(integrity.head_of(path)):
        return SourceFile(path, "CityJSON", "")
    lines = integrity.check_geojson_lines(path)
    return SourceFile(path, "GeoJSONSeq", _json_name("GeoJSONSeq", path), lines, names_crs=False)


def _json_name(driver: str, path: Path) -> str:
    gzipped = path.name.lower().endswith(".gz")
    name = f"/vsigzip/{path.resolve()}" if gzipped else str(path)
    # GDAL's reader of lines does not know a byte order mark
    marked = driver == "GeoJSONSeq" and integrity.has_byte_order_mark(path)
    return f"{driver}:{'/vsisubfile/3,' if marked else ''}{name}"


def _geopackage(path: Path) -> SourceFile:
    integrity.check_geopackage(path)
    return SourceFile(path, "GeoPackage", str(path))


def _flatgeobuf(path: Path) -> SourceFile:
    integrity.check_flatgeobuf(path)
    return SourceFile(path, "FlatGeobuf", str(path))


def _citygml(path: Path) -> SourceFile:
    if not is_citygml(integrity.head_of(path)):
        raise InputError(f"{path}: no CityGML: its root is no CityModel")
    return SourceFile(path, "CityGML", "")


def _shapefile(path: Path) -> SourceFile:
    if path.suffix.lower() == ".zip":
        member, shapeless = integrity.check_zipped_shapefile(path)
        return SourceFile(path, "Shapefile", f"/vsizip/{path.resolve()}/{member}", shapeless=shapeless)
    return SourceFile(path, "Shapefile", str(path), shapeless=integrity.check_shapefile(path))


_CHECKED = {
    "GeoJSON": _geojson,
    "GeoJSONSeq": _geojson_lines,
    "GeoPackage": _geopackage,
    "FlatGeobuf": _flatgeobuf,
    "CityGML": _citygml,
    "Shapefile": _shapefile,
}
