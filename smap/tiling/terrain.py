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

__all__ = [
    "LEVEL_0_ERROR_M",
    "Block",
    "Pyramid",
    "TerrainTile",
    "blocks_of",
    "finest_level",
    "make_block",
    "make_level",
]

# What clients take as the error of level 0, halved by each level: 2 pi a / 4 / (65 * 2 columns)
# (CesiumJS, TerrainProvider.getEstimatedLevelZeroGeometricErrorForAHeightmap)
LEVEL_0_ERROR_M = 2.0 * math.pi * SEMI_MAJOR_M * 0.25 / (65 * 2)

_FULL = 32767  # u, v and height of quantized-mesh
_SOURCE_CELLS = 32  # a finest tile spans no more cells of the source than this
# A side of the grid on which the vertices of a tile lie. With 64 the drawn ridges of the 90 m model were off
# by up to 5.6 m, with 128 by 3.6 m; 256 at coarse levels took twice the time and bettered their errors little
# A recipe that asks for an error of its own gets 64, a quarter of the work
_CELLS, _CELLS_ASKED = 128, 64
_LEAST_CELLS = 8  # a triangle hangs below the globe by 4 mm at most at level 13
_BLOCK_NODES = 1_700_000  # nodes worked on at once: 14 MB for each array of them

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
        No level is off by more than a quarter of what clients take it for, or two sevenths where the recipe
        asks so: beside a level that may be off twice as far no gap is wider than that (6/7, and what averages
        of the source differ).
        """
        finest = max(0.25, self.cell_m / 60.0) if self.error_m is None else self.error_m
        share = 4.0 if self.error_m is None else 3.5
        return min(finest * 2.0 ** (self.max_level - z), LEVEL_0_ERROR_M / share / 2.0**z)

    def promise(self, z: int) -> float:
        """How far level z must not leave the ground, in metres; the finest answers to the source's cells."""
        level = LEVEL_0_ERROR_M / 2.0**z
        finest = max(0.5, self.cell_m / 10.0) if self.error_m is None else 2.0 * self.error_m
        return min(level, finest) if z >= finest_level(self.cell_m) else level

    @property
    def cells(self) -> int:
        """Cells a side of the grid on which the vertices of a tile lie."""
        return _CELLS if self.error_m is None else _CELLS_ASKED

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
    for block in blocks_of(pyramid, z):
        yield from make_block(pyramid, block, surface)


def blocks_of(pyramid: Pyramid, z: int) -> Iterator[Block]:
    """What of level z is worked on together; blocks may be made apart and in any order."""
    columns, rows = pyramid.tiles(z)
    side = math.isqrt(_BLOCK_NODES) // pyramid.cells - 2
    for west in range(columns.start, columns.stop, side):
        for south in range(rows.start, rows.stop, side):
            yield Block(
                z,
                range(west, min(west + side, columns.stop)),
                range(south, min(south + side, rows.stop)),
                (columns, rows),
                pyramid.cells,
            )


