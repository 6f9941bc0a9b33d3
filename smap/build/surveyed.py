"""Buildings with surfaces of their own: how they stand, and what coarser tiles draw in their stead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.stock import Stock
from smap.errors import GeoidError
from smap.geo.geoid import undulation
from smap.scene.surfaces import KINDS, Surfaces, mean_tops

__all__ = ["Surveyed", "surface_figures", "surveyed_of"]


@dataclass(frozen=True)
class Surveyed:
    """Surfaces of n buildings. mean: float64 (n,), metres from the lowest point to the roofs on average, and
    off: by so much a flat roof there lies off. ground: float64 (n,), ellipsoidal metres of the lowest point.
    Each is NaN where a building has no surfaces, `ground` also where its datum is not known.
    """

    surfaces: Surfaces
    mean: NDArray[np.float64]
    off: NDArray[np.float64]
    ground: NDArray[np.float64]

    def take(self, chosen: NDArray[np.int64]) -> Surveyed:
        """The chosen ones in the order given."""
        return Surveyed(self.surfaces.take(chosen), self.mean[chosen], self.off[chosen], self.ground[chosen])

    @property
    def unresolved(self) -> int:
        """How many have surfaces whose height above the ellipsoid nobody knows."""
        return int((self.surfaces.given & np.isnan(self.ground)).sum())

    @property
    def triangles(self) -> NDArray[np.int64]:
        """Triangles of each: int64 (n,)."""
        return np.diff(self.surfaces.of_triangles)


def surveyed_of(stock: Stock, scale: NDArray[np.float64], named: NDArray[np.bool_]) -> Surveyed | None:
    """The surfaces of a stock, None where it has none; what may not be named has none either.

    scale: float64 (n, 2), metres per radian.
    """
    surfaces = stock.surfaces
    if surfaces is None or not surfaces.given.any():
        return None
    if not named.all():
        both = Surfaces.concatenate([surfaces, Surfaces.none(1)])
        surfaces = both.take(np.where(named, np.arange(len(stock)), len(stock)))
    highest, mean = mean_tops(surfaces, scale)
    return Surveyed(surfaces, mean, np.maximum(highest - mean, 0.0), _grounds(stock, surfaces))


def _grounds(stock: Stock, surfaces: Surfaces) -> NDArray[np.float64]:
    ground = np.full(len(stock), np.nan)
    rows = np.flatnonzero(surfaces.given & ~np.isnan(surfaces.base))
    places = stock.footprints.lonlat[stock.footprints.feature_vertices[rows]]
    try:
        ground[rows] = surfaces.base[rows] + undulation(places[:, 0], places[:, 1])
    except GeoidError:
        return ground  # beyond the geoid that is known they stand on the ground that is drawn
    return ground


def surface_figures(stock: Stock) -> Mapping[str, Any]:
    """How many surfaces there are of each kind, in triangles, and how many buildings stand where they say."""
    surfaces = stock.surfaces
    if surfaces is None:
        return {}
    counts = np.bincount(surfaces.kind, minlength=len(KINDS)).tolist()
    return {
        "buildings_with_surfaces": int(surfaces.given.sum()),
        "surface_triangles": dict(zip(KINDS, counts, strict=True)),
        "at_their_own_height": int((surfaces.given & ~np.isnan(surfaces.base)).sum()),
        "surface_faults": dict(stock.faults),
    }
