"""Elevation from GeoTIFF and its kin: opened, read by strips, its no-data found and named."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import CrsError, InputError, MissingExtraError
from smap.geo.crs import Crs, check_area, contradiction, fit, parse_crs, to_lonlat
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.elevation import Raster
from smap.sources.overviews import overviews_of

__all__ = ["RasterInfo", "RasterSpec", "burn_polygons", "inspect_raster", "open_raster"]

# No land lies outside: Dead Sea shore -430 m, Everest 8,849 m
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
# What programs write for "unknown"; a scale may make a likely height of it
_NEVER_HEIGHTS = (-9999, -32767, -32768)
# A file and a recipe that differ by more contradict each other (the rule for recipes)
_AGREE_M = 0.5
# 5 bytes each in files, and a third more for the averages: 27 GB; Korea at 5 m has as many
_MOST_CELLS = 4_000_000_000
# Cells of a strip as it is read, and what GDAL may keep of the file meanwhile
_STRIP_CELLS, _CACHE_MB = 1_000_000, 64


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


def open_raster(spec: RasterSpec, folder: Path | None = None) -> Raster:
    """The raster, in files of the folder, or (None) in memory.

    InputError: missing, unreadable, no elevation, no-data only; CrsError: no system, one that the recipe
    contradicts, or that puts the data outside its area.
    """
    with _opened(spec) as (file, crs):
        strips = _Strips(file, spec)
        shape = file.height, file.width
        overviews = overviews_of(strips, shape, folder)
        inverse = np.array(~file.transform).reshape(3, 3)[:2]
        bounds, cell_m = _extent(crs, file.transform, shape)
        return Raster(spec.path, crs, overviews, inverse, bounds, cell_m, strips.span_m(), strips.warnings())


def inspect_raster(spec: RasterSpec) -> RasterInfo:
    """What the raster holds; errors as in `open_raster`."""
    with _opened(spec) as (file, crs):
        strips = _Strips(file, spec)
        unknown = sum(int(np.isnan(strip).sum()) for strip in strips)
        bounds, cell_m = _extent(crs, file.transform, (file.height, file.width))
        west, south, east, north = (float(np.degrees(value)) for value in bounds)
        lowest, highest = strips.span_m()
        return RasterInfo(
            path=spec.path,
            driver=file.driver,
            crs=crs,
            bounds_deg=(west, south, east, north),
            columns=file.width,
            rows=file.height,
            cell_m=cell_m,
            lowest_m=lowest,
            highest_m=highest,
            nodata=file.nodata,
            nodata_cells=unknown,
            warnings=strips.warnings(),
        )


@contextmanager
def _opened(spec: RasterSpec) -> Iterator[tuple[Any, Crs]]:
    """The file and its system; what is read of it later is refused in our words too."""
    rasterio = _rasterio()
    if not spec.path.is_file():
        raise InputError(f"{spec.path}: no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), rasterio.open(spec.path) as file:
                _refuse_what_is_no_elevation(file, spec.path)
                yield file, _agreed_crs(spec, file)
    except rasterio.errors.RasterioError as error:
        raise InputError(f"{spec.path}: cannot be read as a raster: {_one_line(error)}") from error


class _Strips:
    """The rows of the first band by strips, float32 metres, NaN where unknown; and what was seen of them."""

    def __init__(self, file: Any, spec: RasterSpec) -> None:
        self._file, self._spec = file, spec
        self._low, self._high = np.inf, -np.inf
        self._wild: Counter[float] = Counter()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        rows = max(1, _STRIP_CELLS // self._file.width)
        for top in range(0, self._file.height, rows):
            window = ((top, min(top + rows, self._file.height)), (0, self._file.width))
            yield self._known(self._file.read(1, masked=True, window=window))
        if self._low > self._high:
            cells = self._file.width * self._file.height
            raise InputError(f"{self._spec.path}: holds no-data only, {cells} cells and no elevation")

    def span_m(self) -> tuple[float, float]:
        return float(self._low), float(self._high)

    def warnings(self) -> tuple[str, ...]:
        return (_unflagged(self._wild, self._spec.path),) if self._wild else ()

    def _known(self, stored: Any) -> NDArray[np.float32]:
        raw = stored.data
        heights = np.asarray(
            raw * np.float32(self._file.scales[0]) + np.float32(self._file.offsets[0]), np.float32
        )
        valid = ~np.broadcast_to(stored.mask, heights.shape) & np.isfinite(heights)
        if self._spec.nodata is not None:
            valid &= raw.astype(np.float32) != np.float32(self._spec.nodata)
        wild = ~((heights > _LOWEST_M) & (heights < _HIGHEST_M) & ~np.isin(raw, _NEVER_HEIGHTS))
        wild &= valid
        if wild.any():
            kinds, counts = np.unique(raw[wild], return_counts=True)
            self._wild.update(dict(zip(kinds.tolist(), counts.tolist(), strict=True)))
            valid &= ~wild
        if valid.any():
            self._low = min(self._low, float(heights.min(where=valid, initial=np.inf)))
            self._high = max(self._high, float(heights.max(where=valid, initial=-np.inf)))
        return np.where(valid, heights, np.float32(np.nan))


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


def _unflagged(wild: Counter[float], path: Path) -> str:
    often, _ = max(wild.items(), key=lambda one: (one[1], -one[0]))
    some = f"{often:g}" if len(wild) == 1 else f"{often:g} and {len(wild) - 1} other impossible heights"
    return (
        f"{path.name}: {wild.total()} cells hold {some}, not flagged as no-data; treated as no-data "
        f"(nodata = {often:g} in the source says so)"
    )


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
