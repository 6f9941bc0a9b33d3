"""Gates: a pavilion on a stone base with arches, between wing walls; Heunginjimun's half-moon bastion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.hall import Pavilion, pavilion
from smap.sample.landmarks.stone import (
    DEPTH_M,
    arched_base,
    courses,
    parapet,
    railing,
    steps,
    terrace,
)
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, box, grid, join, moved, sweep
from smap.scene.wall import STONES, battlement, tone

__all__ = ["Gate", "gate"]

WALL_M = 4.2  # thickness of the wings and of the bastion at their top, as modelled
LEAN = 0.05
WAY_M = 3.4  # half the width of a royal way
SLAB_M, JOINT_M, KERB_M = 3.6, 0.3, 0.7
RIM_M = 0.75  # thickness of their battlements, whose merlons and gaps are MERLON_M long, RISE_M high
MERLON_M, RISE_M, CAP_M = (3.3, 0.35), 1.15, 0.3


@dataclass(frozen=True)
class Gate:
    """The stone part; metres. `base`: width, depth, height; arches: (middle, width, crown), left to right.

    `wings` are the lengths of wall left and right, `wing_height` their height. `bastion` is the outer radius
    of the half-moon before the front (0: none); it is open beside its right end.
    `forecourt` (월대): width, length, height of a railed terrace before the front. `stone`: its masonry.
    """

    base: tuple[float, float, float]
    arches: tuple[tuple[float, float, float], ...]
    parapet: float = 1.3
    wings: tuple[float, float] = (0.0, 0.0)
    wing_height: float = 6.0
    bastion: float = 0.0
    batter: float = 0.05
    brick_rim: bool = True
    forecourt: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stone: str = "granite"


def gate(body: Pavilion, shape: Gate, detail: int) -> Mesh:
    """A gate; its height counts from the ground to the main ridge."""
    w, d, h = shape.base
    base = arched_base((w, d), h, shape.arches, detail, batter=shape.batter, stone=shape.stone, doors=True)
    parts = [base]
    parts.append(moved(pavilion(Pavilion(**{**body.__dict__, "height": body.height - h}), detail), z=h))
    if detail < 2:
        parts.append(_rim(w / 2 - 0.3, d / 2 - shape.batter * h - 0.3, h, shape))
    for length, sign in zip(shape.wings, (-1.0, 1.0), strict=True):
        if length:
            middle = sign * (w / 2 + length / 2)
            parts.append(moved(_wing(length, shape, detail), middle))
    if shape.bastion:
        parts.append(_bastion(shape, detail))
    if shape.forecourt[0]:
        parts.append(_forecourt(-d / 2, shape.forecourt, detail))
    return join(parts)


def _forecourt(front: float, size: tuple[float, float, float], detail: int) -> Mesh:
    """월대: a low terrace with the royal way along its middle and balustrades at its sides."""
    width, length, height = size
    x, y = width / 2, (front - length, front)
    parts = [terrace((-x, x), y, (-DEPTH_M, height - (0.05 if detail == 0 else 0.0)), 2)]
    parts.append(steps(0.0, 0.24 * width, (y[0], 2.4 * height), (0.0, height), max(detail, 1)))
    parts.append(box("granite_light", (-WAY_M, WAY_M), (y[0], y[1]), (height - 0.1, height + 0.08)))
    if detail == 0:
        ends = y[0] + 0.4, y[1] - 1.0
        parts += [railing([(side, ends[0]), (side, ends[1])], height, 0) for side in (-x + 0.4, x - 0.4)]
        parts.append(_slabs((x, y[0], y[1]), height))
    return join(parts)


def _slabs(place: tuple[float, float, float], z: float) -> Mesh:
    """Rough slabs (박석) at both sides of a forecourt's way, in courses with darker joints, within a kerb."""
    x, y0, y1 = place
    count = round((y1 - y0) / SLAB_M)
    joints = np.linspace(y0 + KERB_M, y1, count + 1)
    y = np.sort(np.concatenate([[y0], joints, joints[1:-1] + JOINT_M]))
    along = np.array([-x, -x + KERB_M, -WAY_M, WAY_M, x - KERB_M, x])
    sheet = np.stack([*np.meshgrid(along, y), np.full((len(y), len(along)), z)], axis=-1)
    names = [["granite_light", name, name, name, "granite_light", name] for name in _courses_of(len(y))]
    return grid(sheet, np.stack([pigment(*row) for row in names]), smooth=False)


