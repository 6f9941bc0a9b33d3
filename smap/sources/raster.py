"""Elevation from GeoTIFF and its kin: heights at positions, with no-data found, filled and remembered."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import CrsError, InputError, MissingExtraError
from smap.geo.crs import Crs, check_area, contradiction, fit, from_lonlat, parse_crs, to_lonlat
from smap.geo.ellipsoid import SEMI_MAJOR_M

__all__ = [
    "Elevation",
    "Raster",
    "RasterInfo",
    "RasterSpec",
    "Samples",
    "burn_polygons",
    "inspect_raster",
    "open_raster",
]

# No land lies outside: Dead Sea shore -430 m, Everest 8,849 m
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
# What programs write for "unknown"; a scale may make a likely height of it
_NEVER_HEIGHTS = (-9999, -32767, -32768)
# A file and a recipe that differ by more contradict each other (the rule for recipes)
_AGREE_M = 0.5
# Cells held in memory at once: 5 bytes each, so 2 GB; Seoul at 5 m has 43 million
_MOST_CELLS = 400_000_000
# Projected positions are interpolated between lattice points this far apart: a transverse Mercator grid bends
# by d^2/8 * tan(lat)/R, 1.4 mm here
_LATTICE_M = 300.0


@dataclass(frozen=True)
class RasterSpec:
    """Which raster to read. crs: only where the file does not say; nodata: the value that means "unknown"."""

    path: Path
    crs: str | None = None
    nodata: float | None = None


@dataclass(frozen=True)
class RasterInfo:
    """What `inspect_raster` found. bounds_deg: west, south, east, north; heights as the file gives them."""

    path: Path
    driver: str
    crs: Crs
    bounds_deg: tuple[float, float, float, float]
    columns: int
    rows: int
    cell_m: float
    lowest_m: float
    highest_m: float
    nodata: float | None
    nodata_cells: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Samples:
    """Heights at positions, all of one shape.

    height: float64 metres above the source's own datum; where the source knows nothing, of the nearest cell
    that is known. valid: whether the source knows. beyond: metres to the raster's outline, 0 inside.
    """

    height: NDArray[np.float64]
    valid: NDArray[np.bool_]
    beyond: NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """An elevation raster in memory.

    heights: float32 (rows, columns) from the north, no-data filled from the nearest known cell. valid: bool,
    same shape. to_cell: (2, 3), from x and y to column and row counted from the first cell's outer corner.
    bounds: west, south, east, north in radians. cell_m: the side of a cell.
    """

    path: Path
    crs: Crs
    heights: NDArray[np.float32]
    valid: NDArray[np.bool_]
    to_cell: NDArray[np.float64]
    bounds: tuple[float, float, float, float]
    cell_m: float
    warnings: tuple[str, ...] = ()

    def sample(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """Heights at positions (radians, any one shape), bilinear between the centres of cells."""
        near_lon, near_lat, outside = _clamped(self.bounds, lon, lat)
        row, column = self._cells_at(near_lon, near_lat)
        return self._read(row, column, outside)

    def sample_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """Heights where columns at lon (c,) cross rows at lat (r,): shapes (r, c). Positions within 2 mm."""
        near_lon, near_lat, outside = _clamped(self.bounds, lon[None, :], lat[:, None])
        lattice_lon, lattice_lat = _lattice(near_lon[0]), _lattice(near_lat[:, 0])
        cells = self._cells_at(*np.meshgrid(lattice_lon, lattice_lat))
        across, up = _between(lattice_lon, near_lon[0]), _between(lattice_lat, near_lat[:, 0])
        row, column = (_stretched(values, up, across) for values in cells)
        return self._read(row, column, outside)

    def _cells_at(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rows and columns, counted from the outer corner of the first cell."""
        x, y = from_lonlat(self.crs, lon, lat)
        column, row = (a * x + b * y + c for a, b, c in self.to_cell)
        return row, column

    def _read(
        self, row: NDArray[np.float64], column: NDArray[np.float64], outside: NDArray[np.float64]
    ) -> Samples:
        rows, columns = self.heights.shape
        beyond = outside
        if row.min() < 0.0 or column.min() < 0.0 or row.max() > rows or column.max() > columns:
            over = column - np.clip(column, 0.0, columns)
            under = row - np.clip(row, 0.0, rows)
            beyond = np.hypot(outside, np.hypot(over, under) * self.cell_m)
        valid = beyond == 0.0
        if not self.valid.all():
            valid &= self.valid[_index(row, rows), _index(column, columns)]
        return Samples(_bilinear(self.heights, row - 0.5, column - 0.5), valid, beyond)


