"""The names of the buildings of the current release, each tileset's in an index beside its archive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from smap.content.search import INDEX, Asked, BuildingHit, open_index, search_buildings
from smap.server.shelf import Shelf

__all__ = ["BuildingNames"]


class BuildingNames:
    """Searches the public tilesets. Safe to use from many threads."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._engines: dict[Path, Engine] = {}

    def search(self, asked: Asked, *, most: int) -> tuple[list[tuple[str, BuildingHit]], int]:
        """The best `most` buildings with the name of their tileset, and how many fit in all."""
        found: list[tuple[str, BuildingHit]] = []
        matched = 0
        for name, engine in self._indexes():
            hits, count = search_buildings(engine, asked, most=most)
            found += [(name, hit) for hit in hits]
            matched += count
        found.sort(
            key=lambda one: (-one[1].score, one[1].distance_m or 0.0, len(one[1].name), one[1].smap_id)
        )
        return found[:most], matched

    def close(self) -> None:
        """Let go of every index."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def _indexes(self) -> Iterator[tuple[str, Engine]]:
        release = self._shelf.release()
        for tileset in release.tilesets if release else ():
            path = (self._shelf.workspace / tileset.path).with_name(INDEX)
            if tileset.access == "public" and (path in self._engines or path.is_file()):
                yield tileset.name, self._engine(path)

    def _engine(self, path: Path) -> Engine:
        with self._lock:
            if path not in self._engines:
                self._engines[path] = open_index(path)
            return self._engines[path]
