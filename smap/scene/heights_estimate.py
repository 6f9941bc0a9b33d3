"""How tall is probably what nobody measured: a reckoning from known buildings that are near and alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

__all__ = ["ERROR_STEPS_M", "REACH", "Estimate", "estimate_heights", "leave_out", "likeness"]

Array = NDArray[np.float64]

ERROR_STEPS_M = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)
"""Errors are told as the next of these: finer would pretend to be known, and costs bytes in every tile."""

_NEAR_M, _AREA, _ROOM, _GAP, _SHAPE = 500.0, np.log(1.25), 0.2, 0.3, 0.3
"""So far apart count as equally unlike: 500 m, a quarter more area, a fifth more room about it, a third wider
a gap, a third more elongated. Chosen on OpenStreetMap's Seoul (docs/decisions/0007)."""
_ABOUT = 8
"""The room about a building is how far it is to its eighth neighbour, the gap is to the first: towers stand
far apart, houses close."""
REACH = 5.0
"""No neighbour is more unlike than this: 2.5 km away, or three times the area."""
_NEAREST, _FEWEST = 12, 3
_SOFT = 0.2
"""Neighbours weigh 1 / (unlikeness² + 0.2): a twin next door counts as six that are one step unlike."""
_TRIMMED = 0.25
_HASTE = 0.5
"""A neighbour may be half as unlike again as the true one: a third less time, the same errors to 0.05 m."""
_AT_ONCE = 32_768
"""Buildings reckoned together: about 30 MB."""
_LEAF = 24
"""Points in a leaf of the search tree: fastest of 4, 8, 16, 24, 32 here."""


@dataclass(frozen=True)
class Estimate:
    """height, error: float64 (n,), metres; NaN where nothing is estimated. error: one of ERROR_STEPS_M."""

    height: Array
    error: Array


def likeness(place: Array, area: Array, elongation: Array) -> Array:
    """The space in which near means near and alike: float64 (n, 6).

    place: float64 (n, 2), metres in any one plane. area: float64 (n,), m². elongation: float64 (n,), how many
    times longer than wide.
    """
    gap, room = _distances(place)
    columns = [
        place / _NEAR_M,
        np.log(np.maximum(area, 0.01)) / _AREA,
        np.log(np.maximum(room, 1.0)) / _ROOM,
        np.log(np.maximum(gap, 1.0)) / _GAP,
        np.log(np.maximum(elongation, 1.0)) / _SHAPE,
    ]
    return np.column_stack(columns)


def estimate_heights(
    space: Array,
    known: Array,
    use: NDArray[np.object_] | None = None,
    *,
    asked: NDArray[np.bool_] | None = None,
) -> Estimate:
    """Heights of all whose `known` height (float64 (n,), metres) is NaN, where three known are near enough.

    space: as `likeness` gives it. use: object (n,) of str or None: who has three neighbours of its own use is
    reckoned from those alone. The height is the geometric mean of the middle half of the neighbours' heights
    (by weight), rounded to half a metre; the error is their mean deviation from it. asked: bool (n,), of
    whom alone it is wanted; each has what it would have among all.
    """
    height, error = np.full(len(known), np.nan), np.full(len(known), np.nan)
    is_unknown = np.isnan(known) if asked is None else np.isnan(known) & asked
    for members in [*_of_one_use(use), np.arange(len(known))]:
        is_open = is_unknown[members] & np.isnan(height[members])
        asking, telling = members[is_open], members[~np.isnan(known[members])]
        if len(asking) and len(telling) >= _FEWEST:
            height[asking], error[asking] = _from_neighbours(space, asking, telling, known)
    return Estimate(height, error)


