"""Stone: terraces with steps and railings, battered bases pierced by arches, parapets."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from smap.sample.landmarks.mesh import Floats, Mesh, Quads, faces, grid, join, moved, turned
from smap.sample.landmarks.palette import pigment

__all__ = ["DEPTH_M", "STONES", "arched_base", "parapet", "railing", "steps", "terrace"]

DEPTH_M = 3.0  # stone reaches below the ground, so that a slope shows no daylight (the model's contract)
COURSE_M, BLOCK_M = 0.75, 1.9  # large squared stones of the gates' bases, as modelled
STONES = ("granite", "granite_warm", "granite", "granite_cool")
STEP_M = 0.32  # a step of the palaces' stairs, modelled two real ones high where stairs are long


def terrace(
    x: tuple[float, float],
    y: tuple[float, float],
    z: tuple[float, float],
    detail: int,
    *,
    stone: str = "granite",
) -> Mesh:
    """One tier: courses of granite under a lighter kerb; its top is paved."""
    quads = Quads()
    if detail == 2 or z[1] - z[0] < 0.4:
        quads.block(stone, x, y, z, top="paving")
        return quads.mesh()
    kerb = z[1] - 0.28
    quads.block(stone, x, y, (z[0], kerb))
    lip = 0.1
    quads.block(
        "granite_light",
        (x[0] - lip, x[1] + lip),
        (y[0] - lip, y[1] + lip),
        (kerb, z[1]),
        top="paving",
        bottom=True,
    )
    return quads.mesh()


def steps(
    middle: float, width: float, foot: tuple[float, float], z: tuple[float, float], detail: int
) -> Mesh:
    """Stairs up to a terrace's front: `foot` = (y at the top, run); they climb toward +y."""
    quads = Quads()
    (top_y, run), (z0, z1) = foot, z
    half = width / 2
    if detail == 2:
        return _ramp(middle, half, top_y, run, z0, z1)
    count = max(2, round((z1 - z0) / (STEP_M * (1 + detail))))
    for step in range(count):
        y0 = top_y - run * (count - step) / count
        high = z0 + (z1 - z0) * (step + 1) / count
        low = z0 - DEPTH_M if step == 0 else z0 + (z1 - z0) * step / count
        quads.block("granite_light", (middle - half, middle + half), (y0, top_y), (low, high))
    for side in (-1.0, 1.0):
        a = middle + side * half
        x = (min(a, a + side * 0.45), max(a, a + side * 0.45))
        quads.add(
            "granite",
            (x[0], top_y - run - 0.3, z0),
            (x[1], top_y - run - 0.3, z0),
            (x[1], top_y, z1 + 0.3),
            (x[0], top_y, z1 + 0.3),
        )
        for at, order in ((x[0], -1), (x[1], 1)):
            face = [(at, top_y - run - 0.3, z0), (at, top_y, z0), (at, top_y, z1 + 0.3)]
            quads.add("granite", *(face if order > 0 else face[::-1]))
    return quads.mesh()


def _ramp(middle: float, half: float, top_y: float, run: float, z0: float, z1: float) -> Mesh:
    quads = Quads()
    a, b = middle - half, middle + half
    quads.add("granite_light", (a, top_y - run, z0), (b, top_y - run, z0), (b, top_y, z1), (a, top_y, z1))
    quads.add("granite", (b, top_y - run, z0), (b, top_y, z0), (b, top_y, z1))
    quads.add("granite", (a, top_y, z0), (a, top_y - run, z0), (a, top_y, z1))
    return quads.mesh()


def railing(
    points: Sequence[tuple[float, float]], z: float, detail: int, *, stone: str = "granite_light"
) -> Mesh:
    """A stone balustrade (난간) along a course: posts, and a rail that one can see under."""
    quads = Quads()
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        count = max(1, round(length / 3.0))
        along = x1 - x0, y1 - y0
        for at in range(count + 1):
            x, y = x0 + along[0] * at / count, y0 + along[1] * at / count
            quads.block(stone, (x - 0.13, x + 0.13), (y - 0.13, y + 0.13), (z, z + 1.0), shrink=(0.03, 0.03))
        dx, dy = (0.0, 0.07) if abs(along[0]) > abs(along[1]) else (0.07, 0.0)
        xs, ys = sorted((x0, x1)), sorted((y0, y1))
        quads.block(
            stone, (xs[0] - dx, xs[1] + dx), (ys[0] - dy, ys[1] + dy), (z + 0.58, z + 0.76), bottom=True
        )
    return quads.mesh()


