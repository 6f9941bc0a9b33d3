"""Base maps: relief, water, green and roads become XYZ tiles of each look in one archive."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from smap.build.basemap_ground import Ground
from smap.build.basemap_near import near_of, near_tiles
from smap.build.basemap_read import MapSources, ground_of, read_sources
from smap.build.basemap_sheet import draw_sheet, tiles_of
from smap.build.cache import Cache, open_cache
from smap.build.engine import engine_digest
from smap.build.recipe import Recipe
from smap.build.report import Product
from smap.build.sealed import digest_of_sealed
from smap.build.work import Work
from smap.formats import tilejson
from smap.formats.tilejson import LOOKS, Near, Span, TileJson
from smap.store.archive import PackedEntry, pack_entry, write_archive
from smap.tiling.basemap import MapPyramid, Sheet

__all__ = ["build_basemap"]

_AS_IT_IS = 0
"""DEFLATE would save 1 % of a WebP, and every client would have to inflate it."""


def build_basemap(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of a base map says into the file `archive`."""
    rule = recipe.basemap
    assert rule is not None
    with work.clock.stage("read"):
        read = read_sources(rule)
    with work.clock.stage("relief"):
        ground = ground_of(read)
    pyramid = read.pyramid
    with work.clock.stage("tiles"), open_cache(work.workspace / "cache" / recipe.name) as cache:
        sheets = _Sheets(pyramid, ground, cache, work)
        near = _Near(near_of(pyramid, read.drawn), read)
        write_archive(archive, _entries(recipe, pyramid, sheets, near))
        cache.forget_all_but(sheets.names)
    return Product(
        features_read=read.count,
        features_built=read.count - sum(read.dropped.values()),
        tiles=sum(n for n, _ in sheets.by_level.values()),
        bbox=pyramid.area,
        vertical_datum=recipe.ground.vertical_datum,
        dropped=read.dropped,
        reused=sheets.reused,
        warnings=tuple(read.warnings),
        figures=_figures(pyramid, sheets, near, read),
    )


def _figures(pyramid: MapPyramid, sheets: _Sheets, near: _Near, read: MapSources) -> dict[str, Any]:
    return {
        "levels": f"{pyramid.least} to {pyramid.most}, {pyramid.finest} at the finest",
        "tiles_by_level": {str(z): n for z, (n, _) in sheets.by_level.items()},
        "kb_by_level": {str(z): round(size / 1000.0, 1) for z, (_, size) in sheets.by_level.items()},
        "near": {"tiles": near.tiles, "kb": round(near.bytes / 1000.0, 1)},
        "drawn": {name: len(shapes) for name, shapes in read.drawn.items()},
    }


class _Sheets:
    """Every sheet, from the cache where it is there.

    After the last: reused: tiles that came from there; by_level: how many tiles of how many bytes each level
    has; names: of all sheets in the cache.
    """

    def __init__(self, pyramid: MapPyramid, ground: Ground, cache: Cache, work: Work) -> None:
        self._pyramid = pyramid
        self._ground = ground
        self._cache = cache
        self._work = work
        self.reused = 0
        self.by_level: dict[int, list[int]] = {}
        self.names: set[str] = set()

    def tiles(self) -> Iterator[tuple[str, PackedEntry]]:
        """Path and bytes of every tile, sheet by sheet."""
        self._work.progress.start("tiles", self._pyramid.count() * len(LOOKS))
        waiting: deque[tuple[Sheet, str, bool]] = deque()
        for made in self._work.executor.map(draw_sheet, self._tasks(waiting)):
            yield from self._kept(waiting)
            sheet, name, _ = waiting.popleft()
            self._cache.put(name, made)
            yield from self._counted(sheet, made)
        yield from self._kept(waiting)
        self._work.progress.finish()

    def _tasks(self, waiting: deque[tuple[Sheet, str, bool]]) -> Iterator[bytes]:
        """The sheets that are not in the cache; all are put into `waiting`, in their order."""
        for sheet in self._pyramid.sheets():
            task = self._ground.task(sheet).pack()
            name = f"sheet-{sha256(f'{engine_digest()} {digest_of_sealed(task)}'.encode()).hexdigest()[:32]}"
            is_kept = not self._work.force and name in self._cache
            self.names.add(name)
            waiting.append((sheet, name, is_kept))
            if not is_kept:
                yield task

    def _kept(self, waiting: deque[tuple[Sheet, str, bool]]) -> Iterator[tuple[str, PackedEntry]]:
        """The tiles of the sheets up to the next that is being drawn."""
        while waiting and waiting[0][2]:
            sheet, name, _ = waiting.popleft()
            made = self._cache.get(name)
            if made is None:  # torn, or cleared away since
                made = draw_sheet(self._ground.task(sheet).pack())
                self._cache.put(name, made)
            else:
                self.reused += sheet.columns * sheet.rows * len(LOOKS)
            yield from self._counted(sheet, made)

    def _counted(self, sheet: Sheet, made: bytes) -> Iterator[tuple[str, PackedEntry]]:
        for path, tile in tiles_of(made):
            counts = self.by_level.setdefault(sheet.z, [0, 0])
            counts[0] += 1
            counts[1] += len(tile)
            self._work.progress.step()
            yield path, pack_entry(tile, level=_AS_IT_IS)


class _Near:
    """The vector tiles beside the pictures. After the last: how many, and how many bytes as stored."""

    def __init__(self, described: Near, read: MapSources) -> None:
        self.described = described
        self._read = read
        self.tiles = 0
        self.bytes = 0

    def packed(self) -> Iterator[tuple[str, PackedEntry]]:
        """Path and bytes of every tile."""
        for path, tile in near_tiles(self.described, self._read.drawn):
            entry = pack_entry(tile)
            self.tiles += 1
            self.bytes += len(entry.body)
            yield path, entry


def _entries(
    recipe: Recipe, pyramid: MapPyramid, sheets: _Sheets, near: _Near
) -> Iterator[tuple[str, bytes | PackedEntry]]:
    west, south, east, north = np.radians(pyramid.area).tolist()
    extras = {"kind": "basemap", "tiles": "tile.json", "looks": list(LOOKS), "level": pyramid.finest}
    root = {"boundingVolume": {"region": [west, south, east, north, 0.0, 1000.0]}, "geometricError": 0.0}
    body = {
        "asset": {"version": "1.1"},
        "geometricError": 0.0,
        "extras": extras,
        "root": {**root, "refine": "REPLACE"},
    }
    yield "tileset.json", json.dumps(body, ensure_ascii=False, indent=1).encode()
    yield "tile.json", tilejson.encode(_described(recipe, pyramid, near.described))
    yield from near.packed()
    yield from sheets.tiles()


def _described(recipe: Recipe, pyramid: MapPyramid, near: Near) -> TileJson:
    spans = [
        Span(z, columns[0], rows[0], columns[-1], rows[-1])
        for z in range(pyramid.least, pyramid.finest + 1)
        for columns, rows in pyramid.rectangles(z)
    ]
    return TileJson(recipe.name, recipe.attribution, pyramid.area, tuple(spans), near=near)
