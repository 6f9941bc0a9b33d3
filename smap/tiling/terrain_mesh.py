"""The triangles of terrain tiles, a block of them at once, from any surface that gives heights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import ECCENTRICITY_2, SEMI_MAJOR_M
from smap.geo.grid import Tile
from smap.tiling.terrain import FULL, LEAST_SQUARES, RING, Block, Pyramid
from smap.tiling.terrain_rtin import (
    Board,
    cells_of,
    drawn_heights,
    kept_vertices,
    middles_of,
    sides_of,
    squares_of,
    triangles_of,
)

__all__ = ["Surface", "TerrainTiles", "make_block"]

Surface = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class TerrainTiles:
    """The meshes of k tiles, one after another.

    vertices, triangles: int64 (k + 1,), where each tile's begin in u, v, height (uint16 (n,) of
    quantized-mesh), positions (float64 (3, n), ECEF as drawn) and normals (float64 (3, n), ECEF), and in
    corners: int32 (t, 3), numbers of vertices through all tiles, in the order of first use. span: float32
    (k, 2), the ends of the scale of heights. error_m: float64 (k,), the farthest that the drawn surface lies
    from the ground, measured at all grid vertices and in the middle of each cell.
    """

    tiles: tuple[Tile, ...]
    vertices: NDArray[np.int64]
    triangles: NDArray[np.int64]
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    height: NDArray[np.uint16]
    corners: NDArray[np.int32]
    positions: NDArray[np.float64]
    normals: NDArray[np.float64]
    span: NDArray[np.float32]
    error_m: NDArray[np.float64]


def make_block(pyramid: Pyramid, block: Block, surface: Surface) -> TerrainTiles:
    """The tiles of a block. surface(lon (c,), lat (r,)) gives ellipsoidal heights (r, c)."""
    lon, lat = block.axes()
    exact = surface(lon, lat)
    step, m = pyramid.height_step, block.square
    # whole steps of a power of two, of which float32 holds far more than a relief has
    steps = np.rint(exact / step).astype(np.float32)
    middles = np.rint(surface(*block.middles()) / step).astype(np.float32)
    board = Board(squares_of(steps, m), cells_of(middles, m), block.rising())
    sag = _sag(lat, block.cell)
    wanted = _on_sides(steps, block, pyramid.side_tolerance(block.z) / step)
    keep = kept_vertices(board, pyramid.tolerance(block.z) / step, (sag[0] / step, sag[1] / step), wanted)
    own = slice(RING, -RING)
    board, keep = board.part(own, own), keep[..., own, own]
    off = _off(board, drawn_heights(board, keep))
    error_m = off.reshape(len(block.rows), LEAST_SQUARES, len(block.columns), LEAST_SQUARES).max(axis=(1, 3))
    found = _numbered(keep, board.rising, block)
    return _tiles(block, found, _Ground(exact, steps, lon, lat, step), error_m.T.ravel() * step)


def _on_sides(steps: NDArray[np.float32], block: Block, tolerance: float) -> NDArray[np.bool_]:
    """What sides of tiles keep so that they lie near those one level up, by squares."""
    first, n = RING * block.square, block.cells
    wanted = np.zeros(steps.shape, bool)
    wanted[first::n] = sides_of(steps[first::n], block.square, tolerance)
    wanted[:, first::n] |= sides_of(steps[:, first::n].T, block.square, tolerance).T
    return squares_of(wanted, block.square)


def _off(board: Board, drawn: NDArray[np.float32]) -> NDArray[np.float32]:
    """The farthest that the drawn surface lies from the ground in each square, in steps of the lattice of
    heights: at nodes and in the middle of cells, whose heights are off by half a step themselves.
    """
    nodes, inner = np.abs(drawn - board.nodes), np.abs(middles_of(drawn) - board.middles)
    return np.asarray(np.maximum(nodes.max(axis=(0, 1)), inner.max(axis=(0, 1))) + np.float32(0.5))


@dataclass(frozen=True)
class _Numbered:
    """Triangles and vertices of all tiles as in `TerrainTiles`. tile: of each vertex; row, column: in it."""

    vertices: NDArray[np.int64]
    triangles: NDArray[np.int64]
    corners: NDArray[np.int32]
    tile: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]


def _numbered(keep: NDArray[np.bool_], rising: NDArray[np.bool_], block: Block) -> _Numbered:
    order, place = _squares_in_order(block)
    width = block.cells + 1
    by_square = keep.reshape(len(keep) ** 2, -1)[:, order]
    square, nodes = triangles_of(by_square, rising.ravel()[order], width)
    nodes = (nodes + place[square][:, None]).ravel()
    per_tile = LEAST_SQUARES**2
    count = len(order) // per_tile
    triangles = np.searchsorted(square, np.arange(count + 1) * per_tile)
    is_first, corners = _in_order_of_use(nodes, count * width**2)
    begins = np.append(np.flatnonzero(is_first), len(nodes))
    vertices = np.searchsorted(begins, 3 * triangles)
    tile = np.repeat(np.arange(count), np.diff(vertices))
    row, column = np.divmod(nodes[begins[:-1]] - tile * width**2, width)
    return _Numbered(vertices, triangles, corners.reshape(-1, 3), tile, row, column)


def _squares_in_order(block: Block) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The squares of a block's own tiles, tile by tile, and of each the place of its south-west corner among
    the nodes of all tiles, each tile's apart.
    """
    rows, columns, side = len(block.rows), len(block.columns), LEAST_SQUARES
    row, column = _along_a_curve(side)
    tile_column, tile_row = (a.ravel()[:, None] for a in np.mgrid[:columns, :rows])
    order = (tile_row * side + row) * (columns * side) + tile_column * side + column
    width = block.cells + 1
    first = np.arange(rows * columns)[:, None] * width**2
    place = first + row * (block.square * width) + column * block.square
    return order.ravel(), place.ravel().astype(np.int32)


