"""Builds: finished tilesets with their manifests, in WORKSPACE/builds/NAME/VERSION or in any folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smap.errors import FormatError, NotFoundError, StorageError
from smap.store.archive import ArchiveReader

__all__ = ["Build", "adopt_build", "find_build", "newest_builds", "read_build"]

_VERSION_DIGITS = 12
_BESIDE = ("report.txt", "report.html", "report.json", "names.ndjson")
"""What a build may tell of itself beside its archive."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Build:
    """A finished build in `folder`; the other fields stand in its manifest.json."""

    folder: Path
    name: str
    kind: str
    version: str
    title: Mapping[str, str]
    attribution: str
    access: str
    bbox: tuple[float, float, float, float]
    terrain: Mapping[str, Any] | None
    era: str | None = None
    depicts: str | None = None

    @property
    def archive(self) -> Path:
        """The file of its tiles."""
        return self.folder / f"{self.name}.3tz"

    @property
    def entry(self) -> str:
        """The path in the archive from which clients start."""
        return {"terrain": "layer.json", "basemap": "tile.json"}.get(self.kind, "tileset.json")


def read_build(folder: Path) -> Build:
    """The build in a folder. NotFoundError: no manifest there. FormatError: manifest or archive is broken."""
    path = folder / "manifest.json"
    try:
        build = _decode(folder, json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(f"{folder} holds no finished build: there is no manifest.json") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path} is damaged ({type(error).__name__}: {error}); build again") from error
    with ArchiveReader(build.archive) as reader:
        if reader.get(build.entry) is None:
            raise FormatError(f"{build.archive}: there is no {build.entry} inside; build again")
    return build


def newest_builds(workspace: Path) -> list[Build]:
    """The newest build of every name, by name."""
    folders = sorted(path for path in (workspace / "builds").glob("*") if path.is_dir())
    newest = [_newest(folder) for folder in folders if not folder.name.startswith(".")]
    return [read_build(folder) for folder in newest if folder is not None]


def find_build(workspace: Path, wanted: str) -> Build:
    """The build that `NAME`, `NAME@VERSION` or a folder stands for; one from elsewhere is copied in.

    NotFoundError names the builds that exist.
    """
    name, _, version = wanted.partition("@")
    home = workspace / "builds" / name
    if _is_plain(name) and home.is_dir():
        folder = home / version if version and _is_plain(version) else None if version else _newest(home)
        if folder is not None and folder.is_dir():
            return read_build(folder)
    elif Path(wanted).is_dir():
        return adopt_build(workspace, Path(wanted))
    raise NotFoundError(f"there is no build '{wanted}'; there are: {_listed(workspace)}")


def adopt_build(workspace: Path, folder: Path) -> Build:
    """A build from any folder, copied into the workspace unless it lies there. FormatError: it is damaged."""
    build = read_build(folder)
    home = workspace / "builds" / build.name / build.version
    if home.exists():
        return read_build(home)
    found = _version_of(build.archive)
    if found != build.version:
        raise FormatError(
            f"{build.archive} has version {found}, its manifest says {build.version}; build again"
        )
    beside = home.parent / f".{build.version}.{os.getpid()}.part"
    try:
        beside.mkdir(parents=True)
        for name in (build.archive.name, "manifest.json", *_BESIDE):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, beside / name)
        beside.replace(home)
    except OSError as error:
        raise StorageError(
            f"cannot copy {folder} to {home}: {error.strerror}; nothing is left there"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return read_build(home)


def _newest(home: Path) -> Path | None:
    """The folder that `latest` names, else the one whose manifest was written last."""
    with suppress(OSError, ValueError):
        latest = home / (home / "latest").read_text(encoding="ascii").strip()
        if (latest / "manifest.json").is_file():
            return latest
    manifests = [path for path in home.glob("*/manifest.json") if not path.parent.name.startswith(".")]
    newest = max(manifests, key=lambda path: (path.stat().st_mtime_ns, path), default=None)
    return newest.parent if newest else None


def _decode(folder: Path, manifest: Mapping[str, Any]) -> Build:
    west, south, east, north = (float(edge) for edge in manifest["bbox"])
    name, version, access = str(manifest["name"]), str(manifest["version"]), str(manifest["access"])
    era, depicts = manifest.get("era"), manifest.get("depicts")
    if not (_is_plain(name) and _is_plain(version)) or access not in ("public", "staff"):
        raise ValueError(f"name '{name}', version '{version}' or access '{access}'")
    return Build(
        folder,
        name,
        str(manifest["kind"]),
        version,
        {str(language): str(text) for language, text in manifest["title"].items()},
        str(manifest["attribution"] or ""),
        access,
        (west, south, east, north),
        manifest.get("terrain"),
        None if era is None else str(era),
        None if depicts is None else str(depicts),
    )


def _is_plain(name: str) -> bool:
    """One part of a path that neither hides nor climbs."""
    return bool(name) and not name.startswith(".") and Path(name).name == name


def _version_of(archive: Path) -> str:
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:_VERSION_DIGITS]


def _listed(workspace: Path) -> str:
    found = sorted(path.parent for path in (workspace / "builds").glob("*/*/manifest.json"))
    return ", ".join(f"{path.parent.name}@{path.name}" for path in found) or "none; build one first"
