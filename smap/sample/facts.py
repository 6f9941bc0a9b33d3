"""The sample city's written facts, as read from tiles/sample/facts.toml."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import east_north_up, from_ecef, to_ecef

__all__ = ["Court", "Fabric", "Facts", "Line", "Plane", "Summit", "read_facts"]


@dataclass(frozen=True)
class Plane:
    """A tangent plane at the middle of the area: x east, y north, metres (6 km out: < 3 m off)."""

    lon: float
    lat: float

    def to_plane(self, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees to plane metres: float64 (n, 2)."""
        frame = east_north_up(self.lon, self.lat, 0.0)
        ecef = to_ecef(np.radians(lon_deg), np.radians(lat_deg), np.zeros(np.shape(lon_deg)))
        local = (ecef - frame[:3, 3]) @ frame[:3, :3]
        return np.asarray(local[..., :2])

    def to_degrees(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plane metres (n, 2) to degrees lon, lat: float64 (n, 2)."""
        frame = east_north_up(self.lon, self.lat, 0.0)
        flat = np.concatenate([xy, np.zeros((*xy.shape[:-1], 1))], axis=-1)
        lon, lat, _ = from_ecef(flat @ frame[:3, :3].T + frame[:3, 3])
        return np.stack([np.degrees(lon), np.degrees(lat)], axis=-1)


@dataclass(frozen=True)
class Summit:
    """A hill: centre on the plane, height above sea level, half-height distances along and across."""

    xy: NDArray[np.float64]
    height_m: float
    half_width_m: tuple[float, float]
    axis_rad: float


@dataclass(frozen=True)
class Line:
    """A street or stream: its course on the plane, float64 (n, 2), and its width in metres."""

    xy: NDArray[np.float64]
    width_m: float


@dataclass(frozen=True)
class Court:
    """A rectangle that no ordinary house enters: centre and half extents in metres."""

    xy: NDArray[np.float64]
    half_m: tuple[float, float]


@dataclass(frozen=True)
class Fabric:
    """How ordinary houses are around a centre: side of a lot and range of heights, metres."""

    name: str
    xy: NDArray[np.float64]
    lot_m: float
    height_m: tuple[float, float]


@dataclass(frozen=True)
class Facts:
    """All that is written of the sample city; bounds are west, south, east, north in degrees."""

    plane: Plane
    bounds_deg: tuple[float, float, float, float]
    spacing_m: float
    valley_m: float
    summits: tuple[Summit, ...]
    streets: tuple[Line, ...]
    streams: tuple[Line, ...]
    courts: tuple[Court, ...]
    fabrics: tuple[Fabric, ...]


def read_facts(path: Path) -> Facts:
    """Read the facts file."""
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    area = facts["area"]
    bounds = (area["west"], area["south"], area["east"], area["north"])
    plane = Plane(math.radians((bounds[0] + bounds[2]) / 2), math.radians((bounds[1] + bounds[3]) / 2))

    def at(fact: dict[str, float]) -> NDArray[np.float64]:
        return plane.to_plane(np.array(fact["lon"]), np.array(fact["lat"]))

    def course(fact: dict[str, list[list[float]]]) -> NDArray[np.float64]:
        points = np.array(fact["points"])
        return plane.to_plane(points[:, 0], points[:, 1])

    return Facts(
        plane,
        bounds,
        area["spacing_m"],
        facts["ground"]["valley_m"],
        tuple(
            Summit(at(s), s["height_m"], tuple(s["half_width_m"]), math.radians(s["axis_deg"]))
            for s in facts["summit"]
        ),
        tuple(Line(course(s), s["width_m"]) for s in facts["street"]),
        tuple(Line(course(s), s["width_m"]) for s in facts["stream"]),
        tuple(Court(at(c), tuple(c["half_m"])) for c in facts["court"]),
        tuple(Fabric(f["name"], at(f), f["lot_m"], tuple(f["height_m"])) for f in facts["fabric"]),
    )
