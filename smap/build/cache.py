"""The cache: what builds of one name keep in WORKSPACE/cache/NAME: sealed files named by what they hold."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from smap.build.sealed import is_whole
from smap.errors import StorageError

__all__ = ["Cache", "open_cache"]

_LOCK = ".lock"
_PART = ".part"


@dataclass(frozen=True)
class Cache:
    """A folder of sealed files. Two builds may use it at once: a file is there whole or not at all."""

    folder: Path
    _lock: BinaryIO

    def __contains__(self, name: str) -> bool:
        return (self.folder / name).exists()

    def get(self, name: str) -> bytes | None:
        """The bytes of this name; None when there are none.

        What is not as it was written, or stands under another's name, is removed and is none.
        """
        try:
            with (self.folder / name).open("rb") as file:
                own = _named(name)
                is_own, data = file.read(len(own)) == own, file.read()
        except FileNotFoundError:
            return None
        if is_own and is_whole(data):
            return data
        (self.folder / name).unlink(missing_ok=True)
        return None

    def put(self, name: str, *data: bytes | memoryview) -> None:
        """Keep sealed bytes, in one or several parts.

        They are not forced onto the disk: what a power cut tears is seen to be torn.
        """
        beside = self.folder / f".{name}.{os.getpid()}{_PART}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.writelines((_named(name), *data))
            beside.replace(self.folder / name)
        except OSError as error:
            raise StorageError(f"cannot write {self.folder / name}: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Remove what is kept under this name."""
        (self.folder / name).unlink(missing_ok=True)

    def forget_all_but(self, names: Collection[str]) -> None:
        """Remove everything else, unless another build is using the folder."""
        if _is_alone(self._lock):
            for path in self.folder.iterdir():
                if path.name not in names and path.name != _LOCK:
                    path.unlink(missing_ok=True)
            fcntl.flock(self._lock, fcntl.LOCK_SH)


@contextmanager
def open_cache(folder: Path) -> Iterator[Cache]:
    """The cache in this folder, which nobody clears away until the end; if it stays empty it is removed."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            yield Cache(folder, lock)
        finally:
            if all(path.name == _LOCK for path in folder.iterdir()) and _is_alone(lock):
                with suppress(OSError):
                    (folder / _LOCK).unlink()
                    for path in made or [folder]:
                        path.rmdir()


def _named(name: str) -> bytes:
    return f"{name}\n".encode()


def _is_alone(lock: BinaryIO) -> bool:
    """Whether no other build has the folder open; if so none may open it for now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
