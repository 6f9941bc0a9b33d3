"""Inputs: a digest of all that a build is made from, to know whether it is still the build of its recipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from smap.build.recipe import Recipe, read_recipe

__all__ = ["digest_of"]

_ENDS = 1 << 20


def digest_of(recipe: Recipe, created_by: str) -> str:
    """Hex digits that change with the recipe, the files it names and the version of S-Map.

    How the recipe's own file was named on the command line does not matter. Of each file the name, the size
    and the first and last MB are taken: reading a country of elevation to see that nothing changed would
    take as long as building it.
    """
    digest = sha256(f"{created_by}\n{replace(recipe, path=Path(recipe.path.name))}".encode())
    for path in sorted(_files(recipe)):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_ENDS))
            file.seek(max(path.stat().st_size - _ENDS, 0), os.SEEK_SET)
            digest.update(file.read(_ENDS))
    return digest.hexdigest()[:16]


def _files(recipe: Recipe) -> Iterator[Path]:
    paths = [*(source.path for source in recipe.sources), *(mask.path for mask in recipe.masks)]
    paths += [recipe.water.path] if recipe.water else []
    paths += [path for model in recipe.models for path in model.paths]
    for mask in recipe.masks:
        if mask.path.endswith(".toml"):
            yield from _files(read_recipe(Path(mask.path)))
    for path in map(Path, paths):
        found = [path] if path.exists() else path.parent.glob(path.name)
        yield from (file for file in found if file.is_file())
