"""Terrain recipes: elevation rasters become a quantized-mesh pyramid in one archive."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.executors import Executor, SerialExecutor
from smap.build.progress import Progress
from smap.build.recipe import Recipe, Source, WaterRule
from smap.build.report import Product
from smap.build.terrain_plan import TerrainPlan, Water, read_water
from smap.build.work import Work
from smap.errors import GeoidError, RecipeError
from smap.formats import layer, quantized_mesh
from smap.formats.layer import Layer
from smap.formats.quantized_mesh_stack import MeshStack, encode_stack
from smap.geo.crs import KOREA
from smap.geo.ellipsoid import SEMI_MAJOR_M, to_ecef
from smap.geo.geoid import Geoid, undulation
from smap.sources.elevation import Elevation, Raster
from smap.sources.geoidgrid import read_geoid
from smap.sources.raster import RasterSpec, open_raster
from smap.sources.vector import VectorSpec
from smap.store.archive import PackedEntry, pack_entry, write_archive
from smap.tiling.terrain import LEVEL_0_ERROR_M, Block, Pyramid, blocks_of
from smap.tiling.terrain_mesh import TerrainTiles, make_block

__all__ = ["build_terrain", "write_terrain_archive"]

_ELLIPSOID = "ellipsoid"
# Orthometric datums that EGM96 stands in for: Incheon (KGD) and EGM96 itself; the Incheon datum lies 0.27 m
# above the geoid, which only a user's own KNGeoid would resolve
_GEOID_DATUMS = ("EPSG:5193", "EPSG:5773")
_COVERAGE, _GEOID = "coverage.png", "geoid.json"
_COVERAGE_MOST = 4096  # pixels a side
_STRIP = 256  # rows and columns of the coverage picture sampled at once


def build_terrain(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a terrain recipe says into the file `archive`."""
    with work.clock.stage("read"):
        specs = [(source.priority, spec) for source in recipe.sources for spec in _specs(source)]
        opened = [(p, open_raster(spec, _folder(work, number))) for number, (p, spec) in enumerate(specs)]
        rasters = [raster for _, raster in sorted(opened, key=_rank)]
        elevation = Elevation(tuple(rasters))
        geoid, grid, notes = _geoid(recipe, elevation)
    plan = TerrainPlan(
        name=recipe.name,
        attribution=recipe.attribution,
        elevation=elevation,
        vertical_datum=recipe.ground.vertical_datum,
        geoid=geoid,
        grid=grid,
        max_level=recipe.max_level,
        error_m=recipe.error_m,
        accuracy_m=recipe.ground.accuracy_m,
        water=_water(recipe.water).levelled(elevation),
    )
    with work.clock.stage("tiles"):
        figures, rough = write_terrain_archive(plan, archive, progress=work.progress, executor=work.executor)
    west, south, east, north = (math.degrees(value) for value in elevation.bounds)
    return Product(
        features_read=len(rasters),
        features_built=len(rasters),
        tiles=figures["tiles"],
        bbox=(west, south, east, north),
        vertical_datum=recipe.ground.vertical_datum,
        warnings=(
            *(note for raster in rasters for note in raster.warnings),
            *notes,
            *plan.water.warnings,
            *rough,
        ),
        figures=figures,
    )


def _rank(one: tuple[int, Raster]) -> tuple[int, int]:
    """Whom to believe first: the higher priority, of equal ones the finer cells; else as in the recipe."""
    priority, raster = one
    return -priority, round(4.0 * math.log2(raster.cell_m))


def _folder(work: Work, number: int) -> Path:
    folder = work.scratch / f"raster-{number}"
    folder.mkdir()
    return folder


def _water(rule: WaterRule | None) -> Water:
    if rule is None:
        return Water()
    return read_water(VectorSpec(rule.path, layer=rule.layer, where=rule.where, crs=rule.crs))


def _specs(source: Source) -> Iterator[RasterSpec]:
    paths = sorted(glob(source.path)) or [source.path]  # noqa: PTH207 - the recipe's path is absolute
    for path in paths:
        yield RasterSpec(Path(path), source.crs, source.nodata)


