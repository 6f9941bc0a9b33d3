"""Buildings: footprints become an archive of tiles, coarse to fine, that stands on the drawn terrain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.city import City, settle_city
from smap.build.names import name_lines
from smap.build.recipe import PUBLISHED, Recipe
from smap.build.report import Product
from smap.build.report_city import DrawnTile
from smap.build.standing import Standing, beyond_terrain, stand
from smap.build.stock import read_stock
from smap.build.tile import MadeTile, TileTask, make_tile, tile_task
from smap.build.treefile import DrawnNode, tileset_files
from smap.build.work import Work
from smap.scene.footprint import Footprints
from smap.scene.measure import local_plane
from smap.scene.roof import cut_roofs
from smap.store.archive import PackedEntry, write_archive
from smap.tiling.lod import Buildings, content_of_tiles
from smap.tiling.tree import Node, Tree, grow_tree

__all__ = ["build_buildings"]

_LEAF_TRIANGLES = 10_000
"""About 600 houses of Seoul, at most about 200 kB of GLB."""


@dataclass
class _Drawn:
    """What the tiles turned out to be, as they come."""

    nodes: list[DrawnNode] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)
    told: list[DrawnTile] = field(default_factory=list)


def build_buildings(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of buildings says into the file `archive`."""
    with work.clock.stage("read"):
        stock = read_stock(recipe, work)
    with work.clock.stage("settle"):
        city = settle_city(stock, recipe)
    with work.clock.stage("assign"):
        triangles = _triangles(city.footprints)
        tree = grow_tree(city.centroid, triangles.astype(float), capacity=_LEAF_TRIANGLES)
    standing = stand(city.footprints, tree.order, recipe, work)
    buildings = _as_tiling_sees(city, standing, triangles)
    with work.clock.stage("tiles"):
        drawn = _write(archive, tree, buildings, city, standing, work)
    west, south = np.degrees(city.footprints.lonlat.min(axis=0)).tolist()
    east, north = np.degrees(city.footprints.lonlat.max(axis=0)).tolist()
    return Product(
        features_read=city.read,
        features_built=len(city.footprints),
        tiles=len(drawn.nodes),
        bbox=(west, south, east, north),
        vertical_datum=standing.vertical_datum,
        dropped=city.dropped,
        terrain=standing.terrain,
        warnings=(*standing.warnings, *_warnings(city)),
        figures={**city.figures, **standing.figures, **_figures(drawn)},
        city=city.report.drawn(drawn.told, beyond_terrain(city, standing)),
        names=name_lines(city),
    )


def _triangles(footprints: Footprints) -> NDArray[np.int64]:
    """Triangles of each building with its own footprint: those of the roof, and two for each side."""
    roofs = cut_roofs(footprints, local_plane(footprints).xy)
    per_roof = np.bincount(footprints.vertex_feature[roofs[:, 0]], minlength=len(footprints))
    return np.asarray(per_roof + 2 * np.diff(footprints.feature_vertices))


def _warnings(city: City) -> Iterator[str]:
    unclear = city.figures["ids_blank_or_double"]
    if unclear:
        yield (
            f"{unclear:,} of {city.read:,} features have a blank or double id; they are named by place "
            "and lose that name when they move; choose another field as id in [source.fields]"
        )


def _as_tiling_sees(city: City, standing: Standing, triangles: NDArray[np.int64]) -> Buildings:
    return Buildings(
        footprints=city.footprints,
        top=standing.ground + city.height,
        ground=standing.ground,
        lowest=standing.lowest,
        area=city.area,
        centroid=city.centroid,
        scale=city.plane.scale,
        rectangles=city.rectangles,
        triangles=triangles,
    )


def _write(
    archive: Path, tree: Tree, buildings: Buildings, city: City, standing: Standing, work: Work
) -> _Drawn:
    properties = _properties(city, standing)
    contents = content_of_tiles(tree, buildings)
    errors: list[float] = []

    def tasks() -> Iterator[TileTask]:
        for node, content in zip(tree.nodes, contents, strict=True):
            errors.append(content.error)
            yield tile_task(node.tile, content, properties, city.named)

    drawn = _Drawn()

    def entries() -> Iterator[tuple[str, bytes | PackedEntry]]:
        work.progress.start("tiles", len(tree.nodes))
        for node, made in zip(tree.nodes, work.executor.map(make_tile, tasks()), strict=True):
            _note(drawn, node, made, errors[len(drawn.nodes)])
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


def _note(drawn: _Drawn, node: Node, made: MadeTile, error: float) -> None:
    drawn.nodes.append(DrawnNode(node, made.path, made.box, error))
    drawn.sizes.append(made.size)
    drawn.triangles.append(made.triangles)
    west, south, east, north = np.degrees(node.tile.region_rad).tolist()
    drawn.told.append(
        DrawnTile(
            level=node.tile.z,
            bounds_deg=(west, south, east, north),
            bytes=len(made.entry.body),
            triangles=made.triangles,
            error_m=error,
            is_leaf=not node.children,
        )
    )


def _properties(city: City, standing: Standing) -> dict[str, NDArray[Any]]:
    known = {**city.properties, "ground_source": standing.source}
    ordered = [*PUBLISHED, *(name for name in known if name not in PUBLISHED)]
    return {name: known[name] for name in ordered}


def _figures(drawn: _Drawn) -> Mapping[str, Any]:
    leaves = [i for i, one in enumerate(drawn.nodes) if not one.node.children]
    inner = [i for i, one in enumerate(drawn.nodes) if one.node.children]
    leaf_kb = np.array([drawn.sizes[i] for i in leaves]) / 1000.0
    shares = [
        drawn.triangles[i] / sum(drawn.triangles[child] for child in drawn.nodes[i].node.children)
        for i in inner
    ]
    return {
        "leaves": len(leaves),
        "leaf_kb_median": round(float(np.median(leaf_kb)), 1),
        "leaf_kb_largest": round(float(leaf_kb.max()), 1),
        "leaf_triangles": sum(drawn.triangles[i] for i in leaves),
        "root_kb": round(drawn.sizes[-1] / 1000.0, 1),
        "root_error_m": round(drawn.nodes[-1].error, 1),
        "largest_share_of_triangles_above": round(max(shares, default=0.0), 3),
    }
