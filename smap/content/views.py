"""From where the picture of a record is taken: by its category, or as its own entry says.

A view is a subject to look at and a look: the eye's distance, heading and tilt. What hides a subject is not
known here; `looks_of` gives several looks, the best first, and whoever draws takes the first that shows it.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from smap.content.record import Bbox, Geometry, Record
from smap.errors import RecipeError
from smap.geo.ellipsoid import metres_per_radian

__all__ = ["Eye", "Look", "Subject", "Views", "eye_of", "hour_of", "looks_of", "read_views", "subject_of"]

Eye: TypeAlias = tuple[float, float, float, float, float]
"""lon, lat (degrees), height (ellipsoidal metres), heading clockwise from north, tilt from straight down."""

MORNING, AFTERNOON = 10, 16
"""The hours of the light; on 22 April the sun stands there at these azimuths over Seoul (37.57 N, 126.98 E,
declination 12 degrees, solar time 31 minutes behind the clock)."""
_SUN_DEG = {MORNING: 117.0, AFTERNOON: 256.0}
_FILLS = 0.9
"""A line of 1 km is seen from 0.9 km: with 63 degrees across it fills a good part of the picture."""
_LEAST_M, _MOST_M = 110.0, 2400.0
_TRIES = ((0.0, 0.0, 1.0), (0.0, -14.0, 1.2), (180.0, -10.0, 1.2), (0.0, -26.0, 2.0))
"""Turned and lifted by so many degrees, so much farther off: what is hidden is seen from elsewhere."""
_SHIFT = "shift"
"""Metres east and north from a record's point to what is drawn of it: the point may be of the whole site."""
_BEYOND_SHARE, _BEYOND_KM = (0.25, 0.8), (3.0, 16.0)
"""A place beyond the map's edge is looked for from within, over the city towards it: between these shares of
the way from the middle to the edge, the farther back the farther off it is, so that no two look alike."""


@dataclass(frozen=True)
class Look:
    """Distance and height of the aim over the ground in metres; heading and tilt in degrees.

    distance 0: as long as the subject asks for.
    """

    distance: float = 0.0
    heading: float = 20.0
    tilt: float = 66.0
    above: float = 0.0
    hour: int | None = None


@dataclass(frozen=True)
class Subject:
    """Where the picture's middle lies, degrees; of a line its length in metres.

    heading: the way a line runs there; course: the way from its one end to the other.
    """

    lon: float
    lat: float
    length: float = 0.0
    heading: float | None = None
    course: float | None = None


@dataclass(frozen=True)
class Views:
    """How categories are looked at, and records of which something is said: by "layer/id", as written."""

    usual: Mapping[str, Look]
    own: Mapping[str, Mapping[str, Any]]


