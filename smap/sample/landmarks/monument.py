"""Small monuments of stone and bronze: the marble pagoda, Dongnimmun, altars, statues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.stone import DEPTH_M, arched_base, steps
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, Quads, faces, join, lathe, moved

__all__ = ["Altar", "Statue", "altar", "pagoda", "statue", "triumphal_arch"]


def _cross_ring(half: float, arm: float) -> Floats:
    """A square with a bay stepped out on each side (亞-shape), counter-clockwise: (12, 2)."""
    a, b = half, half - arm
    return np.array(
        [
            (-b, -a),
            (b, -a),
            (b, -b),
            (a, -b),
            (a, b),
            (b, b),
            (b, a),
            (-b, a),
            (-b, b),
            (-a, b),
            (-a, -b),
            (-b, -b),
        ]
    )


def _stepped(
    name: str, ring: Floats, z: tuple[float, float], *, widen: float = 0.0, top: str | None = None
) -> Mesh:
    """An upright body over a ring with inner corners; its top may widen or narrow (cornice, roof)."""
    low, high = ring, ring * (1.0 + widen / np.abs(ring).max())
    walls = [
        [(*low[i], z[0]), (*low[j], z[0]), (*high[j], z[1]), (*high[i], z[1])]
        for i, j in ((at, (at + 1) % len(ring)) for at in range(len(ring)))
    ]
    lid = [
        [(*high[i], z[1]), (*high[(i + 1) % len(ring)], z[1]), (0, 0, z[1]), (0, 0, z[1])]
        for i in range(len(ring))
    ]
    names = [name] * len(walls) + [top or name] * len(lid)
    return faces(np.array(walls + lid, np.float64), pigment(*names))


def pagoda(size: tuple[float, float], height: float, detail: int) -> Mesh:
    """Wongaksa's ten storeys of marble: three 亞-shaped tiers of base and of body, seven square storeys."""
    half = size[0] / 2
    parts, z = [], 0.0
    for tier in range(3):
        ring = _cross_ring(half * (1.0 - 0.12 * tier), 0.2 * half)
        rise = 0.075 * height
        parts.append(
            _stepped(
                "marble", ring, (-DEPTH_M if tier == 0 else z, z + (0.75 if detail == 0 else 1.0) * rise)
            )
        )
        if detail == 0:
            parts.append(_stepped("granite_light", ring * 1.04, (z + 0.75 * rise, z + rise)))
        z += rise
    bodies = np.linspace(1.0, 0.42, 10)
    rest = (height * 0.955 - z) / bodies.sum()
    for storey, scale in enumerate(bodies.tolist()):
        wide = half * (0.62 - 0.04 * storey)
        square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * wide * 0.86
        ring = _cross_ring(wide, 0.22 * wide) if storey < 3 and detail < 2 else square
        rise = rest * scale
        if detail < 2:
            parts.append(_stepped("marble", ring * 0.8, (z, z + 0.6 * rise)))
        eave = ring * 1.02
        if detail == 0:
            parts.append(
                _stepped("granite_light", ring * 0.82, (z + 0.5 * rise, z + 0.62 * rise), widen=0.22 * wide)
            )
        parts.append(
            _stepped(
                "marble",
                eave,
                (z + (0.6 if detail < 2 else 0.0) * rise, z + rise),
                widen=-0.24 * wide,
                top="granite_light",
            )
        )
        if detail == 0:
            parts.append(_stepped("granite_light", ring * 0.84, (z, z + 0.12 * rise)))
        z += rise
    parts.append(
        lathe(
            ["marble", "granite_light"],
            [(0.2 * half, z), (0.1 * half, height - 0.2), (0.0, height)],
            8 if detail < 2 else 4,
        )
    )
    return join(parts)


def triumphal_arch(size: tuple[float, float], height: float, detail: int) -> Mesh:
    """Dongnimmun: a granite arch after Paris, with the two plinths of Yeongeunmun before it."""
    w, d = size
    parts = [arched_base((w, d), height - 2.4, ((0.0, 0.44 * w, 0.64 * height),), detail, batter=0.0)]
    quads = Quads()
    x, y, z = w / 2, d / 2, height - 2.4
    quads.block("granite_light", (-x - 0.35, x + 0.35), (-y - 0.35, y + 0.35), (z, z + 0.6), bottom=True)
    quads.block("granite", (-x + 0.2, x - 0.2), (-y + 0.2, y - 0.2), (z + 0.6, height - 0.5))
    quads.block("granite_light", (-x, x), (-y, y), (height - 0.5, height), bottom=True)
    for sign in (-1.0, 1.0):
        a = sign * 4.2
        quads.block(
            "granite_dark", (a - 0.7, a + 0.7), (-y - 12.7, -y - 11.3), (-DEPTH_M, 3.6), shrink=(0.12, 0.12)
        )
        if detail < 2:
            b = sign * (0.44 * w / 2 + (w - 0.44 * w) / 4)
            for face in (-1.0, 1.0):
                ys = sorted((face * (y - 0.02), face * (y + 0.35)))
                quads.block("granite_light", (b - 1.1, b + 1.1), (ys[0], ys[1]), (0.0, 0.72 * z))
    return join([*parts, quads.mesh()])


@dataclass(frozen=True)
class Altar:
    """Square altars in a low wall with red spiked gates: (x, y, side) each; `inner`: the wall's side."""

    altars: tuple[tuple[float, float, float], ...]
    inner: float = 60.0


