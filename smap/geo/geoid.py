"""Orthometric and ellipsoidal heights: the EGM96 undulation over Korea, shipped as a small table."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smap.errors import FormatError, GeoidError

__all__ = [
    "Geoid",
    "decode_geoid",
    "egm96_korea",
    "ellipsoidal_to_orthometric",
    "orthometric_to_ellipsoidal",
    "undulation",
    "undulation_grid",
]


@dataclass(frozen=True)
class Geoid:
    """A regular table of undulations. metres: float64 (rows from the south, columns from the west)."""

    name: str
    west_deg: float
    south_deg: float
    step_deg: float
    metres: NDArray[np.float64]

    def __post_init__(self) -> None:
        assert self.metres.ndim == 2
        assert min(self.metres.shape) >= 2
        assert np.isfinite(self.metres).all()

    def undulation(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
        """N in metres at positions in radians, bilinear in the table; GeoidError outside of it."""
        lon, lat = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        column, row = self._place(lon, lat)
        left = np.minimum(column.astype(np.int64), self.metres.shape[1] - 2)
        below = np.minimum(row.astype(np.int64), self.metres.shape[0] - 2)
        u, v = column - left, row - below
        south = self.metres[below, left] * (1 - u) + self.metres[below, left + 1] * u
        north = self.metres[below + 1, left] * (1 - u) + self.metres[below + 1, left + 1] * u
        result: NDArray[np.float64] = south * (1 - v) + north * v
        return result

    def undulation_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """N where columns at lon (c,) cross rows at lat (r,): (r, c), as `undulation`."""
        column, row = self._place(lon, lat)
        left = np.minimum(column.astype(np.int64), self.metres.shape[1] - 2)
        below = np.minimum(row.astype(np.int64), self.metres.shape[0] - 2)
        u, v = column - left, (row - below)[:, None]
        rows = self.metres[below] * (1 - v) + self.metres[below + 1] * v
        found = np.empty((len(lat), len(lon)))
        for cell in np.unique(left).tolist():
            of_it = slice(*np.searchsorted(left, (cell, cell + 1)))
            rise = rows[:, cell + 1, None] - rows[:, cell, None]
            np.multiply(rise, u[of_it], out=found[:, of_it])
            found[:, of_it] += rows[:, cell, None]
        return found

    def cut(self, bounds: tuple[float, float, float, float]) -> Geoid:
        """The part that bounds (west, south, east, north in radians) need, with a point more around."""
        rows, columns = self.metres.shape
        column = (np.degrees([bounds[0], bounds[2]]) - self.west_deg) / self.step_deg
        row = (np.degrees([bounds[1], bounds[3]]) - self.south_deg) / self.step_deg
        left, right = np.clip([column[0] // 1 - 1, column[1] // 1 + 3], 0, columns).astype(int).tolist()
        below, above = np.clip([row[0] // 1 - 1, row[1] // 1 + 3], 0, rows).astype(int).tolist()
        left, below = min(left, columns - 2), min(below, rows - 2)
        west, south = self.west_deg + left * self.step_deg, self.south_deg + below * self.step_deg
        part = self.metres[below : max(above, below + 2), left : max(right, left + 2)]
        return Geoid(self.name, west, south, self.step_deg, part)

    def encoded(self) -> bytes:
        """As JSON; millimetres in rows from the south."""
        table = np.rint(self.metres * 1000.0).astype(np.int64).tolist()
        head = {"name": self.name, "west_deg": self.west_deg, "south_deg": self.south_deg}
        return json.dumps({**head, "step_deg": self.step_deg, "millimetres": table}).encode()

    def _place(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        column = (np.degrees(lon) - self.west_deg) / self.step_deg
        row = (np.degrees(lat) - self.south_deg) / self.step_deg
        rows, columns = self.metres.shape
        # degrees that went through radians are off by their last bit: the edge of the table is part of it
        column, row = _onto_edge(column, columns - 1), _onto_edge(row, rows - 1)
        beside, apart = ~((column >= 0) & (column <= columns - 1)), ~((row >= 0) & (row <= rows - 1))
        if beside.any() or apart.any():
            self._refuse(lon, lat, beside, apart)
        return column, row

    def _refuse(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        beside: NDArray[np.bool_],
        apart: NDArray[np.bool_],
    ) -> None:
        if lon.shape == lat.shape:
            outside = beside | apart
            lon, lat, count = lon[outside], lat[outside], int(outside.sum())
        else:
            lon, lat = (lon[beside] if beside.any() else lon), (lat[apart] if apart.any() else lat)
            count = len(lon) * len(lat)
        rows, columns = self.metres.shape
        east, north = (
            self.west_deg + (columns - 1) * self.step_deg,
            self.south_deg + (rows - 1) * self.step_deg,
        )
        raise GeoidError(
            f"{self.name}: {count} positions outside the grid ({self.west_deg:g}-{east:g} E, "
            f"{self.south_deg:g}-{north:g} N), as at {math.degrees(lon.flat[0]):.5f} E, "
            f"{math.degrees(lat.flat[0]):.5f} N; "
            'heights there need a grid of their own, or vertical_datum = "ellipsoid"'
        )


def decode_geoid(data: bytes) -> Geoid:
    """What `Geoid.encoded` wrote; FormatError where it is no such table."""
    try:
        body = json.loads(data)
        metres = np.array(body["millimetres"], np.float64) / 1000.0
        west, south, step = (float(body[key]) for key in ("west_deg", "south_deg", "step_deg"))
        if metres.ndim != 2 or min(metres.shape) < 2 or not np.isfinite(metres).all():
            raise ValueError(f"a table of shape {metres.shape}")
        return Geoid(str(body["name"]), west, south, step, metres)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"the table of a geoid is damaged: {error}") from error


def _onto_edge(cell: NDArray[np.float64], last: int) -> NDArray[np.float64]:
    near = np.clip(cell, 0.0, last)
    return np.where(np.abs(cell - near) < 1e-9, near, cell)


@cache
def egm96_korea() -> Geoid:
    """The shipped cut of EGM96: 123-133 E, 32-40 N, every 15 minutes; origin in the file's head."""
    text = files("smap.geo").joinpath("egm96_korea.txt").read_text(encoding="ascii")
    millimetres = np.loadtxt(text.splitlines(), comments="#", dtype=np.float64)
    return Geoid("EGM96 over Korea", 123.0, 32.0, 0.25, millimetres / 1000.0)


