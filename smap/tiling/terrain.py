"""A terrain pyramid: which tiles, and the triangles of each, from any surface that gives heights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.grid import Tile, columns_rows
from smap.tiling.terrain_rtin import diagonal_middles, errors_of, forced, simplified, triangles_of

__all__ = ["LEVEL_0_ERROR_M", "Pyramid", "TerrainTile", "finest_level", "make_level"]

# What clients take as the error of level 0, halved by each level: 2 pi a / 4 / (65 * 2 columns)
# (CesiumJS, TerrainProvider.getEstimatedLevelZeroGeometricErrorForAHeightmap)
LEVEL_0_ERROR_M = 2.0 * math.pi * SEMI_MAJOR_M * 0.25 / (65 * 2)

_FULL = 32767  # u, v and height of quantized-mesh
_SOURCE_CELLS = 32  # a finest tile spans no more cells of the source than this
# A side of the grid on which the vertices of a tile lie. With 64 the drawn ridges of the 90 m model were off
# by up to 5.6 m, with 128 by 3.6 m; 256 at coarse levels took twice the time and bettered their errors little
_CELLS = 128
_LEAST_CELLS = 8  # a triangle hangs below the globe by 4 mm at most at level 13
_BLOCK_NODES = 8_000_000  # nodes worked on at once: 64 MB for each array of them

Surface = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Pyramid:
    """What to tile. bounds: west, south, east, north in radians; cell_m: the source's spacing.

    relief_m: highest less lowest height, sea level included; max_level: the finest. error_m: how far that may
    leave the ground, where it is not to follow from the source's spacing.
    """

    bounds: tuple[float, float, float, float]
    cell_m: float
    relief_m: float
    max_level: int
    error_m: float | None = None

    @property
    def height_step(self) -> float:
        """The lattice of heights in metres, a power of two: exact in float32, fine enough for the relief."""
        return 2.0 ** math.ceil(math.log2(max(self.relief_m, 1.0) * 1.05 / _FULL))

    def tolerance(self, z: int) -> float:
        """How far level z may leave the ground, in metres: twice as far with each level up.

        The finest: a sixth of what is promised for a coarse source, half for a fine one; houses stand on it.
        No level is off by more than a quarter of what clients take it for, or half where the recipe asks so.
        """
        finest = max(0.25, self.cell_m / 60.0) if self.error_m is None else self.error_m
        share = 4 if self.error_m is None else 2
        return min(finest * 2.0 ** (self.max_level - z), LEVEL_0_ERROR_M / share / 2.0**z)

    def promise(self, z: int) -> float:
        """How far level z must not leave the ground, in metres; the finest answers to the source's cells."""
        level = LEVEL_0_ERROR_M / 2.0**z
        finest = max(0.5, self.cell_m / 10.0) if self.error_m is None else 2.0 * self.error_m
        return min(level, finest) if z >= finest_level(self.cell_m) else level

    def tiles(self, z: int) -> tuple[range, range]:
        """Columns and rows of level z: both roots at level 0, below it what touches the bounds."""
        if z == 0:
            return range(2), range(1)
        west, south, east, north = self.bounds
        columns, rows = columns_rows(z, [west, east], [south, north])
        return range(int(columns[0]), int(columns[1]) + 1), range(int(rows[0]), int(rows[1]) + 1)

    def count(self) -> int:
        """How many tiles all levels have."""
        spans = (self.tiles(z) for z in range(self.max_level + 1))
        return sum(len(columns) * len(rows) for columns, rows in spans)


@dataclass(frozen=True)
class TerrainTile:
    """The mesh of a tile. u, v, height: uint16 (n,) of quantized-mesh; triangles: uint32 (t, 3).

    normals: float64 (n, 3), ECEF. error_m: the farthest that the drawn surface lies from the ground, measured
    at all grid vertices and in the middle of each cell.
    """

    tile: Tile
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    height: NDArray[np.uint16]
    triangles: NDArray[np.uint32]
    min_height: float
    max_height: float
    normals: NDArray[np.float64]
    error_m: float


