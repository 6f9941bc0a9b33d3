"""The engine: what turns the same input into the same bytes, as one short digest."""

from __future__ import annotations

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import smap

__all__ = ["engine_digest"]

_ROOMS = ("build", "formats", "geo", "ground", "scene", "sources", "store", "tiling")
_LIBRARIES = (
    "aggdraw",
    "deflate",
    "mapbox_earcut",
    "meshopt",
    "numpy",
    "pillow",
    "pyogrio",
    "pyproj",
    "scipy",
    "shapely",
)


@cache
def engine_digest() -> str:
    """16 hexadecimal digits that change with our code and with the libraries whose work ends up in tiles."""
    package = Path(smap.__file__).parent
    digest = sha256(f"{platform.python_version()} {platform.machine()}\n".encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {_version(name)}\n".encode())
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
