"""Releases: one JSON file names every tileset version and the content snapshot; `current` names one of them.

WORKSPACE/releases/<id>.json are never changed; WORKSPACE/current holds an id and is replaced by an atomic
rename, so that a reader sees one release whole or the other.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from smap.errors import NotFoundError, StorageError

__all__ = [
    "Mount",
    "Release",
    "ReleasedTileset",
    "kept_releases",
    "read_current",
    "read_release",
    "releasing",
    "replace_file",
    "rollback",
    "write_release",
]

Mount = Literal["tiles", "terrain", "basemap"]


@dataclass(frozen=True)
class ReleasedTileset:
    """One tileset version of a release.

    path: of the archive or folder, relative to the workspace. title: by language. bbox: degrees, west,
    south, east, north. access: "public" or "staff". terrain: name, version and level of the ground it
    stands on, if any. entry: "tileset.json", "layer.json" or "tile.json". era: in which it is shown; None: in
    every one.
    depicts: the content layer whose records it draws in full, if any.
    """

    name: str
    kind: str
    version: str
    path: str
    title: Mapping[str, str]
    attribution: str
    bbox: tuple[float, float, float, float]
    access: str = "public"
    terrain: Mapping[str, Any] | None = None
    entry: str = "tileset.json"
    era: str | None = None
    depicts: str | None = None

    @property
    def mount(self) -> Mount:
        """The first part of its address."""
        return "terrain" if self.kind == "terrain" else "basemap" if self.kind == "basemap" else "tiles"


@dataclass(frozen=True)
class Release:
    """What citizens see at one time. content: id of the snapshot; previous: id of the release it replaced."""

    id: str
    tilesets: tuple[ReleasedTileset, ...]
    content: str | None = None
    previous: str | None = None

    def tileset(self, name: str) -> ReleasedTileset | None:
        """The tileset of this name, if the release has it."""
        return next((tileset for tileset in self.tilesets if tileset.name == name), None)


def read_current(workspace: Path) -> Release | None:
    """The release that holds now; None where nothing was published yet. StorageError when it is damaged."""
    try:
        name = (workspace / "current").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError(f"{workspace / 'current'} cannot be read ({error}); publish again") from error
    return read_release(workspace, name)


def read_release(workspace: Path, name: str) -> Release:
    """The release of this id. NotFoundError: there is none. StorageError: its file is damaged."""
    path = workspace / "releases" / f"{name}.json"
    if Path(path.name).stem != name:
        raise StorageError(f"{workspace / 'current'}: '{name}' is no id of a release; publish again")
    try:
        return _decode(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no release {name} in {workspace}; publish again") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} is damaged ({error}); roll back or publish again") from error


def kept_releases(workspace: Path) -> list[Release]:
    """Every release that was not cleared away yet, the newest first; damaged files are passed over."""
    releases = []
    for path in sorted((workspace / "releases").glob("*.json"), key=_number, reverse=True):
        with suppress(StorageError, NotFoundError):
            releases.append(read_release(workspace, path.stem))
    return releases


def write_release(workspace: Path, release: Release) -> None:
    """Write the release's file, then make it the current one. StorageError: disk full; the old one stays."""
    folder = workspace / "releases"
    text = json.dumps(asdict(release), ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {folder}: {error.strerror}") from error
    replace_file(folder / f"{release.id}.json", f"{text}\n".encode())
    replace_file(workspace / "current", f"{release.id}\n".encode())


def rollback(workspace: Path) -> Release:
    """Make the release before the current one current again, and give it. NotFoundError: there is none."""
    with releasing(workspace):
        current = read_current(workspace)
        if current is None or current.previous is None:
            raise NotFoundError(f"nothing to roll back to in {workspace}: no release came before this one")
        before = read_release(workspace, current.previous)
        replace_file(workspace / "current", f"{before.id}\n".encode())
    return before


@contextmanager
def releasing(workspace: Path) -> Iterator[None]:
    """Only one process at a time may change releases; a second one is refused."""
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        lock = os.open(workspace / ".releasing", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(f"cannot write in {workspace}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StorageError(f"another publish is at work in {workspace}; try again when it is done") from error
    finally:
        os.close(lock)


def replace_file(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk and rename: the file is whole, old or new, whatever happens."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}; the old one stays") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _number(path: Path) -> tuple[int, str]:
    head = path.stem.partition("-")[0]
    return (int(head) if head.isdigit() else 0, path.stem)


def _decode(document: Mapping[str, Any]) -> Release:
    tilesets = [
        ReleasedTileset(**{**item, "bbox": tuple(float(edge) for edge in item["bbox"])})
        for item in document["tilesets"]
    ]
    previous, content = document.get("previous"), document.get("content")
    return Release(str(document["id"]), tuple(tilesets), content, previous)