def finest_level(cell_m: float) -> int:
    """The level whose tiles span at most 32 cells of the source (13 for 90 m, 17 for 5 m)."""
    side_0 = math.pi * SEMI_MAJOR_M
    return max(0, min(22, math.ceil(math.log2(side_0 / (cell_m * _SOURCE_CELLS)))))


def make_level(pyramid: Pyramid, z: int, surface: Surface) -> Iterator[TerrainTile]:
    """The tiles of level z, in blocks. surface(lon (c,), lat (r,)) gives ellipsoidal heights (r, c)."""
    columns, rows = pyramid.tiles(z)
    side = math.isqrt(_BLOCK_NODES) // _CELLS - 2
    for west in range(columns.start, columns.stop, side):
        for south in range(rows.start, rows.stop, side):
            block = _Block(
                z,
                range(west, min(west + side, columns.stop)),
                range(south, min(south + side, rows.stop)),
                (columns, rows),
            )
            yield from _make_block(pyramid, block, surface)


@dataclass(frozen=True)
class _Block:
    """Tiles worked on together. A ring of neighbours is looked at too where the level goes on (`level`)."""

    z: int
    columns: range
    rows: range
    level: tuple[range, range]

    def seen(self) -> tuple[range, range]:
        all_columns, all_rows = self.level
        return (
            range(
                max(self.columns.start - 1, all_columns.start), min(self.columns.stop + 1, all_columns.stop)
            ),
            range(max(self.rows.start - 1, all_rows.start), min(self.rows.stop + 1, all_rows.stop)),
        )

    def axes(self, shift: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes of the grid of all tiles seen; a shift of 0.5: of its cells' middles."""
        columns, rows = self.seen()
        cell = math.pi / (1 << self.z) / _CELLS
        lon = np.arange(columns.start * _CELLS + shift, columns.stop * _CELLS + 1 - shift, dtype=np.float64)
        lat = np.arange(rows.start * _CELLS + shift, rows.stop * _CELLS + 1 - shift, dtype=np.float64)
        return lon * cell - math.pi, lat * cell - math.pi / 2

    def corners(self) -> NDArray[np.int64]:
        """Row and column in the grid of the south-west corner of each tile of the block."""
        columns, rows = self.seen()
        row, column = np.meshgrid(self.rows, self.columns)
        corners = np.column_stack([row.ravel() - rows.start, column.ravel() - columns.start])
        return np.asarray(corners * _CELLS, np.int64)


def _make_block(pyramid: Pyramid, block: _Block, surface: Surface) -> Iterator[TerrainTile]:
    lon, lat = block.axes()
    exact = surface(lon, lat)
    step = pyramid.height_step
    heights = np.round(exact / step) * step
    errors = errors_of(heights, _CELLS, _sag(lat, lat[1] - lat[0]))
    keep = (errors > pyramid.tolerance(block.z)) | forced(heights.shape, _CELLS, _LEAST_CELLS)
    drawn = simplified(heights, keep, _CELLS)
    off = _off(drawn, exact, surface(*block.axes(0.5)))
    normals = _normals(exact, lon, lat)
    corners = block.corners()
    triangles, owner = triangles_of(keep, _CELLS, corners)
    bounds = np.searchsorted(owner, np.arange(len(corners) + 1))
    for number, (row, column) in enumerate(corners.tolist()):
        mine = triangles[bounds[number] : bounds[number + 1]]
        tile = Tile(block.z, block.columns[number // len(block.rows)], block.rows[number % len(block.rows)])
        error_m = float(off[row : row + _CELLS, column : column + _CELLS].max())
        yield _tile(tile, mine, (row, column), heights, normals, error_m, step)


def _off(
    drawn: NDArray[np.float64], exact: NDArray[np.float64], middles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far the drawn surface lies from the ground in each cell: at its corners and in its middle."""
    corners = np.abs(drawn - exact)
    sides = np.maximum(corners[:-1], corners[1:])
    inner = np.abs(diagonal_middles(drawn, 1) - middles)
    return np.asarray(np.maximum(np.maximum(sides[:, :-1], sides[:, 1:]), inner))


def _sag(lat: NDArray[np.float64], cell: float) -> tuple[float, float]:
    """How far the globe rises over the middle of a chord one cell long, along parallel and meridian."""
    widest = 1.0 if lat[0] < 0.0 < lat[-1] else float(np.cos(np.abs(lat).min()))
    return SEMI_MAJOR_M * (cell * widest) ** 2 / 8.0, SEMI_MAJOR_M * cell**2 / 8.0


def _normals(
    heights: NDArray[np.float64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Slopes to the east and to the north at each grid vertex: float32 (r, c, 2)."""
    north, east = np.gradient(heights, SEMI_MAJOR_M * (lat[1] - lat[0]), SEMI_MAJOR_M * (lon[1] - lon[0]))
    wide = np.maximum(np.cos(lat), 1e-3)[:, None]  # a pole has no east
    return np.stack([east / wide, north], axis=-1).astype(np.float32)


def _to_ecef(
    slopes: NDArray[np.float32], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Unit normals in ECEF (n, 3) from slopes to the east and north (n, 2)."""
    up = 1.0 / np.sqrt(1.0 + (slopes.astype(np.float64) ** 2).sum(axis=1))
    east, north = -slopes[:, 0] * up, -slopes[:, 1] * up
    sin_lon, cos_lon, sin_lat, cos_lat = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    outward = up * cos_lat - north * sin_lat
    return np.column_stack(
        [
            outward * cos_lon - east * sin_lon,
            outward * sin_lon + east * cos_lon,
            north * cos_lat + up * sin_lat,
        ]
    )


def _tile(
    tile: Tile,
    triangles: NDArray[np.int64],
    corner: tuple[int, int],
    heights: NDArray[np.float64],
    slopes: NDArray[np.float32],
    error_m: float,
    step: float,
) -> TerrainTile:
    row, column, indices = _vertices(triangles, heights.shape[1])
    local = np.stack([column - corner[1], row - corner[0]])
    u, v = np.round(local * (_FULL / _CELLS)).astype(np.uint16)
    here = heights[row, column]
    low, high = _height_range(float(here.min()), float(here.max()), step)
    west, south, east, north = tile.region_rad
    lon, lat = west + (east - west) * local[0] / _CELLS, south + (north - south) * local[1] / _CELLS
    return TerrainTile(
        tile,
        u,
        v,
        np.round((here - low) * (_FULL / (high - low))).astype(np.uint16),
        indices,
        low,
        high,
        _to_ecef(slopes[row, column], lon, lat),
        error_m,
    )


def _vertices(
    triangles: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """Row and column of each vertex in the order of first use, and the triangles as indices of them."""
    nodes = (triangles[..., 0] * width + triangles[..., 1]).ravel()
    unique, first, inverse = np.unique(nodes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    row, column = np.divmod(unique[order], width)
    return row, column, rank[inverse].reshape(-1, 3)


def _height_range(low: float, high: float, step: float) -> tuple[float, float]:
    """Ends of the height scale such that every lattice height between is met exactly.

    32767 = 7 * 31 * 151, so a scale of 7, 217, 1057, 4681 or 32767 lattice steps has each of them on a whole
    number: neighbours then decode the same height on their shared edge. The spare room lies below the ground,
    where it does not bring the tile nearer to the eye.
    """
    need = round((high - low) / step)
    assert need <= _FULL
    steps = next(s for s in (7, 31, 151, 217, 1057, 4681, _FULL) if s >= need)
    return high - steps * step, high
