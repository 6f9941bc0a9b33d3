"""Coordinate reference systems: Korean grids and WGS84. The only import of pyproj; it fails closed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from smap.errors import CrsError
from smap.geo.ellipsoid import to_ecef

__all__ = [
    "KOREA",
    "SEOUL",
    "Crs",
    "Suggestion",
    "check_area",
    "contradiction",
    "fit",
    "from_lonlat",
    "north_first",
    "northing_first",
    "outside_area",
    "parse_crs",
    "to_lonlat",
    "wrong_place",
]

# West, south, east, north in degrees: the sanity boxes for Korean data
KOREA = (124.0, 33.0, 132.0, 39.0)
SEOUL = (126.76, 37.42, 127.19, 37.70)

# What Korean offices use, the most usual first: the order in which equally good suggestions are named
_KOREAN_CODES = (5186, 5174, 5179, 5181, 2097, 5187, 5185, 5188, 5178, 5176, 5173, 4326, 3857, 32652)
# Bessel and GRS80 positions lie 362 m apart in Seoul; nearer than this an unnamed datum proves nothing
_DATUM_DOUBT_M = 1000.0


@dataclass(frozen=True)
class Crs:
    """A horizontal reference system. area: west, south, east, north in degrees; None if unstated."""

    name: str
    code: str | None
    wkt: str
    area: tuple[float, float, float, float] | None
    is_geographic: bool
    vertical: str | None = None

    def __str__(self) -> str:
        return f"{self.code} ({self.name})" if self.code else f"'{self.name}' (no code)"


@dataclass(frozen=True)
class Suggestion:
    """A code under which the coordinates would lie in Korea, and where their middle would then be."""

    code: str
    name: str
    lon_deg: float
    lat_deg: float

    @property
    def in_seoul(self) -> bool:
        """Whether the middle would lie in Seoul."""
        west, south, east, north = SEOUL
        return west <= self.lon_deg <= east and south <= self.lat_deg <= north

    def __str__(self) -> str:
        return f"{self.code} would put it at {self.lon_deg:.3f} E, {self.lat_deg:.3f} N"


def parse_crs(text: str, *, where: str = "crs") -> Crs:
    """The reference system that a code ("EPSG:5186"), WKT or PROJ text names; CrsError when it names none.

    A text without a code gets the code of the EPSG system that puts its numbers in the same place (1 mm).
    Of a compound system the horizontal part is taken, and the vertical part is named in `vertical`.
    """
    try:
        parsed = CRS.from_user_input(text)
    except CRSError as error:
        known = "Korean codes: EPSG:5186, EPSG:5174, EPSG:5179, EPSG:5181"
        raise CrsError(f"{where}: unknown CRS {_short(text)}; {known}") from error
    horizontal, vertical = _split(parsed)
    if not (horizontal.is_projected or horizontal.is_geographic):
        raise CrsError(f"{where}: {_short(text)} is neither geographic nor projected: {horizontal.type_name}")
    return _describe(_identified(horizontal), vertical)


def _split(crs: CRS) -> tuple[CRS, str | None]:
    if not crs.is_compound:
        return _flat(crs), None
    horizontal, vertical = crs.sub_crs_list[0], crs.sub_crs_list[1]
    code = vertical.to_epsg()
    return _flat(horizontal), f"EPSG:{code}" if code else vertical.name


def _flat(crs: CRS) -> CRS:
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def _identified(crs: CRS) -> CRS:
    code = crs.to_epsg()
    if code is None:
        return crs
    known = CRS.from_epsg(code)
    return known if crs == known or _same_places(crs, known) else crs


def _same_places(crs: CRS, known: CRS) -> bool:
    if known.area_of_use is None:
        return False
    west, south, east, north = known.area_of_use.bounds
    lon, lat = np.meshgrid(np.linspace(west, east, 3), np.linspace(south, north, 3))
    try:
        x, y = _transform(_transformer(known.to_wkt(), inverse=True, guess=False), lon, lat)
        return _apart(*_place(crs.to_wkt(), x, y), *_place(known.to_wkt(), x, y)) < 0.001
    except ProjError:
        return False


def _describe(crs: CRS, vertical: str | None) -> Crs:
    authority = crs.to_authority(min_confidence=100)
    area = crs.area_of_use.bounds if crs.area_of_use else None
    code = ":".join(authority) if authority else None
    return Crs(crs.name, code, crs.to_wkt(), area, bool(crs.is_geographic), vertical)


def to_lonlat(crs: Crs, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude on WGS84 in radians; x is easting or longitude in the system's own unit.

    Positions that the system cannot place become NaN. Never a ballpark: a datum without a known way to WGS84
    is a CrsError.
    """
    try:
        return _place(crs.wkt, np.asarray(x, np.float64), np.asarray(y, np.float64))
    except ProjError as error:
        raise CrsError(_no_way(crs)) from error