def _geoid(recipe: Recipe, elevation: Elevation) -> tuple[str | None, Geoid | None, tuple[str, ...]]:
    """The geoid model that the recipe's vertical datum asks for, its grid where it is the user's own, and
    what has to be said about it.
    """
    datum = recipe.ground.vertical_datum
    if datum == _ELLIPSOID:
        if recipe.ground.geoid:
            raise RecipeError(f"{recipe.path}: [ground] geoid: heights above the ellipsoid need none")
        return None, None, ()
    if datum not in _GEOID_DATUMS:
        known = ", ".join((*_GEOID_DATUMS, _ELLIPSOID))
        raise RecipeError(f"{recipe.path}: [ground] vertical_datum: unknown '{datum}'; known: {known}")
    missing = f"{recipe.path.name}: [ground] vertical_datum is missing: {datum} is taken"
    notes = () if recipe.ground.datum_given else (missing,)
    west, south, east, north = elevation.bounds
    own = read_geoid(recipe.ground.geoid) if recipe.ground.geoid else None
    try:
        undulation(np.array([west, east]), np.array([south, north]), geoid=own)
    except GeoidError:
        if own or _in_korea(elevation):
            raise
        note = f"vertical_datum_unresolved: no geoid grid covers {recipe.name}; heights are kept as given"
        return None, None, (note,)
    return (own.name, own.cut(elevation.bounds), notes) if own else ("EGM96", None, notes)


def _in_korea(elevation: Elevation) -> bool:
    west, south, east, north = np.degrees(elevation.bounds)
    return bool(west < KOREA[2] and east > KOREA[0] and south < KOREA[3] and north > KOREA[1])


def write_terrain_archive(
    plan: TerrainPlan, archive: Path, *, progress: Progress, executor: Executor | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Write the pyramid as a 3tz; gives its counts and measures, and a warning for each rough level.

    Entries: tileset.json (a region without content), layer.json, geoid.json (the user's own, where one was
    given), coverage.png (white where the source knows the ground), then the tiles by level, block, column and
    row.
    """
    pyramid = plan.held_pyramid()
    errors: dict[int, float] = {}
    triangles = 0

    def note(made: _Made) -> None:
        nonlocal triangles
        errors[made.z] = max(errors.get(made.z, 0.0), made.error_m)
        triangles += made.triangles
        progress.step()

    progress.start("terrain", pyramid.count())
    write_archive(archive, _entries(plan, pyramid, executor or SerialExecutor(), note))
    progress.finish()
    figures = {
        "tiles": pyramid.count(),
        "level": pyramid.max_level,
        "spacing_m": round(plan.elevation.cell_m, 2),
        "triangles": triangles,
        "error_m": {str(z): round(error, 2) for z, error in errors.items()},
    }
    return figures, tuple(_too_rough(errors, pyramid))


def _too_rough(errors: dict[int, float], pyramid: Pyramid) -> Iterator[str]:
    for z, error in errors.items():
        promise = pyramid.promise(z)
        if error > promise:
            yield (
                f"level {z} leaves the ground by {error:.2f} m, more than {promise:.2f} m: the source is "
                "rougher than its cells can show"
            )


def _entries(
    plan: TerrainPlan, pyramid: Pyramid, executor: Executor, note: Callable[[_Made], None]
) -> Iterator[tuple[str, bytes | PackedEntry]]:
    yield "tileset.json", _root(plan, pyramid)
    described = _layer(plan, pyramid)
    yield "layer.json", layer.encode(described)
    if plan.grid:
        yield _GEOID, plan.grid.encoded()
    tasks: Iterator[_Task | Elevation] = chain(
        [plan.elevation],
        _tasks(plan, pyramid, layer.root_metadata(described)),
    )
    for found in executor.map(_work, tasks):
        if isinstance(found, PackedEntry):
            yield _COVERAGE, found
            continue
        for made in found:
            note(made)
            yield made.path, made.entry


@dataclass(frozen=True)
class _Task:
    """A block of tiles. facts: what each tile's metadata says beside its error."""

    plan: TerrainPlan
    pyramid: Pyramid
    block: Block
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class _Made:
    path: str
    entry: PackedEntry
    z: int
    triangles: int
    error_m: float


def _tasks(plan: TerrainPlan, pyramid: Pyramid, of_roots: Mapping[str, Any]) -> Iterator[_Task]:
    for z in range(pyramid.max_level + 1):
        for block in blocks_of(pyramid, z):
            facts = plan.facts() | (dict(of_roots) if z == 0 else {})
            yield _Task(plan.part(block.region_deg), pyramid, block, facts)


def _work(task: _Task | Elevation) -> list[_Made] | PackedEntry:
    return pack_entry(_coverage(task)) if isinstance(task, Elevation) else _make_tiles(task)


def _make_tiles(task: _Task) -> list[_Made]:
    made = make_block(task.pyramid, task.block, task.plan.surface)
    counts = np.diff(made.triangles).tolist()
    return [
        _Made(f"{tile.z}/{tile.x}/{tile.y}.terrain", pack_entry(data), tile.z, count, error_m)
        for tile, data, count, error_m in zip(
            made.tiles, _encoded(task.plan, made, task.facts), counts, made.error_m.tolist(), strict=True
        )
    ]


def _encoded(plan: TerrainPlan, made: TerrainTiles, facts: Mapping[str, Any]) -> list[bytes]:
    known = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))[1:]
    extensions = [
        quantized_mesh.further_extensions(plan.water.mask(tile), f'{{"geometricerror":{error_m:.3f},{known}')
        for tile, error_m in zip(made.tiles, made.error_m.tolist(), strict=True)
    ]
    return encode_stack(
        MeshStack(
            made.vertices,
            made.triangles,
            made.u,
            made.v,
            made.height,
            made.corners,
            made.positions,
            made.normals,
            _centers(made),
            made.span,
            extensions,
        )
    )


