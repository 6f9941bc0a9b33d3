"""The WGS84 ellipsoid: geodetic positions, earth-centred (ECEF) positions and local east-north-up frames."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ECCENTRICITY_2",
    "FLATTENING",
    "SEMI_MAJOR_M",
    "SEMI_MINOR_M",
    "east_north_up",
    "from_ecef",
    "metres_per_radian",
    "to_ecef",
    "verticals",
]

# NIMA TR8350.2 (3rd edition, 2000), table 3.1: the two defining constants of the shape
SEMI_MAJOR_M = 6378137.0
FLATTENING = 1.0 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)


def to_ecef(lon: ArrayLike, lat: ArrayLike, height: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Geodetic to ECEF: float64 (..., 3) metres, for radians and ellipsoidal metres that broadcast."""
    lon, lat, height = np.broadcast_arrays(_f64(lon), _f64(lat), _f64(height))
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    normal = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * sin_lat**2)
    across = (normal + height) * cos_lat
    up = (normal * (1.0 - ECCENTRICITY_2) + height) * sin_lat
    return np.stack([across * np.cos(lon), across * np.sin(lon), up], axis=-1)


def metres_per_radian(lat: float) -> NDArray[np.float64]:
    """Metres of a radian of longitude and of latitude at a latitude (radians), height 0: float64 (2,)."""
    root = math.sqrt(1.0 - ECCENTRICITY_2 * math.sin(lat) ** 2)
    across = SEMI_MAJOR_M / root * math.cos(lat)
    return np.array([across, SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / root**3])


def verticals(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """ECEF places at height 0 and the upward unit vectors there: two of float64 (3, n), for radians (n,).

    A place at a height is the one at 0 and so many of the other.
    """
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    normal = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * sin_lat**2)
    up = np.stack([cos_lat * np.cos(lon), cos_lat * np.sin(lon), sin_lat])
    at = up * normal
    at[2] *= 1.0 - ECCENTRICITY_2
    return at, up


def from_ecef(xyz: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """ECEF (..., 3) metres to lon, lat (radians) and ellipsoidal height (metres), without iteration.

    H. Vermeille, "Direct transformation from geocentric coordinates to geodetic coordinates", Journal of
    Geodesy 76 (2002) 451-454. It holds outside the evolute of the ellipse, that is more than 43 km from the
    earth's centre; positions nearer give NaN.
    """
    xyz = _f64(xyz)
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    across = np.hypot(x, y)
    k = _vermeille_k(across, z)
    d = k * across / (k + ECCENTRICITY_2)
    reach = np.hypot(d, z)
    height = (k + ECCENTRICITY_2 - 1.0) / k * reach
    return np.arctan2(y, x), 2.0 * np.arctan2(z, d + reach), height


def _vermeille_k(across: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    e4 = ECCENTRICITY_2**2
    p = (across / SEMI_MAJOR_M) ** 2
    q = (1.0 - ECCENTRICITY_2) * (z / SEMI_MAJOR_M) ** 2
    r = (p + q - e4) / 6.0
    r = np.where(r > 0.0, r, np.nan)
    s = e4 * p * q / (4.0 * r**3)
    t = np.cbrt(1.0 + s + np.sqrt(s * (2.0 + s)))
    u = r * (1.0 + t + 1.0 / t)
    v = np.sqrt(u**2 + e4 * q)
    w = ECCENTRICITY_2 * (u + v - q) / (2.0 * v)
    k: NDArray[np.float64] = np.sqrt(u + v + w**2) - w
    return k


def east_north_up(lon: float, lat: float, height: float = 0.0) -> NDArray[np.float64]:
    """The (4, 4) matrix from local east-north-up to ECEF, for column vectors (ecef = matrix @ v)."""
    sin_lon, cos_lon, sin_lat, cos_lat = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    matrix = np.eye(4)
    matrix[:3, 0] = -sin_lon, cos_lon, 0.0
    matrix[:3, 1] = -sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat
    matrix[:3, 2] = cos_lat * cos_lon, cos_lat * sin_lon, sin_lat
    matrix[:3, 3] = to_ecef(lon, lat, height)
    return matrix


def _f64(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, np.float64)
