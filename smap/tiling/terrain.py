"""A terrain pyramid: which tiles there are, how near to the ground each level is, what is made together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.grid import Tile, columns_rows

__all__ = [
    "FULL",
    "LEAST_SQUARES",
    "LEVEL_0_ERROR_M",
    "RING",
    "Block",
    "Pyramid",
    "blocks_of",
    "finest_level",
    "spans_of",
]

Spans = tuple[tuple[range, range], ...]
"""Columns and rows of rectangles that share no tile."""

# What clients take as the error of level 0, halved by each level: 2 pi a / 4 / (65 * 2 columns)
# (CesiumJS, TerrainProvider.getEstimatedLevelZeroGeometricErrorForAHeightmap)
LEVEL_0_ERROR_M = 2.0 * math.pi * SEMI_MAJOR_M * 0.25 / (65 * 2)

FULL = 32767  # u, v and height of quantized-mesh
_SOURCE_CELLS = 32  # a finest tile spans no more cells of the source than this
# A side of the grid on which the vertices of a tile lie. With 64 the drawn ridges of the 90 m model were off
# by up to 5.6 m, with 128 by 3.6 m; 256 at coarse levels took twice the time and bettered their errors little
# A recipe that asks for an error of its own gets 64, a quarter of the work
_CELLS, _CELLS_ASKED = 128, 64
# Squares a side of a tile that have triangles of their own, which hang below the globe by 4 mm at level 13
LEAST_SQUARES = 8
# Squares around a block: what a vertex on a side hangs on lies within 1/2 + 1/4 + … of a square from it
RING = 1
_BLOCK_NODES = 1_700_000  # nodes worked on at once: 14 MB for each array of them


@dataclass(frozen=True)
class Pyramid:
    """What to tile. areas: west, south, east, north of each source in radians; cell_m: the finest spacing.

    relief_m: highest less lowest height, sea level included; max_level: the finest. error_m: how far that may
    leave the ground, where it is not to follow from the source's spacing. spans: the tiles of each level in
    rectangles (`spans_of`), where not all of the areas is known.
    """

    areas: tuple[tuple[float, float, float, float], ...]
    cell_m: float
    relief_m: float
    max_level: int
    error_m: float | None = None
    spans: tuple[Spans, ...] | None = None

    @property
    def height_step(self) -> float:
        """The lattice of heights in metres, a power of two: exact in float32, fine enough for the relief."""
        return 2.0 ** math.ceil(math.log2(max(self.relief_m, 1.0) * 1.05 / FULL))

    def tolerance(self, z: int) -> float:
        """How far level z may leave the ground, in metres: twice as far with each level up.

        The finest: a sixth of what is promised for a coarse source, half for a fine one; houses stand on it.
        No level is off by more than two thirds of what clients take it for, or a quarter where the recipe
        asks nothing.
        """
        finest = max(0.25, self.cell_m / 60.0) if self.error_m is None else self.error_m
        share = 4.0 if self.error_m is None else 1.5
        return min(finest * 2.0 ** (self.max_level - z), LEVEL_0_ERROR_M / share / 2.0**z)

    def side_tolerance(self, z: int) -> float:
        """How far sides of tiles may leave the ground, in metres: beside a level that may be off twice as far
        no gap is wider than what clients take the finer tile's error for, so that skirts cover it.
        """
        return min(self.tolerance(z), LEVEL_0_ERROR_M / 8.0 / 2.0**z)

    def promise(self, z: int) -> float:
        """How far level z must not leave the ground, in metres; the finest answers to the source's cells."""
        level = LEVEL_0_ERROR_M / 2.0**z
        finest = max(0.5, self.cell_m / 10.0) if self.error_m is None else 2.0 * self.error_m
        return min(level, finest) if z >= finest_level(self.cell_m) else level

    @property
    def cells(self) -> int:
        """Cells a side of the grid on which the vertices of a tile lie."""
        return _CELLS if self.error_m is None else _CELLS_ASKED

    def tiles(self, z: int) -> Spans:
        """Columns and rows of level z in rectangles that share no tile: both roots at level 0, below it what
        touches an area, or is near to what is known in it.
        """
        if self.spans is not None:
            return self.spans[z]
        if z == 0:
            return ((range(2), range(1)),)
        west, south, east, north = np.array(self.areas).T
        columns, rows = columns_rows(z, [west, east], [south, north])
        return tuple(_apart(np.stack([columns, rows], axis=-1)))

    def count(self) -> int:
        """How many tiles all levels have."""
        spans = (span for z in range(self.max_level + 1) for span in self.tiles(z))
        return sum(len(columns) * len(rows) for columns, rows in spans)


def spans_of(pyramid: Pyramid, whole: Sequence[int], places: NDArray[np.float64]) -> tuple[Spans, ...]:
    """The tiles of every level that lie no farther than one tile from what is known, in rectangles.

    whole: which areas are known in all places; places: float64 (n, 2), radians, where the others are. A tile
    beside one that is left out has its parent there: no two levels apart meet.
    """
    z = pyramid.max_level
    everywhere = _Grid.over(pyramid.tiles(z))
    grid = replace(everywhere, held=np.zeros_like(everywhere.held))
    for number in whole:
        west, south, east, north = pyramid.areas[number]
        (left, right), (low, high) = columns_rows(z, [west, east], [south, north])
        grid.held[low - grid.south : high + 1 - grid.south, left - grid.west : right + 1 - grid.west] = True
    columns, rows = columns_rows(z, *places.T)
    grid.held[rows - grid.south, columns - grid.west] = True
    spans: list[Spans] = []
    for level in range(z, 0, -1):
        near = binary_dilation(grid.held, np.ones((3, 3), bool)) & _Grid.over(pyramid.tiles(level)).held
        spans.append(tuple(_rectangles(near, grid.columns, grid.rows)))
        grid = grid.halved()
    return (pyramid.tiles(0), *reversed(spans))