def undulation(lon: ArrayLike, lat: ArrayLike, *, geoid: Geoid | None = None) -> NDArray[np.float64]:
    """N in metres at positions in radians: the height of the geoid (default: EGM96) above the ellipsoid."""
    return (geoid or egm96_korea()).undulation(lon, lat)


def undulation_grid(
    lon: NDArray[np.float64], lat: NDArray[np.float64], *, geoid: Geoid | None = None
) -> NDArray[np.float64]:
    """N where columns at lon (c,) cross rows at lat (r,), radians: (r, c), as `undulation`."""
    return (geoid or egm96_korea()).undulation_grid(lon, lat)


def orthometric_to_ellipsoidal(
    lon: ArrayLike, lat: ArrayLike, height: ArrayLike, *, geoid: Geoid | None = None
) -> NDArray[np.float64]:
    """Ellipsoidal height h = H + N in metres, for orthometric heights H at positions in radians."""
    return np.asarray(height, np.float64) + undulation(lon, lat, geoid=geoid)


def ellipsoidal_to_orthometric(
    lon: ArrayLike, lat: ArrayLike, height: ArrayLike, *, geoid: Geoid | None = None
) -> NDArray[np.float64]:
    """Orthometric height H = h - N in metres, for ellipsoidal heights h at positions in radians."""
    return np.asarray(height, np.float64) - undulation(lon, lat, geoid=geoid)
