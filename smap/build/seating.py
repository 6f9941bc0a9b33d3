"""Seating: the mean and the lowest ground under footprints, done in any process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.geo.geoid import undulation
from smap.ground.ground import Ground, Surfaces
from smap.scene.footprint import Footprints
from smap.store import open_tiles

__all__ = ["Footing", "Seated", "seat"]

_KEPT_TILES = 64
"""About 40 MB of a worker: neighbours in the order of the tree share terrain tiles."""
_DECODED: dict[tuple[Path, int, int], Surfaces] = {}
"""Terrain that this process has decoded, of one archive: by its path, size and time of change."""


@dataclass(frozen=True)
class Footing:
    """What footprints are seated on: the archive of a terrain, else the geoid, else the ellipsoid."""

    terrain: Path | None
    on_geoid: bool = True


@dataclass(frozen=True)
class Seated:
    """ground, lowest and source of n footprints, as in `smap.build.standing.Standing`."""

    ground: NDArray[np.float64]
    lowest: NDArray[np.float64]
    source: NDArray[np.object_]


def seat(footprints: Footprints, footing: Footing) -> Seated:
    """Footprints on their footing."""
    if footing.terrain is None:
        ground = _on_nothing(footprints, footing)
        return Seated(ground, ground, np.full(len(footprints), "none", object))
    with open_tiles(footing.terrain) as reader:
        surface = Ground(reader, _surfaces_of(footing.terrain), most=_KEPT_TILES)
        mean, lowest, is_edge = surface.means_under(
            footprints.lonlat, footprints.rings, footprints.polygons, footprints.features
        )
    return Seated(mean, np.minimum(lowest, mean), np.where(is_edge, "edge", "terrain").astype(object))


def _on_nothing(footprints: Footprints, footing: Footing) -> NDArray[np.float64]:
    if not footing.on_geoid:
        return np.zeros(len(footprints))
    places = footprints.lonlat[footprints.feature_vertices[:-1]]
    return undulation(places[:, 0], places[:, 1])


def _surfaces_of(terrain: Path) -> Surfaces | None:
    if not terrain.is_file():
        return None
    status = terrain.stat()
    key = (terrain, status.st_size, status.st_mtime_ns)
    if key not in _DECODED:
        _DECODED.clear()
        _DECODED[key] = Surfaces()
    return _DECODED[key]
