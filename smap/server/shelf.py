"""What may be read now: the current release, and the archives that any kept release names, opened once.

`current` is looked at on every request (one stat); a new release is picked up from the next request on,
without a restart. An archive is opened by the first request for it. Where `current` cannot be read any more,
the last good release stays in use; `check` tells of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from smap.errors import FormatError, NotFoundError, StorageError
from smap.store import TileReader, open_tiles
from smap.store.release import Mount, Release, ReleasedTileset, kept_releases, read_current

__all__ = ["Shelf", "Shelved"]

_Key = tuple[Mount, str, str]
#: What tells one `current` from the next: a rename gives another inode, and most often another time.
_Stamp = tuple[int, int, int] | None

_log = logging.getLogger("smap.server")


@dataclass(frozen=True, slots=True)
class Shelved:
    """One version of a tileset that may be read."""

    name: str
    version: str
    public: bool
    reader: TileReader


@dataclass(frozen=True, slots=True)
class _View:
    """What one state of `current` means; replaced whole, so a reader never sees half of two."""

    stamp: _Stamp
    release: Release | None
    offered: dict[_Key, ReleasedTileset] = field(default_factory=dict)
    opened: dict[_Key, Shelved] = field(default_factory=dict)


class Shelf:
    """The tilesets on offer of one workspace. Safe to use from many threads."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._pointer = workspace / "current"
        self._lock = threading.Lock()
        self._readers: dict[Path, TileReader] = {}
        self._view = _View(stamp=None, release=None)
        self._fault = ""
        self._probed: dict[Path, _Stamp] = {}

    def release(self) -> Release | None:
        """The current release; None in a workspace where nothing was published. StorageError if damaged."""
        return self._fresh().release

    def find(self, mount: Mount, name: str, version: str) -> Shelved | None:
        """The version of a tileset under a mount, or None where no kept release names it."""
        view = self._fresh()
        key = (mount, name, version)
        found = view.opened.get(key)
        if found is None and key in view.offered:
            return self._open(view, key)
        return found

    def check(self) -> Release | None:
        """The current release. StorageError where it, or any archive that it names, cannot be read now."""
        view = self._fresh()
        if self._fault:
            raise StorageError(self._fault)
        for item in view.release.tilesets if view.release else ():
            self._probe(self.workspace / item.path)
        return view.release

    def close(self) -> None:
        """Let go of every archive; the shelf is empty afterwards."""
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
            self._view = _View(stamp=None, release=None)

    def _fresh(self) -> _View:
        try:
            stamp = _stamp_of(self._pointer)
            if stamp != self._view.stamp or self._fault:
                with self._lock:
                    self._turn(stamp)
        except StorageError as error:
            self._keep_last(error)
        return self._view

    def _turn(self, stamp: _Stamp) -> None:
        if stamp != self._view.stamp:
            self._view = self._read(stamp)
        self._fault = ""

    def _keep_last(self, error: StorageError) -> None:
        """Go on with the last good release, and say so once; without one there is nothing to go on with."""
        if self._view.release is None:
            raise error
        if str(error) != self._fault:
            self._fault = str(error)
            _log.error("the release before stays in use: %s", error)

    def _probe(self, path: Path) -> None:
        """Open an archive anew, if it is another file or size than the last time that it could be opened."""
        stamp = _stamp_of(path)
        if stamp is None or self._probed.get(path) != stamp:
            _opened(path).close()
            self._probed[path] = stamp

    def _read(self, stamp: _Stamp) -> _View:
        try:
            release = read_current(self.workspace)
        except NotFoundError as error:
            raise StorageError(str(error)) from error
        older = kept_releases(self.workspace) if release else []
        return _View(stamp, release, _offered(release, older))

    def _open(self, view: _View, key: _Key) -> Shelved:
        """Open an archive once; one that a later release drops stays open until the end."""
        item = view.offered[key]
        path = self.workspace / item.path
        with self._lock:
            if path not in self._readers:
                self._readers[path] = _opened(path)
            shelved = Shelved(item.name, item.version, item.access == "public", self._readers[path])
            view.opened[key] = shelved
        return shelved


def _opened(path: Path) -> TileReader:
    try:
        return open_tiles(path)
    except FormatError as error:
        raise StorageError(f"{path} is damaged: {error}; roll back or publish again") from error


def _stamp_of(path: Path) -> _Stamp:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError) as error:
        raise StorageError(f"{path} cannot be read: {error}") from error
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def _offered(current: Release | None, older: Iterable[Release]) -> dict[_Key, ReleasedTileset]:
    """Every version by its address; the current release has the last word on who may read it."""
    offered: dict[_Key, ReleasedTileset] = {}
    for release in older:
        for item in release.tilesets:
            key = _key_of(item)
            if key not in offered or item.access != "public":
                offered[key] = item
    if current is not None:
        offered.update((_key_of(item), item) for item in current.tilesets)
    return offered


def _key_of(item: ReleasedTileset) -> _Key:
    return item.mount, item.name, item.version
