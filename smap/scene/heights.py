"""How tall is a building: a ladder of rungs, the first that knows settles it, and which one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

__all__ = ["TALLEST_M", "Evidence", "Heights", "settle_heights", "unusable_heights"]

TALLEST_M = 600.0
"""Above this a height is a fault of the data: Lotte World Tower, the tallest in Korea, has 554.5 m."""

_REACH_M = 600.0
_LIKE = np.log(1.25)
_FAR = 3.0
"""A neighbour counts while (distance / 600 m)² + (ln(area ratio) / ln 1.25)² <= 3²: within 1,800 m, or twice
the area. Of those the nearest nine, and no median of fewer than three. Tried on OpenStreetMap's Seoul without
4,000 of the known heights: 600 m and 1.25 miss by 5.0 m in the median, 300 m and 1.5 by 4.0 m, but those give
houses of 120 to 200 m² a median of 26 m after the towers about them; houses of known floors have 9 m."""
_NEAREST = 9
_FEWEST = 3


@dataclass(frozen=True)
class Evidence:
    """What is known of n buildings. place: float64 (n, 2), metres in any one plane; area: float64 (n,), m².

    height: float64 (n,), metres, and floors: float64 (n,); NaN where the source says nothing.
    """

    height: NDArray[np.float64]
    floors: NDArray[np.float64]
    place: NDArray[np.float64]
    area: NDArray[np.float64]


@dataclass(frozen=True)
class Heights:
    """height: float64 (n,), metres above the ground. source: object (n,), the rung that settled each."""

    height: NDArray[np.float64]
    source: NDArray[np.object_]


def settle_heights(
    evidence: Evidence, *, ladder: Sequence[str], storey_m: float, default_m: float
) -> Heights:
    """Climb the ladder: "height", "floors", "estimate" and "default" in the order given, "default" last.

    "estimate" is the median of what earlier rungs settled among the nearest buildings of like area.
    """
    height = np.full(len(evidence.height), np.nan)
    source = np.full(len(height), "default", object)
    for rung in ladder:
        open_ = np.isnan(height)
        found = _rung(rung, evidence, height, storey_m, default_m)
        settled = open_ & ~np.isnan(found)
        height[settled] = found[settled]
        source[settled] = rung
    return Heights(height, source)


def unusable_heights(given: NDArray[np.float64]) -> dict[str, int]:
    """How many heights are given and yet no height: zero, negative, above 600 m (those that occur)."""
    counts = {
        "zero": int((given == 0.0).sum()),
        "negative": int((given < 0.0).sum()),
        "above_600_m": int((given > TALLEST_M).sum()),
    }
    return {fault: n for fault, n in counts.items() if n}


def _rung(
    rung: str, evidence: Evidence, settled: NDArray[np.float64], storey_m: float, default_m: float
) -> NDArray[np.float64]:
    if rung == "height":
        return _usable(evidence.height)
    if rung == "floors":
        return _usable(evidence.floors * storey_m)
    if rung == "estimate":
        return _estimate(evidence, settled)
    assert rung == "default"
    return np.full(len(settled), default_m)


def _usable(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.where((metres > 0.0) & (metres <= TALLEST_M), metres, np.nan)


def _estimate(evidence: Evidence, settled: NDArray[np.float64]) -> NDArray[np.float64]:
    like = np.log(np.maximum(evidence.area, 0.01)) / _LIKE
    space = np.column_stack([evidence.place / _REACH_M, like])
    known = np.flatnonzero(~np.isnan(settled))
    asking = np.flatnonzero(np.isnan(settled))
    found = np.full(len(settled), np.nan)
    if len(known) < _FEWEST or not len(asking):
        return found
    distance, at = cKDTree(space[known]).query(space[asking], k=_NEAREST, distance_upper_bound=_FAR)
    near = np.isfinite(distance)
    heights = np.where(near, settled[known][np.where(near, at, 0)], np.nan)
    enough = near.sum(axis=1) >= _FEWEST
    found[asking[enough]] = np.nanmedian(heights[enough], axis=1)
    return found
