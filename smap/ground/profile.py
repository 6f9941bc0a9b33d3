"""Profiles: points along a line, how far each is along it, and what the ground does from one to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import to_ecef

__all__ = ["SLOPE_SPACING_M", "climb_of", "length_of", "sampled", "slopes_of"]

Floats = NDArray[np.float64]

SLOPE_SPACING_M = 5.0
"""A ground of wider cells evens out what a walker feels: no slope is told from it."""


def length_of(line: Floats) -> float:
    """Metres along a line on the ellipsoid. line: float64 (n, 2), degrees."""
    return float(_ways(line).sum())


def sampled(line: Floats, step_m: float) -> tuple[Floats, Floats]:
    """Points along a line no farther apart than `step_m`, its own corners among them, and their way.

    line: float64 (n, 2), degrees, n ≥ 2. Gives float64 (m, 2) degrees and (m,) metres from the beginning.
    """
    ways = _ways(line)
    parts = np.maximum(np.ceil(ways / step_m - 1e-9).astype(np.int64), 1)
    begin = np.repeat(np.arange(len(parts)), parts)
    share = np.arange(len(begin)) - np.repeat(np.cumsum(parts) - parts, parts)
    share = share / parts[begin]
    points = line[begin] + (line[begin + 1] - line[begin]) * share[:, None]
    before = np.concatenate([[0.0], np.cumsum(ways)])
    way = before[begin] + ways[begin] * share
    return np.concatenate([points, line[-1:]]), np.append(way, before[-1])


def climb_of(heights: Floats) -> tuple[float, float]:
    """Metres up and metres down along heights (m,); steps to and from NaN count for nothing."""
    steps = np.diff(heights)
    return float(steps[steps > 0.0].sum()), float(-steps[steps < 0.0].sum())


def slopes_of(way: Floats, heights: Floats) -> Floats:
    """Percent of the piece that ends at each point, (m,); NaN at the first, and where nothing is known."""
    ahead = np.diff(way)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(ahead > 0.0, 100.0 * np.diff(heights) / ahead, np.nan)
    return np.concatenate([[np.nan], slope])


def _ways(line: Floats) -> Floats:
    """Metres of each piece of a line: chords at height 0, short of the arc by a millimetre in 10 km."""
    places = to_ecef(*np.radians(line.T))
    return np.asarray(np.linalg.norm(np.diff(places, axis=0), axis=1))