def _courses_of(rows: int) -> list[str]:
    return ["granite_light", *("floorstone" if row % 2 == 0 else "paving" for row in range(rows - 1))]


def _rim(x: float, y: float, z: float, shape: Gate) -> Mesh:
    course = [(-x, -y), (x, -y), (x, y), (-x, y), (-x, -y)]
    return parapet(course, z, shape.parapet, 0, name="jeondol" if shape.brick_rim else "granite")


def _wing(length: float, shape: Gate, detail: int) -> Mesh:
    """A straight stretch of city wall about x = 0: squared stones, a paved walk, battlements in front."""
    height = shape.wing_height
    size = length, WALL_M + 2 * LEAN * height
    wall = arched_base(size, height, (), detail, batter=LEAN, stone=shape.stone)
    front = np.array([[x, -WALL_M / 2, height] for x in (length / 2, -length / 2)])
    return join([wall, *_rampart_rim(front, shape, detail)])


def _bastion(shape: Gate, detail: int) -> Mesh:
    """옹성: from the base's left corner round the front; a gap is left before the right corner."""
    w, d, _ = shape.base
    r = shape.bastion - WALL_M / 2
    start = -d / 2 + 0.5
    angles = np.radians(np.linspace(180.0, 338.0, (25, 13, 7)[detail]))
    squeeze = min(1.0, (w / 2 + 7.0) / r)
    arc = np.column_stack([r * squeeze * np.cos(angles), start + 0.92 * r * np.sin(angles)])
    return _curved(arc, shape, detail)


def _curved(arc: Floats, shape: Gate, detail: int) -> Mesh:
    """City wall along a bow (n, 2) whose outer side is to the right, in courses of stones."""
    height, names = shape.wing_height, STONES[shape.stone]
    along = np.gradient(arc, axis=0)
    right = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    z = np.array(courses(height, detail))
    reach = (WALL_M / 2 + LEAN * (height - z))[:, None, None] * right
    up = np.broadcast_to(z[:, None, None], (len(z), len(arc), 1))
    outer, inner = (np.concatenate([arc + side * reach, up], axis=2) for side in (1.0, -1.0))
    tones = [[tone(course, stone) for stone in range(len(arc))] for course in range(len(z))]
    top = np.stack([outer[-1], inner[-1]])
    ends = [np.stack([inner[:, 0], outer[:, 0]], axis=1), np.stack([outer[:, -1], inner[:, -1]], axis=1)]
    parts = [
        grid(outer, pigment(*names)[np.array(tones)], smooth=False),
        grid(top, pigment("paving"), smooth=False),
        *(grid(plain, pigment(names[0]), smooth=False) for plain in (inner[:, ::-1], *ends)),
    ]
    return join([*parts, *_rampart_rim(outer[-1, ::-1], shape, detail)])


def _rampart_rim(edge: Floats, shape: Gate, detail: int) -> list[Mesh]:
    """The battlements along an outer edge (n, 3) that has the outside to its left; nothing from afar."""
    thick, stone = (0.1, 0.1 + RIM_M), STONES[shape.stone][3]
    if detail == 0:
        z = 0.0, RISE_M
        return [battlement(edge, z=z, length=MERLON_M, edge=thick, ridge=CAP_M, loopholes=True, stone=stone)]
    section = [(thick[0], 0.0), (thick[0], RISE_M), (thick[1], RISE_M), (thick[1], 0.0)]
    return [sweep([stone, "jeondol", stone], edge, section)] if detail == 1 else []
