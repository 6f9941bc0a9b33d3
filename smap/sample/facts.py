"""The sample city's written facts as records, in metres on a tangent plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import east_north_up, from_ecef, to_ecef

__all__ = [
    "ERAS",
    "Area",
    "Bridge",
    "Court",
    "District",
    "Facts",
    "Kind",
    "Plane",
    "Relief",
    "Stream",
    "Street",
    "Villages",
]

ERAS = ("today", "hanyang")
"""Now, and before 1900."""


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
class Relief:
    """A line of known ground: its course (n, 2) on the plane and the height of each point (n,), metres.

    A summit is a line of one point, spot heights are many lines of one.
    """

    name: str
    xy: NDArray[np.float64]
    height_m: NDArray[np.float64]


@dataclass(frozen=True)
class Street:
    """A street: its course (n, 2) on the plane and its width in metres, from wall to wall.

    role: "street", "shops" (shop houses stand along it) or "rail".
    """

    name: str
    xy: NDArray[np.float64]
    width_m: float
    role: str
    eras: tuple[str, ...]


@dataclass(frozen=True)
class Bridge:
    """A bridge: its place (2,) on the plane, near the stream's line, and its width along the stream, metres.

    stone: of slabs on pillars also today. arches: of a water gate, which carries the city wall; else 0.
    """

    id: str
    name: str
    name_en: str
    xy: NDArray[np.float64]
    width_m: float
    eras: tuple[str, ...]
    source: str
    stone: bool = False
    arches: int = 0


@dataclass(frozen=True)
class Stream:
    """A stream: its bed, its width at each point of it (n,), and the lane along each of its banks.

    open: the eras under the sky. open_xy: where it comes out from under a street today; None: along all its
    course. walled: it runs between stone walls, below the lanes. bridges: over it, by era, if walled.
    """

    bed: Relief
    width_m: NDArray[np.float64]
    banks_m: float
    open: tuple[str, ...]
    open_xy: NDArray[np.float64] | None
    source: str
    walled: bool = False
    bridges: tuple[Bridge, ...] = ()


@dataclass(frozen=True)
class Area:
    """A body of water with one height: its outline (n, 2) on the plane.

    modelled: a landmark draws its water and its edge; the ground is only level there.
    """

    name: str
    outline: NDArray[np.float64]
    height_m: float
    modelled: bool = False


@dataclass(frozen=True)
class Court:
    """Ground that no ordinary house enters: a palace, a shrine, a park. outline: (n, 2) on the plane."""

    name: str
    kind: str
    outline: NDArray[np.float64]
    eras: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """How a block is cut into lots and what stands on a lot: see tiles/sample/facts/fabric.toml.

    courts: of a plan "court", how often houses are ㅡ, ㄱ, ㄷ and ㅁ. roof: its shape in
    OpenStreetMap's words.
    """

    label: str
    lot_m2: float
    lane_m: tuple[tuple[float, float], ...]
    gap_m: tuple[float, float]
    height_m: tuple[float, float]
    plan: str
    empty: float
    front: str | None = None
    front_m: float = 0.0
    courts: tuple[float, float, float, float] = (0.0, 0.42, 0.38, 0.20)
    roof: str = ""


@dataclass(frozen=True)
class District:
    """A district: its middle on the plane; it reaches half-way to its neighbours."""

    name: str
    kind: str
    xy: NDArray[np.float64]


@dataclass(frozen=True)
class Villages:
    """What stands outside the wall: houses of a kind within reach_m of places (n, 2) or of the streets."""

    kind: str
    xy: NDArray[np.float64]
    reach_m: float


@dataclass(frozen=True)
class Facts:
    """All that is written of the sample city; bounds are west, south, east, north in degrees.

    districts, villages, roadside: by era; an era without villages is built up everywhere.
    """

    plane: Plane
    bounds_deg: tuple[float, float, float, float]
    spacing_m: float
    summits: tuple[Relief, ...]
    ridges: tuple[Relief, ...]
    spots: tuple[Relief, ...]
    streams: tuple[Stream, ...]
    waters: tuple[Area, ...]
    streets: tuple[Street, ...]
    courts: tuple[Court, ...]
    kinds: Mapping[str, Kind]
    districts: Mapping[str, tuple[District, ...]]
    villages: Mapping[str, Villages]
    roadside: Mapping[str, Villages]

    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north on the plane, metres: the widest rectangle of the area's corners."""
        west, south, east, north = self.bounds_deg
        corners = self.plane.to_plane(
            np.array([west, east, west, east]), np.array([south, south, north, north])
        )
        (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return x0, y0, x1, y1
