"""Terrain recipes: elevation rasters become a quantized-mesh pyramid in one archive."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from smap.build.executors import Executor, SerialExecutor
from smap.build.progress import Progress
from smap.build.recipe import Recipe, Source, WaterRule
from smap.build.report import Product
from smap.build.terrain_plan import TerrainPlan, Water, read_water
from smap.build.work import Work
from smap.errors import GeoidError, RecipeError
from smap.formats import layer, quantized_mesh
from smap.formats.layer import Layer
from smap.geo.crs import KOREA
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.geoid import undulation
from smap.sources.elevation import Elevation, Raster
from smap.sources.raster import RasterSpec, open_raster
from smap.sources.vector import VectorSpec
from smap.store.archive import PackedEntry, pack_entry, write_archive
from smap.tiling.terrain import (
    LEVEL_0_ERROR_M,
    Block,
    Pyramid,
    TerrainTile,
    blocks_of,
    make_block,
)

__all__ = ["build_terrain", "write_terrain_archive"]

_ELLIPSOID = "ellipsoid"
# Orthometric datums that EGM96 stands in for: Incheon (KGD) and EGM96 itself; the Incheon datum lies 0.27 m
# above the geoid, which only a user's own KNGeoid would resolve
_GEOID_DATUMS = ("EPSG:5193", "EPSG:5773")
_COVERAGE = "coverage.png"
_COVERAGE_MOST = 4096  # pixels a side
_STRIP = 256  # rows of the coverage picture sampled at once


def build_terrain(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a terrain recipe says into the file `archive`."""
    with work.clock.stage("read"):
        specs = [(source.priority, spec) for source in recipe.sources for spec in _specs(source)]
        opened = [(p, open_raster(spec, _folder(work, number))) for number, (p, spec) in enumerate(specs)]
        rasters = [raster for _, raster in sorted(opened, key=_rank)]
        elevation = Elevation(tuple(rasters))
        geoid, notes = _geoid(recipe, elevation)
    plan = TerrainPlan(
        name=recipe.name,
        attribution=recipe.attribution,
        elevation=elevation,
        vertical_datum=recipe.ground.vertical_datum,
        geoid=geoid,
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


def _geoid(recipe: Recipe, elevation: Elevation) -> tuple[str | None, tuple[str, ...]]:
    """The geoid model that the recipe's vertical datum asks for, and what has to be said about it."""
    datum = recipe.ground.vertical_datum
    if datum == _ELLIPSOID:
        return None, ()
    if datum not in _GEOID_DATUMS:
        known = ", ".join((*_GEOID_DATUMS, _ELLIPSOID))
        raise RecipeError(f"{recipe.path}: [ground] vertical_datum: unknown '{datum}'; known: {known}")
    west, south, east, north = elevation.bounds
    try:
        undulation(np.array([west, east]), np.array([south, north]))
    except GeoidError:
        if _in_korea(elevation):
            raise
        note = f"vertical_datum_unresolved: no geoid grid covers {recipe.name}; heights are kept as given"
        return None, (note,)
    if recipe.ground.datum_given:
        return "EGM96", ()
    return "EGM96", (f"{recipe.path.name}: [ground] vertical_datum is missing: {datum} is taken",)


def _in_korea(elevation: Elevation) -> bool:
    west, south, east, north = np.degrees(elevation.bounds)
    return bool(west < KOREA[2] and east > KOREA[0] and south < KOREA[3] and north > KOREA[1])


def write_terrain_archive(
    plan: TerrainPlan, archive: Path, *, progress: Progress, executor: Executor | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Write the pyramid as a 3tz; gives its counts and measures, and a warning for each rough level.

    Entries: tileset.json (a region without content), layer.json, coverage.png (white where the source knows
    the ground), then the tiles by level, block, column and row.
    """
    pyramid = plan.pyramid()
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
    picture, bounds_deg = _coverage(plan.elevation)
    yield "tileset.json", _root(plan, pyramid, bounds_deg)
    described = _layer(plan, pyramid)
    yield "layer.json", layer.encode(described)
    yield _COVERAGE, picture
    for tiles in executor.map(_make_tiles, _tasks(plan, pyramid, layer.root_metadata(described))):
        for made in tiles:
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


def _make_tiles(task: _Task) -> list[_Made]:
    return [
        _Made(
            f"{made.tile.z}/{made.tile.x}/{made.tile.y}.terrain",
            pack_entry(_tile_bytes(task.plan, made, task.facts)),
            made.tile.z,
            len(made.triangles),
            made.error_m,
        )
        for made in make_block(task.pyramid, task.block, task.plan.surface)
    ]


def _tile_bytes(plan: TerrainPlan, made: TerrainTile, facts: Mapping[str, Any]) -> bytes:
    mesh = quantized_mesh.mesh_of(
        made.tile.region_rad,
        made.u,
        made.v,
        made.height,
        made.triangles,
        min_height=made.min_height,
        max_height=made.max_height,
        normals=made.normals,
        watermask=plan.water.mask(made.tile),
        metadata={"geometricerror": round(made.error_m, 3), **facts},
    )
    return quantized_mesh.encode(mesh)


def _layer(plan: TerrainPlan, pyramid: Pyramid) -> Layer:
    west, south, east, north = (math.degrees(value) for value in plan.elevation.bounds)
    spans = [pyramid.tiles(z) for z in range(pyramid.max_level + 1)]
    return Layer(
        name=plan.name,
        attribution=plan.attribution,
        bounds=(west, south, east, north),
        available=tuple(
            (layer.Rectangle(columns.start, rows.start, columns.stop - 1, rows.stop - 1),)
            for columns, rows in spans
        ),
    )


def _root(plan: TerrainPlan, pyramid: Pyramid, coverage_deg: list[float]) -> bytes:
    low, high = plan.elevation.span_m
    region = [*plan.elevation.bounds, min(low, 0.0), low + pyramid.relief_m if high > low else high + 100.0]
    extras = {
        "kind": "terrain",
        "layer": "layer.json",
        "level": pyramid.max_level,
        "spacing_m": round(plan.elevation.cell_m, 2),
        "source": plan.attribution or plan.name,
        "coverage": {"path": _COVERAGE, "bounds_deg": coverage_deg},
        **plan.facts(),
    }
    root = {"boundingVolume": {"region": region}, "geometricError": 0.0, "refine": "REPLACE"}
    body = {"asset": {"version": "1.1"}, "geometricError": LEVEL_0_ERROR_M, "extras": extras, "root": root}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _coverage(elevation: Elevation) -> tuple[bytes, list[float]]:
    """A PNG of one bit a pixel, white where the source knows the ground, and its bounds in degrees."""
    from PIL import Image

    west, south, east, north = elevation.bounds
    pixel = elevation.cell_m / 3.0 / SEMI_MAJOR_M
    middle = math.cos((south + north) / 2)
    columns = max(1, min(_COVERAGE_MOST, math.ceil((east - west) * middle / pixel)))
    rows = max(1, min(_COVERAGE_MOST, math.ceil((north - south) / pixel)))
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    strips = [elevation.known_grid(lon, lat[at : at + _STRIP]) for at in range(0, rows, _STRIP)]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(strips)).save(file, "PNG", optimize=True)
    return file.getvalue(), [math.degrees(value) for value in elevation.bounds]
