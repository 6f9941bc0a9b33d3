"""Where the gates' models hold the wall's course: the stubs of wall that they carry on both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.sample.facts import Plane
from smap.sample.landmarks.facts import read_landmarks

__all__ = ["Stub", "read_stubs", "stub_at"]

NEAR_M = 1.0
"""A control point that is no farther from a gate's middle is that gate: both are the same written place."""


@dataclass(frozen=True)
class Stub:
    """A gate: its middle (2,) on the plane, and the ends (2,) of its wings.

    The wall arrives at one and leaves from the other as one walks around the city with the sun.
    """

    id: str
    middle: NDArray[np.float64]
    arrives: NDArray[np.float64]
    leaves: NDArray[np.float64]


def read_stubs(facts_folder: Path, plane: Plane) -> list[Stub]:
    """The gates of the wall that have wings, from landmarks.toml."""
    found = []
    landmarks = read_landmarks(facts_folder / "landmarks.toml")
    for one in (one for one in landmarks if one.form == "gate" and "wings" in one.shape):
        left, right = one.shape["wings"]
        turn, half = math.radians(one.heading_deg), one.shape["base"][0] / 2
        # to the right of one who stands before the gate: the wall comes from there
        axis = np.array([math.cos(turn), -math.sin(turn)])
        middle = plane.to_plane(np.array([one.lon]), np.array([one.lat]))[0]
        found.append(Stub(one.id, middle, middle + (half + right) * axis, middle - (half + left) * axis))
    return found


def stub_at(stubs: Sequence[Stub], xy: NDArray[np.float64]) -> Stub | None:
    """The gate that stands on a control point (2,), if one does."""
    return next((stub for stub in stubs if np.linalg.norm(stub.middle - xy) < NEAR_M), None)
