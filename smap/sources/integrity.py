"""Is a file whole? GDAL reads past many faults in silence, so we look at the bytes before it does."""

from __future__ import annotations

import codecs
import gzip
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import numpy as np

from smap.errors import InputError

__all__ = [
    "check_flatgeobuf",
    "check_geojson",
    "check_geojson_lines",
    "check_geopackage",
    "check_shapefile",
    "check_table",
    "check_zipped_shapefile",
    "first_bad_feature",
    "first_bad_line",
    "has_byte_order_mark",
    "has_index",
    "head_of",
    "shapefile_sibling",
]

_BLOCK = 1 << 20
_SHAPE_PARTS = (".shx", ".dbf")
# A Shapefile is three to eight files. A table of blanks packs 1 : 200 at most in practice and DEFLATE can do
# 1 : 1,032; small members may do so
_MOST_MEMBERS, _MOST_RATIO, _BEARABLE = 1_000, 400, 1 << 26


@dataclass
class _JsonText:
    """What one pass over a JSON text sees of it."""

    head: str = ""
    tail: str = ""
    lines: int = 0
    separators: int = 0
    geometries: int = 0
    blank: bool = True


def check_geojson(path: Path) -> tuple[bool, int]:
    """InputError unless the text is a whole JSON object and may be GeoJSON; whether it has a "crs", and how
    often it says "geometry".
    """
    text = _scan(path)
    if not text.head.startswith("{") or '"type"' not in text.head:
        raise InputError(f"{path}: not GeoJSON: it begins with {_quoted(text.head)}")
    if '"Topology"' in text.head[:2000]:
        raise InputError(
            f"{path}: is TopoJSON, not GeoJSON; convert it first (ogr2ogr out.geojson {path.name})"
        )
    if not text.tail.endswith("}"):
        raise InputError(f"{path}: truncated: the JSON ends with {_quoted(text.tail[-20:])}")
    return '"crs"' in text.head or '"crs"' in text.tail, text.geometries


def check_geojson_lines(path: Path) -> int:
    """InputError unless the last line is a whole JSON object; the number of features the text announces."""
    text = _scan(path)
    if not text.head.startswith("{"):
        raise InputError(f"{path}: not lines of GeoJSON: it begins with {_quoted(text.head)}")
    if not text.tail.endswith("}"):
        raise InputError(f"{path}: truncated: the last line ends with {_quoted(text.tail[-20:])}")
    return text.separators or text.lines


def first_bad_feature(path: Path) -> str | None:
    """Which member of a FeatureCollection's "features" is none, for a message; None: all are."""
    with _opened(path) as file:
        document = json.loads(file.read().decode("utf-8-sig"))
    for number, member in enumerate(document.get("features") or [], 1):
        said = member.get("type") if isinstance(member, dict) else None
        if said != "Feature":
            return f'member {number} of "features" is no feature: its type is {json.dumps(said)[:40]}'
    return None


def head_of(path: Path) -> str:
    """The first characters of a JSON text, whatever the rest may be; "" where it cannot be unpacked."""
    try:
        with _opened(path) as file:
            return file.read(4096).decode("utf-8", "replace")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return ""


def has_byte_order_mark(path: Path) -> bool:
    """Whether the text begins with the mark of UTF-8."""
    with _opened(path) as file:
        return file.read(3) == codecs.BOM_UTF8


def first_bad_line(path: Path) -> str:
    """Where the first line that is no feature stands and what it holds, for a message."""
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            if not (plain := line.strip().removeprefix(codecs.BOM_UTF8).lstrip(b"\x1e")):
                continue
            try:
                if isinstance(parsed := json.loads(plain), dict) and parsed.get("type") == "Feature":
                    continue
            except ValueError:
                pass
            return f"line {number} is no GeoJSON feature: {_quoted(plain[:40].decode('utf-8', 'replace'))}"
    return "some lines could not be read as features"


def _opened(path: Path) -> BinaryIO:
    opened = gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # noqa: SIM115 - callers close
    return cast(BinaryIO, opened)


def _scan(path: Path) -> _JsonText:
    text = _JsonText()
    try:
        for part in _decoded(path):
            _look_at(part, text)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: truncated or damaged .gz: {error}") from error
    text.head = text.head.lstrip("\ufeff\x1e \t\r\n")
    text.tail = text.tail.rstrip("\x1e \t\r\n")
    if not text.head:
        raise InputError(f"{path}: holds nothing but white space")
    text.lines += 0 if text.blank else 1
    return text