@dataclass(frozen=True)
class Elevation:
    """Several rasters as one: at each position the first that knows, else the nearest."""

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
        return (
            min(float(raster.heights.min()) for raster in self.rasters),
            max(float(raster.heights.max()) for raster in self.rasters),
        )

    def sample_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """As `Raster.sample_grid`."""
        return _first_that_knows([raster.sample_grid(lon, lat) for raster in self.rasters])

    def sample(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Samples:
        """As `Raster.sample`."""
        return _first_that_knows([raster.sample(lon, lat) for raster in self.rasters])


def _first_that_knows(found: Sequence[Samples]) -> Samples:
    best = found[0]
    for other in found[1:]:
        better = ~best.valid & (other.valid | (other.beyond < best.beyond))
        best = Samples(
            np.where(better, other.height, best.height),
            best.valid | other.valid,
            np.where(better, other.beyond, best.beyond),
        )
    return best


def _clamped(
    bounds: tuple[float, float, float, float], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The nearest positions within the bounds and how far away they are, in metres."""
    west, south, east, north = bounds
    near_lon, near_lat = np.clip(lon, west, east), np.clip(lat, south, north)
    outside = SEMI_MAJOR_M * np.hypot((lon - near_lon) * np.cos(near_lat), lat - near_lat)
    return near_lon, near_lat, outside


def _lattice(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = float(axis.min()), float(axis.max())
    steps = max(1, int(np.ceil((high - low) * SEMI_MAJOR_M / _LATTICE_M)))
    return np.linspace(low, high if high > low else low + 1e-9, steps + 1)


def _between(
    lattice: NDArray[np.float64], axis: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    at = (axis - lattice[0]) / (lattice[1] - lattice[0])
    index = np.clip(at.astype(np.int64), 0, len(lattice) - 2)
    return index, at - index


def _stretched(
    values: NDArray[np.float64],
    up: tuple[NDArray[np.int64], NDArray[np.float64]],
    across: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    (row, v), (column, u) = up, across
    rows = values[row] * (1 - v)[:, None] + values[row + 1] * v[:, None]
    return np.asarray(rows[:, column] * (1 - u) + rows[:, column + 1] * u)


def _index(at: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    return np.clip(np.floor(at), 0, count - 1).astype(np.int64)


def _bilinear(
    heights: NDArray[np.float32], row: NDArray[np.float64], column: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Between the centres of cells; beyond the outermost centres as there. Rows and columns count centres."""
    from scipy.ndimage import map_coordinates

    found = map_coordinates(heights, (row, column), output=np.float64, order=1, mode="nearest")
    return np.asarray(found, np.float64)


def open_raster(spec: RasterSpec) -> Raster:
    """The raster in memory. InputError: missing, unreadable, no elevation, no-data only; CrsError: no system,
    one that the recipe contradicts, or that puts the data outside its area.
    """
    band, raw, crs, transform, _ = _read_file(spec)
    heights, valid, notes = _known_cells(band, raw, spec)
    inverse = np.array(~transform).reshape(3, 3)[:2]
    bounds, cell_m = _extent(crs, transform, band.shape)
    return Raster(spec.path, crs, _filled(heights, valid), valid, inverse, bounds, cell_m, notes)


def inspect_raster(spec: RasterSpec) -> RasterInfo:
    """What the raster holds; errors as in `open_raster`."""
    band, raw, crs, transform, (driver, flagged) = _read_file(spec)
    heights, valid, notes = _known_cells(band, raw, spec)
    bounds, cell_m = _extent(crs, transform, band.shape)
    west, south, east, north = (float(np.degrees(value)) for value in bounds)
    known = heights[valid]
    rows, columns = band.shape
    return RasterInfo(
        path=spec.path,
        driver=driver,
        crs=crs,
        bounds_deg=(west, south, east, north),
        columns=columns,
        rows=rows,
        cell_m=cell_m,
        lowest_m=float(known.min()),
        highest_m=float(known.max()),
        nodata=flagged,
        nodata_cells=int((~valid).sum()),
        warnings=notes,
    )


def _read_file(spec: RasterSpec) -> tuple[Any, Any, Crs, Any, tuple[str, float | None]]:
    """The first band (masked, in metres), as stored, its system, transform, driver and flagged no-data."""
    rasterio = _rasterio()
    if not spec.path.is_file():
        raise InputError(f"{spec.path}: no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(spec.path) as file:
                _refuse_what_is_no_elevation(file, spec.path)
                raw = file.read(1, masked=True)
                band = raw * np.float32(file.scales[0]) + np.float32(file.offsets[0])
                crs = _agreed_crs(spec, file)
                return band, raw.data, crs, file.transform, (file.driver, file.nodata)
    except rasterio.errors.RasterioError as error:
        raise InputError(f"{spec.path}: cannot be read as a raster: {_one_line(error)}") from error


def _rasterio() -> Any:
    try:
        import rasterio
        import rasterio.errors
        import rasterio.features
    except ImportError as error:
        raise MissingExtraError("reading elevation", "build") from error
    return rasterio


def _refuse_what_is_no_elevation(file: Any, path: Path) -> None:
    if file.count > 2 or file.dtypes[0] == "complex64":
        raise InputError(f"{path}: {file.count} bands of {file.dtypes[0]}: an image, not an elevation raster")
    if file.width * file.height > _MOST_CELLS:
        raise InputError(
            f"{path}: {file.width} x {file.height} cells; at most {_MOST_CELLS:,}: cut it up or average it"
        )


def _agreed_crs(spec: RasterSpec, file: Any) -> Crs:
    where = str(spec.path)
    corners = np.array([file.transform @ (c, r) for c in (0, file.width) for r in (0, file.height)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    said = parse_crs(spec.crs, where=where) if spec.crs else None
    own = parse_crs(file.crs.to_wkt(), where=where) if file.crs else None
    if said is None and own is None:
        advice = "; ".join(map(str, fit(None, bounds))) or "no Korean code fits"
        raise CrsError(f"{where}: the file names no CRS; set crs = in its source; {advice}")
    if said and own and (apart := contradiction(said, own, corners)) > _AGREE_M:
        raise CrsError(
            f"{where}: the recipe says {said}, the file {own}: {apart:.1f} m apart; leave out crs ="
        )
    crs = said or own
    assert crs is not None
    check_area(crs, bounds, where=where)
    return crs


def _known_cells(
    band: Any, raw: NDArray[Any], spec: RasterSpec
) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[str, ...]]:
    heights = np.asarray(band.data, np.float32)
    valid = ~np.broadcast_to(band.mask, heights.shape) & np.isfinite(heights)
    if spec.nodata is not None:
        valid &= raw.astype(np.float32) != np.float32(spec.nodata)
    wild = valid & ~((heights > _LOWEST_M) & (heights < _HIGHEST_M) & ~np.isin(raw, _NEVER_HEIGHTS))
    valid &= ~wild
    if not valid.any():
        raise InputError(f"{spec.path}: holds no-data only, {heights.size} cells and no elevation")
    return heights, valid, (_unflagged(raw[wild], spec.path),) if wild.any() else ()


def _unflagged(values: NDArray[Any], path: Path) -> str:
    kinds, counts = np.unique(values, return_counts=True)
    often = kinds[np.argmax(counts)]
    some = f"{often:g}" if len(kinds) == 1 else f"{often:g} and {len(kinds) - 1} other impossible heights"
    return (
        f"{path.name}: {len(values)} cells hold {some}, not flagged as no-data; treated as no-data "
        f"(nodata = {often:g} in the source says so)"
    )


def _filled(heights: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    if valid.all():
        return heights
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(~valid, return_distances=False, return_indices=True)
    return np.asarray(heights[rows, columns])


def _extent(
    crs: Crs, transform: Any, shape: tuple[int, int]
) -> tuple[tuple[float, float, float, float], float]:
    """Bounds in radians (of the outline, every cell of it) and the side of a cell in metres."""
    rows, columns = shape
    row, column = np.arange(rows + 1.0), np.arange(columns + 1.0)
    around = np.concatenate(
        [
            np.column_stack([column, np.zeros_like(column)]),
            np.column_stack([column, np.full_like(column, rows)]),
            np.column_stack([np.zeros_like(row), row]),
            np.column_stack([np.full_like(row, columns), row]),
        ]
    )
    x, y = transform @ (around[:, 0], around[:, 1])
    lon, lat = to_lonlat(crs, x, y)
    bounds = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    middle = np.array([[columns / 2, rows / 2], [columns / 2 + 1, rows / 2], [columns / 2, rows / 2 + 1]])
    lon, lat = to_lonlat(crs, *(transform @ (middle[:, 0], middle[:, 1])))
    sides = SEMI_MAJOR_M * np.hypot((lon[1:] - lon[0]) * np.cos(lat[0]), lat[1:] - lat[0])
    return bounds, float(sides.max())


def burn_polygons(
    shapes: Sequence[Any], region: tuple[float, float, float, float], side: int
) -> NDArray[np.uint8]:
    """255 where the centre of a cell lies in a polygon, else 0: uint8 (side, side), rows from the north.

    shapes: GeoJSON geometries in the unit of region (west, south, east, north).
    """
    rasterio = _rasterio()
    if not shapes:
        return np.zeros((side, side), np.uint8)
    west, south, east, north = region
    transform = rasterio.Affine((east - west) / side, 0.0, west, 0.0, (south - north) / side, north)
    burnt = rasterio.features.rasterize(
        ((shape, 255) for shape in shapes), out_shape=(side, side), transform=transform, dtype="uint8"
    )
    return np.asarray(burnt, np.uint8)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
