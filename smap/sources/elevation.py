"""Heights at positions from rasters in memory or in files, several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.geo.crs import Crs, from_lonlat, to_lonlat
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.lattice import Lattice, bilinear, bilinear_grid, lattice_of, nearest, span_of, stretched
from smap.sources.overviews import Overviews

__all__ = ["Elevation", "Raster", "Samples"]

# Projected positions are interpolated between lattice points this far apart: a transverse Mercator grid bends
# by d^2/8 * tan(lat)/R, 1.4 mm here
_LATTICE_M = 300.0
_FEW_ROWS = 64
"""Rows of a grid of which parts beside a raster are looked at together."""


@dataclass(frozen=True)
class Samples:
    """Heights at positions, all of one shape.

    height: float64 metres above the source's own datum; where the source knows nothing, of the nearest cell
    that is known. valid: whether the source knows. beyond: metres to the raster's outline, 0 inside. inset:
    metres from within to where the source ends, about; 0 outside, and where it was not asked for.
    """

    height: NDArray[np.float64]
    valid: NDArray[np.bool_]
    beyond: NDArray[np.float64]
    inset: NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """An elevation raster with its averages by twos, in memory or in files.

    overviews: its cells, rows from the north. to_cell: (2, 3), from x and y to column and row counted from
    the first cell's outer corner. bounds: west, south, east, north in radians. cell_m: the side of a cell.
    span_m: the lowest and the highest known height.
    """

    path: Path
    crs: Crs
    overviews: Overviews
    to_cell: NDArray[np.float64]
    bounds: tuple[float, float, float, float]
    cell_m: float
    span_m: tuple[float, float]
    warnings: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.overviews.heights[0].shape

    def heights_at(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.float32]:
        """The heights of single cells."""
        return self.overviews.heights[0].at(row, column)

    def sample(self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, inset: bool = False) -> Samples:
        """Heights at positions (radians, any one shape), bilinear between the centres of cells.

        inset: whether it is asked for too.
        """
        near_lon, near_lat, outside = _clamped(self.bounds, lon, lat)
        row, column = self._cells_at(near_lon, near_lat)
        height = bilinear(self.overviews.heights[0], row - 0.5, column - 0.5)
        beyond = self._beyond(row, column, outside)
        return self._described(height, row, column, beyond, 0, inset=inset)

    def sample_grid(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, inset: bool = False
    ) -> Samples:
        """Heights where columns at lon (c,) cross rows at lat (r,): shapes (r, c). Positions within 2 mm.

        Where rows lie farther apart than cells these are averaged. A place has the same height in any grid
        of the same spacing.
        """
        west, south, east, north = self.bounds
        near_lon, near_lat = np.clip(lon, west, east), np.clip(lat, south, north)
        level = self._level(lat)
        # positions may be off by as much more as cells are wider: 2 mm for each 30 m
        apart = _LATTICE_M * max(1.0, (1 << level) * self.cell_m / _LATTICE_M * 4.0)
        across, up = lattice_of(near_lon, apart), lattice_of(near_lat, apart)
        cells = self._cells_at(*np.meshgrid(across.places, up.places))
        scale = 1.0 / (1 << level)
        at = [values * scale - 0.5 for values in cells]
        height = bilinear_grid(self.overviews.heights[level], at[0], at[1], up, across)
        beyond = self._beyond_grid(cells, up, across, (lon, lat))
        if inset or self.overviews.known is not None:
            row, column = (stretched(values, up, across) for values in cells)
            return self._described(height, row, column, beyond, level, inset=inset)
        return Samples(height, beyond == 0.0, beyond, np.broadcast_to(0.0, height.shape))

    def known_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where `sample_grid` of the finest cells would be valid."""
        near_lon, near_lat, outside = _clamped_grid(self.bounds, lon, lat)
        across, up = lattice_of(near_lon, _LATTICE_M), lattice_of(near_lat, _LATTICE_M)
        cells = self._cells_at(*np.meshgrid(across.places, up.places))
        if self.overviews.known is None and outside.size == 1 and self._are_within(*cells):
            return np.ones((len(lat), len(lon)), bool)
        row, column = (stretched(values, up, across) for values in cells)
        rows, columns = self.shape
        within = (row >= 0.0) & (row <= rows) & (column >= 0.0) & (column <= columns) & (outside == 0.0)
        if self.overviews.known is not None:
            within &= nearest(self.overviews.known[0], row, column)
        return np.asarray(within)

    @property
    def has_gaps(self) -> bool:
        """Whether some of its cells are unknown."""
        return self.overviews.known is not None

    def known_places(self, apart_m: float) -> NDArray[np.float64]:
        """Longitude and latitude (n, 2) in radians of the middles of cells that are known or hold such,
        of the level whose cells are as wide as may be, but no wider than asked for.
        """
        assert self.overviews.known is not None
        wanted = max(0, int(np.floor(np.log2(max(apart_m / self.cell_m, 1.0)))))
        level = min(wanted, len(self.overviews.known) - 1)
        known, found = self.overviews.known[level], []
        (a, b, c), (d, e, f) = self.to_cell
        for strip in known.strips():
            row, column = np.nonzero(known.window(strip, slice(None)))
            at = np.stack([column + 0.5, row + strip.start + 0.5]) * (1 << level) - [[c], [f]]
            x, y = np.linalg.solve([[a, b], [d, e]], at)
            found.append(np.column_stack(to_lonlat(self.crs, x, y)))
        return np.concatenate(found)

    def _beyond_grid(
        self,
        cells: Sequence[NDArray[np.float64]],
        up: Lattice,
        across: Lattice,
        axes: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Metres to the outline where columns cross rows, worked out only near places that are outside."""
        lon, lat = axes
        west, south, east, north = self.bounds
        beside, apart = (lon < west) | (lon > east), (lat < south) | (lat > north)
        out = np.logical_or.reduce([(at < 0.0) | (at > n) for at, n in zip(cells, self.shape, strict=True)])
        if not (out.any() or beside.any() or apart.any()):
            return np.broadcast_to(0.0, (len(lat), len(lon)))
        # a cell of the lattice is out where one of its corners is
        out = out[:-1] | out[1:]
        out = out[:, :-1] | out[:, 1:]
        beyond = np.zeros((len(lat), len(lon)))
        for begin in range(0, len(lat), _FEW_ROWS):
            rows = slice(begin, begin + _FEW_ROWS)
            near = out[up.before[rows].min() : up.before[rows].max() + 1].any(axis=0)[across.before]
            columns = span_of(near | beside | apart[rows].any())
            if columns.start < columns.stop:
                row, column = (stretched(at, up.part(rows), across.part(columns)) for at in cells)
                outside = _clamped_grid(self.bounds, lon[columns], lat[rows])[2]
                beyond[rows, columns] = self._beyond(row, column, outside)
        return beyond

    def _beyond(
        self, row: NDArray[np.float64], column: NDArray[np.float64], outside: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        rows, columns = self.shape
        if self._are_within(row, column):
            return outside
        over = column - np.clip(column, 0.0, columns)
        under = row - np.clip(row, 0.0, rows)
        return np.asarray(np.hypot(outside, np.hypot(over, under) * self.cell_m))

    def _are_within(self, row: NDArray[np.float64], column: NDArray[np.float64]) -> bool:
        rows, columns = self.shape
        inside = row.min() >= 0.0 and column.min() >= 0.0 and row.max() <= rows and column.max() <= columns
        return bool(inside)

    def _level(self, lat: NDArray[np.float64]) -> int:
        apart = SEMI_MAJOR_M * float(lat[1] - lat[0]) if len(lat) > 1 else 0.0
        wanted = int(np.floor(np.log2(max(apart / self.cell_m, 1.0)) + 1e-6))
        return min(wanted, len(self.overviews.heights) - 1)

    def _cells_at(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rows and columns, counted from the outer corner of the first cell."""
        x, y = from_lonlat(self.crs, lon, lat)
        column, row = (a * x + b * y + c for a, b, c in self.to_cell)
        return row, column

    def _described(
        self,
        height: NDArray[np.float64],
        row: NDArray[np.float64],
        column: NDArray[np.float64],
        beyond: NDArray[np.float64],
        level: int,
        *,
        inset: bool,
    ) -> Samples:
        valid = np.broadcast_to(beyond == 0.0, row.shape)
        if self.overviews.known is not None:
            scale = 1.0 / (1 << level)
            valid = valid & nearest(self.overviews.known[level], row * scale, column * scale)
        return Samples(
            height,
            valid,
            np.broadcast_to(beyond, row.shape),
            self._inset(row, column) if inset else np.broadcast_to(0.0, row.shape),
        )

    def _inset(self, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres to the outline and to what is unknown, the latter by the cells of a coarse level."""
        rows, columns = self.shape
        across, up = np.minimum(column, columns - column), np.minimum(row, rows - row)
        inset = np.maximum(np.minimum(across, up), 0.0) * self.cell_m
        if self.overviews.to_gap is None:
            return np.asarray(inset)
        level, cells = self.overviews.to_gap
        scale = 1.0 / (1 << level)
        to_gap = bilinear(cells, row * scale - 0.5, column * scale - 0.5) * (self.cell_m / scale)
        return np.asarray(np.minimum(inset, to_gap))


@dataclass(frozen=True)
class Elevation:
    """Several rasters as one: at each position the first that knows, else the nearest.

    Towards its edge each gives way to those that know the ground there too, over four cells of the coarsest
    of them all, or a quarter of its own shorter side.
    """

    rasters: tuple[Raster, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of them all in radians."""
        west, south, east, north = zip(*(raster.bounds for raster in self.rasters), strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def cell_m(self) -> float:
        """The side of the finest cell."""
        return min(raster.cell_m for raster in self.rasters)

    @property
    def span_m(self) -> tuple[float, float]:
        """The lowest and the highest known height."""
        lows, highs = zip(*(raster.span_m for raster in self.rasters), strict=True)
        return min(lows), max(highs)

    def sample_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """As `Raster.sample_grid`."""
        several = len(self.rasters) > 1
        return self._one([raster.sample_grid(lon, lat, inset=several) for raster in self.rasters])

    def known_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where any of them knows the ground, as `Raster.known_grid`."""
        return np.asarray(np.logical_or.reduce([raster.known_grid(lon, lat) for raster in self.rasters]))

    def sample(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """As `Raster.sample`."""
        several = len(self.rasters) > 1
        return self._one([raster.sample(lon, lat, inset=several) for raster in self.rasters])

    def _one(self, found: Sequence[Samples]) -> Samples:
        if len(found) == 1:
            return found[0]
        coarsest = max(raster.cell_m for raster in self.rasters)
        best = found[-1]
        for raster, over in zip(reversed(self.rasters[:-1]), reversed(found[:-1]), strict=True):
            best = _laid_over(best, over, min(4.0 * coarsest, raster.cell_m * min(raster.shape) / 4.0))
        return best


def _laid_over(below: Samples, over: Samples, feather_m: float) -> Samples:
    """One on top of others: where both know the ground it comes in over so many metres from its edge."""
    share = np.where(below.valid, np.clip(over.inset / feather_m, 0.0, 1.0), 1.0)
    share = share * share * (3.0 - 2.0 * share) * over.valid
    near = ~over.valid & ~below.valid & (over.beyond <= below.beyond)
    share = np.where(near, 1.0, share)
    return Samples(
        below.height + share * (over.height - below.height),
        below.valid | over.valid,
        np.minimum(below.beyond, over.beyond),
        np.maximum(below.inset, over.inset),
    )


def _clamped(
    bounds: tuple[float, float, float, float], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The nearest positions within the bounds and how far away they are, in metres."""
    west, south, east, north = bounds
    near_lon, near_lat = np.clip(lon, west, east), np.clip(lat, south, north)
    outside = SEMI_MAJOR_M * np.hypot((lon - near_lon) * np.cos(near_lat), lat - near_lat)
    return near_lon, near_lat, outside


def _clamped_grid(
    bounds: tuple[float, float, float, float], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """As `_clamped`, of axes; all within the bounds are one 0."""
    west, south, east, north = bounds
    near_lon, near_lat = np.clip(lon, west, east), np.clip(lat, south, north)
    if np.array_equal(near_lon, lon) and np.array_equal(near_lat, lat):
        return lon, lat, np.zeros((1, 1))
    return near_lon, near_lat, _clamped(bounds, lon[None, :], lat[:, None])[2]
