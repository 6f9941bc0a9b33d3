"""Heights at positions from rasters in memory or in files, several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.geo.crs import Crs, from_lonlat
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.overviews import Cells, Overviews

__all__ = ["Elevation", "Raster", "Samples"]

# Projected positions are interpolated between lattice points this far apart: a transverse Mercator grid bends
# by d^2/8 * tan(lat)/R, 1.4 mm here
_LATTICE_M = 300.0


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
        return self._read(row, column, outside, 0, inset=inset)

    def sample_grid(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, inset: bool = False
    ) -> Samples:
        """Heights where columns at lon (c,) cross rows at lat (r,): shapes (r, c). Positions within 2 mm.

        Where rows lie farther apart than cells these are averaged. A place has the same height in any grid
        of the same spacing.
        """
        near_lon, near_lat, outside = _clamped_grid(self.bounds, lon, lat)
        level = self._level(lat)
        # positions may be off by as much more as cells are wider: 2 mm for each 30 m
        apart = _LATTICE_M * max(1.0, (1 << level) * self.cell_m / _LATTICE_M * 4.0)
        across, up = _lattice(near_lon, apart), _lattice(near_lat, apart)
        cells = self._cells_at(*np.meshgrid(across.places, up.places))
        row, column = (_stretched(values, up, across) for values in cells)
        return self._read(row, column, outside, level, inset=inset)

    def known_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where `sample_grid` of the finest cells would be valid."""
        near_lon, near_lat, outside = _clamped_grid(self.bounds, lon, lat)
        across, up = _lattice(near_lon, _LATTICE_M), _lattice(near_lat, _LATTICE_M)
        cells = self._cells_at(*np.meshgrid(across.places, up.places))
        row, column = (_stretched(values, up, across) for values in cells)
        rows, columns = self.shape
        within = (row >= 0.0) & (row <= rows) & (column >= 0.0) & (column <= columns) & (outside == 0.0)
        if self.overviews.known is not None:
            within &= _nearest(self.overviews.known[0], row, column)
        return np.asarray(within)

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

    def _read(
        self,
        row: NDArray[np.float64],
        column: NDArray[np.float64],
        outside: NDArray[np.float64],
        level: int,
        *,
        inset: bool,
    ) -> Samples:
        rows, columns = self.shape
        beyond = outside
        if row.min() < 0.0 or column.min() < 0.0 or row.max() > rows or column.max() > columns:
            over = column - np.clip(column, 0.0, columns)
            under = row - np.clip(row, 0.0, rows)
            beyond = np.hypot(outside, np.hypot(over, under) * self.cell_m)
        scale = 1.0 / (1 << level)
        heights = self.overviews.heights[level]
        valid = np.broadcast_to(beyond == 0.0, row.shape)
        if self.overviews.known is not None:
            known = self.overviews.known[level]
            valid = valid & _nearest(known, row * scale, column * scale)
        return Samples(
            _bilinear(heights, row * scale - 0.5, column * scale - 0.5),
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
        to_gap = _bilinear(cells, row * scale - 0.5, column * scale - 0.5) * (self.cell_m / scale)
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


@dataclass(frozen=True)
class _Lattice:
    """Places of an axis at whole multiples of a step; of each position the place before, and how far on."""

    places: NDArray[np.float64]
    before: NDArray[np.int64]
    share: NDArray[np.float64]


def _lattice(axis: NDArray[np.float64], apart_m: float) -> _Lattice:
    step = apart_m / SEMI_MAJOR_M
    at = axis / step
    before = np.floor(at).astype(np.int64)
    first = int(before.min())
    places = np.arange(first, int(before.max()) + 2, dtype=np.float64) * step
    return _Lattice(places, before - first, at - before)


def _stretched(values: NDArray[np.float64], up: _Lattice, across: _Lattice) -> NDArray[np.float64]:
    v, u = up.share[:, None], across.share
    rows = values[up.before] * (1 - v) + values[up.before + 1] * v
    return np.asarray(rows[:, across.before] * (1 - u) + rows[:, across.before + 1] * u)


def _nearest(known: Cells, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.bool_]:
    rows, columns = (
        np.clip(np.floor(at), 0, n - 1).astype(np.int64)
        for at, n in zip((row, column), known.shape, strict=True)
    )
    top, left = int(rows.min()), int(columns.min())
    if _is_scattered(rows, columns):
        return np.asarray(known.at(rows, columns), bool)
    window = known.window(slice(top, int(rows.max()) + 1), slice(left, int(columns.max()) + 1))
    return np.asarray(window[rows - top, columns - left], bool)


def _is_scattered(row: NDArray[Any], column: NDArray[Any]) -> bool:
    """Whether the window about positions holds far more cells than these look at."""
    cells = (float(row.max()) - float(row.min()) + 4.0) * (float(column.max()) - float(column.min()) + 4.0)
    return cells > 64.0 * row.size + 1e6


def _bilinear(cells: Cells, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between the centres of cells; beyond the outermost centres as there. Rows and columns count centres."""
    from scipy.ndimage import map_coordinates

    row, column = (np.clip(at, 0.0, n - 1.0) for at, n in zip((row, column), cells.shape, strict=True))
    top, left = (np.floor(at).astype(np.int64) for at in (row.min(), column.min()))
    if _is_scattered(row, column):
        return _between_four(cells, row, column)
    window = cells.window(slice(top, int(row.max()) + 2), slice(left, int(column.max()) + 2))
    found = map_coordinates(window, (row - top, column - left), output=np.float64, order=1, mode="nearest")
    return np.asarray(found, np.float64)


def _between_four(cells: Cells, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = cells.shape
    r, c = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    below, right = np.minimum(r + 1, rows - 1), np.minimum(c + 1, columns - 1)
    v, u = row - r, column - c
    upper = cells.at(r, c) * (1 - u) + cells.at(r, right) * u
    lower = cells.at(below, c) * (1 - u) + cells.at(below, right) * u
    return np.asarray(upper * (1 - v) + lower * v, np.float64)
