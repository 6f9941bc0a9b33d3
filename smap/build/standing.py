"""What a city stands on: the terrain its recipe names, else the published one, else H = 0."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.city import City
from smap.build.recipe import GroundRule, Recipe, Source, read_recipe
from smap.build.report_city import Problem, Spots
from smap.build.work import Work
from smap.errors import GeoidError, InputError, RecipeError
from smap.geo.geoid import undulation
from smap.ground.ground import Ground
from smap.scene.footprint import Footprints
from smap.store import open_tiles
from smap.store.release import read_current

__all__ = ["Standing", "beyond_terrain", "stand"]

_AT_ONCE = 32_768
"""Footprints seated in one task: a third of a second of work. Tasks share the tiles between them, and a tile
takes 4 ms to decode: with 8,192 twice as many are decoded."""


@dataclass(frozen=True)
class Standing:
    """ground, lowest: float64 (n,), ellipsoidal metres: mean and lowest ground under each footprint.

    source: object (n,), "terrain", "edge" (the nearest height that is known) or "none".
    terrain: name, version and level of what it is.
    """

    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    source: NDArray[np.object_]
    vertical_datum: str
    terrain: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Archive:
    path: Path
    name: str
    version: str


def stand(footprints: Footprints, order: NDArray[np.int64], recipe: Recipe, work: Work) -> Standing:
    """The ground under each footprint. order: int64 (n,), all of them, neighbours near one another."""
    found = _named(recipe, work) or _published(footprints, work.workspace)
    if found is None:
        return _on_nothing(footprints)
    with work.clock.stage("ground"):
        return _on_terrain(footprints, order, found, work)


def beyond_terrain(city: City, standing: Standing) -> Problem:
    """What stands where the terrain's source knew nothing, with examples of what may be named."""
    edge = standing.source == "edge"
    shown = np.flatnonzero(edge & city.named)
    spots = Spots(city.properties["id"][shown], city.centroid[shown], standing.source[shown])
    return Problem.of("beyond_the_terrain", int(edge.sum()), spots)


def _named(recipe: Recipe, work: Work) -> _Archive | None:
    path = recipe.ground.terrain
    if path is None:
        return None
    if not path.exists():
        raise InputError(f"{recipe.path}: [ground] terrain: {path}: no such file")
    if path.suffix == ".3tz":
        return _archive(path, path.stem)
    terrain = read_recipe(path) if path.suffix == ".toml" else _raster_recipe(path, recipe)
    if terrain.kind != "terrain":
        raise RecipeError(f"{recipe.path}: [ground] terrain: {path} is a recipe of kind '{terrain.kind}'")
    if terrain.name == recipe.name:
        raise RecipeError(
            f"{recipe.path}: [ground] terrain: {path} has the same name '{terrain.name}': rename one"
        )
    with work.clock.stage("terrain"):
        return _archive(work.built(terrain) / f"{terrain.name}.3tz", terrain.name)


def _raster_recipe(path: Path, recipe: Recipe) -> Recipe:
    """The recipe that a bare raster stands for."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:54] or "terrain"
    name += "-terrain" if name == recipe.name else ""
    ground = GroundRule(None, recipe.ground.vertical_datum, recipe.ground.datum_given)
    title = {"ko": path.stem, "en": path.stem}
    return Recipe(path, name, "terrain", title, "", recipe.access, (Source(str(path)),), ground=ground)


def _archive(path: Path, name: str) -> _Archive:
    try:
        manifest = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))
        return _Archive(path, manifest["name"], manifest["version"])
    except FileNotFoundError:
        with path.open("rb") as file:
            version = file_digest(file, "sha256").hexdigest()[:12]
        return _Archive(path, name, version)
    except (KeyError, ValueError):
        raise InputError(f"{path.parent / 'manifest.json'}: damaged; build the terrain again") from None


def _on_nothing(footprints: Footprints) -> Standing:
    """H = 0: on the geoid where one is known, else on the ellipsoid."""
    places = footprints.lonlat[footprints.feature_vertices[:-1]]
    try:
        ground = undulation(places[:, 0], places[:, 1])
    except GeoidError:
        ground = np.zeros(len(footprints))
    return Standing(
        ground=ground,
        lowest=ground,
        source=np.full(len(footprints), "none", object),
        vertical_datum="EPSG:5773",
        warnings=("no [ground] and no published terrain covers the data: everything stands at H = 0",),
    )


def _published(footprints: Footprints, workspace: Path) -> _Archive | None:
    """The terrain of the current release, if it covers the better half of the buildings."""
    release = read_current(workspace)
    places = footprints.lonlat[footprints.feature_vertices[:-1]]
    for tileset in release.tilesets if release else ():
        west, south, east, north = np.radians(tileset.bbox)
        inside = (places >= (west, south)) & (places <= (east, north))
        if tileset.kind == "terrain" and inside.all(axis=1).mean() > 0.5:
            return _archive(workspace / tileset.path, tileset.name)
    return None


def _on_terrain(footprints: Footprints, order: NDArray[np.int64], archive: _Archive, work: Work) -> Standing:
    parts = np.array_split(order, max(1, len(order) // _AT_ONCE))
    mean, lowest = np.empty(len(order)), np.empty(len(order))
    is_edge = np.empty(len(order), bool)
    tasks = ((archive.path, footprints.take(part)) for part in parts)
    work.progress.start("ground", len(order))
    for part, found in zip(parts, work.executor.map(_means_under, tasks), strict=True):
        mean[part], lowest[part], is_edge[part] = found
        work.progress.step(len(part))
    work.progress.finish()
    with open_tiles(archive.path) as reader:
        ground = Ground(reader)
    return Standing(
        ground=mean,
        lowest=np.minimum(lowest, mean),
        source=np.where(is_edge, "edge", "terrain").astype(object),
        vertical_datum=ground.vertical_datum,
        terrain={"name": archive.name, "version": archive.version, "level": ground.level},
        warnings=_coverage_warnings(archive, is_edge),
        figures={"on_the_edge_of_terrain": int(is_edge.sum())},
    )


def _means_under(task: tuple[Path, Footprints]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    path, footprints = task
    with open_tiles(path) as reader:
        return Ground(reader).means_under(
            footprints.lonlat, footprints.rings, footprints.polygons, footprints.features
        )


def _coverage_warnings(archive: _Archive, is_edge: NDArray[np.bool_]) -> tuple[str, ...]:
    n, beyond = len(is_edge), int(is_edge.sum())
    if beyond * 2 <= n:
        return ()
    return (
        f"terrain {archive.name} covers {n - beyond} of {n} features: all others take its nearest height",
    )
