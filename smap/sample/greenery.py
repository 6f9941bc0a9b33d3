"""What grows along Cheonggyecheon today: willows on its banks, reeds at the water, trees along its lanes.

The stepping stones in the water go with them.

Frame of a piece as in channel.py: line (n, 3) along the stream's middle at the height of the lanes.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.precinct.trees import Trees, joined, trees_mesh
from smap.sample.streams import along
from smap.scene.solids import Mesh, Quads

__all__ = ["greenery"]

Floats = NDArray[np.float64]

# apart, from the wall toward the water (negative: onto the lane), the foot's height, least and most height
PLANTED = {
    "willow": (15.0, 4.2, -4.1, 3.6, 6.0),
    "shrub": (5.2, 4.7, -4.35, 0.7, 1.3),
    "ginkgo": (11.0, -2.0, 0.2, 5.5, 8.0),  # 이팝나무, fringe trees of the pavements
}
UNEVEN_M = 0.35
FROM_BRIDGES_M = 2.6
"""Half of a willow's crown."""
NOTHING = shapely.Polygon()
STONES_M, STONE_M, GAP_M = 120.0, 0.9, 1.5
WATER_M, DRY_M = -4.4, 0.3


def greenery(
    line: Floats, half: Floats, number: int, bridges: shapely.Geometry = NOTHING, *, detail: int
) -> Mesh:
    """Trees, reeds and stones of a stretch; half (n,): to the walls; detail 0 (finest); 1, 2: trees alone.

    bridges: their ground, near which nothing stands.
    """
    random = np.random.default_rng(number)
    groves = [_planted(line, half, form, side, random) for form in PLANTED for side in (1.0, -1.0)]
    closed = shapely.buffer(bridges, FROM_BRIDGES_M)
    groves = [t.part(~shapely.contains_xy(closed, t.feet[:, 0], t.feet[:, 1])) for t in groves]
    wanted = [trees for trees in groves if detail == 0 or trees.form != "shrub"]
    mesh = trees_mesh(wanted, min(2 * detail, 2))
    return joined([mesh, _stones(line, half)]) if detail == 0 else mesh


def _planted(line: Floats, half: Floats, form: str, side: float, random: np.random.Generator) -> Trees:
    apart, inward, foot, least, most = PLANTED[form]
    way = along(line[:, :2])
    at = np.arange(apart / 2, way[-1], apart)
    at = np.clip(at + random.uniform(-0.25, 0.25, len(at)) * apart, 0.0, way[-1])
    middle, across, wide = _places(line, half, at)
    off = side * (wide - inward) + random.uniform(-UNEVEN_M, UNEVEN_M, len(at))
    feet = np.column_stack([middle[:, :2] + off[:, None] * across, middle[:, 2] + foot])
    n = len(at)
    height, turn = random.uniform(least, most, n), random.uniform(0.0, 2 * np.pi, n)
    return Trees(form, feet, height, turn, random.normal(0.75, 0.15, n))


def _places(line: Floats, half: Floats, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Of ways along a line: places (k, 3), unit vectors to the left (k, 2), and half widths (k,)."""
    way = along(line[:, :2])
    places = np.stack([np.interp(at, way, line[:, k]) for k in range(3)], axis=1)
    tangent = np.gradient(line[:, :2], axis=0)
    left = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    left = np.stack([np.interp(at, way, left[:, k]) for k in (0, 1)], axis=1)
    return places, left / np.linalg.norm(left, axis=1, keepdims=True), np.interp(at, way, half)


def _stones(line: Floats, half: Floats) -> Mesh:
    """징검다리: square stones across the water, a step apart."""
    quads = Quads()
    ways = np.arange(STONES_M / 2, along(line[:, :2])[-1], STONES_M)
    for (x, y, z), across, wide in zip(*_places(line, half, ways), strict=True):
        reach = wide - 5.0
        for off in np.arange(-reach, reach, GAP_M).tolist():
            sx, sy = x + off * across[0], y + off * across[1]
            xs, ys = (sx - STONE_M / 2, sx + STONE_M / 2), (sy - STONE_M / 2, sy + STONE_M / 2)
            quads.block("granite_light", xs, ys, (z + WATER_M - 0.6, z + WATER_M + DRY_M))
    return quads.mesh() if len(ways) else joined([])
