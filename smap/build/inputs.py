"""Inputs: a digest of all that a build is made from, to know whether it is still the build of its recipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from smap.build.recipe import Recipe, read_recipe

__all__ = ["digest_of", "digest_of_file", "digest_of_recipe"]

_ENDS = 1 << 20
_SIDECARS = frozenset({".shx", ".dbf", ".prj", ".cpg", ".tfw", ".tifw", ".wld", ".aux.xml", ".tif.aux.xml"})


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None:
        """More bytes."""


def digest_of(recipe: Recipe, created_by: str) -> str:
    """Hex digits that change with the recipe, the files it names and the version of S-Map.

    How the recipe's own file was named on the command line does not matter. Of each file, and of those
    that belong to it, the name, the size, the time of its last change and the first and last MB are taken:
    reading a country of elevation to see that nothing changed would take as long as building it.
    """
    digest = sha256(_told(recipe, created_by))
    for path in sorted(_files(recipe)):
        _add_file(path, digest)
    return digest.hexdigest()[:16]


def digest_of_recipe(recipe: Recipe, created_by: str) -> str:
    """As `digest_of`, whatever the files hold."""
    return sha256(_told(recipe, created_by)).hexdigest()[:16]


def digest_of_file(path: Path) -> str:
    """Hex digits that change with a file and with those that belong to it."""
    digest = sha256()
    for one in (path, *sorted(_beside(path))):
        _add_file(one, digest)
    return digest.hexdigest()[:16]


def _told(recipe: Recipe, created_by: str) -> bytes:
    return f"{created_by}\n{replace(recipe, path=Path(recipe.path.name))}".encode()


def _add_file(path: Path, digest: _Hash) -> None:
    status = path.stat()
    digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(status.st_size - _ENDS, 0), os.SEEK_SET)
        digest.update(file.read(_ENDS))


def _files(recipe: Recipe) -> Iterator[Path]:
    paths = [*(source.path for source in recipe.sources), *(mask.path for mask in recipe.masks)]
    paths += [path for source in recipe.sources for join in source.joins for path in join.paths]
    paths += [recipe.water.path] if recipe.water else []
    paths += [str(recipe.ground.geoid)] if recipe.ground.geoid else []
    paths += [path for model in recipe.models for path in model.paths]
    paths += [layer.path for layer in recipe.basemap.layers] if recipe.basemap else []
    paths += [source.path for source in recipe.lines.sources] if recipe.lines else []
    for mask in recipe.masks:
        if mask.path.endswith(".toml") and (masking := read_recipe(Path(mask.path))).kind == "models":
            yield from _files(masking)
    for path in map(Path, paths):
        found = [path] if path.exists() else path.parent.glob(path.name)
        for file in found:
            if file.is_file():
                yield from (file, *_beside(file))


def _beside(path: Path) -> Iterator[Path]:
    """The files of the same stem that a Shapefile or a raster is read with."""
    for file in path.parent.glob(f"{escape(path.stem)}.*"):
        if file != path and file.name[len(path.stem) :].lower() in _SIDECARS:
            yield file
