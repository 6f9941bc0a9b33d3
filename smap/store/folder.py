"""A folder of tiles, read as an archive is: paths are keys of a list made once, never joined to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from smap.errors import StorageError
from smap.store.tile import StoredTile, tile_of

__all__ = ["FolderReader"]


class FolderReader:
    """Reads tiles from a folder tree. A file that is gzip already (terrain often is) is offered as such."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            raise StorageError(f"cannot open {path}: no such folder")
        self._files = {file.relative_to(path).as_posix(): file for file in _files_under(path)}

    def get(self, path: str) -> StoredTile | None:
        """The tile of this path (no leading slash), or None."""
        file = self._files.get(path)
        if file is None:
            return None
        try:
            body = file.read_bytes()
        except OSError as error:
            raise StorageError(f"cannot read {file}: {error.strerror}") from error
        return tile_of(path, body)

    def names(self) -> Iterator[str]:
        """The paths of all files, sorted."""
        return iter(self._files)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._files)


def _files_under(path: Path) -> list[Path]:
    return sorted(Path(folder) / name for folder, _, names in os.walk(path) for name in names)