def parapet(
    points: Sequence[tuple[float, float]], z: float, height: float, detail: int, *, name: str = "jeondol"
) -> Mesh:
    """여장: a brick parapet under a small tiled roof, along a course."""
    quads = Quads()
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        nx, ny = -(y1 - y0) / length * 0.3, (x1 - x0) / length * 0.3
        a, b, c, d = (x0 + nx, y0 + ny), (x0 - nx, y0 - ny), (x1 - nx, y1 - ny), (x1 + nx, y1 + ny)
        body = z + height * 0.78
        for p, q in ((a, b), (b, c), (c, d), (d, a)):
            quads.add(name, (*p, z), (*q, z), (*q, body), (*p, body))
        ridge = z + height
        quads.add("giwa", (*b, body), (*c, body), (x1, y1, ridge), (x0, y0, ridge))
        quads.add("giwa", (*d, body), (*a, body), (x0, y0, ridge), (x1, y1, ridge))
        quads.add("giwa", (*a, body), (*b, body), (x0, y0, ridge))
        quads.add("giwa", (*c, body), (*d, body), (x1, y1, ridge))
    return quads.mesh()


def arched_base(
    size: tuple[float, float],
    height: float,
    arches: Sequence[tuple[float, float, float]],
    detail: int,
    *,
    batter: float = 0.05,
    stone: str = "granite",
) -> Mesh:
    """A stone base with vaulted passages: arches are (middle, width, height of the crown), left to right.

    Front and back lean in by `batter` (share of the height); the passages go right through.
    """
    w, half = size[0], size[1] / 2
    mirrored = [(-middle, width, crown) for middle, width, crown in reversed(arches)]
    parts = []
    for turn, openings in ((0.0, arches), (180.0, mirrored)):
        wall, tones = _pierced_face(w, height, openings, detail)
        wall[..., 1] = -half + batter * wall[..., 2]
        names = [STONES[tone] if stone == "granite" else stone for tone in tones]
        parts.append(turned(faces(wall, pigment(*names)), turn))
    for arch in arches:
        parts += _tunnel(arch, half, batter, detail)
    quads = Quads()
    foot, top = half + batter * DEPTH_M, half - batter * height
    for x, sign in ((w / 2, 1.0), (-w / 2, -1.0)):
        corners = [
            (x, -sign * foot, -DEPTH_M),
            (x, sign * foot, -DEPTH_M),
            (x, sign * top, height),
            (x, -sign * top, height),
        ]
        quads.add(stone, *corners)
    quads.add(
        "paving", (-w / 2, -top, height), (w / 2, -top, height), (w / 2, top, height), (-w / 2, top, height)
    )
    return join([*parts, quads.mesh()])


def _arch(arch: tuple[float, float, float], detail: int) -> Floats:
    """The opening's outline from its left foot over the crown to its right foot: (k, 2) of x, z."""
    middle, width, crown = arch
    r = width / 2
    spring = max(crown - r, 0.2)
    angles = np.linspace(math.pi, 0.0, (13, 9, 5)[detail])
    bow = np.column_stack([middle + r * np.cos(angles), spring + (crown - spring) * np.sin(angles)])
    return np.concatenate([[[middle - r, -DEPTH_M]], bow, [[middle + r, -DEPTH_M]]])


