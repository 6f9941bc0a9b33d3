"""Footprints for tests: written in metres about a place in Seoul, and drawn by Hypothesis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.geo.ellipsoid import ECCENTRICITY_2, SEMI_MAJOR_M
from smap.scene.footprint import Footprints

__all__ = ["CITY_HALL", "METRES", "Polygon", "buildings", "footprints_of", "polygons", "rectangle"]

CITY_HALL = np.radians([126.9779, 37.5665])
Ring = list[tuple[float, float]]
Polygon = list[Ring]


def _metres_per_radian() -> NDArray[np.float64]:
    curve = 1.0 - ECCENTRICITY_2 * math.sin(CITY_HALL[1]) ** 2
    along = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / curve**1.5
    return np.array([SEMI_MAJOR_M / math.sqrt(curve) * math.cos(CITY_HALL[1]), along])


METRES = _metres_per_radian()


def rectangle(west: float, south: float, width: float, depth: float) -> Polygon:
    """One rectangle, metres east and north of the City Hall."""
    east, north = west + width, south + depth
    return [[(west, south), (east, south), (east, north), (west, north)]]


def footprints_of(features: Sequence[Sequence[Polygon]]) -> Footprints:
    """Features of polygons of rings, in metres; outer rings counter-clockwise, holes clockwise."""
    polygons = [polygon for feature in features for polygon in feature]
    rings = [ring for polygon in polygons for ring in polygon]
    xy = np.array([vertex for ring in rings for vertex in ring], np.float64).reshape(-1, 2)
    return Footprints(
        CITY_HALL + xy / METRES,
        np.cumsum([0, *map(len, rings)]),
        np.cumsum([0, *map(len, polygons)]),
        np.cumsum([0, *map(len, features)]),
    )


@st.composite
def polygons(draw: st.DrawFn, east: float = 0.0, north: float = 0.0) -> Polygon:
    """A star about a middle, 3 to 30 m in radius, perhaps with a hole of its own shape in it."""
    radii = draw(st.lists(st.floats(3.0, 30.0), min_size=3, max_size=12))
    turn = draw(st.floats(0.0, 2.0 * math.pi))
    angles = turn + np.arange(len(radii)) * (2.0 * math.pi / len(radii))
    outline = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(radii)[:, None]
    rings = [outline, outline[::-1] * 0.4] if draw(st.booleans()) else [outline]
    return [[(east + float(x), north + float(y)) for x, y in ring] for ring in rings]


@st.composite
def buildings(draw: st.DrawFn, most: int = 8) -> Footprints:
    """Some features, each of one or two polygons that lie 100 m apart."""
    features = []
    for i in range(draw(st.integers(1, most))):
        parts = draw(st.integers(1, 2))
        features.append([draw(polygons(200.0 * i, 100.0 * part)) for part in range(parts)])
    return footprints_of(features)
