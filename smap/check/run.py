"""Checking a whole store: found by its entry, walked here, its tiles shared out among processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from smap.check.basemap import check_map_tile, listed_map_tiles
from smap.check.contents import ContentTask, check_content
from smap.check.findings import CheckReport, Findings, Issue, stored_bytes
from smap.check.terrain import TileEdges, check_edges, check_terrain_tile, listed_tiles
from smap.check.walk import walk_tileset
from smap.errors import InputError
from smap.geo.grid import Tile
from smap.store import TileReader, open_tiles

__all__ = ["check_path"]

_FEW = 300  # so few tiles are checked sooner than another process starts
_CHUNK = 64
_TILE_SUFFIXES = (".glb", ".b3dm", ".i3dm", ".pnts", ".cmpt")
_WORKER: list[TileReader] = []  # in a worker process: its own reader of the store
_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")
_TerrainAnswer = tuple[list[Issue], TileEdges | None]


@dataclass(frozen=True)
class _Crew:
    """Who works: the store's place for other processes, how many of them, who is told of finished tiles."""

    root: Path
    jobs: int
    start: Callable[[int], None]
    step: Callable[[int], None]


def _nobody(_: int) -> None:
    """Told of progress, it does nothing."""


def check_path(
    path: Path,
    *,
    jobs: int | None = None,
    start: Callable[[int], None] = _nobody,
    step: Callable[[int], None] = _nobody,
) -> CheckReport:
    """Check a folder, a .3tz, a tileset.json, a layer.json or a base map's tile.json.

    `start` is told how many tiles there are, `step` of each that is done. InputError: there is nothing of
    the kind.
    """
    root, entries = _entries(path)
    crew = _Crew(root, jobs or os.cpu_count() or 1, start, step)
    issues: list[Issue] = []
    checked = 0
    with open_tiles(root) as reader:
        for entry in entries:
            found, count = _check_entry(reader, entry, crew)
            issues += found
            checked += count
    return CheckReport.of(issues, checked)


def _entries(path: Path) -> tuple[Path, list[str]]:
    """The store that holds the path, and the files in it to start from."""
    if path.is_file() and path.suffix == ".json":
        return path.parent, [path.name]
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if path.is_file() and path.suffix != ".3tz":
        raise InputError(
            f"{path}: only a folder, a .3tz, a tileset.json, layer.json or tile.json can be checked"
        )
    with open_tiles(path) as reader:
        entries = [
            name for name in ("layer.json", "tile.json", "tileset.json") if reader.get(name) is not None
        ]
    if not entries:
        raise InputError(f"{path}: there is neither a tileset.json, a layer.json nor a tile.json in it")
    return path, entries


def _check_entry(reader: TileReader, entry: str, crew: _Crew) -> tuple[list[Issue], int]:
    if Path(entry).name == "layer.json":
        return _check_terrain(reader, entry, crew)
    if Path(entry).name == "tile.json":
        return _check_basemap(reader, entry, crew)
    walk = walk_tileset(reader, entry)
    crew.start(len(walk.tasks))
    issues = [*walk.issues, *_shared(_check_contents, walk.tasks, reader, crew)]
    if crew.root.suffix == ".3tz":
        issues += _unreached(reader, walk.reached)
    return issues, len(walk.reached)


def _check_terrain(reader: TileReader, entry: str, crew: _Crew) -> tuple[list[Issue], int]:
    findings = Findings(entry)
    paths = listed_tiles(reader, entry, findings)
    crew.start(len(paths))
    answers = list(_shared(_check_terrain_tiles, list(paths.items()), reader, crew))
    issues = [*findings.issues, *(issue for found, _ in answers for issue in found)]
    edges = {one.tile: one for _, one in answers if one is not None}
    return [*issues, *check_edges(edges, paths)], len(paths) + 1


def _check_basemap(reader: TileReader, entry: str, crew: _Crew) -> tuple[list[Issue], int]:
    findings = Findings(entry)
    paths, size = listed_map_tiles(reader, entry, findings)
    crew.start(len(paths))
    issues = _shared(_check_map_tiles, [(path, size) for path in paths], reader, crew)
    return [*findings.issues, *issues], len(paths) + 1


def _check_map_tiles(reader: TileReader, tiles: Sequence[tuple[str, int]]) -> list[Issue]:
    issues: list[Issue] = []
    for path, size in tiles:
        findings = Findings(path)
        data = stored_bytes(reader, path, findings)
        issues += findings.issues if data is None else check_map_tile(path, data, size)
    return issues


def _check_contents(reader: TileReader, tasks: Sequence[ContentTask]) -> list[Issue]:
    def fetch(name: str) -> bytes | None:
        return stored_bytes(reader, name, Findings(name))

    issues: list[Issue] = []
    for task in tasks:
        findings = Findings(task.name)
        data = stored_bytes(reader, task.name, findings)
        issues += findings.issues if data is None else check_content(task, data, fetch)
    return issues


def _check_terrain_tiles(reader: TileReader, tiles: Sequence[tuple[Tile, str]]) -> list[_TerrainAnswer]:
    answers: list[_TerrainAnswer] = []
    for tile, path in tiles:
        findings = Findings(path)
        data = stored_bytes(reader, path, findings)
        answers.append((findings.issues, None) if data is None else check_terrain_tile(tile, path, data))
    return answers


def _shared(
    work: Callable[[TileReader, Sequence[_Task]], list[_Answer]],
    tasks: Sequence[_Task],
    reader: TileReader,
    crew: _Crew,
) -> Iterator[_Answer]:
    """The answers to all tasks, in their order; many tasks are shared out among processes."""
    chunks = [tasks[at : at + _CHUNK] for at in range(0, len(tasks), _CHUNK)]
    if len(tasks) <= _FEW or crew.jobs == 1:
        for chunk in chunks:
            yield from work(reader, chunk)
            crew.step(len(chunk))
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(crew.jobs, context, _open_in_worker, (crew.root,)) as pool:
        for chunk, answers in zip(chunks, pool.map(_work_in_worker, repeat(work), chunks), strict=True):
            yield from answers
            crew.step(len(chunk))


def _open_in_worker(root: Path) -> None:
    _WORKER.append(open_tiles(root))


def _work_in_worker(
    work: Callable[[TileReader, Sequence[_Task]], list[_Answer]], chunk: Sequence[_Task]
) -> list[_Answer]:
    return work(_WORKER[0], chunk)


def _unreached(reader: TileReader, reached: set[str]) -> Iterator[Issue]:
    findings = Findings("tileset.json")
    for name in reader.names():
        if name.endswith(_TILE_SUFFIXES) and name not in reached:
            findings.warning("CONTENT_UNREACHED", "", f"no tile refers to {name}")
    yield from findings.issues
