"""The sample's ground: a valley floor and the written hills, highest of all at each point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smap.sample.facts import Facts, Summit

__all__ = ["heights_at"]


def heights_at(facts: Facts, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres above sea level at plane points (…, 2).

    Each hill falls as 1 / (1 + d²)^1.5 from its summit (a rounded top, a long foot); hills join by a smooth
    maximum so that saddles between them stay soft. A summit keeps its written height to 0.1 m.
    """
    rises = np.stack([_rise(summit, facts.valley_m, xy) for summit in facts.summits])
    top = rises.max(axis=0)
    rest = np.sqrt(np.maximum((rises**2).sum(axis=0) - top**2, 0.0))
    joined = top + 0.35 * rest * np.clip(1.0 - top / top.max(initial=1.0), 0.0, 1.0) ** 2
    ripple = 1.6 * np.sin(xy[..., 0] / 310.0) * np.cos(xy[..., 1] / 270.0)
    return np.asarray(facts.valley_m + joined + ripple * np.exp(-joined / 30.0))


def _rise(summit: Summit, valley_m: float, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    east, north = np.moveaxis(xy - summit.xy, -1, 0)
    sin, cos = np.sin(summit.axis_rad), np.cos(summit.axis_rad)
    along, across = summit.half_width_m
    # (1 + d²)^-1.5 is one half at d² = 2^(2/3) − 1
    square = ((east * sin + north * cos) / along) ** 2 + ((east * cos - north * sin) / across) ** 2
    return np.asarray((summit.height_m - valley_m) * (1.0 + square * (2.0 ** (2.0 / 3.0) - 1.0)) ** -1.5)
