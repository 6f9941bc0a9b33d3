"""Exporting: the current release's public tilesets as plain files, laid out as the server's addresses are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smap.errors import NotFoundError, StorageError, UsageError
from smap.store.archive import ArchiveReader
from smap.store.release import Release, ReleasedTileset, read_current
from smap.store.tile import is_tile_path

__all__ = ["Exported", "export_release"]


@dataclass(frozen=True)
class Exported:
    """What was written: the release, its public tilesets, files and bytes."""

    release: str
    tilesets: tuple[str, ...]
    files: int
    bytes: int


def export_release(workspace: Path, out: Path, *, step: Callable[[int], None] = lambda _: None) -> Exported:
    """Write tiles/NAME/VERSION/…, likewise terrain/… and basemap/…, into a new or empty folder, plain.

    `step` is told of each file. Staff tilesets are left out. UsageError: the folder is not empty.
    StorageError: disk full; nothing is left.
    """
    release = read_current(workspace)
    if release is None:
        raise NotFoundError(f"nothing is published in {workspace}: publish first")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty: name a new or an empty folder")
    beside = out.parent / f".{out.name}.{os.getpid()}.part"
    try:
        exported = _write(workspace, release, beside, step)
        beside.replace(out)
    except OSError as error:
        raise StorageError(f"cannot write {out}: {error.strerror}; nothing is left there") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return exported


def _write(workspace: Path, release: Release, root: Path, step: Callable[[int], None]) -> Exported:
    root.mkdir(parents=True)
    public = [tileset for tileset in release.tilesets if tileset.access == "public"]
    files = size = 0
    for tileset in public:
        folder = root / tileset.mount / tileset.name / tileset.version
        more = _write_tileset(workspace, tileset, folder, step)
        files, size = files + more[0], size + more[1]
    return Exported(release.id, tuple(tileset.name for tileset in public), files, size)


def _write_tileset(
    workspace: Path, tileset: ReleasedTileset, folder: Path, step: Callable[[int], None]
) -> tuple[int, int]:
    files = size = 0
    with ArchiveReader(workspace / tileset.path) as reader:
        for name in reader.names():
            tile = reader.get(name)
            if tile is None or not is_tile_path(name):
                raise StorageError(f"{workspace / tileset.path}: the entry '{name}' is damaged; build again")
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tile.identity())
            files, size = files + 1, size + tile.size
            step(1)
    return files, size
