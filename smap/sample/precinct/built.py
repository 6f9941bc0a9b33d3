"""The lesser halls, corridors and inner walls of a precinct, from the timber of the landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import InputError
from smap.sample.landmarks.hall import Hall, Pavilion, hall, pavilion
from smap.sample.landmarks.stone import DEPTH_M, terrace
from smap.sample.precinct.facts import Part, Range
from smap.scene.pigments import pigment
from smap.scene.solids import Mesh, Quads, grid, join, moved, sweep, turned

__all__ = ["HALLS", "RANGES", "hall_mesh", "range_mesh", "wall_mesh"]

Floats = NDArray[np.float64]
Heights = Callable[[Floats], Floats]

BAY_M = 3.4
"""A bay of the palaces' lesser halls: 10 to 12 cheok of 0.31 m (editors, from published plans)."""
ROW_M = 1.5
STEP_M = 34.0
"""A corridor on a slope is stepped: no piece of it is longer."""
EVEN_M = 0.5
WALL_M = 3.2

# column: its height as a part of the whole height
HALLS: Mapping[str, dict[str, Any]] = {
    # 다포: bracket clusters, the hall of a king
    "hall": {"column": 0.31, "overhang": 2.4, "bracket": 1.1, "clusters": 1, "figures": 5},
    # 익공: residences and offices
    "residence": {"column": 0.33, "overhang": 1.9, "bracket": 0.6, "clusters": 0, "figures": 3, "ridge": 0.5},
    # an open pavilion
    "open": {
        "column": 0.36,
        "overhang": 1.8,
        "bracket": 0.6,
        "clusters": 0,
        "figures": 0,
        "ridge": 0.5,
        "wall": "open",
        "back": "open",
    },
    # 맞배 or 우진각 gates between courts
    "gate": {
        "column": 0.42,
        "overhang": 1.7,
        "bracket": 0.6,
        "clusters": 0,
        "figures": 3,
        "ridge": 0.5,
        "wall": "planks",
        "back": "planks",
        "roof": "gable",
    },
    # a hall without painted beams: residences of the inner court, shrines
    "plain": {
        "column": 0.35,
        "overhang": 1.7,
        "bracket": 0.5,
        "clusters": 0,
        "figures": 0,
        "ridge": 0.5,
        "dancheong": False,
        "plaster": False,
    },
}
RANGES: Mapping[str, dict[str, Any]] = {
    "corridor": {"column": 0.5, "overhang": 1.3, "bracket": 0.4, "wall": "gallery", "back": "brick"},
    "quarters": {"column": 0.46, "overhang": 1.1, "bracket": 0.3, "wall": "doors", "back": "brick"},
}
_COMMON: dict[str, Any] = {"roof": "gable", "clusters": 0, "figures": 0, "ridge": 0.5}
PROFILE = ((-0.5, -3.0), (-0.45, 2.6), (-0.85, 2.65), (0.0, WALL_M))
PIGMENTS = ("granite_light", "shade", "giwa")
PLAIN = ((-0.5, -3.0), (0.0, WALL_M))
BEAST = "granite_dark"
HAETAE = (
    (0.0, 0.14, 0.42, 0.28),
    (0.22, 0.13, 0.45, 0.29),
    (0.5, 0.0, 0.37, 0.24),
    (0.74, -0.12, 0.27, 0.15),
    (0.56, -0.16, 0.2, 0.12),
    (0.72, -0.18, 0.36, 0.18),
    (0.9, -0.17, 0.31, 0.16),
    (0.98, -0.14, 0.0, 0.0),
)
"""Of a haetae: level rings as (height, middle, half width, half depth), parts of its own; first its body."""
BODY = 4


def hall_mesh(part: Part, detail: int) -> Mesh:
    """A hall about the origin, turned as written. InputError: its kind is unknown."""
    if part.kind == "haetae":
        return turned(_haetae(part, detail), -part.turn_deg)
    words = _words(HALLS, part.kind, part.height)
    bays = max(1, round(part.width / BAY_M)), max(1, round(part.depth / BAY_M))
    body = Pavilion((part.width, part.depth), part.height, bays, row=ROW_M, **words)
    rise = 0.12 * part.height - 0.3
    shape = Hall(((1.2, 1.9, 1.2, rise),), stair=min(4.0, 0.3 * part.width))
    return turned(hall(body, shape, detail), -part.turn_deg)


