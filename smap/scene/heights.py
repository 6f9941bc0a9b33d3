"""How tall is a building: a ladder of rungs, the first that knows settles it, and which one is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.scene.heights_estimate import estimate_heights, leave_out, likeness

__all__ = ["TALLEST_M", "Evidence", "Heights", "estimate_misses", "faults_of", "settle_heights"]

TALLEST_M = 600.0
"""Above this a height is a fault of the data: Lotte World Tower, the tallest in Korea, has 554.5 m."""


@dataclass(frozen=True)
class Evidence:
    """What is known of n buildings. place: float64 (n, 2), metres in any one plane; area: float64 (n,), m².

    height: float64 (n,), metres, and floors: float64 (n,); NaN where the source says nothing. elongation:
    float64 (n,), how many times longer than wide. use: object (n,) of str or None, or None altogether.
    known_space: float64 (n, 6), where it has been reckoned before.
    """

    height: NDArray[np.float64]
    floors: NDArray[np.float64]
    place: NDArray[np.float64]
    area: NDArray[np.float64]
    elongation: NDArray[np.float64]
    use: NDArray[np.object_] | None = None
    known_space: NDArray[np.float64] | None = None

    @cached_property
    def space(self) -> NDArray[np.float64]:
        """Where near means near and alike: float64 (n, 6)."""
        if self.known_space is not None:
            return self.known_space
        return likeness(self.place, self.area, self.elongation)


@dataclass(frozen=True)
class Heights:
    """height: float64 (n,), metres above the ground. source: object (n,), the rung that settled each.

    error: float64 (n,), metres, of what is estimated; else NaN.
    """

    height: NDArray[np.float64]
    source: NDArray[np.object_]
    error: NDArray[np.float64]


def settle_heights(
    evidence: Evidence, *, ladder: Sequence[str], storey_m: float, default_m: float
) -> Heights:
    """Climb the ladder: "height", "floors", "estimate" and "default" in the order given, "default" last.

    "estimate" is reckoned from what earlier rungs settled among the nearest and most alike.
    """
    height, error = np.full(len(evidence.height), np.nan), np.full(len(evidence.height), np.nan)
    source = np.full(len(height), "default", object)
    for rung in ladder:
        found = np.full(len(height), default_m)
        if rung == "estimate":
            told = estimate_heights(evidence.space, height, evidence.use)
            found, error = told.height, told.error
        elif rung == "height":
            found = _usable(evidence.height)
        elif rung == "floors":
            found = _usable(evidence.floors * storey_m)
        settled = np.isnan(height) & ~np.isnan(found)
        height[settled] = found[settled]
        source[settled] = rung
    return Heights(height, source, error)


def estimate_misses(
    evidence: Evidence,
    heights: Heights,
    hidden: NDArray[np.bool_],
    default_m: float,
    *,
    most: int | None = None,
) -> Mapping[str, Any]:
    """How far the estimate is off where a height that is measured or has floors was `hidden` (bool (n,)).

    most: of more hidden ones than so many, every other, third and so on is asked; None: all are.
    """
    is_known = (heights.source == "height") | (heights.source == "floors")
    lost = np.flatnonzero(hidden & is_known)
    is_asked = is_known.copy()
    is_asked[lost] = False
    if most is not None:  # by place, whatever the order they are given in
        lost = lost[np.lexsort(evidence.place[lost].T)][:: max(1, -(-len(lost) // most))]
    is_asked[lost] = True
    rows = np.flatnonzero(is_asked)
    use = None if evidence.use is None else evidence.use[rows]
    return leave_out(evidence.space[rows], heights.height[rows], hidden[rows], default_m, use)


def faults_of(metres: NDArray[np.float64]) -> Mapping[str, NDArray[np.int64]]:
    """Which heights are given and yet no height, int64 indices by fault: zero, negative, above 600 m."""
    faults = {
        "zero": metres == 0.0,
        "negative": metres < 0.0,
        "above_600_m": metres > TALLEST_M,
    }
    return {fault: np.flatnonzero(is_so) for fault, is_so in faults.items() if is_so.any()}


def _usable(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.where((metres > 0.0) & (metres <= TALLEST_M), metres, np.nan)