@dataclass(frozen=True)
class Block:
    """Tiles worked on together, of `cells` a side. A ring of neighbours is looked at too where the level goes
    on (`level`).
    """

    z: int
    columns: range
    rows: range
    level: tuple[range, range]
    cells: int

    @property
    def region_deg(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees of all that is looked at."""
        side = 180.0 / (1 << self.z)
        columns, rows = self.seen()
        west, east = columns.start * side - 180.0, columns.stop * side - 180.0
        return west, rows.start * side - 90.0, east, rows.stop * side - 90.0

    def seen(self) -> tuple[range, range]:
        """Columns and rows of the tiles looked at: its own, and their neighbours."""
        all_columns, all_rows = self.level
        return (
            range(
                max(self.columns.start - 1, all_columns.start), min(self.columns.stop + 1, all_columns.stop)
            ),
            range(max(self.rows.start - 1, all_rows.start), min(self.rows.stop + 1, all_rows.stop)),
        )

    def axes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes of the grid of all tiles seen."""
        columns, rows = self.seen()
        return self._axis(columns, 0.0) - math.pi, self._axis(rows, 0.0) - math.pi / 2

    def middles(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Those of the middles of all cells of its own tiles."""
        return self._axis(self.columns, 0.5) - math.pi, self._axis(self.rows, 0.5) - math.pi / 2

    def _axis(self, tiles: range, shift: float) -> NDArray[np.float64]:
        count = len(tiles) * self.cells + (1 if shift == 0.0 else 0)
        nodes = np.arange(count, dtype=np.float64) + (tiles.start * self.cells + shift)
        return nodes * (math.pi / (1 << self.z) / self.cells)

    def corners(self) -> NDArray[np.int64]:
        """Row and column in the grid of the south-west corner of each tile of the block."""
        columns, rows = self.seen()
        row, column = np.meshgrid(self.rows, self.columns)
        corners = np.column_stack([row.ravel() - rows.start, column.ravel() - columns.start])
        return np.asarray(corners * self.cells, np.int64)


def make_block(pyramid: Pyramid, block: Block, surface: Surface) -> Iterator[TerrainTile]:
    """The tiles of a block; surface as in `make_level`."""
    lon, lat = block.axes()
    exact = surface(lon, lat)
    step = pyramid.height_step
    # whole steps of a power of two, of which float32 holds far more than a relief has
    heights = (np.rint(exact / step) * step).astype(np.float32)
    n = block.cells
    errors = errors_of(heights, n, _sag(lat, lat[1] - lat[0]))
    keep = (errors > pyramid.tolerance(block.z)) | forced(heights.shape, n, _LEAST_CELLS)
    drawn = simplified(heights, keep, n)
    corners = block.corners()
    first, last = corners.min(axis=0), corners.max(axis=0) + n
    off = _off(drawn, exact, surface(*block.middles()), first, last)
    triangles, owner = triangles_of(keep, n, corners)
    bounds = np.searchsorted(owner, np.arange(len(corners) + 1))
    ground = _Ground(exact, heights, lon, lat, step)
    seen = np.empty(heights.size, np.int64)
    for number, (row, column) in enumerate(corners.tolist()):
        nodes, indices = _in_order_of_use(triangles[bounds[number] : bounds[number + 1]], seen)
        tile = Tile(block.z, block.columns[number // len(block.rows)], block.rows[number % len(block.rows)])
        top, left = row - first[0], column - first[1]
        error_m = float(off[top : top + n, left : left + n].max())
        yield _tile(tile, nodes, indices, (row, column, n), ground, error_m)


@dataclass(frozen=True)
class _Ground:
    """The heights of a block's grid, as they are and in whole steps, and its axes."""

    exact: NDArray[np.float64]
    heights: NDArray[np.float32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    step: float

    def slopes(
        self, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """To the east and to the north at nodes of the grid, over two cells where it goes on both ways."""
        rows, columns = self.exact.shape
        below, above = np.maximum(row - 1, 0), np.minimum(row + 1, rows - 1)
        left, right = np.maximum(column - 1, 0), np.minimum(column + 1, columns - 1)
        up = (self.exact[above, column] - self.exact[below, column]) / (self.lat[above] - self.lat[below])
        across = (self.exact[row, right] - self.exact[row, left]) / (self.lon[right] - self.lon[left])
        wide = np.maximum(np.cos(self.lat[row]), 1e-3)  # a pole has no east
        return across / wide / SEMI_MAJOR_M, up / SEMI_MAJOR_M


def _in_order_of_use(
    triangles: NDArray[np.int64], seen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Nodes in the order of first use, and the triangles as indices of them.

    seen: room for a number at each node of the grid; what it held is lost.
    """
    nodes = triangles.ravel()
    seen[nodes[::-1]] = np.arange(len(nodes) - 1, -1, -1)
    first = seen[nodes]
    is_first = first == np.arange(len(nodes))
    rank = np.cumsum(is_first) - 1
    return nodes[is_first], rank[first].astype(np.uint32).reshape(-1, 3)


def _off(
    drawn: NDArray[np.float32],
    exact: NDArray[np.float64],
    middles: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How far the drawn surface lies from the ground in each cell from node `first` to `last`: at its corners
    and in its middle. middles: of these cells.
    """
    rows, columns = (slice(a, b) for a, b in zip(first, last, strict=True))
    wider = tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))
    corners = np.abs(drawn[wider] - exact[wider])
    sides = np.maximum(corners[:-1], corners[1:])
    inner = np.abs(diagonal_middles(drawn, 1)[rows, columns] - middles)
    return np.asarray(np.maximum(np.maximum(sides[:, :-1], sides[:, 1:]), inner))


def _sag(lat: NDArray[np.float64], cell: float) -> tuple[float, float]:
    """How far the globe rises over the middle of a chord one cell long, along parallel and meridian."""
    widest = 1.0 if lat[0] < 0.0 < lat[-1] else float(np.cos(np.abs(lat).min()))
    return SEMI_MAJOR_M * (cell * widest) ** 2 / 8.0, SEMI_MAJOR_M * cell**2 / 8.0


def _to_ecef(
    slopes: tuple[NDArray[np.float64], NDArray[np.float64]],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Unit normals in ECEF (n, 3) from slopes to the east and north (n,) each."""
    up = 1.0 / np.sqrt(1.0 + slopes[0] ** 2 + slopes[1] ** 2)
    east, north = -slopes[0] * up, -slopes[1] * up
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
    nodes: NDArray[np.int64],
    triangles: NDArray[np.uint32],
    place: tuple[int, int, int],
    ground: _Ground,
    error_m: float,
) -> TerrainTile:
    row, column = np.divmod(nodes, ground.heights.shape[1])
    south, west, cells = place
    u, v = (np.rint((at - first) * (_FULL / cells)) for at, first in ((column, west), (row, south)))
    here = ground.heights[row, column].astype(np.float64)
    low, high = _height_range(float(here.min()), float(here.max()), ground.step)
    return TerrainTile(
        tile,
        u.astype(np.uint16),
        v.astype(np.uint16),
        np.rint((here - low) * (_FULL / (high - low))).astype(np.uint16),
        triangles,
        low,
        high,
        _to_ecef(ground.slopes(row, column), ground.lon[column], ground.lat[row]),
        error_m,
    )


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
