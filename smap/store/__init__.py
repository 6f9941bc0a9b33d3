"""WHERE TILES LIE: archives and folders of tiles, and the release that says which versions are current."""

from __future__ import annotations

from pathlib import Path

from smap.store.archive import ArchiveReader, PackedEntry, pack_entry, write_archive
from smap.store.folder import FolderReader
from smap.store.tile import StoredTile, TileReader, media_type_of

__all__ = [
    "ArchiveReader",
    "FolderReader",
    "PackedEntry",
    "StoredTile",
    "TileReader",
    "media_type_of",
    "open_tiles",
    "pack_entry",
    "write_archive",
]


def open_tiles(path: Path) -> TileReader:
    """A reader of a folder of tiles or of a .3tz archive."""
    return FolderReader(path) if path.is_dir() else ArchiveReader(path)
