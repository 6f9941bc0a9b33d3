"""Staging: a build is made in a folder beside its place and renamed there last, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from smap.errors import InterruptedWorkError, StorageError, UsageError

__all__ = ["check_out", "place", "place_into", "staging", "told_in_one_line"]

_SUFFIX = ".part"
_OPEN: set[Path] = set()
"""Stages of this process: a stage of its number that is none of them was left by one that was killed."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def staging(folder: Path, name: str) -> Iterator[Path]:
    """A new folder inside `folder` (made if need be) to build in; afterwards nothing of it is left there.

    What killed builds left in `folder` is cleared first.
    """
    made = _missing(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    stage = folder / f".{name}.{os.getpid()}{_SUFFIX}"
    try:
        stage.mkdir()
        _OPEN.add(stage)
        yield stage
    finally:
        _OPEN.discard(stage)
        shutil.rmtree(stage, ignore_errors=True)
        with suppress(OSError):
            for parent in made:
                parent.rmdir()


def check_out(out: Path, *, force: bool) -> None:
    """UsageError when the output folder is a file, or holds something and force is off."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: a file stands there; name a folder")
    if not force and out.is_dir() and any(out.iterdir()):
        raise UsageError(f"--out {out}: not empty; name another folder, or say --force to replace its build")


def place(stage: Path, target: Path) -> None:
    """Rename the finished stage to target, or put its files over those of the same version there."""
    if not target.exists():
        stage.rename(target)
        return
    for file in sorted(stage.iterdir()):
        file.replace(target / file.name)


def place_into(stage: Path, out: Path, last: str) -> None:
    """Move the finished stage's files into out, that named `last` at the end; what else lies there stays."""
    if not out.exists():
        stage.rename(out)
        return
    (out / last).unlink(missing_ok=True)
    for file in sorted(stage.iterdir(), key=lambda file: (file.name == last, file.name)):
        shutil.move(file, out / file.name)  # out may be a link or lie on another disk


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn an interruption, a full or failing disk and want of memory into our own errors."""
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedWorkError("interrupted before the build was done; nothing of it is left") from None
    except MemoryError:
        raise StorageError("the memory does not suffice: build with --jobs 1, or clip the source") from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        what = "the disk is full" if error.errno in _FULL else (error.strerror or str(error))
        raise StorageError(f"{where}{what}; nothing of the build is left") from None


def _missing(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _clear_leftovers(folder: Path) -> None:
    for path in folder.glob(f".*{_SUFFIX}"):
        owner = path.name.removesuffix(_SUFFIX).rpartition(".")[2]
        if owner.isdigit() and path not in _OPEN and not _is_alive(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
