"""Clearing away: what neither the current release, nor those just before it, nor the newest builds need."""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from smap.errors import StorageError
from smap.store.builds import newest_builds
from smap.store.release import Release, kept_releases, read_current, releasing

__all__ = ["Cleared", "clear_workspace"]

_PART = ".part"


@dataclass(frozen=True)
class Cleared:
    """What was removed: paths relative to the workspace, and the bytes they held."""

    removed: tuple[str, ...]
    bytes: int


def clear_workspace(workspace: Path, *, keep: int = 3) -> Cleared:
    """Remove releases beyond the current and the `keep` − 1 before it, and what no kept one names.

    Also what killed work left, and the cache of each name that no build is using: the next build of it begins
    anew. The newest build of each name stays. StorageError: cannot be removed.
    """
    assert keep >= 1
    with releasing(workspace):
        kept = _chain(workspace, keep)
        doomed = [
            *_old_releases(workspace, kept),
            *_old_builds(workspace, kept),
            *_old_snapshots(workspace, kept),
            *_leftovers(workspace),
            *_idle_caches(workspace),
        ]
        size = sum(_size(path) for path in doomed)
        for path in doomed:
            _remove(path)
    return Cleared(tuple(path.relative_to(workspace).as_posix() for path in doomed), size)


def _chain(workspace: Path, keep: int) -> list[Release]:
    by_id = {release.id: release for release in kept_releases(workspace)}
    chain: list[Release] = []
    current = read_current(workspace)
    while current is not None and len(chain) < keep:
        chain.append(current)
        current = by_id.get(current.previous or "")
    return chain


def _old_releases(workspace: Path, kept: list[Release]) -> list[Path]:
    ids = {release.id for release in kept}
    return sorted(path for path in (workspace / "releases").glob("*.json") if path.stem not in ids)


def _old_builds(workspace: Path, kept: list[Release]) -> list[Path]:
    needed = {(workspace / tileset.path).parent for release in kept for tileset in release.tilesets}
    needed |= {build.folder for build in newest_builds(workspace)}
    folders = (path.parent for path in (workspace / "builds").glob("*/*/manifest.json"))
    return sorted(folder for folder in folders if folder not in needed and not folder.name.endswith(_PART))


def _old_snapshots(workspace: Path, kept: list[Release]) -> list[Path]:
    """Snapshots that no kept release names; none while nothing is published, for one may be meant for it."""
    if not kept:
        return []
    ids = {release.content for release in kept}
    return sorted(
        path for path in (workspace / "content").glob("*") if path.is_dir() and path.name not in ids
    )


def _leftovers(workspace: Path) -> list[Path]:
    """Half-written files and folders of processes that are gone: their names end in `.PID.part`."""
    places = (".*", "releases/.*", "builds/.*", "builds/*/.*", "content/.*")
    found = {path for place in places for path in workspace.glob(f"{place}{_PART}")}
    return sorted(path for path in found if not _is_alive(path.name.removesuffix(_PART).rpartition(".")[2]))


def _idle_caches(workspace: Path) -> list[Path]:
    """Folders of the cache whose lock, which builds hold while they use one, is free."""
    return sorted(path for path in (workspace / "cache").glob("*") if path.is_dir() and _is_idle(path))


def _is_idle(folder: Path) -> bool:
    try:
        with (folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot remove {path}: {error.strerror}") from error