def from_lonlat(crs: Crs, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The system's own x and y for WGS84 radians; NaN where it has none. Errors as in `to_lonlat`."""
    try:
        transformer = _transformer(crs.wkt, inverse=True, guess=False)
    except ProjError as error:
        raise CrsError(_no_way(crs)) from error
    return _transform(transformer, np.degrees(lon), np.degrees(lat))


def _no_way(crs: Crs) -> str:
    looks = CRS.from_wkt(crs.wkt).to_epsg(min_confidence=20)
    hint = f"EPSG:{looks}, which it resembles" if looks else "an EPSG code"
    return f"no exact way from {crs} to WGS84: it names no known datum; set crs = to {hint}"


def _place(
    wkt: str, x: NDArray[np.float64], y: NDArray[np.float64], *, guess: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = _transform(_transformer(wkt, inverse=False, guess=guess), x, y)
    off_earth = (np.abs(lon) > 360.0) | (np.abs(lat) > 90.0)
    return np.radians(np.where(off_earth, np.nan, lon)), np.radians(np.where(off_earth, np.nan, lat))


def _transform(
    transformer: Transformer, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    # pyproj 3.7 takes an array of one element for a scalar in a way that numpy warns of: give it two more
    unplaced = np.full(2, np.nan)
    pair = (np.append(x, unplaced), np.append(y, unplaced))
    a, b = (np.asarray(v, np.float64)[:-2].reshape(x.shape) for v in transformer.transform(*pair))
    bad = ~(np.isfinite(a) & np.isfinite(b))
    return np.where(bad, np.nan, a), np.where(bad, np.nan, b)


@lru_cache(maxsize=64)
def _transformer(wkt: str, *, inverse: bool, guess: bool) -> Transformer:
    crs, wgs84 = CRS.from_wkt(wkt), CRS.from_epsg(4326)
    source, target = (wgs84, crs) if inverse else (crs, wgs84)
    return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=guess)


def outside_area(crs: Crs, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which positions (radians) lie outside the area of use (of Korea, if there is none). NaN is outside."""
    west, south, east, north = np.radians(crs.area or KOREA)
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.asarray(~inside)


def check_area(crs: Crs, bounds: tuple[float, float, float, float], *, where: str) -> None:
    """CrsError when most of the rectangle (x and y in the system's own unit) lies outside its area of use."""
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 7), np.linspace(south, north, 7))
    if outside_area(crs, *to_lonlat(crs, x.ravel(), y.ravel())).mean() > 0.5:
        raise wrong_place(crs, bounds, where=where)


def wrong_place(crs: Crs, bounds: tuple[float, float, float, float], *, where: str) -> CrsError:
    """The error for data that its system puts outside its area of use, with the codes that would fit.

    Within that area, but not in Korea, it can be meant: then the way to say so is told too.
    """
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    lon, lat = (float(np.degrees(v)) for v in to_lonlat(crs, x, y))
    place = "nowhere" if np.isnan(lon) else f"at {lon:.3f} E, {lat:.3f} N"
    is_abroad = not outside_area(crs, np.radians(lon), np.radians(lat))
    area = KOREA if is_abroad else crs.area or KOREA
    span = "{:g}-{:g} E, {:g}-{:g} N".format(*(np.array(area)[[0, 2, 1, 3]]))
    found = fit(crs, bounds)
    advice = "; ".join(map(str, found)) or "no Korean code fits: are x and y swapped, or is it not in Korea?"
    if is_abroad:
        advice = f"where that is meant, clip = [west, south, east, north] about it; else {advice}"
    whose = "Korea" if is_abroad else "its area"
    return CrsError(f"{where}: {crs} puts the data {place}, outside {whose} ({span}); {advice}")


def fit(crs: Crs | None, bounds: tuple[float, float, float, float]) -> tuple[Suggestion, ...]:
    """Korean codes, other than `crs`, in whose area the middle of the rectangle would lie, best first.

    Those that put it in Seoul stand alone if there are any; never more than three. bounds: west, south, east,
    north in the data's own unit.
    """
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    found = [s for code in _KOREAN_CODES if (s := _suggest(code, x, y)) and (not crs or s.code != crs.code)]
    return tuple([s for s in found if s.in_seoul] or found)[:3]


def _suggest(code: int, x: float, y: float) -> Suggestion | None:
    crs = parse_crs(f"EPSG:{code}")
    lon, lat = to_lonlat(crs, x, y)
    korea = Crs("Korea", None, "", KOREA, is_geographic=True)
    if outside_area(crs, lon, lat) | outside_area(korea, lon, lat):
        return None
    return Suggestion(f"EPSG:{code}", crs.name, float(np.degrees(lon)), float(np.degrees(lat)))


def north_first(crs: Crs) -> bool:
    """Whether the system's own order of axes (EPSG registry) is north before east."""
    axes = CRS.from_wkt(crs.wkt).axis_info
    return bool(axes) and axes[0].direction.lower() in ("north", "south")


def northing_first(text: str, first: float, second: float) -> bool:
    """Whether a place of these two coordinates is written north before east.

    The system's own order of axes (EPSG registry) is believed, unless the place lies in the area of use only
    in the other order. CrsError when the text names no system.
    """
    crs = parse_crs(text)
    said = north_first(crs)

    def fits(x: float, y: float) -> bool:
        lon, lat = to_lonlat(crs, np.array([x]), np.array([y]))
        return bool(np.isfinite(lon).all() and not outside_area(crs, lon, lat).any())

    as_said = fits(second, first) if said else fits(first, second)
    other = fits(first, second) if said else fits(second, first)
    return said if as_said or not other else not said


def contradiction(a: Crs, b: Crs, sample: NDArray[np.float64]) -> float:
    """How far apart, in metres, two systems put the same numbers at most; sample: float64 (n, 2), x and y.

    An unnamed datum cannot contradict by less than the shift between datums: below 1 km it gives 0.
    """
    x, y = sample[:, 0], sample[:, 1]
    try:
        return _apart(*_place(a.wkt, x, y), *_place(b.wkt, x, y))
    except ProjError:
        apart = _apart(*_place(a.wkt, x, y, guess=True), *_place(b.wkt, x, y, guess=True))
        return apart if apart > _DATUM_DOUBT_M else 0.0


def _apart(
    lon_a: NDArray[np.float64],
    lat_a: NDArray[np.float64],
    lon_b: NDArray[np.float64],
    lat_b: NDArray[np.float64],
) -> float:
    chord = np.linalg.norm(to_ecef(lon_a, lat_a) - to_ecef(lon_b, lat_b), axis=-1)
    one_sided = np.isnan(lon_a) != np.isnan(lon_b)
    chord = np.where(one_sided, np.inf, np.where(np.isnan(chord), 0.0, chord))
    return float(chord.max(initial=0.0))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= 60 else f"'{flat[:57]}...'"