def altar(size: tuple[float, float], height: float, shape: Altar, detail: int) -> Mesh:
    """Sajikdan: two altars of three steps, a low tiled wall (유) around them and a taller one outside."""
    parts = []
    for x, y, side in shape.altars:
        quads = Quads()
        for tier in range(3):
            half = side / 2 + 0.3 * (2 - tier)
            low = -DEPTH_M if tier == 0 else height * tier / 3
            quads.block(
                "granite",
                (-half, half),
                (-half, half),
                (low, height * (tier + 1) / 3),
                top="paving" if tier == 2 else "granite_light",
            )
        parts.append(moved(quads.mesh(), x, y))
        parts.append(moved(steps(0.0, 1.6, (-side / 2 - 0.6, 0.9), (0.0, height), max(detail, 1)), x, y))
    parts.append(_wall_with_gates((shape.inner / 2, shape.inner / 2), 1.5, detail))
    parts.append(_wall_with_gates((size[0] / 2, size[1] / 2), 2.4, detail))
    return join(parts)


def _wall_with_gates(half: tuple[float, float], height: float, detail: int) -> Mesh:
    x, y = half
    quads = Quads()
    gap, t = (2.4 if detail < 2 else 0.0), 0.4
    for sign in (-1.0, 1.0):
        for a, b in ((-x, -gap), (gap, x)) if gap else ((-x, x),):
            _stretch(quads, (a, b), (sign * y - t, sign * y + t), height, detail, along_x=True)
        for a, b in ((-y + t, -gap), (gap, y - t)) if gap else ((-y + t, y - t),):
            _stretch(quads, (sign * x - t, sign * x + t), (a, b), height, detail, along_x=False)
    if detail == 0:
        for px, py, turned_ in ((0, -y, False), (0, y, False), (-x, 0, True), (x, 0, True)):
            for sign in (-1.0, 1.0):
                cx, cy = (px, py + sign * gap) if turned_ else (px + sign * gap, py)
                quads.block("seokganju", (cx - 0.2, cx + 0.2), (cy - 0.2, cy + 0.2), (0.0, height + 2.4))
            bx, by = (0.16, gap + 0.6) if turned_ else (gap + 0.6, 0.16)
            for z in (height + 1.2, height + 1.9):
                quads.block("seokganju", (px - bx, px + bx), (py - by, py + by), (z, z + 0.25), bottom=True)
    return quads.mesh()


def _stretch(
    quads: Quads, x: tuple[float, float], y: tuple[float, float], height: float, detail: int, *, along_x: bool
) -> None:
    body = 0.75 * height
    quads.block("granite", x, y, (-DEPTH_M, body))
    over, draw = 0.25, 0.6
    wide = (
        ((x[0], x[1]), (y[0] - over, y[1] + over)) if along_x else ((x[0] - over, x[1] + over), (y[0], y[1]))
    )
    quads.block("giwa", *wide, (body, height), shrink=(0.0, draw) if along_x else (draw, 0.0), bottom=True)


@dataclass(frozen=True)
class Statue:
    """A bronze on a plinth: plinth's width, depth and height; seated or standing."""

    plinth: tuple[float, float, float]
    seated: bool = False


def statue(size: tuple[float, float], height: float, shape: Statue, detail: int) -> Mesh:
    """A figure as a sculptor's first sketch in bronze; `size` is the platform's."""
    w, d = size
    pw, pd, ph = shape.plinth
    quads = Quads()
    quads.block("granite_light", (-w / 2, w / 2), (-d / 2, d / 2), (-DEPTH_M, 0.4), top="paving")
    quads.block("granite", (-pw / 2, pw / 2), (-pd / 2, pd / 2), (0.4, ph), shrink=(0.06 * pw, 0.06 * pd))
    tall = height - ph
    sides = (12, 8, 5)[detail]
    base = ph
    if shape.seated:
        quads.block("bronze", (-0.34 * tall, 0.34 * tall), (-0.2 * tall, 0.34 * tall), (ph, ph + 0.3 * tall))
        quads.block(
            "bronze",
            (-0.36 * tall, 0.36 * tall),
            (0.24 * tall, 0.36 * tall),
            (ph, ph + 0.78 * tall),
            shrink=(0.08 * tall, 0.0),
        )
        base = ph + 0.26 * tall
    body = height - base
    r = 0.3 * body if shape.seated else 0.2 * body
    profile = [
        (r, base),
        (0.82 * r, base + 0.35 * body),
        (0.95 * r, base + 0.62 * body),
        (0.3 * r, base + 0.74 * body),
    ]
    figure = lathe(["bronze"] * 3, profile, sides)
    head = lathe(
        ["bronze"] * 4,
        [
            (0.25 * r, base + 0.72 * body),
            (0.5 * r, base + 0.8 * body),
            (0.5 * r, base + 0.9 * body),
            (0.34 * r, base + 0.94 * body),
            (0.0, height),
        ],
        sides,
    )
    if detail < 2:
        for sign in (-1.0, 1.0):
            a, b = sorted((sign * 0.75 * r, sign * 1.3 * r))
            quads.block(
                "bronze",
                (a, b),
                (-0.3 * r, 0.3 * r),
                (base + 0.3 * body, base + 0.66 * body),
                shrink=(0.1 * r, 0.1 * r),
                bottom=True,
            )
        if not shape.seated:
            quads.block("bronze", (1.0 * r, 1.18 * r), (-0.5 * r, -0.3 * r), (ph, base + 0.5 * body))
    if detail == 0:
        quads.block(
            "bronze",
            (-0.5 * r, 0.5 * r),
            (-1.05 * r, 0.0),
            (base + 0.36 * body, base + 0.42 * body),
            bottom=True,
        )
    return join([quads.mesh(), figure, head])
