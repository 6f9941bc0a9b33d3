"""The tile grid of quantized-mesh: geographic, two roots side by side, rows counted from the south (TMS)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Tile", "columns_rows", "tile_at"]


@dataclass(frozen=True, order=True)
class Tile:
    """One tile: level z, column x from 180 W (2^(z+1) of them), row y from the south pole (2^z of them)."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        assert self.z >= 0
        assert 0 <= self.x < 2 << self.z
        assert 0 <= self.y < 1 << self.z

    @property
    def parent(self) -> Tile | None:
        """The tile of the level above that holds this one; None at a root."""
        return Tile(self.z - 1, self.x >> 1, self.y >> 1) if self.z else None

    @property
    def children(self) -> tuple[Tile, Tile, Tile, Tile]:
        """South-west, south-east, north-west, north-east."""
        z, x, y = self.z + 1, self.x << 1, self.y << 1
        return Tile(z, x, y), Tile(z, x + 1, y), Tile(z, x, y + 1), Tile(z, x + 1, y + 1)

    @property
    def neighbours(self) -> tuple[Tile | None, Tile | None, Tile | None, Tile | None]:
        """West, south, east, north at the same level; columns wrap at 180 degrees, beyond a pole is None."""
        columns, rows = 2 << self.z, 1 << self.z
        return (
            Tile(self.z, (self.x - 1) % columns, self.y),
            Tile(self.z, self.x, self.y - 1) if self.y else None,
            Tile(self.z, (self.x + 1) % columns, self.y),
            Tile(self.z, self.x, self.y + 1) if self.y + 1 < rows else None,
        )

    @property
    def region_rad(self) -> tuple[float, float, float, float]:
        """West, south, east, north in radians; a shared edge is the same float64 in both tiles."""
        span = math.pi / (1 << self.z)
        west, south = self.x * span - math.pi, self.y * span - math.pi / 2
        return west, south, (self.x + 1) * span - math.pi, (self.y + 1) * span - math.pi / 2


def tile_at(z: int, lon: float, lat: float) -> Tile:
    """The tile of level z that holds a position in radians; on a shared edge the eastern or northern one."""
    columns, rows = columns_rows(z, lon, lat)
    return Tile(z, int(columns), int(rows))


def columns_rows(z: int, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns x and rows y of the tiles of level z that hold positions in radians (int64, same shape)."""
    span = math.pi / (1 << z)
    return _cell(np.asarray(lon, np.float64) + math.pi, span, 2 << z), _cell(
        np.asarray(lat, np.float64) + math.pi / 2, span, 1 << z
    )


def _cell(distance: NDArray[np.float64], span: float, count: int) -> NDArray[np.int64]:
    return np.clip(np.floor(distance / span).astype(np.int64), 0, count - 1)