def _pierced_face(
    w: float, height: float, arches: Sequence[tuple[float, float, float]], detail: int
) -> tuple[Floats, list[int]]:
    """Quadrilaterals (n, 4, 3) in the plane y = 0 facing −y around the openings, and each one's course.

    Cut at every height where an outline has a corner and, in the finest detail, at every course of stones.
    """
    outlines = [_arch(arch, detail) for arch in arches]
    course = height / max(1, round(height / COURSE_M))
    heights = {-DEPTH_M, 0.0, height} | {round(float(z), 6) for line in outlines for z in line[:, 1]}
    if detail == 0:
        heights |= {round(course * at, 6) for at in range(1, round(height / course))}
    levels = sorted(heights)
    quads, courses = [], []
    for low, high in itertools.pairwise(levels):
        edges = [(-w / 2, -w / 2)]
        for line in outlines:
            edges += [_edge(line, low, high, left=True), _edge(line, low, high, left=False)]
        edges.append((w / 2, w / 2))
        for (a0, a1), (b0, b1) in zip(edges[::2], edges[1::2], strict=True):
            count = max(1, round((b0 - a0) / BLOCK_M)) if detail == 0 and low >= 0.0 else 1
            number = int((low + 1e-6) // course)
            for at in range(count):
                s0, s1 = _joint(at, count, number), _joint(at + 1, count, number)
                lo = [a0 + (b0 - a0) * s for s in (s0, s1)]
                hi = [a1 + (b1 - a1) * s for s in (s0, s1)]
                quads.append([[lo[0], 0, low], [lo[1], 0, low], [hi[1], 0, high], [hi[0], 0, high]])
                courses.append((number * 7 + at * 3 + number * at) % len(STONES) if count > 1 else 0)
    return np.array(quads, np.float64), courses


def _joint(at: int, count: int, course: int) -> float:
    """Where a joint lies along a course, 0 to 1: every other course is shifted by half a stone."""
    return at / count if at in (0, count) else (at + (0.25 if course % 2 else -0.25)) / count


def _edge(line: Floats, low: float, high: float, *, left: bool) -> tuple[float, float]:
    """The outline's x at two heights on one flank; at and above the crown both flanks are the middle."""
    top = int(line[:, 1].argmax())
    flank = line[: top + 1] if left else line[top:][::-1]
    middle = float(line[top, 0])
    x0, x1 = (
        float(np.interp(z, flank[:, 1], flank[:, 0])) if z < line[top, 1] - 1e-6 else middle
        for z in (low, high)
    )
    return x0, x1


def _tunnel(arch: tuple[float, float, float], half: float, batter: float, detail: int) -> list[Mesh]:
    outline = _arch(arch, detail)
    sheet = np.zeros((2, len(outline), 3))
    sheet[:, :, 0], sheet[:, :, 2] = outline[:, 0], outline[:, 1]
    sheet[0, :, 1] = half - batter * outline[:, 1]
    sheet[1, :, 1] = -half + batter * outline[:, 1]
    vault = grid(sheet, pigment("granite_dark"), smooth=False)
    floor = Quads()
    (x0, x1), deep = (outline[0, 0], outline[-1, 0]), half - 0.05
    floor.add("paving", (x0, -deep, 0.05), (x1, -deep, 0.05), (x1, deep, 0.05), (x0, deep, 0.05))
    return [vault, floor.mesh(), *(_voussoirs(arch, half, batter) if detail == 0 else [])]


def _voussoirs(arch: tuple[float, float, float], half: float, batter: float) -> list[Mesh]:
    """A lighter ring of wedge stones, a hand's breadth before the wall, on both faces."""
    middle, width, _ = arch
    inner = _arch(arch, 0)[1:-1] - np.array([middle, 0.0])
    centre = np.array([0.0, inner[0, 1]])
    outer = centre + (inner - centre) * (1.0 + 1.3 / width)
    sheet = np.zeros((2, len(inner), 3))
    for row, edge in enumerate((inner, outer)):
        sheet[row, :, 0], sheet[row, :, 2] = edge[:, 0], edge[:, 1]
        sheet[row, :, 1] = -half + batter * edge[:, 1] - 0.06
    ring = grid(sheet, pigment("granite_light"), smooth=False)
    return [moved(ring, middle), moved(turned(ring, 180.0), middle)]
