"""Ways on the ground: lanes and paths as ribbons of paving with a kerb, stairs where a source says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, faces, join
from smap.scene.wall import resampled

__all__ = ["WayForm", "way_mesh"]

LIFT_M = 0.12
"""Over the ground at both edges, so that its triangles do not cut through."""
SKIRT_M = 0.6
STEPS_M = (2.0, 6.0, 18.0)
"""From row to row, by detail: finest first."""
KERB = 0.08
"""Of the width, on each side."""


@dataclass(frozen=True)
class WayForm:
    """width_m: of the ribbon. stone, kerb: pigments. steps: how many the whole way has, 0: none known."""

    width_m: float = 2.5
    stone: str = "floorstone"
    kerb: str = "granite_light"
    steps: int = 0


def way_mesh(line: Floats, ground: Callable[[Floats], Floats], form: WayForm, detail: int) -> Mesh:
    """A ribbon along a line (n, 2), metres; ground: heights (k,) of the surface it lies on at places (k, 2).

    With steps it climbs in as many level treads of equal rise between its ends: a way that is a stair.
    """
    way = resampled(line, STEPS_M[detail])
    along = np.gradient(way, axis=0)
    right = np.stack([along[:, 1], -along[:, 0]], axis=1)
    right /= np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-9)
    half = form.width_m / 2
    across = np.array([-half, -half * (1 - 2 * KERB), half * (1 - 2 * KERB), half])
    places = way[:, None] + right[:, None] * across[:, None]
    up = ground(places.reshape(-1, 2)).reshape(places.shape[:2]) + LIFT_M
    if form.steps and detail < 2:
        return _stairs(way, right, np.column_stack([way, up.mean(axis=1)]), form)
    rows = np.concatenate([places, up[..., None]], axis=2)
    top = np.concatenate([_quads(rows[:, k : k + 2]) for k in range(3)])
    names = [form.kerb, form.stone, form.kerb]
    skirt = rows[:, [0, -1]] - [0.0, 0.0, SKIRT_M]
    sides = [
        _quads(np.stack([skirt[:, 0], rows[:, 0]], axis=1)),
        _quads(np.stack([rows[:, -1], skirt[:, 1]], axis=1)),
    ]
    paving = faces(top, pigment(*(name for name in names for _ in range(len(way) - 1))))
    return join([paving, *(faces(side, pigment(*[form.kerb] * len(side))) for side in sides)])


def _stairs(way: Floats, right: Floats, middle: Floats, form: WayForm) -> Mesh:
    """Level treads and upright risers along the way; its sides reach down into the ground."""
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    edges = np.linspace(0.0, run[-1], form.steps + 1)
    low, high = float(middle[0, 2]), float(middle[-1, 2])
    tread = low + (high - low) * (np.arange(form.steps) + (0.5 if form.steps > 1 else 1.0)) / form.steps
    at = np.stack([np.interp(edges, run, column) for column in way.T], axis=1)
    out = np.stack([np.interp(edges, run, column) for column in right.T], axis=1) * form.width_m / 2
    left, other = at - out, at + out

    def flat(start: int, stop: int | None, z: Floats) -> tuple[Floats, Floats]:
        return np.column_stack([left[start:stop], z]), np.column_stack([other[start:stop], z])

    (a, b), (c, d) = flat(0, -1, tread), flat(1, None, tread)
    treads = np.stack([a, b, d, c], axis=1)
    (lower_l, lower_r), (upper_l, upper_r) = flat(1, -1, tread[:-1]), flat(1, -1, tread[1:])
    risers = np.stack([lower_l, lower_r, upper_r, upper_l], axis=1)
    deep = np.array([0.0, 0.0, SKIRT_M + abs(high - low) / max(form.steps, 1)])
    sides = np.concatenate(
        [np.stack([a - deep, a, c, c - deep], axis=1), np.stack([d - deep, d, b, b - deep], axis=1)]
    )
    parts = ((treads, form.stone), (risers, form.kerb), (sides, form.kerb))
    return join([faces(quads, pigment(*[name] * len(quads))) for quads, name in parts if len(quads)])


def _quads(strip: Floats) -> Floats:
    """Quadrilaterals (n − 1, 4, 3) of a strip (n, 2, 3) from its left to its right edge, front upward."""
    left, right = strip[:, 0], strip[:, 1]
    return np.stack([left[:-1], right[:-1], right[1:], left[1:]], axis=1)
