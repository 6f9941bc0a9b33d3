"""The grass around a gate that stands alone among streets today."""

from __future__ import annotations

from dataclasses import dataclass

from smap.sample.landmarks.mesh import Mesh, box, join, prism
from smap.sample.landmarks.stone import DEPTH_M

__all__ = ["Lawn", "lawn"]

KERB_M = 0.9  # its width


@dataclass(frozen=True)
class Lawn:
    """way: the width of the paved way through its middle; cut: how much of each corner is cut off, metres."""

    way: float
    cut: float


def lawn(size: tuple[float, float], height: float, shape: Lawn, detail: int) -> Mesh:
    """An island of grass with cut corners inside a kerb, and a paved way from its front to its back."""
    x, y, cut = size[0] / 2, size[1] / 2, shape.cut
    half = [(-x + cut, -y), (x - cut, -y), (x, -y + cut), (x, y - cut)]
    kerb = half + [(-a, -b) for a, b in half]
    ring = [(a * (1.0 - KERB_M / x), b * (1.0 - KERB_M / y)) for a, b in kerb]
    return join(
        [
            prism("granite_light", kerb, (-DEPTH_M, height - 0.1)),
            prism("granite_light", ring, (0.0, height), top="grass"),
            box("paving", (-shape.way / 2, shape.way / 2), (-y - 0.1, y + 0.1), (-DEPTH_M, height + 0.1)),
        ]
    )