def _centers(made: TerrainTiles) -> NDArray[np.float64]:
    west, south, east, north = np.array([tile.region_rad for tile in made.tiles]).T
    return to_ecef((west + east) / 2, (south + north) / 2, made.span.astype(np.float64).mean(axis=1))


def _layer(plan: TerrainPlan, pyramid: Pyramid) -> Layer:
    west, south, east, north = (math.degrees(value) for value in plan.elevation.bounds)
    return Layer(
        name=plan.name,
        attribution=plan.attribution,
        bounds=(west, south, east, north),
        available=tuple(
            tuple(
                layer.Rectangle(columns.start, rows.start, columns.stop - 1, rows.stop - 1)
                for columns, rows in pyramid.tiles(z)
            )
            for z in range(pyramid.max_level + 1)
        ),
    )


def _root(plan: TerrainPlan, pyramid: Pyramid) -> bytes:
    low, high = plan.elevation.span_m
    region = [*plan.elevation.bounds, min(low, 0.0), low + pyramid.relief_m if high > low else high + 100.0]
    extras = {
        "kind": "terrain",
        "layer": "layer.json",
        "level": pyramid.max_level,
        "spacing_m": round(plan.elevation.cell_m, 2),
        "source": plan.attribution or plan.name,
        "coverage": {
            "path": _COVERAGE,
            "bounds_deg": [math.degrees(value) for value in plan.elevation.bounds],
        },
        **({"geoid_grid": _GEOID} if plan.grid else {}),
        **plan.facts(),
    }
    root = {"boundingVolume": {"region": region}, "geometricError": 0.0, "refine": "REPLACE"}
    body = {"asset": {"version": "1.1"}, "geometricError": LEVEL_0_ERROR_M, "extras": extras, "root": root}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _coverage(elevation: Elevation) -> bytes:
    """A PNG of one bit a pixel, white where the source knows the ground."""
    from PIL import Image

    west, south, east, north = elevation.bounds
    pixel = elevation.cell_m / 3.0 / SEMI_MAJOR_M
    middle = math.cos((south + north) / 2)
    columns = max(1, min(_COVERAGE_MOST, math.ceil((east - west) * middle / pixel)))
    rows = max(1, min(_COVERAGE_MOST, math.ceil((north - south) / pixel)))
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    known = np.empty((rows, columns), bool)
    for top, left in product(range(0, rows, _STRIP), range(0, columns, _STRIP)):
        across, down = slice(left, left + _STRIP), slice(top, top + _STRIP)
        known[down, across] = elevation.known_grid(lon[across], lat[down])
    file = io.BytesIO()
    Image.fromarray(known).save(file, "PNG", optimize=True)
    return file.getvalue()