@cache
def _along_a_curve(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of all squares of a tile, most of them beside the one before: a Z-order curve."""
    number = np.arange(side**2)
    bits = range(side.bit_length() - 1)
    row, column = (sum((number >> 2 * b + shift & 1) << b for b in bits) for shift in (1, 0))
    return np.asarray(row), np.asarray(column)


def _in_order_of_use(nodes: NDArray[np.int32], count: int) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Where each of so many nodes comes first, and every node's number in the order of these."""
    seen = np.empty(count, np.int32)
    at = np.arange(len(nodes), dtype=np.int32)
    seen[nodes[::-1]] = at[::-1]
    first = seen[nodes]
    is_first = first == at
    return is_first, (np.cumsum(is_first, dtype=np.int32) - 1)[first]


@dataclass(frozen=True)
class _Ground:
    """The heights of a block's grid, as they are and in whole steps, and its axes."""

    exact: NDArray[np.float64]
    steps: NDArray[np.float32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    step: float

    def slopes(
        self, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """To the east and to the north at nodes of the grid, over two cells."""
        width = self.exact.shape[1]
        flat, at = self.exact.ravel(), row * width + column
        up = flat[at + width] - flat[at - width]
        across = flat[at + 1] - flat[at - 1]
        two_cells = np.maximum(self.lat[2:] - self.lat[:-2], 1e-12)  # none lie beyond a pole
        per_row = 1.0 / (SEMI_MAJOR_M * two_cells)
        # a pole has no east
        wide = 1.0 / np.maximum(np.cos(self.lat), 1e-3) / (SEMI_MAJOR_M * (self.lon[2] - self.lon[0]))
        return across * wide[row], up * per_row[row - 1]


def _tiles(block: Block, found: _Numbered, ground: _Ground, error_m: NDArray[np.float64]) -> TerrainTiles:
    tile_column, tile_row = np.divmod(found.tile, len(block.rows))
    ring = RING * block.square
    row = tile_row * block.cells + found.row + ring
    column = tile_column * block.cells + found.column + ring
    at = np.rint(np.arange(block.cells + 1) * (FULL / block.cells))
    steps = ground.steps[row, column].astype(np.int64)
    low, scale = _height_scales(steps, found.vertices[:-1])
    span = np.stack([low, low + scale], axis=1)
    axes = _Axes.of(block, at)
    frame = axes.at(tile_column * len(at) + found.column, tile_row * len(at) + found.row)
    return TerrainTiles(
        block.tiles(),
        found.vertices,
        found.triangles,
        at.astype(np.uint16)[found.column],
        at.astype(np.uint16)[found.row],
        ((steps - low[found.tile]) * (FULL // scale)[found.tile]).astype(np.uint16),
        found.corners,
        frame.positions(np.asarray(steps * ground.step, np.float64)),
        frame.to_ecef(*ground.slopes(row, column)),
        (span * ground.step).astype(np.float32),
        error_m,
    )


@dataclass(frozen=True)
class _Axes:
    """Sines and cosines of the longitudes and latitudes of vertices, each tile's apart."""

    sin_lon: NDArray[np.float64]
    cos_lon: NDArray[np.float64]
    sin_lat: NDArray[np.float64]
    cos_lat: NDArray[np.float64]

    @classmethod
    def of(cls, block: Block, at: NDArray[np.float64]) -> _Axes:
        """Where so many of `FULL` parts lie in each column and row of tiles."""
        span = math.pi / (1 << block.z)
        lon, lat = (
            (np.array(tiles)[:, None] + at / FULL).ravel() * span for tiles in (block.columns, block.rows)
        )
        lon, lat = lon - math.pi, lat - math.pi / 2
        return cls(np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat))

    def at(self, column: NDArray[np.int64], row: NDArray[np.int64]) -> _Axes:
        """Those of single vertices."""
        return _Axes(self.sin_lon[column], self.cos_lon[column], self.sin_lat[row], self.cos_lat[row])

    def positions(self, heights: NDArray[np.float64]) -> NDArray[np.float64]:
        """ECEF (3, n) at ellipsoidal heights (n,)."""
        normal = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * self.sin_lat**2)
        across = (normal + heights) * self.cos_lat
        up = (normal * (1.0 - ECCENTRICITY_2) + heights) * self.sin_lat
        return np.stack([across * self.cos_lon, across * self.sin_lon, up])

    def to_ecef(self, to_east: NDArray[np.float64], to_north: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit normals in ECEF (3, n) from slopes to the east and north (n,) each."""
        up = 1.0 / np.sqrt(1.0 + to_east**2 + to_north**2)
        east, north = -to_east * up, -to_north * up
        outward = up * self.cos_lat - north * self.sin_lat
        return np.stack(
            [
                outward * self.cos_lon - east * self.sin_lon,
                outward * self.sin_lon + east * self.cos_lon,
                north * self.cos_lat + up * self.sin_lat,
            ]
        )


def _sag(lat: NDArray[np.float64], cell: float) -> tuple[float, float]:
    """How far the globe rises over the middle of a chord one cell long, along parallel and meridian."""
    widest = 1.0 if lat[0] < 0.0 < lat[-1] else float(np.cos(np.abs(lat).min()))
    return SEMI_MAJOR_M * (cell * widest) ** 2 / 8.0, SEMI_MAJOR_M * cell**2 / 8.0


def _height_scales(
    steps: NDArray[np.int64], first: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The foot and the length of each tile's scale of heights, such that every lattice height is met exactly.

    32767 = 7 * 31 * 151, so a scale of 7, 217, 1057, 4681 or 32767 lattice steps has each of them on a whole
    number: neighbours then decode the same height on their shared edge. The spare room lies below the ground,
    where it does not bring the tile nearer to the eye.
    """
    scales = np.array((7, 31, 151, 217, 1057, 4681, FULL))
    high = np.maximum.reduceat(steps, first)
    need = high - np.minimum.reduceat(steps, first)
    assert need.max() <= FULL
    scale = scales[np.searchsorted(scales, need)]
    return high - scale, scale
