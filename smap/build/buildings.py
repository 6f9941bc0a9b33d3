"""Buildings: footprints become an archive of tiles, coarse to fine, that stands on the drawn terrain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.city import City, settle_city
from smap.build.drawn import Drawn, volume_of
from smap.build.names import name_lines
from smap.build.recipe import PUBLISHED, Recipe
from smap.build.report import Product
from smap.build.standing import Standing, beyond_terrain, stand
from smap.build.stock import read_stock
from smap.build.tile import TileTask, in_full, make_tile, tile_task
from smap.build.treefile import tileset_files
from smap.build.work import Work
from smap.scene.footprint import Footprints
from smap.scene.massing import walls_back_to_back
from smap.store.archive import PackedEntry, write_archive
from smap.tiling.lod import Buildings, content_of_tiles
from smap.tiling.tree import Tree, grow_tree

__all__ = ["build_buildings"]

_LEAF_TRIANGLES = 28_000
"""About 1,700 houses of Seoul, at most 200 kB as stored; 81 % of the leaves have 20 kB or more."""


def build_buildings(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of buildings says into the file `archive`."""
    with work.clock.stage("read"):
        stock = read_stock(recipe, work)
    with work.clock.stage("settle"):
        city = settle_city(stock, recipe)
    with work.clock.stage("assign"):
        triangles = _triangles(city)
        tree = grow_tree(city.centroid, triangles.astype(float), capacity=_LEAF_TRIANGLES)
    standing = stand(city.footprints, tree.order, recipe, work)
    buildings = _as_tiling_sees(city, standing, triangles)
    with work.clock.stage("tiles"):
        drawn = _write(archive, tree, buildings, city, standing, work)
    west, south = np.degrees(city.footprints.lonlat.min(axis=0)).tolist()
    east, north = np.degrees(city.footprints.lonlat.max(axis=0)).tolist()
    return Product(
        features_read=city.read,
        features_built=len(city.shown),
        tiles=len(drawn.nodes),
        bbox=(west, south, east, north),
        vertical_datum=standing.vertical_datum,
        dropped=city.dropped,
        terrain=standing.terrain,
        warnings=(*stock.warnings, *standing.warnings, *_warnings(city), *drawn.warnings()),
        figures={**stock.figures, **city.figures, **standing.figures, **drawn.figures()},
        city=city.report.drawn(drawn.told, beyond_terrain(city, standing)),
        names=name_lines(city),
    )


def _triangles(city: City) -> NDArray[np.int64]:
    """Triangles of each building with its own footprint: those of the roof, and two for each side.

    A polygon of v vertices in r rings is cut into v + 2 (r - 2) triangles; a pitched roof has its own.
    """
    footprints = city.footprints
    vertices = np.diff(footprints.feature_vertices)
    polygons = np.diff(footprints.features)
    rings = np.diff(footprints.polygons[footprints.features])
    triangles = np.asarray(3 * vertices + 2 * (rings - 2 * polygons))
    return triangles if city.roofs is None else triangles + city.roofs.further_triangles


def _hidden(footprints: Footprints) -> NDArray[np.int64]:
    """Of each building the triangles of walls that stand back to back with another's."""
    first = np.concatenate(walls_back_to_back(footprints))
    met = footprints.vertex_feature[np.unique(first)]
    return np.asarray(2 * np.bincount(met, minlength=len(footprints)))


def _warnings(city: City) -> Iterator[str]:
    unclear = city.figures["ids_blank_or_double"]
    if unclear:
        yield (
            f"{unclear:,} of {city.read:,} features have a blank or double id; they are named by place "
            "and lose that name when they move; choose another field as id in [source.fields]"
        )


def _as_tiling_sees(city: City, standing: Standing, triangles: NDArray[np.int64]) -> Buildings:
    base = 0.0 if city.base is None else city.base
    ground = city.of_whole(standing.ground)
    return Buildings(
        footprints=city.footprints,
        top=ground + (city.height if city.roofs is None else city.roofs.mean),
        ground=ground + base,
        lowest=np.minimum(standing.lowest, ground) + base,
        area=city.area,
        scale=city.plane.scale,
        rectangles=city.rectangles,
        triangles=triangles,
        hidden=_hidden(city.footprints),
        off=None if city.roofs is None else city.roofs.off,
    )


def _write(
    archive: Path, tree: Tree, buildings: Buildings, city: City, standing: Standing, work: Work
) -> Drawn:
    properties = _properties(city, standing)
    contents = content_of_tiles(tree, buildings)
    facts: list[tuple[float, float]] = []

    def tasks() -> Iterator[TileTask]:
        for node, content in zip(tree.nodes, contents, strict=True):
            facts.append((content.error, volume_of(content)))
            task = tile_task(node.tile, content, properties, city.named, city.holder)
            yield task if node.children else in_full(task, content, city.roofs, city.base)

    drawn = Drawn()

    def entries() -> Iterator[tuple[str, bytes | PackedEntry]]:
        work.progress.start("tiles", len(tree.nodes))
        for node, made in zip(tree.nodes, work.executor.map(make_tile, tasks()), strict=True):
            drawn.note(node, made, *facts[len(drawn.nodes)])
            work.progress.step()
            yield made.path, made.entry
        work.progress.finish()
        extras = {
            "kind": "buildings",
            "terrain": None if standing.terrain is None else dict(standing.terrain),
        }
        yield from tileset_files(drawn.nodes, extras)

    write_archive(archive, entries())
    return drawn


def _properties(city: City, standing: Standing) -> dict[str, NDArray[Any]]:
    known = {**city.properties, "ground_source": standing.source}
    ordered = [*PUBLISHED, *(name for name in known if name not in PUBLISHED)]
    return {name: known[name] for name in ordered}
