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

from smap.build.recipe import GroundRule, Recipe, Source, read_recipe
from smap.build.seating import Footing, Seated, seat
from smap.build.work import Work
from smap.errors import GeoidError, InputError, RecipeError
from smap.geo.geoid import Geoid, undulation
from smap.ground.ground import Ground
from smap.scene.footprint import Footprints
from smap.store import open_tiles
from smap.store.release import read_current

__all__ = [
    "Archive",
    "Base",
    "Standing",
    "base_of",
    "edge_warnings",
    "named_terrain",
    "published_terrain",
    "stand",
]

_AT_ONCE = 32_768
"""Footprints seated in one task."""


@dataclass(frozen=True)
class Standing:
    """ground, lowest: float64 (n,), ellipsoidal metres: mean and lowest ground under each footprint.

    source: object (n,), "terrain", "edge" (the nearest height that is known) or "none".
    terrain: name, version and level of what it is; geoid: as in `Base`.
    """

    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    source: NDArray[np.object_]
    vertical_datum: str
    terrain: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    geoid: Geoid | None = None


@dataclass(frozen=True)
class Archive:
    """A terrain by its file, name and version."""

    path: Path
    name: str
    version: str


@dataclass(frozen=True)
class Base:
    """A footing and what is known of it. terrain: name, version and level; warnings: one line each.

    geoid: the terrain's own, by which heights above the datum are brought up; None: EGM96.
    """

    footing: Footing
    vertical_datum: str
    terrain: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    geoid: Geoid | None = None


def stand(footprints: Footprints, order: NDArray[np.int64], recipe: Recipe, work: Work) -> Standing:
    """The ground under each footprint. order: int64 (n,), all of them, neighbours near one another."""
    base = base_of(_places(footprints), named_terrain(recipe, work), work.workspace)
    with work.clock.stage("ground"):
        seated = _seat_in_parts(footprints, order, base.footing, work)
    edge = int((seated.source == "edge").sum())
    return Standing(
        ground=seated.ground,
        lowest=seated.lowest,
        source=seated.source,
        vertical_datum=base.vertical_datum,
        terrain=base.terrain,
        warnings=(*base.warnings, *edge_warnings(base, edge, len(order))),
        figures={} if base.terrain is None else {"on_the_edge_of_terrain": edge},
        geoid=base.geoid,
    )


def base_of(places: NDArray[np.float64], named: Archive | None, workspace: Path) -> Base:
    """What buildings at places, float64 (n, 2) radians, stand on.

    The terrain that the recipe names, else the published one, else H = 0.
    """
    found = named or published_terrain(places, workspace)
    if found is None:
        return _nothing_under(places)
    with open_tiles(found.path) as reader:
        ground = Ground(reader)
    terrain = {"name": found.name, "version": found.version, "level": ground.level}
    return Base(Footing(found.path), ground.vertical_datum, terrain, geoid=ground.geoid)


def edge_warnings(base: Base, edge: int, n: int) -> tuple[str, ...]:
    """A line if most of n footprints lie where the terrain's source knew nothing."""
    if base.terrain is None or edge * 2 <= n:
        return ()
    name = base.terrain["name"]
    return (f"terrain {name} covers {n - edge} of {n} features: all others take its nearest height",)


def named_terrain(recipe: Recipe, work: Work) -> Archive | None:
    """The terrain that a recipe names, built if need be; None when it names none."""
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


def _archive(path: Path, name: str) -> Archive:
    try:
        manifest = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))
        return Archive(path, manifest["name"], manifest["version"])
    except FileNotFoundError:
        with path.open("rb") as file:
            version = file_digest(file, "sha256").hexdigest()[:12]
        return Archive(path, name, version)
    except (KeyError, ValueError):
        raise InputError(f"{path.parent / 'manifest.json'}: damaged; build the terrain again") from None


def _places(footprints: Footprints) -> NDArray[np.float64]:
    return footprints.lonlat[footprints.feature_vertices[:-1]]


def _nothing_under(places: NDArray[np.float64]) -> Base:
    """H = 0: on the geoid where one is known for all, else on the ellipsoid."""
    warning = "no [ground] and no published terrain covers the data: everything stands at H = 0"
    try:
        undulation(places[:, 0], places[:, 1])
    except GeoidError:
        return Base(Footing(None, on_geoid=False), "EPSG:5773", None, (warning,))
    return Base(Footing(None), "EPSG:5773", None, (warning,))


def published_terrain(places: NDArray[np.float64], workspace: Path) -> Archive | None:
    """The terrain of the current release, if it covers the better half of the buildings."""
    release = read_current(workspace)
    for tileset in release.tilesets if release else ():
        west, south, east, north = np.radians(tileset.bbox)
        inside = (places >= (west, south)) & (places <= (east, north))
        if tileset.kind == "terrain" and inside.all(axis=1).mean() > 0.5:
            return _archive(workspace / tileset.path, tileset.name)
    return None


def _seat_in_parts(footprints: Footprints, order: NDArray[np.int64], footing: Footing, work: Work) -> Seated:
    parts = np.array_split(order, max(1, len(order) // _AT_ONCE))
    found = Seated(np.empty(len(order)), np.empty(len(order)), np.empty(len(order), object))
    tasks = ((footprints.take(part), footing) for part in parts)
    work.progress.start("ground", len(order))
    for part, seated in zip(parts, work.executor.map(_seat, tasks), strict=True):
        for name, values in vars(seated).items():
            getattr(found, name)[part] = values
        work.progress.step(len(part))
    work.progress.finish()
    return found


def _seat(task: tuple[Footprints, Footing]) -> Seated:
    return seat(*task)
