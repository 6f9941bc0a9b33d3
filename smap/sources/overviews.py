"""Cells of a raster at its own spacing and averaged by twos, in memory or in files: any window of any level.

Large rasters are never whole in memory: they are read by strips, kept in a folder of files, and looked at by
windows. What is unknown has the height of the nearest known cell, remembered apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "Overviews", "overviews_of"]

_ROWS_AT_ONCE = 2_000_000
"""Cells of a strip: 8 MB as float32."""
_FILLED_AT_ONCE = 32_000_000
"""Cells over which the nearest known one is looked for at once; in finer levels their parent tells."""
_MEASURED_AT_ONCE = 4_000_000
"""Cells of the level by which distances to what is unknown are measured: held in memory."""
_LEAST_CELLS = 4096
"""A level of no more cells is the last."""


@dataclass(frozen=True)
class Cells:
    """Values (rows, columns), in memory or, row by row, in a file."""

    shape: tuple[int, int]
    held: NDArray[Any] | Path
    dtype: str

    def window(self, rows: slice, columns: slice) -> NDArray[Any]:
        """A copy of the rows and columns from start to stop."""
        if not isinstance(self.held, Path):
            return np.array(self.held[rows, columns])
        (top, bottom, _), (left, right, _) = rows.indices(self.shape[0]), columns.indices(self.shape[1])
        found = np.empty((bottom - top, right - left), self.dtype)
        # read, not mapped: pages that a map touches, and those beside them, count as memory of this process
        with self.held.open("rb", buffering=0) as file:
            if found.shape[1] == self.shape[1]:
                file.seek(top * self.shape[1] * found.itemsize)
                file.readinto(found)  # type: ignore[arg-type]
                return found
            line = self.shape[1] * found.itemsize
            for row, place in zip(found, range(top * line, bottom * line, line), strict=True):
                os.preadv(file.fileno(), (row.data,), place + left * found.itemsize)
        return found

    def at(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[Any]:
        """The values of single cells; of few, where they lie in a file."""
        if not isinstance(self.held, Path):
            return np.asarray(self.held[row, column])
        size = np.dtype(self.dtype).itemsize
        place = ((row * self.shape[1] + column) * size).ravel().tolist()
        with self.held.open("rb") as file:
            data = b"".join(os.pread(file.fileno(), size, at) for at in place)
        return np.frombuffer(data, self.dtype).reshape(np.shape(row))

    def strips(self, step: int = 1) -> Iterator[slice]:
        """Rows that are few enough to work on at once, each strip but the last of a multiple of `step`."""
        rows = max(step, _ROWS_AT_ONCE // self.shape[1] // step * step)
        for top in range(0, self.shape[0], rows):
            yield slice(top, min(top + rows, self.shape[0]))

    def write(self, rows: slice, values: NDArray[Any]) -> None:
        """Put whole rows."""
        if not isinstance(self.held, Path):
            self.held[rows] = values
            return
        with self.held.open("r+b") as file:
            file.seek(rows.start * self.shape[1] * np.dtype(self.dtype).itemsize)
            file.write(np.ascontiguousarray(values, self.dtype).data)


@dataclass(frozen=True)
class Overviews:
    """Levels of one raster, each of half as many rows and columns as the one before.

    heights: float32, without gaps. known: bool of the same shapes; None: all are known. to_gap: a level, and
    how many of its cells each of them lies from what is unknown.
    """

    heights: tuple[Cells, ...]
    known: tuple[Cells, ...] | None
    to_gap: tuple[int, Cells] | None = None


def overviews_of(
    strips: Iterable[NDArray[np.float32]], shape: tuple[int, int], folder: Path | None
) -> Overviews:
    """The levels of a raster whose rows come in strips, NaN where unknown; in files, or in memory."""
    cells, whole = _gathered(strips, shape, folder)
    levels = [cells]
    while levels[-1].shape[0] * levels[-1].shape[1] > _LEAST_CELLS and min(levels[-1].shape) > 1:
        levels.append(_halved(levels[-1], len(levels), folder))
    if whole:
        return Overviews(tuple(levels), None)
    known = tuple(_known(cells, number, folder) for number, cells in enumerate(levels))
    for number in reversed(range(len(levels))):
        if levels[number].shape[0] * levels[number].shape[1] <= _FILLED_AT_ONCE:
            _fill_from_beside(levels[number])
        else:
            _fill_from_above(levels[number], levels[number + 1])
    return Overviews(tuple(levels), known, _to_gap(known))


def _to_gap(known: tuple[Cells, ...]) -> tuple[int, Cells]:
    from scipy.ndimage import distance_transform_edt

    level = next(n for n, k in enumerate(known) if k.shape[0] * k.shape[1] <= _MEASURED_AT_ONCE)
    within = distance_transform_edt(known[level].window(slice(None), slice(None)))
    # from the middle of a cell to the side of the next
    distance = np.maximum(within - 0.5, 0.0).astype(np.float32)
    return level, Cells(distance.shape, distance, "float32")


def _blank(shape: tuple[int, int], name: str, folder: Path | None, dtype: str) -> Cells:
    if folder is None:
        return Cells(shape, np.empty(shape, dtype), dtype)
    path = folder / name
    with path.open("wb") as file:
        file.truncate(shape[0] * shape[1] * np.dtype(dtype).itemsize)
    return Cells(shape, path, dtype)


def _gathered(
    strips: Iterable[NDArray[np.float32]], shape: tuple[int, int], folder: Path | None
) -> tuple[Cells, bool]:
    """The cells, and whether all are known."""
    cells = _blank(shape, "heights-0", folder, "float32")
    top, whole = 0, True
    for strip in strips:
        cells.write(slice(top, top + len(strip)), strip)
        top += len(strip)
        whole = whole and not np.isnan(strip).any()
    assert top == shape[0]
    return cells, whole


def _halved(finer: Cells, number: int, folder: Path | None) -> Cells:
    """Each cell the mean of what is known of four."""
    rows, columns = ((n + 1) // 2 for n in finer.shape)
    cells = _blank((rows, columns), f"heights-{number}", folder, "float32")
    for strip in finer.strips(2):
        means = _means_of_four(finer.window(strip, slice(None)))
        cells.write(slice(strip.start // 2, strip.start // 2 + len(means)), means)
    return cells


def _means_of_four(values: NDArray[np.float32]) -> NDArray[np.float32]:
    odd = [(0, n % 2) for n in values.shape]
    even = np.pad(values, odd, constant_values=np.nan) if any(n for _, n in odd) else values
    pairs = even[::2] + even[1::2]
    means = (pairs[:, ::2] + pairs[:, 1::2]) * np.float32(0.25)
    if (gaps := np.isnan(means)).any():
        row, column = np.nonzero(gaps)
        fours = np.stack([even[2 * row + r, 2 * column + c] for r in (0, 1) for c in (0, 1)])
        count = (~np.isnan(fours)).sum(axis=0, dtype=np.float32)
        with np.errstate(invalid="ignore"):
            means[gaps] = np.nansum(fours, axis=0) / count
    return means


def _known(cells: Cells, number: int, folder: Path | None) -> Cells:
    known = _blank(cells.shape, f"known-{number}", folder, "bool")
    for strip in cells.strips():
        known.write(strip, ~np.isnan(cells.window(strip, slice(None))))
    return known


def _fill_from_beside(cells: Cells) -> None:
    from scipy.ndimage import distance_transform_edt

    heights = cells.window(slice(None), slice(None))
    row, column = distance_transform_edt(np.isnan(heights), return_distances=False, return_indices=True)
    cells.write(slice(0, cells.shape[0]), heights[row, column])


def _fill_from_above(cells: Cells, coarser: Cells) -> None:
    for strip in cells.strips(2):
        heights = cells.window(strip, slice(None))
        gap = np.isnan(heights)
        if gap.any():
            row, column = np.nonzero(gap)
            above = coarser.window(slice(strip.start // 2, (strip.stop + 1) // 2), slice(None))
            heights[gap] = above[row // 2, column // 2]
            cells.write(strip, heights)
