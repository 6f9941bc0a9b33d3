"""Models: GLBs at their places become an archive of tiles, coarse to fine, on the drawn terrain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.modelfacts import columns_of
from smap.build.modelrule import ModelRule
from smap.build.modelstock import Model, read_one_model
from smap.build.modeltile import ModelTask, fine_step, make_model_tile
from smap.build.recipe import Recipe
from smap.build.report import Product
from smap.build.standing import Standing, published_terrain, stand
from smap.build.tile import tile_frame
from smap.build.treefile import DrawnNode, tileset_files
from smap.build.work import Work
from smap.formats.glb import STEP_M
from smap.formats.metadata import Column
from smap.geo.ellipsoid import east_north_up
from smap.geo.geoid import Geoid, orthometric_to_ellipsoidal
from smap.scene.footprint import Footprints
from smap.store.archive import PackedEntry, write_archive
from smap.tiling.models import ModelLevels, ModelTile, tiles_of
from smap.tiling.tree import grow_tree

__all__ = ["build_models", "draw_models"]

_ABSOLUTE = ("orthometric", "ellipsoid")


@dataclass
class _Drawn:
    """What the tiles turned out to be, as they come."""

    nodes: list[DrawnNode] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)


def build_models(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of models says into the file `archive`."""
    with work.clock.stage("read"):
        models = _read(recipe, work)
    outlines = Footprints.concatenate([model.outline for model in models])
    places = np.radians([[rule.place.lon, rule.place.lat] for rule in recipe.models])
    standing = _standing(outlines, places, recipe, work)
    height = np.array(
        [_height(m.rule, ground, standing.geoid) for m, ground in zip(models, standing.ground, strict=True)]
    )
    tiles, figures = draw_models(archive, models, height, standing, work)
    west, south = np.degrees(outlines.lonlat.min(axis=0)).tolist()
    east, north = np.degrees(outlines.lonlat.max(axis=0)).tolist()
    return Product(
        features_read=len(models),
        features_built=len(models),
        tiles=tiles,
        bbox=(west, south, east, north),
        vertical_datum=standing.vertical_datum,
        terrain=standing.terrain,
        warnings=(*standing.warnings, *(line for model in models for line in model.warnings)),
        figures={**standing.figures, **figures},
    )


