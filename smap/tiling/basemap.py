"""A base map's pyramid: XYZ tiles of Web Mercator (EPSG:3857), drawn in sheets of several tiles at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FINEST", "TILE", "MapPyramid", "Sheet", "degrees_of", "metres_per_pixel", "unit_of"]

TILE = 256
"""Pixels of a tile's side."""
FINEST = 20
"""The finest level that a recipe may ask for: 12 cm a pixel in Seoul."""
# Tiles of a sheet's side, from whole multiples of it on: what crosses its tiles is cut and drawn once
_SHEET = 4
_EQUATOR_M = 2.0 * math.pi * 6_378_137.0

Degrees = tuple[float, float, float, float]


@dataclass(frozen=True, order=True)
class Sheet:
    """Tiles that are drawn together: those of level z from column x and row y (from the north) on."""

    z: int
    x: int
    y: int
    columns: int
    rows: int

    @property
    def origin(self) -> tuple[int, int]:
        """The pixel of the level at its north-west corner."""
        return self.x * TILE, self.y * TILE

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height in pixels."""
        return self.columns * TILE, self.rows * TILE

    def tiles(self) -> Iterator[tuple[int, int]]:
        """Column and row of each of its tiles, row by row."""
        for y in range(self.y, self.y + self.rows):
            yield from ((x, y) for x in range(self.x, self.x + self.columns))


@dataclass(frozen=True)
class MapPyramid:
    """What to draw: `area` from level `least` to `most`, and `finer` areas on to a level of their own.

    Areas are west, south, east, north in degrees.
    """

    area: Degrees
    least: int
    most: int
    finer: tuple[tuple[int, Degrees], ...] = ()

    @property
    def finest(self) -> int:
        """The finest level that has tiles."""
        return max([self.most, *(level for level, _ in self.finer)])

    def rectangles(self, z: int) -> list[tuple[range, range]]:
        """Columns and rows of level z; rectangles of several finer areas may overlap."""
        if z < self.least:
            return []
        if z <= self.most:
            return [_span(self.area, z)]
        return [_span(area, z) for level, area in self.finer if z <= level]

    def tiles(self, z: int) -> set[tuple[int, int]]:
        """Column and row of every tile of a level."""
        return {(x, y) for columns, rows in self.rectangles(z) for x in columns for y in rows}

    def sheets(self) -> Iterator[Sheet]:
        """Every tile in one sheet, from the coarsest level on, block by block."""
        for z in range(self.least, self.finest + 1):
            yield from _sheets(z, self.tiles(z))

    def count(self) -> int:
        """How many tiles all levels have."""
        return sum(len(self.tiles(z)) for z in range(self.least, self.finest + 1))


def _span(area: Degrees, z: int) -> tuple[range, range]:
    west, south, east, north = area
    corners = unit_of(np.array([[west, north], [east, south]])) * (1 << z)
    (left, top), (right, bottom) = np.clip(np.floor(corners).astype(int), 0, (1 << z) - 1).tolist()
    return range(left, right + 1), range(top, bottom + 1)


def _sheets(z: int, tiles: set[tuple[int, int]]) -> Iterator[Sheet]:
    """The tiles of each block together; where several areas leave no rectangle of it, one by one."""
    blocks: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for x, y in sorted(tiles):
        blocks.setdefault((y // _SHEET, x // _SHEET), []).append((x, y))
    for _, block in sorted(blocks.items()):
        xs, ys = {x for x, _ in block}, {y for _, y in block}
        left, top = min(xs), min(ys)
        columns, rows = max(xs) - left + 1, max(ys) - top + 1
        if columns * rows == len(block):
            yield Sheet(z, left, top, columns, rows)
        else:
            yield from (Sheet(z, x, y, 1, 1) for x, y in block)


def unit_of(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Web Mercator from degrees (n, 2): 0 to 1 from the west and from the north, (n, 2)."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    return np.column_stack([lon / math.tau + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / math.tau])


def degrees_of(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude in degrees (n, 2) from Web Mercator as `unit_of` gives it."""
    lon = (unit[:, 0] - 0.5) * 360.0
    return np.column_stack([lon, np.degrees(np.arctan(np.sinh((0.5 - unit[:, 1]) * math.tau)))])


def metres_per_pixel(z: int, lat_deg: float) -> float:
    """How many metres a pixel of level z shows at a latitude."""
    return _EQUATOR_M / (TILE << z) * math.cos(math.radians(lat_deg))
