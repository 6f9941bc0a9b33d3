"""Gates: a pavilion on a stone base with arches, between wing walls; Heunginjimun's half-moon bastion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.hall import Pavilion, pavilion
from smap.sample.landmarks.mesh import Floats, Mesh, box, join, moved, sweep
from smap.sample.landmarks.stone import DEPTH_M, STONES, arched_base, parapet, railing, steps, terrace

__all__ = ["Gate", "gate"]

WALL_M = 4.2  # thickness of the wings, as modelled


@dataclass(frozen=True)
class Gate:
    """The stone part; metres. `base`: width, depth, height; arches: (middle, width, crown), left to right.

    `wings` are the lengths of wall left and right, `wing_height` their height. `bastion` is the outer radius
    of the half-moon before the front (0: none); it is open beside its right end.
    `forecourt` (월대): width, length, height of a railed terrace before the front.
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


def gate(body: Pavilion, shape: Gate, detail: int) -> Mesh:
    """A gate; its height counts from the ground to the main ridge."""
    w, d, h = shape.base
    parts = [arched_base((w, d), h, shape.arches, detail, batter=shape.batter)]
    parts.append(moved(pavilion(Pavilion(**{**body.__dict__, "height": body.height - h}), detail), z=h))
    if detail < 2:
        parts.append(_rim(w / 2 - 0.3, d / 2 - shape.batter * h - 0.3, h, shape))
    for length, sign in zip(shape.wings, (-1.0, 1.0), strict=True):
        if length:
            ends = sorted((sign * w / 2, sign * (w / 2 + length)))
            line = np.array([[x, 0.0, 0.0] for x in ends])
            parts.append(_wall(line, shape.wing_height, detail, right=True))
    if shape.bastion:
        parts.append(_bastion(shape, detail))
    if shape.forecourt[0]:
        parts.append(_forecourt(-d / 2, shape.forecourt, detail))
    return join(parts)


def _forecourt(front: float, size: tuple[float, float, float], detail: int) -> Mesh:
    """A low terrace with the royal way along its middle and balustrades at its sides."""
    width, length, height = size
    x, y = width / 2, (front - length, front)
    parts = [terrace((-x, x), y, (-DEPTH_M, height), 2)]
    parts.append(steps(0.0, 0.24 * width, (y[0], 2.4 * height), (0.0, height), max(detail, 1)))
    parts.append(box("granite_light", (-3.4, 3.4), (y[0], y[1]), (height - 0.1, height + 0.08)))
    if detail == 0:
        ends = y[0] + 0.4, y[1] - 1.0
        parts += [railing([(side, ends[0]), (side, ends[1])], height, 0) for side in (-x + 0.4, x - 0.4)]
    return join(parts)


def _rim(x: float, y: float, z: float, shape: Gate) -> Mesh:
    course = [(-x, -y), (x, -y), (x, y), (-x, y), (-x, -y)]
    return parapet(course, z, shape.parapet, 0, name="jeondol" if shape.brick_rim else "granite")


def _wall(line: Floats, height: float, detail: int, *, right: bool) -> Mesh:
    """A stretch of city wall: large squared stones, a paved walk, a parapet along its outer (right) edge."""
    half = WALL_M / 2
    courses = (7, 3, 1)[detail]
    z = np.concatenate([[-DEPTH_M], np.linspace(0.0, height, courses + 1)[0 if courses > 1 else 1 :]])
    lean = 0.05 * (height - z)
    body = [(-half - a, b) for a, b in zip(lean, z, strict=True)]
    body += [(half + a, b) for a, b in zip(lean[::-1], z[::-1], strict=True)]
    flank = [STONES[at % 4] for at in range(len(z) - 1)]
    parts = [sweep([*flank, "paving", *flank[::-1]], line, body)]
    if detail < 2:
        a, b = (half - 0.75, half - 0.05) if right else (-half + 0.05, -half + 0.75)
        middle = (a + b) / 2
        rim = [(a, height), (a, height + 1.1), (middle, height + 1.5), (b, height + 1.1), (b, height)]
        parts.append(sweep(["granite_light", "giwa", "giwa", "granite_light"], line, rim))
    return join(parts)


def _bastion(shape: Gate, detail: int) -> Mesh:
    """옹성: from the base's left corner round the front; a gap is left before the right corner."""
    w, d, _ = shape.base
    r = shape.bastion - WALL_M / 2
    start = -d / 2 + 0.5
    angles = np.radians(np.linspace(180.0, 338.0, (25, 13, 7)[detail]))
    squeeze = min(1.0, (w / 2 + 7.0) / r)
    arc = np.column_stack(
        [r * squeeze * np.cos(angles), start + 0.92 * r * np.sin(angles), np.zeros(len(angles))]
    )
    return _wall(arc, shape.wing_height, detail, right=True)