def _decoded(path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    at = 0
    with _opened(path) as file:
        while block := file.read(_BLOCK):
            try:
                yield decoder.decode(block)
            except UnicodeDecodeError as error:
                raise InputError(_not_utf8(path, at + error.start, block)) from error
            at += len(block)
            _check_ratio(path.name, at, path.stat().st_size, path)


def _not_utf8(path: Path, at: int, block: bytes) -> str:
    try:
        block[block.find(b"\n") + 1 : block.rfind(b"\n")].decode("cp949")
        looks = "; it looks like CP949"
    except UnicodeDecodeError:
        looks = ""
    return f"{path}: not UTF-8, as GeoJSON must be, at byte {at}{looks}; convert it first (iconv -t UTF-8)"


def _look_at(part: str, text: _JsonText) -> None:
    if len(text.head) < 65536:
        text.head += part[:65536]
    # a word that the edge of a block cuts through counts with the later one
    text.geometries += (text.tail[-9:] + part).count('"geometry"')
    text.tail = (text.tail + part)[-4096:]
    text.separators += part.count("\x1e")
    *whole, rest = part.split("\n")
    for line in whole:
        text.lines += 0 if text.blank and not line.strip() else 1
        text.blank = True
    text.blank = text.blank and not rest.strip()


def check_geopackage(path: Path) -> None:
    """InputError unless it is an SQLite file as long as its header says (SQLite file format, section 1.3)."""
    with path.open("rb") as file:
        head = file.read(100)
    if head[:16] != b"SQLite format 3\0" or len(head) < 100:
        raise InputError(f"{path}: not a GeoPackage: it does not begin as an SQLite file")
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    valid = head[24:28] == head[92:96]
    announced = (65536 if page == 1 else page) * pages
    size = path.stat().st_size
    if valid and size < announced:
        raise InputError(f"{path}: truncated GeoPackage: {size:,} bytes of {announced:,}")


def check_flatgeobuf(path: Path) -> None:
    """InputError unless it begins with FlatGeobuf's magic bytes; features are counted on reading."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:3] != b"fgb" or head[4:7] != b"fgb" or len(head) < 12:
        raise InputError(f"{path}: not FlatGeobuf: it begins with {head[:8]!r}")
    if path.stat().st_size < 12 + int.from_bytes(head[8:12], "little"):
        raise InputError(f"{path}: truncated FlatGeobuf: it ends inside its header")


def has_index(path: Path) -> bool:
    """Whether a FlatGeobuf has a spatial index: the 10th field of its header (header.fbs)."""
    with path.open("rb") as file:
        head = file.read(12 + (64 << 10))[12:]
    root = int.from_bytes(head[:4], "little")
    fields = root - int.from_bytes(head[root : root + 4], "little", signed=True)
    slot = fields + 4 + 2 * 9
    size = int.from_bytes(head[fields : fields + 2], "little")
    at = int.from_bytes(head[slot : slot + 2], "little") if slot < fields + size else 0
    # a flatbuffer leaves out what has its default, which is 16
    return at == 0 or head[root + at : root + at + 2] != b"\0\0"


def shapefile_sibling(path: Path, suffix: str) -> Path | None:
    """The file beside a .shp with the same name and another ending, in any case of letters."""
    wanted = (path.stem + suffix).lower()
    return next((p for p in sorted(path.parent.iterdir()) if p.name.lower() == wanted), None)


def check_shapefile(path: Path) -> int:
    """InputError unless .shp, .shx and .dbf lie together and each is as long as its header says; how many
    rows of the table have no shape.
    """
    _check_shape(
        path.read_bytes()[:100] if path.stat().st_size < 100 else _head(path), path.stat().st_size, str(path)
    )
    heads: dict[str, bytes] = {}
    for suffix in _SHAPE_PARTS:
        part = shapefile_sibling(path, suffix)
        if part is None:
            raise InputError(f"{path}: the {suffix} beside it is missing: copy all files of the Shapefile")
        check = _check_table if suffix == ".dbf" else _check_shape
        check(_head(part), part.stat().st_size, str(part))
        if suffix == ".shx":
            _check_records(path, part)
        heads[suffix] = _head(part)
    return _shapeless(heads)


def check_table(path: Path) -> None:
    """InputError unless a .dbf is as long as its header says."""
    _check_table(_head(path), path.stat().st_size, str(path))


def _shapeless(heads: dict[str, bytes]) -> int:
    """Rows of the table (its header) beyond the shapes of the index, each 8 bytes after 100 of header."""
    shapes = (2 * int.from_bytes(heads[".shx"][24:28], "big") - 100) // 8
    rows = int.from_bytes(heads[".dbf"][4:8], "little")
    return max(rows - shapes, 0)


def _check_records(shape: Path, index: Path) -> None:
    """Each record of the .shp begins with its number and the length that the .shx tells (page 5).

    Some programs number from 0 and some miscount lengths: a record is damaged when both are wrong. An entry
    at offset 0 is a deleted shape.
    """
    count = (index.stat().st_size - 100) // 8
    entries = np.fromfile(index, ">i4", 2 * count, offset=100).reshape(-1, 2).astype(np.int64)
    words = np.memmap(shape, ">i2", "r", shape=(shape.stat().st_size // 2,))
    at = np.clip(entries[:, 0], 0, max(len(words) - 4, 0))
    heads = words[at[:, None] + np.arange(4)].view(">i4").astype(np.int64)
    expected = np.stack([np.arange(1, len(entries) + 1), entries[:, 1]], axis=1)
    wrong = np.flatnonzero((heads != expected).all(axis=1) & (entries[:, 0] != 0))
    if len(wrong):
        raise InputError(f"{shape}: damaged Shapefile: {len(wrong):,} records, the first is {wrong[0] + 1:,}")


def check_zipped_shapefile(path: Path) -> tuple[str, int]:
    """The name (inside the archive) of its one Shapefile, and how many rows of its table have no shape.

    InputError when damaged, for none or several Shapefiles, and for an archive that unpacks beyond reason.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_bomb(archive.infolist(), path)
            if (damaged := archive.testzip()) is not None:
                raise InputError(f"{path}: damaged .zip: '{damaged}' does not match its checksum")
            return _one_shapefile(archive, path)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: truncated or damaged .zip: {error}") from error


def _check_bomb(infos: list[zipfile.ZipInfo], path: Path) -> None:
    """Before a byte is unpacked: the announced sizes are what Python's zipfile reads at most."""
    if len(infos) > _MOST_MEMBERS:
        raise InputError(
            f"{path}: the .zip holds {len(infos):,} files, more than {_MOST_MEMBERS:,}: unpack it, name one"
        )
    for info in infos:
        _check_ratio(info.filename, info.file_size, info.compress_size, path)


def _check_ratio(name: str, size: int, packed: int, path: Path) -> None:
    if size > _BEARABLE and size > _MOST_RATIO * packed:
        raise InputError(
            f"{path}: '{name}' would unpack from {packed:,} to {size:,} bytes or more: no building file "
            "does; unpack it yourself if you trust it"
        )


def _one_shapefile(archive: zipfile.ZipFile, path: Path) -> tuple[str, int]:
    infos = {
        i.filename: i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX")
    }
    shapes = sorted(n for n in infos if n.lower().endswith(".shp"))
    if len(shapes) != 1:
        held = (
            f"{len(shapes)} Shapefiles ({', '.join(shapes)}): unpack it and name one"
            if shapes
            else "no Shapefile"
        )
        raise InputError(f"{path}: the .zip holds {held}")
    stem = str(PurePosixPath(shapes[0]).with_suffix("")).lower()
    heads: dict[str, bytes] = {}
    for suffix in (".shp", *_SHAPE_PARTS):
        name = next((n for n in infos if n.lower() == stem + suffix), None)
        if name is None:
            raise InputError(f"{path}: the {suffix} of '{shapes[0]}' is missing from the .zip")
        check = _check_table if suffix == ".dbf" else _check_shape
        with archive.open(name) as member:
            heads[suffix] = member.read(100)
        check(heads[suffix], infos[name].file_size, f"{path}/{name}")
    return shapes[0], _shapeless(heads)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _check_shape(head: bytes, size: int, where: str) -> None:
    """ESRI Shapefile Technical Description (1998), page 4: code 9994, then the length in 16-bit words."""
    if len(head) < 100 or struct.unpack(">i", head[:4])[0] != 9994:
        raise InputError(f"{where}: not a Shapefile: no header of 100 bytes that begins with 9994")
    announced = 2 * struct.unpack(">i", head[24:28])[0]
    if size < announced:
        raise InputError(f"{where}: truncated Shapefile: {size:,} bytes of {announced:,}")


def _check_table(head: bytes, size: int, where: str) -> None:
    """dBASE III: number of records, length of the header, length of a record, from byte 4."""
    if len(head) < 32:
        raise InputError(f"{where}: truncated Shapefile: the table has no header")
    records, header, width = struct.unpack("<IHH", head[4:12])
    announced = header + records * width
    if size < announced:
        raise InputError(f"{where}: truncated Shapefile: {size:,} bytes of {announced:,}")


def _quoted(text: str) -> str:
    return repr(" ".join(text[:30].split()))