@dataclass(frozen=True)
class _Grid:
    """Tiles of a level from a column and a row on, and which of them are meant: held (rows, columns)."""

    west: int
    south: int
    held: NDArray[np.bool_]

    @staticmethod
    def over(spans: Spans) -> _Grid:
        """The grid that holds rectangles, with just these meant."""
        west, south = (min(span[axis].start for span in spans) for axis in (0, 1))
        east, north = (max(span[axis].stop for span in spans) for axis in (0, 1))
        held = np.zeros((north - south, east - west), bool)
        for columns, rows in spans:
            held[rows.start - south : rows.stop - south, columns.start - west : columns.stop - west] = True
        return _Grid(west, south, held)

    @property
    def columns(self) -> NDArray[np.int64]:
        """All columns, and the one after the last."""
        return np.arange(self.west, self.west + self.held.shape[1] + 1)

    @property
    def rows(self) -> NDArray[np.int64]:
        """All rows, and the one after the last."""
        return np.arange(self.south, self.south + self.held.shape[0] + 1)

    def halved(self) -> _Grid:
        """The level above: what has a child that is meant."""
        rows, columns = self.held.shape
        odd = ((self.south % 2, (self.south + rows) % 2), (self.west % 2, (self.west + columns) % 2))
        even = np.pad(self.held, odd)
        pairs = even[::2] | even[1::2]
        return _Grid(self.west // 2, self.south // 2, pairs[:, ::2] | pairs[:, 1::2])


def _apart(corners: NDArray[np.int64]) -> Iterator[tuple[range, range]]:
    """Rectangles of columns and rows that share none and hold what others hold: first and last corner of
    these, (2, k, 2).
    """
    (west, south), (east, north) = corners[0].T, corners[1].T + 1
    xs, ys = np.unique([west, east]), np.unique([south, north])
    held = np.zeros((len(ys) - 1, len(xs) - 1), bool)
    at_x, at_y = np.searchsorted(xs, [west, east]).T, np.searchsorted(ys, [south, north]).T
    for across, up in zip(at_x, at_y, strict=True):
        held[slice(*up), slice(*across)] = True
    yield from _rectangles(held, xs, ys)


def _rectangles(
    held: NDArray[np.bool_], xs: NDArray[np.int64], ys: NDArray[np.int64]
) -> Iterator[tuple[range, range]]:
    """What is held (r, c) of the cells between columns xs (c + 1,) and rows ys (r + 1,)."""
    begin = 0
    for end in range(1, len(held) + 1):
        # bands of rows that hold the same columns are one
        if end == len(held) or (held[end] != held[begin]).any():
            steps = np.diff(held[begin].astype(np.int8), prepend=0, append=0)
            for first, last in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0), strict=True):
                yield range(int(xs[first]), int(xs[last])), range(int(ys[begin]), int(ys[end]))
            begin = end


def finest_level(cell_m: float) -> int:
    """The level whose tiles span at most 32 cells of the source (13 for 90 m, 17 for 5 m)."""
    side_0 = math.pi * SEMI_MAJOR_M
    return max(0, min(22, math.ceil(math.log2(side_0 / (cell_m * _SOURCE_CELLS)))))


def blocks_of(pyramid: Pyramid, z: int) -> Iterator[Block]:
    """What of level z is worked on together; blocks may be made apart and in any order."""
    side = math.isqrt(_BLOCK_NODES) // pyramid.cells
    for columns, rows in pyramid.tiles(z):
        for west, south in product(columns[::side], rows[::side]):
            yield Block(
                z,
                range(west, min(west + side, columns.stop)),
                range(south, min(south + side, rows.stop)),
                pyramid.cells,
            )


@dataclass(frozen=True)
class Block:
    """Tiles worked on together, of `cells` a side, in the order of columns, then rows. A ring of squares of
    their neighbours is looked at too: what these keep reaches no farther.
    """

    z: int
    columns: range
    rows: range
    cells: int

    @property
    def square(self) -> int:
        """Cells a side of the squares in which triangles are found."""
        return self.cells // LEAST_SQUARES

    @property
    def region_deg(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees of all that is looked at."""
        lon, lat = (np.degrees(axis) for axis in self.axes())
        return float(lon[0]), float(lat[0]), float(lon[-1]), float(lat[-1])

    def tiles(self) -> tuple[Tile, ...]:
        """All of them."""
        return tuple(Tile(self.z, x, y) for x in self.columns for y in self.rows)

    def axes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes of the grid of all that is looked at."""
        return self._axes(0.0)

    def middles(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Those of the middles of all cells."""
        return self._axes(0.5)

    def _axes(self, shift: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ring = RING * self.square
        lon, lat = (
            np.arange(tiles.start * self.cells - ring + shift, tiles.stop * self.cells + ring + 0.25)
            for tiles in (self.columns, self.rows)
        )
        lon, lat = np.float64(self.cell) * lon, np.float64(self.cell) * lat
        north = np.clip(lat - math.pi / 2, -math.pi / 2, math.pi / 2)
        return np.asarray(lon - math.pi, np.float64), np.asarray(north, np.float64)

    @property
    def cell(self) -> float:
        """The side of a cell in radians."""
        return math.pi / (1 << self.z) / self.cells

    def rising(self) -> NDArray[np.bool_]:
        """In which of the squares looked at the diagonal rises eastward: as on a chess board."""
        rows, columns = (len(tiles) * LEAST_SQUARES + 2 * RING for tiles in (self.rows, self.columns))
        return np.asarray((np.arange(rows)[:, None] + np.arange(columns)) % 2 == 0)
