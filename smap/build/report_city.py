"""What the report of a build of buildings tells beyond counts: where, how tall, how sure, what was amiss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXAMPLES", "HEIGHT_STEPS_M", "CityReport", "DrawnTile", "Problem", "Spots", "histogram"]

EXAMPLES = 5
"""So many of each problem are shown, those that the sources give first."""

HEIGHT_STEPS_M = (*range(0, 61, 3), 75, 100, 150, 600)
"""Classes of the histogram of heights: a storey wide up to 60 m."""


_HEAVY = 200_000
"""Bytes as stored: half a second of a mobile line, above which a tile is told of."""


@dataclass(frozen=True)
class DrawnTile:
    """A tile as written. bounds_deg: west, south, east, north. bytes: as stored. error_m: geometric error."""

    level: int
    bounds_deg: tuple[float, float, float, float]
    bytes: int
    triangles: int
    error_m: float
    is_leaf: bool


@dataclass(frozen=True)
class Spots:
    """Features at places. id: object (n,), str or None. lonlat: float64 (n, 2), radians; what a mask covers
    is never among them. value: object (n,), the words of the source that are amiss.
    """

    id: NDArray[np.object_]
    lonlat: NDArray[np.float64]
    value: NDArray[np.object_]


@dataclass(frozen=True)
class Problem:
    """One kind of fault: how often, and some examples as id, lon and lat in degrees, and value."""

    code: str
    count: int
    examples: tuple[Mapping[str, Any], ...] = ()

    @staticmethod
    def of(code: str, count: int, spots: Spots | None = None) -> Problem:
        """With the first few of the places."""
        return Problem(code, count, () if spots is None else tuple(_examples(spots)))

    def as_json(self) -> dict[str, Any]:
        """The object that stands in the report."""
        return {"code": self.code, "count": self.count, "examples": [dict(e) for e in self.examples]}


@dataclass(frozen=True)
class CityReport:
    """heights: counts by height_source, one for each class between HEIGHT_STEPS_M.

    places: float64 (n, 2), degrees, of all buildings that may be named; gone: float64 (m, 2), degrees, of
    features left out, where known. estimate: what it misses by when known heights are hidden from it.
    """

    heights: Mapping[str, Sequence[int]]
    estimate: Mapping[str, Any]
    problems: tuple[Problem, ...]
    places: NDArray[np.float64]
    gone: NDArray[np.float64]
    tiles: tuple[DrawnTile, ...] = ()

    def drawn(self, tiles: Sequence[DrawnTile], *problems: Problem) -> CityReport:
        """With the tiles that were written, and what came to light after the city was settled."""
        heavy = [tile for tile in tiles if tile.bytes > _HEAVY]
        told = Problem("tile_above_200_kb", len(heavy), tuple(_about_tile(t) for t in heavy[:EXAMPLES]))
        return replace(self, tiles=tuple(tiles), problems=(*self.problems, *problems, told))

    def as_json(self) -> dict[str, Any]:
        """The figures of it, without the maps."""
        return {
            "height_steps_m": list(HEIGHT_STEPS_M),
            "heights": {source: list(counts) for source, counts in self.heights.items()},
            "estimate": dict(self.estimate),
            "levels": self.levels(),
            "problems": [problem.as_json() for problem in self.problems if problem.count],
        }

    def levels(self) -> list[dict[str, Any]]:
        """Tiles, bytes as stored, triangles and the largest error of each level, coarse to fine."""
        counted = Counter(tile.level for tile in self.tiles)
        return [
            {
                "level": level,
                "tiles": counted[level],
                "leaves": sum(t.is_leaf for t in self.tiles if t.level == level),
                "bytes": sum(t.bytes for t in self.tiles if t.level == level),
                "triangles": sum(t.triangles for t in self.tiles if t.level == level),
                "error_m": round(max(t.error_m for t in self.tiles if t.level == level), 1),
            }
            for level in sorted(counted)
        ]


def histogram(height: NDArray[np.float64], source: NDArray[np.object_]) -> dict[str, list[int]]:
    """Heights (float64 (n,), metres) by source (object (n,)) in the classes of HEIGHT_STEPS_M."""
    at = np.clip(np.searchsorted(HEIGHT_STEPS_M, height, side="right") - 1, 0, len(HEIGHT_STEPS_M) - 2)
    return {
        name: np.bincount(at[source == name], minlength=len(HEIGHT_STEPS_M) - 1).tolist()
        for name in Counter(source.tolist())
    }


def _examples(spots: Spots) -> list[dict[str, Any]]:
    degrees = np.round(np.degrees(spots.lonlat[:EXAMPLES]), 6).tolist()
    rows = zip(spots.id[:EXAMPLES].tolist(), degrees, spots.value[:EXAMPLES].tolist(), strict=True)
    return [{"id": own, "lon": lon, "lat": lat, "value": value} for own, (lon, lat), value in rows]


def _about_tile(tile: DrawnTile) -> dict[str, Any]:
    west, south, east, north = tile.bounds_deg
    lon, lat = round((west + east) / 2.0, 6), round((south + north) / 2.0, 6)
    return {"id": f"level {tile.level}", "lon": lon, "lat": lat, "value": f"{tile.bytes / 1000:.0f} kB"}