def leave_out(
    space: Array,
    known: Array,
    hidden: NDArray[np.bool_],
    default_m: float,
    use: NDArray[np.object_] | None = None,
) -> Mapping[str, Any]:
    """How the estimate misses heights that are known and were hidden from it (bool (n,)), beside a constant.

    Metres: the medians of what the estimate and the constant miss by, the estimate's bias; and of what is
    estimated the share that lies within the error stated. What has no estimate takes the constant.
    """
    rows = np.flatnonzero(~np.isnan(known))
    space, known, hidden, use = space[rows], known[rows], hidden[rows], None if use is None else use[rows]
    told = estimate_heights(space, np.where(hidden, np.nan, known), use)
    if not hidden.any():
        return {"hidden": 0}
    is_told = ~np.isnan(told.height[hidden])
    off = np.where(is_told, told.height[hidden], default_m) - known[hidden]
    within = np.abs(off[is_told]) <= told.error[hidden][is_told]
    return {
        "hidden": int(hidden.sum()),
        "estimated": int(is_told.sum()),
        "median_error_m": round(float(np.median(np.abs(off))), 2),
        "default_median_error_m": round(float(np.median(np.abs(default_m - known[hidden]))), 2),
        "bias_median_m": round(float(np.median(off)), 2),
        "bias_mean_m": round(float(off.mean()), 2),
        "within_stated_error": round(float(within.mean()), 3) if len(within) else None,
    }


def _distances(place: Array) -> tuple[Array, Array]:
    """Metres to the first and to the eighth neighbour, or the farthest where there are fewer."""
    among = min(_ABOUT, len(place) - 1)
    if among < 1:
        return np.ones(len(place)), np.ones(len(place))
    found = np.asarray(cKDTree(place).query(place, k=[2, among + 1], workers=-1)[0])
    return found[:, 0], found[:, 1]


def _of_one_use(use: NDArray[np.object_] | None) -> list[NDArray[np.int64]]:
    if use is None:
        return []
    said = np.flatnonzero([u is not None for u in use])
    names, group = np.unique(use[said].astype(str), return_inverse=True)
    order = np.argsort(group, kind="stable")
    return list(np.split(said[order], np.searchsorted(group[order], np.arange(1, len(names)))))


def _from_neighbours(
    space: Array, asking: NDArray[np.int64], telling: NDArray[np.int64], known: Array
) -> tuple[Array, Array]:
    telling = telling[_in_their_order(space[telling])]
    tree, heights = cKDTree(space[telling], leafsize=_LEAF), known[telling]
    parts = np.split(asking, range(_AT_ONCE, len(asking), _AT_ONCE))
    found = [_of_nearest(tree, space[part], heights) for part in parts]
    return np.concatenate([height for height, _ in found]), np.concatenate([error for _, error in found])


def _in_their_order(space: Array) -> NDArray[np.int64]:
    """An order of places that does not depend on the one they are given in: with haste, who is found depends
    on how the tree grew.
    """
    order = np.argsort(space[:, 0], kind="stable")
    first = space[order, 0]
    again = np.flatnonzero(first[1:] == first[:-1])
    alike = np.unique(np.concatenate([again, again + 1]))
    few = order[alike]
    order[alike] = few[np.lexsort(space[few].T[::-1])]
    return order


def _of_nearest(tree: cKDTree, asking: Array, heights: Array) -> tuple[Array, Array]:
    k = min(_NEAREST, len(heights))
    far, at = tree.query(asking, k=k, eps=_HASTE, distance_upper_bound=REACH, workers=-1)
    is_near = np.isfinite(far)
    weight = np.where(is_near, 1.0 / (np.where(is_near, far, 0.0) ** 2 + _SOFT), 0.0)
    height = np.where(is_near, heights[np.where(is_near, at, 0)], 1.0)
    enough = is_near.sum(axis=1) >= _FEWEST
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    middle = np.where(enough, _middle(height, weight), np.nan)
    deviation = (weight * np.abs(height - middle[:, None])).sum(axis=1)
    return middle, _in_steps(deviation)


def _middle(height: Array, weight: Array) -> Array:
    """Geometric mean of the middle half by weight of each row, to half a metre and no lower."""
    order = np.argsort(height, axis=1)
    height, weight = (np.take_along_axis(each, order, axis=1) for each in (height, weight))
    upper = np.cumsum(weight, axis=1)
    low, high = (np.clip(end, _TRIMMED, 1.0 - _TRIMMED) for end in (upper - weight, upper))
    counts = high - low
    mean = np.exp((counts * np.log(height)).sum(axis=1) / np.maximum(counts.sum(axis=1), 1e-12))
    return np.asarray(np.maximum(np.rint(2.0 * mean) / 2.0, 0.5))


def _in_steps(metres: Array) -> Array:
    steps = np.array(ERROR_STEPS_M)
    at = np.minimum(np.searchsorted(steps, metres), len(steps) - 1)
    return np.where(np.isnan(metres), np.nan, steps[at])
