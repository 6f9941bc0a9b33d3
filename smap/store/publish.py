"""Publishing: builds become the current release, and what stands on older ground is found out first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from smap.errors import NotFoundError, UsageError
from smap.store.builds import Build, find_build, newest_builds
from smap.store.release import Release, ReleasedTileset, kept_releases, read_current, releasing, write_release

__all__ = ["Published", "publish"]


@dataclass(frozen=True)
class Published:
    """The new release (or the old one, where nothing changed) and words on what is not as it should be."""

    release: Release
    changed: bool
    warnings: tuple[str, ...]


def publish(
    workspace: Path, wanted: Sequence[str], *, content: str | None = None, allow_stale: bool = False
) -> Published:
    """Make the wanted builds (NAME, NAME@VERSION or a folder; none: the newest of every name) current.

    Other tilesets of the current release stay in it. content: id of the content snapshot; None keeps the
    last. UsageError: a tileset stands on another version of a published terrain, and `allow_stale` is off.
    """
    if not wanted and not workspace.is_dir():
        raise NotFoundError(f"nothing to publish: there is no folder {workspace}")
    with releasing(workspace):
        builds = [find_build(workspace, name) for name in wanted] if wanted else newest_builds(workspace)
        if not builds:
            raise NotFoundError(f"nothing to publish: there is no finished build in {workspace / 'builds'}")
        current = read_current(workspace)
        tilesets = _merged(current, [_released(workspace, build) for build in builds])
        stale = [line for tileset in tilesets if (line := _staleness(tileset, tilesets))]
        if stale and not allow_stale:
            raise UsageError(f"{'; '.join(stale)}: build them again, or publish with --allow-stale")
        release = _release(workspace, current, tilesets, content)
        changed = current is None or release.id != current.id
        if changed:
            write_release(workspace, release)
    missing = [line for tileset in tilesets if (line := _missing_terrain(tileset, tilesets))]
    return Published(release, changed, (*stale, *missing))


def _merged(current: Release | None, new: list[ReleasedTileset]) -> tuple[ReleasedTileset, ...]:
    by_name = {tileset.name: tileset for tileset in (current.tilesets if current else ())}
    by_name |= {tileset.name: tileset for tileset in new}
    return tuple(by_name[name] for name in sorted(by_name))


def _released(workspace: Path, build: Build) -> ReleasedTileset:
    return ReleasedTileset(
        name=build.name,
        kind=build.kind,
        version=build.version,
        path=build.archive.resolve().relative_to(workspace.resolve()).as_posix(),
        title=build.title,
        attribution=build.attribution,
        bbox=build.bbox,
        access=build.access,
        terrain=build.terrain,
        entry=build.entry,
        era=build.era,
        depicts=build.depicts,
    )


def _staleness(tileset: ReleasedTileset, tilesets: tuple[ReleasedTileset, ...]) -> str | None:
    ground = _terrain_of(tileset, tilesets)
    if tileset.terrain is None or ground is None or ground.version == tileset.terrain.get("version"):
        return None
    return f"{tileset.name} stands on {ground.name}@{tileset.terrain.get('version')}, not on {ground.version}"


def _missing_terrain(tileset: ReleasedTileset, tilesets: tuple[ReleasedTileset, ...]) -> str | None:
    if tileset.terrain is None or _terrain_of(tileset, tilesets) is not None:
        return None
    return f"{tileset.name} stands on {tileset.terrain['name']}, which is not published"


def _terrain_of(tileset: ReleasedTileset, tilesets: tuple[ReleasedTileset, ...]) -> ReleasedTileset | None:
    wanted = tileset.terrain["name"] if tileset.terrain else None
    return next((other for other in tilesets if other.kind == "terrain" and other.name == wanted), None)


def _release(
    workspace: Path, current: Release | None, tilesets: tuple[ReleasedTileset, ...], content: str | None
) -> Release:
    """A release with a number one above all kept ones; the current one itself where it says the same."""
    kept = content if content is not None else current.content if current else None
    if current is not None and (current.tilesets, current.content) == (tilesets, kept):
        return current
    told = json.dumps([[asdict(tileset) for tileset in tilesets], kept], sort_keys=True).encode()
    heads = [release.id.partition("-")[0] for release in kept_releases(workspace)]
    number = 1 + max((int(head) for head in heads if head.isdigit()), default=0)
    name = f"{number:05d}-{hashlib.sha256(told).hexdigest()[:8]}"
    return Release(name, tilesets, kept, current.id if current else None)
