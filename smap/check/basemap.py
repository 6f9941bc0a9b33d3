"""Is a base map right?: what tile.json lists is there, whole and of its size, and no level is left out."""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter

from PIL import Image, UnidentifiedImageError

from smap.check.findings import Findings, Issue, stored_bytes
from smap.errors import FormatError
from smap.formats import mvt
from smap.formats.tilejson import TileJson, decode, near_path, tile_path
from smap.store import TileReader

__all__ = ["check_map_tile", "listed_map_tiles"]

_NAME = re.compile(r"(day|night)/\d+/\d+/\d+\.webp|near/\d+/\d+/\d+\.mvt")


def listed_map_tiles(reader: TileReader, entry: str, findings: Findings) -> tuple[list[str], int]:
    """The tiles that tile.json lists and the store holds, and their side in pixels; the others are issues."""
    data = stored_bytes(reader, entry, findings)
    if data is None:
        return [], 0
    try:
        tiles = decode(data)
    except FormatError as error:
        findings.error("BASEMAP_INVALID", "", str(error))
        return [], 0
    names = set(reader.names())
    folder = entry.rpartition("/")[0]
    pictures = _listed(tiles, f"{folder}/" if folder else "")
    _check_levels(tiles, pictures, names, findings)
    near = _listed_near(tiles, f"{folder}/" if folder else "")
    for path in (path for path in near if path not in names):
        findings.error("BASEMAP_TILE_MISSING", "/near/available", f"{path} is listed but not there")
    listed = {*pictures, *near}
    extra = sorted(name for name in names - listed if _NAME.fullmatch(name.removeprefix(f"{folder}/")))
    for name in extra:
        findings.warning("BASEMAP_TILE_UNLISTED", "/available", f"{name} is there but not listed")
    return [path for path in (*near, *pictures) if path in names], tiles.size


def _listed(tiles: TileJson, folder: str) -> dict[str, int]:
    """The path of every tile, and its level."""
    return {
        folder + tile_path(look, span.z, x, y): span.z
        for look in tiles.looks
        for span in tiles.spans
        for y in range(span.north, span.south + 1)
        for x in range(span.west, span.east + 1)
    }


def _listed_near(tiles: TileJson, folder: str) -> list[str]:
    if tiles.near is None:
        return []
    span = tiles.near.span
    return [
        folder + near_path(span.z, x, y)
        for y in range(span.north, span.south + 1)
        for x in range(span.west, span.east + 1)
    ]


def _check_levels(tiles: TileJson, listed: dict[str, int], names: set[str], findings: Findings) -> None:
    missing = Counter(z for path, z in listed.items() if path not in names)
    wanted = Counter(listed.values())
    least, most = tiles.levels
    for z in range(least, most + 1):
        if missing[z] == wanted[z]:
            said = "has no tile" if wanted[z] else "is not listed between others"
            findings.error("BASEMAP_LEVEL_MISSING", "/available", f"level {z} {said}")
    for path, z in listed.items():
        if path not in names and missing[z] < wanted[z]:
            findings.error("BASEMAP_TILE_MISSING", "/available", f"{path} is listed but not there")


def check_map_tile(path: str, data: bytes, size: int) -> list[Issue]:
    """Every issue of one tile's bytes."""
    findings = Findings(path)
    if path.endswith(".mvt"):
        try:
            mvt.decode(data)
        except FormatError as error:
            findings.error("BASEMAP_TILE_INVALID", "", str(error))
        return findings.issues
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that is too large to be decoded
            with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
                if picture.size == (size, size):
                    picture.load()
                else:
                    said = f"{picture.size[0]} x {picture.size[1]} pixels where tile.json says {size}"
                    findings.error("BASEMAP_SIZE_WRONG", "", said)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombWarning,
    ) as error:
        findings.error("BASEMAP_TILE_INVALID", "", f"cannot be read as a WebP: {type(error).__name__}")
    return findings.issues