def read_views(path: Path) -> Views:
    """Give the views of a TOML file. Errors: RecipeError for what it must not say."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: the views cannot be read: {error}") from None
    usual = {
        name: _look(entry, Look(), f"{path}: usual.{name}") for name, entry in said.get("usual", {}).items()
    }
    own = said.get("own", {})
    for name, entry in own.items():
        _look(entry, Look(), f"{path}: own.{name}")
    return Views(usual, own)


def _look(entry: Mapping[str, Any], look: Look, where: str) -> Look:
    said = {key: value for key, value in entry.items() if key != _SHIFT}
    for key, value in said.items():
        if key not in Look.__dataclass_fields__ or not isinstance(value, int | float):
            known = ", ".join(Look.__dataclass_fields__)
            raise RecipeError(f"{where}: {key} = {value!r}: a view has numbers for {known}, and {_SHIFT}")
    shift = entry.get(_SHIFT, [0, 0])
    if not isinstance(shift, list) or [type(metres) in (int, float) for metres in shift] != [True, True]:
        raise RecipeError(f"{where}: {_SHIFT} = {shift!r}: give [metres east, metres north]")
    return replace(look, **said)


def subject_of(record: Record, views: Views, inside: Bbox | None = None) -> Subject:
    """What the record's picture shows in its middle: its point, the middle of its line or of its points.

    inside: the box of the map; of a place beyond it, the last of the map on the way there, and the way.
    """
    lines = _lines(record.geometry)
    lon, lat = (sum(axis) / len(axis) for axis in zip(*(p for line in lines for p in line), strict=True))
    if inside is not None and not (inside[0] <= lon <= inside[2] and inside[1] <= lat <= inside[3]):
        return _toward(lon, lat, inside)
    line = max(lines, key=_length)
    if record.geometry["type"] == "MultiPoint":
        return Subject(lon, lat, _reach(line))
    found = _middle(line) if len(line) > 1 else Subject(lon, lat)
    return _shifted(found, *views.own.get(_name(record), {}).get(_SHIFT, (0.0, 0.0)))


def looks_of(record: Record, subject: Subject, views: Views, *, beyond: bool = False) -> list[Look]:
    """The looks to be tried, the best first; the last one shows what lies there from high above.

    Of a record that says how it is looked at there is that one look: somebody has judged its picture.
    """
    name, own = _name(record), views.own.get(_name(record), {})
    category = "beyond" if beyond else str(record.properties.get("category", ""))
    look = views.usual.get(category, Look())
    along = subject.heading if look.distance else subject.course
    if along is not None:
        look = replace(look, heading=along)
    if not look.distance:
        look = replace(look, distance=min(max(subject.length * _FILLS, _LEAST_M), _MOST_M))
    look = _look(own, look, name)
    if beyond or own:
        return [look]
    return [
        replace(
            look,
            heading=(look.heading + turn) % 360.0,
            tilt=max(look.tilt + lift, 25.0),
            distance=look.distance * farther,
        )
        for turn, lift, farther in _TRIES
    ]


def eye_of(subject: Subject, ground_m: float, look: Look) -> Eye:
    """Where the eye of a look stands. `ground_m`: ellipsoidal height of the ground under the subject."""
    heading, tilt = math.radians(look.heading), math.radians(look.tilt)
    back = look.distance * math.sin(tilt)
    east, north = (math.degrees(1.0 / m) for m in metres_per_radian(math.radians(subject.lat)))
    return (
        subject.lon - back * math.sin(heading) * east,
        subject.lat - back * math.cos(heading) * north,
        ground_m + look.above + look.distance * math.cos(tilt),
        look.heading,
        look.tilt,
    )


def hour_of(look: Look) -> int:
    """The hour whose sun lies best on what the look sees: on the sides that face the eye."""
    if look.hour is not None:
        return look.hour
    return min(_SUN_DEG, key=lambda hour: abs((_SUN_DEG[hour] - look.heading) % 360.0 - 180.0))


def _name(record: Record) -> str:
    return f"{record.layer}/{record.id}"


_Line: TypeAlias = Sequence[Sequence[float]]


def _lines(geometry: Geometry) -> list[_Line]:
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        return [[coordinates]]
    return [coordinates] if geometry["type"] in ("LineString", "MultiPoint") else list(coordinates)


def _metres(start: Sequence[float], end: Sequence[float]) -> tuple[float, float]:
    """East and north of a short way, by the scale at its start."""
    across, along = metres_per_radian(math.radians(start[1]))
    return math.radians(end[0] - start[0]) * across, math.radians(end[1] - start[1]) * along


def _length(line: _Line) -> float:
    return sum(math.hypot(*_metres(a, b)) for a, b in pairwise(line))


def _reach(points: _Line) -> float:
    """The diagonal of the points' box, metres."""
    lons, lats = zip(*((p[0], p[1]) for p in points), strict=True)
    return math.hypot(*_metres((min(lons), min(lats)), (max(lons), max(lats))))


def _middle(line: _Line) -> Subject:
    """The place half-way along."""
    left, whole = _length(line) / 2.0, _length(line)
    for start, end in pairwise(line):
        east, north = _metres(start, end)
        step = math.hypot(east, north)
        if step >= left:
            share = left / step if step else 0.0
            lon, lat = (start[k] + share * (end[k] - start[k]) for k in (0, 1))
            return Subject(lon, lat, whole, _heading(east, north), _bearing(line[0], line[-1]))
        left -= step
    return Subject(line[-1][0], line[-1][1], whole)


def _bearing(start: Sequence[float], end: Sequence[float]) -> float:
    return _heading(*_metres(start, end))


def _heading(east: float, north: float) -> float:
    return math.degrees(math.atan2(east, north)) % 360.0


def _shifted(subject: Subject, east_m: float, north_m: float) -> Subject:
    across, along = metres_per_radian(math.radians(subject.lat))
    return replace(
        subject,
        lon=subject.lon + math.degrees(east_m / across),
        lat=subject.lat + math.degrees(north_m / along),
    )


def _toward(lon: float, lat: float, box: Bbox) -> Subject:
    middle = ((box[0] + box[2]) / 2.0, (box[1] + box[3]) / 2.0)
    halves = ((box[2] - box[0]) / 2.0, (box[3] - box[1]) / 2.0)
    away = (lon - middle[0], lat - middle[1])
    far_km = math.hypot(*_metres(middle, (lon, lat))) / 1000.0
    back = min(max((far_km - _BEYOND_KM[0]) / (_BEYOND_KM[1] - _BEYOND_KM[0]), 0.0), 1.0)
    to_edge = _BEYOND_SHARE[1] + back * (_BEYOND_SHARE[0] - _BEYOND_SHARE[1])
    share = to_edge / max(abs(away[k]) / halves[k] for k in (0, 1))
    way = _bearing(middle, (lon, lat))
    return Subject(middle[0] + share * away[0], middle[1] + share * away[1], heading=way, course=way)
