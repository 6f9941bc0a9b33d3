"""The stock of models: files read, turned and scaled into place, with measured levels and an outline."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.modelrule import ModelRule
from smap.build.recipe import Recipe
from smap.errors import InputError, RecipeError
from smap.geo.ellipsoid import east_north_up, from_ecef
from smap.scene.deviation import deviations
from smap.scene.footprint import Footprints
from smap.scene.mesh import Mesh, outline_of, placed, thinned
from smap.scene.shapes import as_footprints
from smap.sources.model import ModelFile, read_model

__all__ = ["Model", "model_areas", "read_one_model"]

_LARGEST_M, _SMALLEST_M, _TINY_M = 2000.0, 0.05, 1.0
"""Larger or smaller than the first two no model of a city is; below the third it is asked about."""
_FAR_TRIANGLES = 500
"""A model whose coarsest file has more gets coarser levels of our own, each a tenth of the one before."""
_TOLERANCE_M = 0.1
"""Of the outline: a hundredth of the cell of fine terrain."""
_ALIEN = 0.5
"""A coarser file that lies farther off than this share of the model's diagonal is likely another model."""


@dataclass(frozen=True)
class Model:
    """levels: finest first, metres east, north and up of the model's origin, turned and scaled.

    errors: metres by which each is wrong, 0 first, never falling. outline: one feature, from the coarsest
    file. given: how many levels have files. warnings: one line each.
    """

    rule: ModelRule
    levels: tuple[Mesh, ...]
    errors: tuple[float, ...]
    outline: Footprints
    both_sides: bool
    given: int
    warnings: tuple[str, ...]


def read_one_model(rule: ModelRule) -> Model:
    """Read all levels of a model and measure them; InputError or RecipeError for what cannot stand."""
    files = [read_model(Path(path)) for path in rule.paths]
    meshes = [_placed(file, rule) for file in files]
    _check_size(meshes[0], rule)
    _check_order(meshes, rule)
    levels = (*meshes, *_farther(meshes[-1]))
    errors = tuple(accumulate([0.0, *deviations(levels[0], levels[1:])], max))
    warnings = dict.fromkeys(line for file in files for line in file.warnings)
    return Model(
        rule=rule,
        levels=levels,
        errors=errors,
        outline=_outline(meshes[-1], rule),
        both_sides=any(file.both_sides for file in files),
        given=len(files),
        warnings=(*warnings, *_doubts(meshes, errors, rule)),
    )


def model_areas(recipe: Recipe) -> Footprints:
    """The outlines of all models of a recipe, as areas; only their coarsest files are read."""
    if recipe.kind != "models":
        raise RecipeError(
            f"{recipe.path}: a recipe of kind '{recipe.kind}' is no mask: name a recipe of models, "
            "or a file of polygons"
        )
    coarsest = [(read_model(Path(rule.paths[-1])), rule) for rule in recipe.models]
    return Footprints.concatenate([_outline(_placed(file, rule), rule) for file, rule in coarsest])


def _placed(file: ModelFile, rule: ModelRule) -> Mesh:
    return placed(file.mesh, heading=math.radians(rule.place.heading), scale=rule.place.scale)


def _check_size(mesh: Mesh, rule: ModelRule) -> None:
    largest = float(mesh.size.max())
    if _SMALLEST_M <= largest <= _LARGEST_M:
        return
    size = " x ".join(f"{metres:.3g}" for metres in mesh.size)
    raise InputError(
        f"{rule.paths[0]}: {size} m, where a model of a city has {_SMALLEST_M:g} m to {_LARGEST_M:g} m: "
        f"is its unit the metre? Say scale in [source.place] (it is {rule.place.scale:g})"
    )


def _check_order(meshes: list[Mesh], rule: ModelRule) -> None:
    counts = [len(mesh.triangles) for mesh in meshes]
    for place, (finer, coarser) in enumerate(pairwise(counts)):
        if coarser > finer:
            raise InputError(
                f"{rule.paths[place + 1]}: {coarser:,} triangles, more than the {finer:,} of the finer "
                f"{Path(rule.paths[place]).name}: name the finest as path and in coarser the finest first"
            )


def _farther(mesh: Mesh) -> Iterator[Mesh]:
    """Coarser levels of our own, until one is light enough to be drawn from afar."""
    while len(mesh.triangles) > _FAR_TRIANGLES:
        before = len(mesh.triangles)
        mesh = thinned(mesh, max(_FAR_TRIANGLES, before // 10))
        if not 0 < len(mesh.triangles) < before:
            return
        yield mesh


def _outline(mesh: Mesh, rule: ModelRule) -> Footprints:
    outline = shapely.transform(outline_of(mesh, _TOLERANCE_M), lambda xy: _lonlat(xy, rule))
    return as_footprints(np.array([outline], object))


def _lonlat(xy: NDArray[np.float64], rule: ModelRule) -> NDArray[np.float64]:
    frame = east_north_up(math.radians(rule.place.lon), math.radians(rule.place.lat))
    lon, lat, _ = from_ecef(xy @ frame[:3, :2].T + frame[:3, 3])
    return np.stack([lon, lat], axis=-1)


def _doubts(meshes: list[Mesh], errors: tuple[float, ...], rule: ModelRule) -> Iterator[str]:
    name = Path(rule.paths[0]).name
    largest = float(meshes[0].size.max())
    if largest < _TINY_M:
        yield f"{name}: {largest:.2f} m at its largest: is its unit the metre? Or say scale in [source.place]"
    diagonal = float(np.linalg.norm(meshes[0].size))
    for path, error in zip(rule.paths[1:], errors[1:], strict=False):
        if error > _ALIEN * diagonal:
            yield f"{Path(path).name}: lies up to {error:.1f} m off {name}: the same model, the same scale?"
