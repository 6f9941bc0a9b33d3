"""Cells between their centres, at places that a coarse lattice of positions tells: many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.overviews import Cells

__all__ = ["Lattice", "bilinear", "bilinear_grid", "lattice_of", "nearest", "span_of", "stretched"]

_AT_ONCE = 16_000
"""Places read at once, so that the some 20 arrays of them stay in the second cache: 128 kB each."""


@dataclass(frozen=True)
class Lattice:
    """Places of an axis at whole multiples of a step; of each position the place before, and how far on."""

    places: NDArray[np.float64]
    before: NDArray[np.int64]
    share: NDArray[np.float64]

    def part(self, some: slice) -> Lattice:
        """That of some positions."""
        return Lattice(self.places, self.before[some], self.share[some])


def span_of(some: NDArray[np.bool_]) -> slice:
    """From the first that is true to the last."""
    at = np.flatnonzero(some)
    return slice(int(at[0]), int(at[-1]) + 1) if len(at) else slice(0, 0)


def lattice_of(axis: NDArray[np.float64], apart_m: float) -> Lattice:
    """For positions (radians) of an axis, places so far apart."""
    step = apart_m / SEMI_MAJOR_M
    at = axis / step
    before = np.floor(at).astype(np.int64)
    first = int(before.min())
    places = np.arange(first, int(before.max()) + 2, dtype=np.float64) * step
    return Lattice(places, before - first, at - before)


def stretched(values: NDArray[np.float64], up: Lattice, across: Lattice) -> NDArray[np.float64]:
    """Values of the places of a lattice at the positions between, (r, c)."""
    v = up.share[:, None]
    rows = values[up.before] * (1 - v) + values[up.before + 1] * v
    found = np.diff(rows, axis=1).take(across.before, axis=1, mode="clip")
    found *= across.share
    found += rows.take(across.before, axis=1, mode="clip")
    return found


def bilinear_grid(
    cells: Cells, row: NDArray[np.float64], column: NDArray[np.float64], up: Lattice, across: Lattice
) -> NDArray[np.float64]:
    """As `bilinear`, at rows and columns that a lattice tells: by few at a time, near the processor."""
    (top, bottom), (left, right) = (
        (int(low), int(high) + 2)
        for low, high in (
            np.clip((at.min(), at.max()), 0.0, n - 1.0)
            for at, n in zip((row, column), cells.shape, strict=True)
        )
    )
    window = cells.window(slice(top, bottom), slice(left, right))
    window = np.pad(
        window, [(0, bottom - top - len(window)), (0, right - left - window.shape[1])], mode="edge"
    )
    found = np.empty((len(up.share), len(across.share)))
    few = max(1, _AT_ONCE // max(1, found.shape[1]))
    for begin in range(0, len(found), few):
        some = slice(begin, begin + few)
        at = [stretched(values, up.part(some), across) for values in (row, column)]
        for values, n, first in zip(at, cells.shape, (top, left), strict=True):
            np.clip(values, 0.0, n - 1.0, out=values)
            values -= first
        _between(window, at[0], at[1], found[some])
    return found


def _between(
    window: NDArray[np.float32], row: NDArray[np.float64], column: NDArray[np.float64], found: NDArray[Any]
) -> None:
    """Between the four centres about each place of a window, which goes on by one cell."""
    r, c = np.floor(row), np.floor(column)
    v, u = (row - r).astype(np.float32), (column - c).astype(np.float32)
    flat, width = window.ravel(), window.shape[1]
    r *= width
    r += c
    at = r.astype(np.int64)
    lower, upper = (_mixed(flat[skip:], flat[skip + 1 :], at, u) for skip in (0, width))
    upper -= lower
    upper *= v
    np.add(lower, upper, out=found)


def _mixed(
    west: NDArray[np.float32], east: NDArray[np.float32], at: NDArray[np.int64], u: NDArray[np.float32]
) -> NDArray[np.float32]:
    low, mixed = (side.take(at, mode="clip") for side in (west, east))
    mixed -= low
    mixed *= u
    mixed += low
    return mixed


def nearest(known: Cells, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The cells in which rows and columns lie, else the nearest ones."""
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


def bilinear(cells: Cells, row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
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
