"""Many-sided pavilions and altars' halls: tented roofs in one to five storeys (육모, 팔모 and 사모 지붕)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.stone import DEPTH_M
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, Quads, grid, join, lathe, moved, prism, sweep, turned

__all__ = ["Tent", "tent"]


@dataclass(frozen=True)
class Tent:
    """`radius` of the lowest body's corners, `height` to the tip; each storey is `shrink` of the last.

    `body` is the lowest storey's height of wall, later ones are `later` of it. `terrace` is (margin, height).
    """

    sides: int
    radius: float
    height: float
    storeys: int = 1
    shrink: float = 0.8
    body: float = 3.2
    later: float = 0.7
    overhang: float = 1.3
    terrace: tuple[float, float] = (1.2, 0.8)
    wall: str = "lattice"
    tile: str = "giwa"


def _ring(sides: int, radius: float) -> Floats:
    angles = np.radians(-90.0 + 180.0 / sides + 360.0 / sides * np.arange(sides))
    return radius * np.column_stack([np.cos(angles), np.sin(angles)])


def tent(shape: Tent, detail: int) -> Mesh:
    """The pavilion; z = 0 is the ground under its terrace."""
    margin, z = shape.terrace
    parts = [prism("granite", _ring(shape.sides, shape.radius + margin), (-DEPTH_M, z), top="paving")]
    radius = shape.radius
    heights = [shape.body * shape.later ** (0 if at == 0 else 1) for at in range(shape.storeys)]
    rise = (shape.height - z - 0.9 - sum(heights)) / (0.42 * (shape.storeys - 1) + 1.0)
    for at, body in enumerate(heights):
        last = at == shape.storeys - 1
        parts.append(_body(shape, radius, (z, z + body), detail))
        inner = 0.0 if last else radius * shape.shrink
        climb = rise if last else 0.42 * rise
        parts.append(
            _roof(shape, (radius + shape.overhang, inner, radius), (z + body, z + body + climb), detail)
        )
        z += body + climb
        radius *= shape.shrink
    if detail < 2:
        parts.append(lathe(["granite_light"] * 2, [(0.35, z - 0.2), (0.42, z + 0.45), (0.0, z + 0.9)], 8))
    else:
        parts.append(lathe(["granite_light"], [(0.4, z - 0.2), (0.0, z + 0.9)], 4))
    return join(parts)


def _body(shape: Tent, radius: float, z: tuple[float, float], detail: int) -> Mesh:
    ring = _ring(shape.sides, radius)
    quads = Quads()
    z0, z1 = z
    beam = z1 - min(0.9, 0.3 * (z1 - z0))
    for a, b in zip(ring, np.roll(ring, -1, 0), strict=True):
        along = (b - a) / np.linalg.norm(b - a)
        out = np.array([along[1], -along[0]])

        def at(
            u: float, o: float, z: float, a: Floats = a, b: Floats = b, out: Floats = out
        ) -> tuple[float, float, float]:
            x, y = a + (b - a) * u + out * o
            return float(x), float(y), z

        def panel(name: str, u0: float, u1: float, low: float, high: float, o: float) -> None:
            quads.add(name, at(u0, o, low), at(u1, o, low), at(u1, o, high), at(u0, o, high))

        panel("seokganju", 0.0, 1.0, z0, beam, -0.05)
        panel("noerok", 0.0, 1.0, beam, z1, 0.05)
        if detail < 2:
            for u0, u1 in (
                ((0.1, 0.3), (0.31, 0.49), (0.51, 0.69), (0.7, 0.9)) if detail == 0 else ((0.1, 0.9),)
            ):
                panel(shape.wall, u0, u1, z0 + 0.2 * (beam - z0), beam - 0.15, -0.02)
        if detail == 0:
            for u0, name in (
                (0.0, "samcheong"),
                (0.08, "jangdan"),
                (0.16, "seokhwang"),
                (0.8, "seokhwang"),
                (0.84, "jangdan"),
                (0.92, "samcheong"),
            ):
                panel(name, u0, u0 + (0.04 if name == "seokhwang" else 0.08), beam + 0.1, z1 - 0.3, 0.07)
    parts = [quads.mesh()]
    if detail == 0:
        parts += [
            moved(lathe(["seokganju"], [(0.19, z0), (0.19, beam)], 6), float(x), float(y)) for x, y in ring
        ]
    return join(parts)


def _roof(shape: Tent, radii: tuple[float, float, float], z: tuple[float, float], detail: int) -> Mesh:
    outer, inner, wall = radii
    side = 2 * outer * math.sin(math.pi / shape.sides)
    steps = (2 * max(2, round(side / 0.9)), 4, 1)[detail]
    u = np.linspace(-1.0, 1.0, steps + 1)
    t = np.linspace(0.0, 1.0, (5, 4, 2)[detail])[:, None]
    lift = min(0.8, 0.12 * side)
    a, b = _ring(shape.sides, 1.0)[0] * [-1, 1], _ring(shape.sides, 1.0)[0]
    edge = a[None] + (b - a)[None] * ((u + 1) / 2)[:, None]
    bow = np.abs(u) ** 2.4
    r = outer + (inner - outer) * t
    hollow = (z[1] - z[0] - 0.15) * (0.5 * t + 0.5 * t * t) + z[0] - 0.15
    points = np.zeros((len(t), len(u), 3))
    points[..., :2] = edge[None] * (r * (1.0 + 0.04 * bow[None] * (1 - t)))[..., None]
    points[..., 2] = hollow + lift * bow[None] * (1.0 - t) ** 1.5
    crest = np.arange(len(u)) % 2 == 1
    base = points.copy()
    tints = np.broadcast_to(pigment(shape.tile), (len(u), 3))
    if detail == 0:
        points[..., 2] += 0.08 * crest
        tints = np.where(crest[:, None], tints, pigment("giwa_shade"))
    low = base[0] - [0.0, 0.0, 0.38]
    under = low.copy()
    under[:, :2] = edge * wall
    under[:, 2] = z[0]
    one = [
        grid(points, np.broadcast_to(tints, points.shape), columns=detail == 0),
        grid(np.stack([low, points[0]]), pigment("seokganju"), smooth=False),
        grid(np.stack([under, low]), pigment("noerok"), smooth=False),
    ]
    if detail < 2:
        path = base[:, -1]
        if inner == 0.0:
            path = path[:-1]
        one.append(
            sweep(["plaster", "giwa", "plaster"], path, [(-0.2, -0.2), (-0.2, 0.4), (0.2, 0.4), (0.2, -0.2)])
        )
    part = join(one)
    return join([turned(part, 360.0 / shape.sides * at) for at in range(shape.sides)])
