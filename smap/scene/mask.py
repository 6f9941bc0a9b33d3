"""Masks: which buildings lie in areas that must not be shown as they are."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.scene.footprint import Footprints

__all__ = ["inside_areas"]


def inside_areas(places: NDArray[np.float64], areas: Footprints) -> NDArray[np.bool_]:
    """Whether each place, float64 (n, 2) radians, lies in any of the areas or on an edge: bool (n,)."""
    inside = np.zeros(len(places), bool)
    tree = shapely.STRtree(_polygons(areas))
    found = tree.query(shapely.points(places), predicate="intersects")
    inside[found[0]] = True
    return inside


def _polygons(areas: Footprints) -> list[shapely.Polygon]:
    rings = [areas.lonlat[a:b] for a, b in zip(areas.rings[:-1], areas.rings[1:], strict=True)]
    spans = zip(areas.polygons[:-1], areas.polygons[1:], strict=True)
    return [shapely.Polygon(rings[a], rings[a + 1 : b]) for a, b in spans]