def draw_models(
    archive: Path,
    models: Sequence[Model],
    height: NDArray[np.float64],
    standing: Standing,
    work: Work,
    *,
    kind: str = "models",
    opacity: float = 1.0,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[int, Mapping[str, Any]]:
    """Write the archive of models at heights (n,), ellipsoidal metres: the number of tiles, the figures.

    beside: further files of the archive, by their path.
    """
    places = np.radians([[model.rule.place.lon, model.rule.place.lat] for model in models])
    with work.clock.stage("assign"):
        tiles = tiles_of(places, [_as_tiling_sees(model) for model in models])
    columns = columns_of(models, standing.source)
    tasks = (_task(tile, models, height, columns, opacity) for tile in tiles)
    terrain = None if standing.terrain is None else dict(standing.terrain)
    with work.clock.stage("tiles"):
        drawn = _write(archive, tiles, tasks, {"kind": kind, "terrain": terrain}, beside, work)
    return len(tiles), _figures(models, drawn)


def _read(recipe: Recipe, work: Work) -> list[Model]:
    work.progress.start("reading", len(recipe.models))
    models = []
    for model in work.executor.map(read_one_model, recipe.models):
        models.append(model)
        work.progress.step()
    work.progress.finish()
    return models


def _standing(outlines: Footprints, places: NDArray[np.float64], recipe: Recipe, work: Work) -> Standing:
    """The ground under each model; nobody looks for it where all heights are given without it.

    Heights above the geoid are brought up by that of the terrain, named or published, where there is one.
    """
    modes = np.array([rule.place.height_mode for rule in recipe.models])
    given = np.isin(modes, _ABSOLUTE)
    on_terrain = recipe.ground.terrain is not None or (
        (modes == "orthometric").any() and published_terrain(places, work.workspace) is not None
    )
    if given.all() and not on_terrain:
        nothing = np.zeros(len(outlines))
        return Standing(nothing, nothing, np.full(len(outlines), "given", object), "ellipsoid")
    order = grow_tree(places, np.ones(len(places)), capacity=1.0).order
    standing = stand(outlines, order, recipe, work)
    return replace(standing, source=np.where(given, "given", standing.source).astype(object))


def _height(rule: ModelRule, ground: float, geoid: Geoid | None) -> float:
    """Ellipsoidal metres of the model's origin; geoid: the terrain's own, None: EGM96."""
    place = rule.place
    if place.height_mode == "above_ground":
        return ground + (place.height or 0.0)
    assert place.height is not None
    if place.height_mode == "ellipsoid":
        return place.height
    lon, lat = math.radians(place.lon), math.radians(place.lat)
    return float(orthometric_to_ellipsoidal(lon, lat, place.height, geoid=geoid))


def _as_tiling_sees(model: Model) -> ModelLevels:
    return ModelLevels(tuple(len(mesh.triangles) for mesh in model.levels), model.errors)


def _write(
    archive: Path,
    tiles: Sequence[ModelTile],
    tasks: Iterable[ModelTask],
    extras: Mapping[str, Any],
    beside: Mapping[str, bytes],
    work: Work,
) -> _Drawn:
    drawn = _Drawn()

    def entries() -> Iterator[tuple[str, bytes | PackedEntry]]:
        work.progress.start("tiles", len(tiles))
        for tile, made in zip(tiles, work.executor.map(make_model_tile, tasks), strict=True):
            drawn.nodes.append(DrawnNode(tile.node, made.path, made.box, max(tile.error, made.rounding)))
            drawn.sizes.append(made.size)
            drawn.triangles.append(made.triangles)
            work.progress.step()
            yield made.path, made.entry
        work.progress.finish()
        yield from beside.items()
        yield from tileset_files(drawn.nodes, extras)

    write_archive(archive, entries())
    return drawn


def _task(
    tile: ModelTile,
    models: Sequence[Model],
    height: NDArray[np.float64],
    columns: Mapping[str, Column],
    opacity: float,
) -> ModelTask:
    chosen = np.array(tile.members)
    meshes = tuple(models[m].levels[level] for m, level in zip(tile.members, tile.levels, strict=True))
    frames = tuple(_frame(models[m].rule, float(height[m])) for m in tile.members)
    alone = len(meshes) == 1
    return ModelTask(
        path=tile.path,
        meshes=meshes,
        frames=frames,
        columns={name: _rows(column, chosen) for name, column in columns.items()},
        frame=frames[0] if alone else tile_frame(tile.node.tile, float(height[chosen].min())),
        step=fine_step(meshes[0]) if alone else STEP_M,
        both_sides=any(models[m].both_sides for m in tile.members),
        is_finest=not tile.node.children,
        opacity=opacity,
    )


def _frame(rule: ModelRule, height: float) -> NDArray[np.float64]:
    return east_north_up(math.radians(rule.place.lon), math.radians(rule.place.lat), height)


def _rows(column: Column, chosen: NDArray[np.int64]) -> Column:
    unknown = None if column.unknown is None else column.unknown[chosen]
    return Column(column.values[chosen], unknown)


def _figures(models: Sequence[Model], drawn: _Drawn) -> Mapping[str, Any]:
    made = [error for model in models for error in model.errors[model.given :]]
    given = [error for model in models for error in model.errors[1 : model.given]]
    return {
        "triangles": sum(len(model.levels[0].triangles) for model in models),
        "coarser_levels_given": len(given),
        "coarser_levels_made": len(made),
        "error_m_of_given_most": round(max(given, default=0.0), 2),
        "error_m_of_made_most": round(max(made, default=0.0), 2),
        "root_kb": round(drawn.sizes[-1] / 1000.0, 1),
        "root_triangles": drawn.triangles[-1],
        "root_error_m": round(drawn.nodes[-1].error, 2),
        "largest_kb": round(max(drawn.sizes) / 1000.0, 1),
    }
