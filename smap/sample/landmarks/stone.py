"""Stone: terraces with steps and railings, battered bases pierced by arches, parapets and battlements."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, Quads, box, faces, grid, join, moved, turned
from smap.scene.wall import STONES, tone

__all__ = [
    "DEPTH_M",
    "arched_base",
    "courses",
    "parapet",
    "railing",
    "steps",
    "terrace",
]

DEPTH_M = 3.0  # stone reaches below the ground, so that a slope shows no daylight (the model's contract)
COURSE_M, BLOCK_M = 0.9, 1.8  # large squared stones of the gates' bases, as modelled
LEAF_M = 0.3  # thickness of a gate's leaf with its nails and bands
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
    doors: bool = False,
) -> Mesh:
    """A stone base with vaulted passages: arches are (middle, width, height of the crown), left to right.

    Front and back lean in by `batter` (share of the height); the passages go right through, with doors that
    stand open.
    """
    w, half = size[0], size[1] / 2
    mirrored = [(-middle, width, crown) for middle, width, crown in reversed(arches)]
    parts = []
    for turn, openings in ((0.0, arches), (180.0, mirrored)):
        wall, tones = _pierced_face(w, height, openings, detail)
        wall[..., 1] = -half + batter * wall[..., 2]
        parts.append(turned(faces(wall, pigment(*(STONES[stone][at] for at in tones))), turn))
    for arch in arches:
        parts += _tunnel(arch, half, batter, detail)
        parts += _leaves(arch, half) if doors and detail < 2 else []
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


def courses(height: float, detail: int) -> list[float]:
    """The heights of the joints between courses of stones, from below the ground to the top."""
    count = max(1, round(height / COURSE_M)) if detail == 0 else 1
    return [-DEPTH_M, *np.linspace(0.0, height, count + 1)[1 if detail else 0 :].tolist()]


def _pierced_face(
    w: float, height: float, arches: Sequence[tuple[float, float, float]], detail: int
) -> tuple[Floats, list[int]]:
    """Quadrilaterals (n, 4, 3) in the plane y = 0 facing −y around the openings, and each one's tone.

    Courses run level from one upright joint to the next; what is left beside an opening is a fan of its own.
    """
    outlines = [_arch(arch, detail) for arch in arches]
    quads: list[list[tuple[float, float]]] = []
    tones: list[int] = []
    for number, (low, high) in enumerate(itertools.pairwise(courses(height, detail))):
        met = [line for line in outlines if line[:, 1].max() > low + 1e-6]
        flanks = [_flank(line, (low, high), left=left) for line in met for left in (True, False)]
        ends = [np.array([(x, low), (x, high)]) for x in (-w / 2, w / 2)]
        edges = [ends[0], *flanks, ends[1]]
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            a, b = float(left[0, 0]), float(right[0, 0])
            beside = [*_fan(left, (a, high), after=False), *_fan(right, (b, high), after=True)]
            runs = _runs(a, b, number) if detail == 0 and low >= 0.0 else [(a, b, 0)]
            quads += [*beside, *([(p, low), (q, low), (q, high), (p, high)] for p, q, _ in runs)]
            tones += [*[number % 2] * len(beside), *(kind for *_, kind in runs)]
    flat = np.array(quads, np.float64)
    return np.insert(flat, 1, 0.0, axis=2), tones


def _runs(a: float, b: float, course: int) -> list[tuple[float, float, int]]:
    """A course from a to b as few pieces: (from, to, tone); every other course is shifted by half a stone."""
    shift = BLOCK_M / 2 * (course % 2)
    first, last = math.floor((a - shift) / BLOCK_M), math.ceil((b - shift) / BLOCK_M)
    runs = []
    for kind, stones in itertools.groupby(range(first, last), lambda stone: tone(course, stone)):
        found = list(stones)
        p, q = (max(a, min(b, shift + BLOCK_M * at)) for at in (found[0], found[-1] + 1))
        runs.append((p, q, kind))
    return runs


def _flank(line: Floats, z: tuple[float, float], *, left: bool) -> Floats:
    """One flank of an opening's outline between two heights, upward (k, 2); over the crown its middle."""
    top = int(line[:, 1].argmax())
    flank = line[: top + 1] if left else line[top:][::-1]
    inner = flank[(flank[:, 1] > z[0] + 1e-6) & (flank[:, 1] < z[1] - 1e-6)]
    low, high = np.interp(z, flank[:, 1], flank[:, 0]).tolist()
    return np.concatenate([[(low, z[0])], inner, [(high, z[1])]])


def _fan(flank: Floats, corner: tuple[float, float], *, after: bool) -> list[list[tuple[float, float]]]:
    """Triangles between an opening's flank and the upright joint beside it, whose upper end is the corner."""
    points = [(float(x), float(z)) for x, z in flank]
    return [[p, q, corner, corner] if after else [p, corner, q, q] for p, q in itertools.pairwise(points)]


def _tunnel(arch: tuple[float, float, float], half: float, batter: float, detail: int) -> list[Mesh]:
    """Vault and floor, in strips so that their middle can lie in the dark."""
    outline = _arch(arch, detail)
    reach = half - batter * outline[:, 1]
    along = (1.0, 0.72, 0.4, -0.4, -0.72, -1.0) if detail < 2 else (1.0, 0.5, -0.5, -1.0)
    sheet = np.zeros((len(along), len(outline), 3))
    sheet[:, :, 0], sheet[:, :, 2] = outline[:, 0], outline[:, 1]
    sheet[:, :, 1] = np.multiply.outer(along, reach)
    vault = grid(sheet, pigment("granite_dark"), smooth=False)
    floor = Quads()
    (x0, x1), deep = (outline[0, 0], outline[-1, 0]), half - 0.05
    for after, before in itertools.pairwise(along):
        y = before * deep, after * deep
        floor.add("paving", (x0, y[0], 0.05), (x1, y[0], 0.05), (x1, y[1], 0.05), (x0, y[1], 0.05))
    return [vault, floor.mesh(), *(_voussoirs(arch, half, batter) if detail == 0 else [])]


def _leaves(arch: tuple[float, float, float], half: float) -> list[Mesh]:
    """Two leaves of a plank door, folded back against the sides of the passage."""
    middle, width, crown = arch
    r = width / 2
    inner = r - LEAF_M
    top = max(crown - r, 0.2) + math.sqrt(r * r - inner * inner) - 0.1
    y = -0.35 * half, min(-0.35 * half + 0.85 * r, 0.6 * half)
    sides = (middle - r + 0.04, middle - inner), (middle + inner, middle + r - 0.04)
    return [box("seokganju", side, y, (0.05, top)) for side in sides]


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
