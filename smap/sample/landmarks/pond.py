"""Pavilions over water: Gyeonghoeru on its 48 stone pillars, Hyangwonjeong on a round island."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.hall import Pavilion, pavilion
from smap.sample.landmarks.stone import DEPTH_M, railing, terrace
from smap.sample.landmarks.tent import Tent, tent
from smap.sample.landmarks.timber import bay_lines
from smap.scene.solids import Mesh, Quads, box, join, lathe, moved

__all__ = ["Island", "Pond", "island_pond", "pillared_pavilion", "pond_tent"]

WATER_M = (
    0.35  # the water's level above the model's ground, clear of it also from afar; the stone edge is at 0.55
)


@dataclass(frozen=True)
class Pond:
    """A square pond: `size`, its middle from the pavilion's (right, back); the island's `margin`."""

    size: tuple[float, float]
    middle: tuple[float, float] = (0.0, 0.0)
    margin: float = 5.0
    pillars: float = 4.6
    bridges: tuple[tuple[float, float], ...] = ()  # (y, length) of stone bridges from the right edge
    islets: tuple[tuple[float, float, float, float], ...] = ()  # (x, y, width, depth)


@dataclass(frozen=True)
class Island:
    """The round island in the middle of a pond without a pavilion: its radius, metres."""

    radius: float


def island_pond(size: tuple[float, float], height: float, shape: Island, detail: int) -> Mesh:
    """A square pond (the earth) about a round island (heaven), whose grass is `height` above the ground."""
    r = shape.radius
    edge = [(r, -DEPTH_M), (r, height - 0.15), (0.0, height)]
    return join([_water(Pond(size)), lathe(["granite", "grass"], edge, (20, 12, 8)[detail])])


def _water(pond: Pond) -> Mesh:
    (w, d), (x, y) = pond.size, pond.middle
    quads = Quads()
    quads.block("granite", (x - w / 2, x + w / 2), (y - d / 2, y + d / 2), (-DEPTH_M, WATER_M), top="water")
    rim = 0.9
    for xs, ys in (
        ((x - w / 2 - rim, x + w / 2 + rim), (y - d / 2 - rim, y - d / 2)),
        ((x - w / 2 - rim, x + w / 2 + rim), (y + d / 2, y + d / 2 + rim)),
        ((x - w / 2 - rim, x - w / 2), (y - d / 2, y + d / 2)),
        ((x + w / 2, x + w / 2 + rim), (y - d / 2, y + d / 2)),
    ):
        quads.block("granite_light", xs, ys, (-DEPTH_M, 0.55))
    for at_x, at_y, wide, deep in pond.islets:
        xs, ys = (at_x - wide / 2, at_x + wide / 2), (at_y - deep / 2, at_y + deep / 2)
        quads.block("granite_light", xs, ys, (WATER_M, 0.7), top="grass")
    return quads.mesh()


def pillared_pavilion(body: Pavilion, pond: Pond, detail: int) -> Mesh:
    """A great pavilion on stone pillars in a pond; its height counts from the ground."""
    w, d = body.size
    island = 0.95
    x, y = w / 2 + pond.margin, d / 2 + pond.margin
    parts = [_water(pond), terrace((-x, x), (-y, y), (0.0, island), detail)]
    if detail == 0:
        course = [
            (-x + 0.3, -y + 0.3),
            (x - 0.3, -y + 0.3),
            (x - 0.3, y - 0.3),
            (-x + 0.3, y - 0.3),
            (-x + 0.3, -y + 0.3),
        ]
        parts.append(railing(course, island, 0))
    floor = island + pond.pillars
    parts += _pillars(body, (island, floor), detail)
    deck = Quads()
    x, y = w / 2 + 0.7, d / 2 + 0.7
    deck.block("noerok", (-x, x), (-y, y), (floor - 0.55, floor), top="plank", bottom=True)
    parts.append(deck.mesh())
    parts.append(
        moved(pavilion(Pavilion(**{**body.__dict__, "height": body.height - floor}), detail), z=floor)
    )
    for at, length in pond.bridges:
        right = pond.middle[0] + pond.size[0] / 2 + 0.9
        parts.append(
            box("granite_light", (right - length, right), (at - 1.4, at + 1.4), (0.3, 0.95), bottom=True)
        )
    return join(parts)


def _pillars(body: Pavilion, z: tuple[float, float], detail: int) -> list[Mesh]:
    """The outer pillars are square, the inner ones round; all thinner toward the top."""
    xs, ys = bay_lines(body.size[0], body.bays[0]), bay_lines(body.size[1], body.bays[1])
    parts = []
    if detail == 2:
        return [box("granite", (xs[0], xs[-1]), (ys[0], ys[-1]), z)]
    for i, x in enumerate(xs.tolist()):
        for j, y in enumerate(ys.tolist()):
            outer = i in (0, len(xs) - 1) or j in (0, len(ys) - 1)
            if outer:
                quads = Quads()
                quads.block(
                    "granite_light", (x - 0.45, x + 0.45), (y - 0.45, y + 0.45), z, shrink=(0.08, 0.08)
                )
                parts.append(quads.mesh())
            elif detail == 0:
                parts.append(moved(lathe(["granite"], [(0.46, z[0]), (0.38, z[1])], 6), x, y))
    return parts


def pond_tent(shape: Tent, pond: Pond, detail: int) -> Mesh:
    """A small many-sided pavilion on a round island with its wooden bridge (취향교)."""
    sides = (20, 12, 8)[detail]
    island = lathe(
        ["granite", "grass"],
        [(shape.radius + pond.margin, -DEPTH_M), (shape.radius + pond.margin, 0.9), (0.0, 0.95)],
        sides,
    )
    parts = [_water(pond), island, moved(tent(shape, detail), z=0.9)]
    for at, length in pond.bridges:
        parts.append(_footbridge(at, length, shape.radius + pond.margin, detail))
    return join(parts)


def _footbridge(sign: float, length: float, start: float, detail: int) -> Mesh:
    """A white wooden bridge that rises to its middle; `sign` −1 leads to the front, 1 to the back."""
    count = (9, 5, 3)[detail]
    t = np.linspace(0.0, 1.0, count)
    quads = Quads()
    y = sign * (start - 0.6 + t * length)
    z = 0.95 + 1.3 * np.sin(math.pi * t)
    for i in range(count - 1):
        a, b = sorted(((float(y[i]), float(z[i])), (float(y[i + 1]), float(z[i + 1]))))
        for x0, x1, low, high, name in (
            (-0.9, 0.9, -0.25, 0.0, "plank"),
            (-1.0, -0.88, -0.3, 0.75, "white"),
            (0.88, 1.0, -0.3, 0.75, "white"),
        ):
            p = [(x0, a[0], a[1]), (x1, a[0], a[1]), (x1, b[0], b[1]), (x0, b[0], b[1])]
            top = [(px, py, pz + high) for px, py, pz in p]
            foot = [(px, py, pz + low) for px, py, pz in p]
            quads.add(name, *top)
            quads.add(name, *foot[::-1])
            quads.add(name, foot[3], foot[0], top[0], top[3])
            quads.add(name, foot[1], foot[2], top[2], top[1])
    return quads.mesh()
