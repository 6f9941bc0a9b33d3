"""The reference systems in which records are asked for and given (OGC API Features Part 2, OGC 18-058r1).

A system is named by its address. Coordinates stand in the order of axes of the authority: EPSG:4326 and the
Korean grids are north first. Records are kept in CRS84: longitude, latitude.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from smap.content.geometry import meets
from smap.content.record import Bbox, Geometry
from smap.errors import UsageError
from smap.geo.crs import Crs, from_lonlat, north_first, parse_crs, to_lonlat

__all__ = ["CRS84", "SYSTEMS", "System", "around", "box_of", "in_system", "meets_in", "placed", "system_of"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SYSTEMS = (CRS84, *(f"{_EPSG}{code}" for code in (4326, 3857, 5179, 5186, 5174)))
"""By address: WGS84 both ways round, Web Mercator, and the grids that Korean offices use."""
DEGREE_DIGITS, METRE_DIGITS = 8, 3
"""Of coordinates that are given: 1 mm."""
_SAMPLES = 21


@dataclass(frozen=True)
class System:
    """A reference system; `crs` None: longitude and latitude as they are kept."""

    uri: str
    crs: Crs | None
    north_first: bool
    digits: int


def system_of(uri: str, parameter: str = "crs") -> System:
    """The system of an address. UsageError names those there are."""
    if uri not in SYSTEMS:
        raise UsageError(f"{parameter}: {uri!r:.200} is none of {', '.join(SYSTEMS)}")
    return _system(uri)


@lru_cache(maxsize=len(SYSTEMS))
def _system(uri: str) -> System:
    if uri == CRS84:
        return System(uri, None, north_first=False, digits=DEGREE_DIGITS)
    crs = parse_crs(f"EPSG:{uri.removeprefix(_EPSG)}")
    digits = DEGREE_DIGITS if crs.is_geographic else METRE_DIGITS
    # EPSG:4326 is CRS84 with its axes turned: nothing has to be reckoned
    return System(uri, None if crs.code == "EPSG:4326" else crs, north_first(crs), digits)


def placed(geometry: Geometry, system: System) -> Geometry:
    """A kept geometry in another system, in the order of its axes, rounded to a millimetre."""
    x, y = _projected(geometry, system)
    first, second = (y, x) if system.north_first else (x, y)
    pairs = iter(zip(first.round(system.digits).tolist(), second.round(system.digits).tolist(), strict=True))
    return {"type": geometry["type"], "coordinates": _rebuilt(geometry["coordinates"], pairs)}


def box_of(values: tuple[float, ...], system: System, parameter: str) -> Bbox:
    """Four numbers, or six with heights, in the order of the system's axes, as x before y.

    UsageError for a box that is upside down or leaves the earth.
    """
    half = len(values) // 2
    low, high = values[:2], values[half : half + 2]
    (west, south), (east, north) = (low[::-1], high[::-1]) if system.north_first else (low, high)
    degrees = system.crs is None
    off = degrees and not (abs(west) <= 180 and abs(east) <= 180 and south >= -90 and north <= 90)
    if off or south > north or (west > east and not degrees):
        said = ",".join(f"{value:g}" for value in values)
        order = "north first" if system.north_first else "east first"
        raise UsageError(f"{parameter}: {said} leaves the earth or has its south above its north ({order})")
    return west, south, east, north


def around(box: Bbox, system: System) -> Bbox | None:
    """A box in degrees that surely holds a box of the system; None where the system does not reach so far."""
    assert system.crs is not None, "only of a system with metres"
    x, y = np.meshgrid(np.linspace(box[0], box[2], _SAMPLES), np.linspace(box[1], box[3], _SAMPLES))
    lon, lat = (np.degrees(values) for values in to_lonlat(system.crs, x, y))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    # one step of the samples more on each side: between two of them an edge bends by far less
    dx, dy = np.ptp(lon) / (_SAMPLES - 1) + 1e-6, np.ptp(lat) / (_SAMPLES - 1) + 1e-6
    return (
        max(float(lon.min() - dx), -180.0),
        max(float(lat.min() - dy), -90.0),
        min(float(lon.max() + dx), 180.0),
        min(float(lat.max() + dy), 90.0),
    )


def meets_in(uri: str, geometry: Geometry, box: Bbox) -> bool:
    """Whether a kept geometry meets a box of a system (x before y), its edges straight in that system."""
    return meets(in_system(geometry, _system(uri)), box)


def in_system(geometry: Geometry, system: System) -> Geometry:
    """A kept geometry in another system, x before y."""
    x, y = _projected(geometry, system)
    pairs = iter(zip(x.tolist(), y.tolist(), strict=True))
    return {"type": geometry["type"], "coordinates": _rebuilt(geometry["coordinates"], pairs)}


def _projected(geometry: Geometry, system: System) -> tuple[Any, Any]:
    lonlat = np.array(list(_flat(geometry["coordinates"])), np.float64)
    if system.crs is None:
        return lonlat[:, 0], lonlat[:, 1]
    return from_lonlat(system.crs, np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1]))


def _flat(coordinates: Any) -> Iterator[Any]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[:2]
        return
    for part in coordinates:
        yield from _flat(part)


def _rebuilt(coordinates: Any, pairs: Iterator[tuple[float, float]]) -> Any:
    """The same nesting of lists around other positions."""
    if isinstance(coordinates[0], int | float):
        return list(next(pairs))
    return [_rebuilt(part, pairs) for part in coordinates]