def _haetae(part: Part, detail: int) -> Mesh:
    """해태: a stone beast that sits on a plinth and looks to the front, as a sculptor first cuts it."""
    w, d, h = part.width, part.depth, part.height
    quads = Quads()
    die, foot = 0.3 * h, 0.36 * h
    quads.block("granite", (-w / 2, w / 2), (-d / 2, d / 2), (-DEPTH_M, die), shrink=(0.12, 0.12))
    quads.block("granite_light", (-w / 2, w / 2), (-d / 2, d / 2), (die, foot), bottom=True)
    tall = h - foot
    for x in (-0.22 * w, 0.22 * w) if detail < 2 else ():
        leg = x - 0.1 * w, x + 0.1 * w
        quads.block(BEAST, leg, (-0.33 * d, -0.15 * d), (foot, foot + 0.55 * tall), shrink=(0.0, 0.03 * d))
        quads.block(BEAST, leg, (-0.42 * d, -0.3 * d), (foot, foot + 0.1 * tall), shrink=(0.02 * w, 0.02 * d))
        ear = 1.2 * x - 0.06 * w, 1.2 * x + 0.06 * w
        quads.block(BEAST, ear, (-0.2 * d, -0.12 * d), (foot + 0.9 * tall, h), shrink=(0.05 * w, 0.03 * d))
    muzzle = foot + 0.62 * tall, foot + 0.8 * tall
    nose = (-0.17 * w, 0.17 * w)
    quads.block(BEAST, nose, (-0.44 * d, -0.25 * d), muzzle, shrink=(0.03 * w, 0.05 * d), bottom=True)
    rings = [_ring(part, foot, tall, *ring, sides=(8, 8, 5)[detail]) for ring in HAETAE]
    parts = [grid(np.stack(rings[a:b]), pigment(BEAST)) for a, b in ((0, BODY), (BODY, None))]
    return join([quads.mesh(), *parts])


def _ring(
    part: Part, foot: float, tall: float, z: float, y: float, wide: float, deep: float, *, sides: int
) -> Floats:
    """A level ring of a figure, closed: (sides + 1, 3)."""
    turn = 2 * np.pi * (np.arange(sides + 1) + 0.5) / sides
    x, back = wide * part.width * np.cos(turn), (y + deep * np.sin(turn)) * part.depth
    return np.stack([x, back, np.full(len(turn), foot + z * tall)], axis=1)


def range_mesh(one: Range, heights: Heights, detail: int) -> Mesh:
    """A corridor along its line; it looks to the right of the way from its first point to its last."""
    start, end = np.array([one.x0, one.y0]), np.array([one.x1, one.y1])
    length = float(np.linalg.norm(end - start))
    count = _pieces(start, end, length, heights)
    turn = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    piece = _range(one, length / count + (0.6 if count > 1 else 0.0), detail)
    parts = []
    for at in range(count):
        middle = start + (end - start) * (at + 0.5) / count
        x, y = middle.tolist()
        parts.append(moved(turned(piece, turn), x, y, float(heights(middle[None])[0])))
    return join(parts)


def _pieces(start: Floats, end: Floats, length: float, heights: Heights) -> int:
    along = start + (end - start) * np.linspace(0.0, 1.0, 7)[:, None]
    even = np.ptp(heights(along)) < EVEN_M
    return 1 if even else max(1, math.ceil(length / STEP_M))


def _range(one: Range, length: float, detail: int) -> Mesh:
    words = _COMMON | _words(RANGES, one.kind, one.height)
    rise = 0.6
    size = length - 1.0, one.depth - 1.6
    bays = max(2, round(length / (6.0 if detail == 0 else 10.0))), 1
    body = Pavilion(size, one.height - rise, bays, row=2.4, **words)
    half, deep = length / 2, one.depth / 2
    base = terrace((-half, half), (-deep, deep), (-DEPTH_M, rise), 2)
    return join([base, moved(pavilion(body, detail), z=rise)])


def wall_mesh(line: Floats, heights: Heights, detail: int) -> Mesh:
    """An inner wall (n, 2) of plastered stone under tiles."""
    parts = []
    half, names = (PROFILE, PIGMENTS) if detail < 2 else (PLAIN, ("granite_light",))
    section = [*half, *((-x, z) for x, z in half[-2::-1])]
    for start, end in pairwise(line):
        count = max(1, math.ceil(float(np.linalg.norm(end - start)) / (12.0 if detail < 2 else 40.0)))
        xy = start + (end - start) * np.linspace(0.0, 1.0, count + 1)[:, None]
        parts.append(sweep([*names, *names[::-1]], np.column_stack([xy, heights(xy)]), section))
    return join(parts)


def _words(known: Mapping[str, dict[str, Any]], kind: str, height: float) -> dict[str, Any]:
    if kind not in known:
        raise InputError(f"precinct: no building is called '{kind}'; there are {', '.join(known)}")
    words = known[kind]
    return words | {"column": words["column"] * height}
