"""Buildings of their own shape: DDP, City Hall's wave, brick and stone of the turn of the century."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.sample.landmarks.stone import DEPTH_M
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, Quads, grid, join, lathe, moved

__all__ = ["Masonry", "church", "masonry", "shell", "wave"]


def shell(size: tuple[float, float], height: float, detail: int) -> Mesh:
    """DDP: a smooth bent shell of aluminium panels, overhanging at its flanks, low and green at its tail."""
    around, up = ((72, 16), (36, 9), (18, 4))[detail]
    theta = np.linspace(0.0, 2.0 * math.pi, around + 1)
    t = np.linspace(0.0, 1.0, up)[:, None]
    w, d = size
    bulge = np.where(
        t < 0.35,
        0.9 + 0.1 * np.sin(t / 0.35 * math.pi / 2),
        np.cos(np.clip((t - 0.35) / 0.65, 0, 1) * math.pi / 2) ** 0.8,
    )
    lobe = 1.0 + 0.1 * np.cos(2 * theta + 0.6) + 0.05 * np.cos(3 * theta - 0.5)
    x, y = np.cos(theta) * lobe, np.sin(theta) * lobe
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    bend = 0.22 * d * (x[None] * bulge) ** 2
    rise = height * (0.72 + 0.28 * np.cos(theta - 2.4))
    z = np.where(
        t < 0.35, t / 0.35 * 0.45, 0.45 + 0.55 * np.sin(np.clip((t - 0.35) / 0.65, 0, 1) * math.pi / 2)
    )
    top = z * (rise[None] * (1 - z**3) + height * 0.93 * z**3)
    points = np.stack([0.5 * w * x[None] * bulge, 0.5 * d * 0.82 * y[None] * bulge + bend, top], -1)
    points[..., 1] -= (points[..., 1].max() + points[..., 1].min()) / 2
    points[..., 1] *= d / np.ptp(points[..., 1])
    points[..., 2] *= height / points[..., 2].max()
    skirt = np.stack([points[0] * [1, 1, 0] + [0, 0, -DEPTH_M], points[0]])
    return join([grid(points, _skin(theta, t, detail)), grid(skirt, pigment("concrete_dark"))])


def _skin(theta: Floats, t: Floats, detail: int) -> NDArray[np.uint8]:
    """Aluminium; a dark slot at the foot, a ribbon of windows that sinks and rises, grass on the low tail."""
    names = np.full(np.broadcast_shapes(theta[None].shape, t.shape), "aluminium", dtype=object)
    if detail < 2:
        names[np.broadcast_to(t < 0.05, names.shape)] = "glass_dark"
        ribbon = np.abs(t - (0.36 + 0.1 * np.sin(theta[None] + 0.8))) < 0.035
        names[ribbon & (np.cos(theta[None] - 5.2) > -0.2)] = "glass_deep"
    names[(t > 0.62) & (t < 0.93) & (np.cos(theta[None] - 2.4) < -0.45)] = "grass"
    flat: NDArray[np.uint8] = pigment(*names.ravel().tolist()).reshape(*names.shape, 3)
    return flat


def wave(size: tuple[float, float], height: float, detail: int) -> Mesh:
    """Seoul City Hall: a wave of glass that leans over the old hall before it."""
    w, d = size
    columns, rows = ((26, 22), (10, 9), (3, 5))[detail]
    u = np.linspace(-1.0, 1.0, columns)
    t = np.linspace(0.0, 1.0, rows)[:, None]
    crest = height * (1.0 - 0.13 * (u[None] - 0.25) ** 2)
    crest = crest / crest.max() * height
    lean = np.interp(t, [0.0, 0.25, 0.55, 0.75, 0.88, 1.0], [0.28, 0.3, 0.16, 0.0, 0.1, 0.42])
    lift = np.interp(t, [0.0, 0.25, 0.55, 0.75, 0.88, 1.0], [0.0, 0.22, 0.55, 0.82, 0.97, 1.0])
    face = np.stack(np.broadcast_arrays(0.5 * w * u[None], -d / 2 + d * lean, crest * lift), -1).copy()
    tint = np.where((np.arange(rows) % 2 == 0)[:, None, None], pigment("glass")[0], pigment("glass_deep")[0])
    tints = np.broadcast_to(tint.astype(np.uint8), face.shape)
    parts = [grid(face, tints, smooth=False)]
    back_top = face[-1].copy()
    roof_back = back_top * [1.0, 0.0, 0.86] + [0.0, d / 2, 0.0]
    parts.append(grid(np.stack([back_top, roof_back]), pigment("steel"), smooth=False))
    levels = np.linspace(0.0, 1.0, (13, 5, 2)[detail])[::-1][:, None, None]
    wall = roof_back[None] * np.concatenate([np.ones_like(levels), np.ones_like(levels), levels], -1)
    bands = np.where(
        (np.arange(len(levels)) % 2 == 0)[:, None, None], pigment("glass_deep")[0], pigment("aluminium")[0]
    )
    parts.append(grid(wall, np.broadcast_to(bands.astype(np.uint8), wall.shape), smooth=False))
    for at, sign in ((0, -1.0), (-1, 1.0)):
        profile = np.concatenate([face[:, at], roof_back[None, at], roof_back[None, at] * [1, 1, 0]])
        middle = np.array([profile[0, 0], 0.1 * d, 0.45 * height])
        ring = np.concatenate([profile, profile[:1]])
        fan = np.stack([np.broadcast_to(middle, ring[:-1].shape), ring[:-1], ring[1:], ring[1:]], 1)
        quads = Quads()
        for corner in fan:
            a, b, c, _ = (tuple(p) for p in corner.tolist())
            quads.add("glass_deep", *((a, b, c) if sign < 0 else (a, c, b)))
        parts.append(quads.mesh())
    foot = Quads()
    foot.block("granite", (-w / 2, w / 2), (-d / 2, d / 2), (-DEPTH_M, 0.3), top="paving")
    return join([*parts, foot.mesh()])


@dataclass(frozen=True)
class Masonry:
    """A block of brick or stone with rows of windows, a pitched roof, and what stands out from it.

    `portico` (width, depth, columns): a colonnade, with `pediment` or flat. `dome` (radius,
    pigment). `tower` (width, its roof's height) over the middle. `wings` (width, forward).
    """

    wall: str = "brick"
    trim: str = "granite_light"
    roof: str = "slate"
    floors: int = 2
    pitch: float = 4.0
    portico: tuple[float, float, int] = (0.0, 0.0, 0)
    dome: tuple[float, str] = (0.0, "copper")
    tower: tuple[float, float] = (0.0, 0.0)
    wings: tuple[float, float] = (0.0, 0.0)
    pediment: bool = True
    eave: float = 10.0


def masonry(size: tuple[float, float], height: float, shape: Masonry, detail: int) -> Mesh:
    """A representative building of the turn of the century; the highest part reaches `height`."""
    w, d = size
    quads = Quads()
    blocks = [((-w / 2, w / 2), (-d / 2, d / 2), shape.eave)]
    wide, deep = shape.wings
    if wide:
        for sign in (-1.0, 1.0):
            a, b = sorted((sign * w / 2, sign * (w / 2 - wide)))
            blocks.append(((a - 0.2, b + 0.2), (-d / 2 - deep, d / 2 + 0.2), shape.eave + 0.6))
    for xs, ys, eave in blocks:
        _walls(quads, shape, xs, ys, eave, detail)
        _hipped(quads, shape, xs, ys, eave)
    parts = []
    if shape.portico[0]:
        parts.append(_portico(shape, -d / 2, detail))
    if shape.tower[0]:
        half = shape.tower[0] / 2
        _walls(
            quads,
            shape,
            (-half, half),
            (-d / 2 - 0.6, -d / 2 - 0.6 + 2 * half),
            height - shape.tower[1],
            detail,
        )
        quads.block(
            shape.roof,
            (-half - 0.3, half + 0.3),
            (-d / 2 - 0.9, -d / 2 - 0.3 + 2 * half),
            (height - shape.tower[1], height),
            shrink=(half * 0.7, half * 0.7),
        )
    if shape.dome[0]:
        parts.append(_dome(shape, -d / 2 + min(d / 2, shape.dome[0] + 1.0), height, detail))
    return join([quads.mesh(), *parts])


def _walls(
    quads: Quads, shape: Masonry, xs: tuple[float, float], ys: tuple[float, float], eave: float, detail: int
) -> None:
    if detail == 2:
        quads.block(shape.wall, xs, ys, (-DEPTH_M, eave))
        return
    quads.block(shape.trim, (xs[0] - 0.3, xs[1] + 0.3), (ys[0] - 0.3, ys[1] + 0.3), (-DEPTH_M, 0.9))
    quads.block(shape.wall, xs, ys, (0.9, eave - 0.7))
    quads.block(
        shape.trim,
        (xs[0] - 0.45, xs[1] + 0.45),
        (ys[0] - 0.45, ys[1] + 0.45),
        (eave - 0.7, eave),
        bottom=True,
    )
    if detail:
        return
    storey = (eave - 2.2) / shape.floors
    for floor in range(shape.floors):
        z = 1.9 + floor * storey, 1.9 + floor * storey + 0.6 * storey
        for a in _places(xs):
            for y, out in ((ys[0], -0.05), (ys[1], 0.05)):
                _window(quads, shape, ((a - 0.65, y + out), (a + 0.65, y + out)), z, flip=out > 0)
        for b in _places(ys):
            for x, out in ((xs[0], -0.05), (xs[1], 0.05)):
                _window(quads, shape, ((x + out, b + 0.65), (x + out, b - 0.65)), z, flip=out > 0)


def _places(span: tuple[float, float]) -> list[float]:
    count = max(1, round((span[1] - span[0]) / 3.6))
    return [span[0] + (span[1] - span[0]) * (at + 0.5) / count for at in range(count)]


def _window(
    quads: Quads,
    shape: Masonry,
    line: tuple[tuple[float, float], tuple[float, float]],
    z: tuple[float, float],
    *,
    flip: bool,
) -> None:
    a, b = line if not flip else line[::-1]
    quads.add("glass_dark", (*a, z[0]), (*b, z[0]), (*b, z[1]), (*a, z[1]))
    quads.add(shape.trim, (*a, z[1]), (*b, z[1]), (*b, z[1] + 0.3), (*a, z[1] + 0.3))


def _hipped(
    quads: Quads, shape: Masonry, xs: tuple[float, float], ys: tuple[float, float], eave: float
) -> None:
    if shape.pitch <= 0.0:
        return  # a flat roof is the cornice's own top
    run = 0.48 * min(xs[1] - xs[0], ys[1] - ys[0])
    quads.block(
        shape.roof,
        (xs[0] - 0.2, xs[1] + 0.2),
        (ys[0] - 0.2, ys[1] + 0.2),
        (eave, eave + shape.pitch),
        shrink=(run, run),
    )


def _portico(shape: Masonry, front: float, detail: int) -> Mesh:
    width, depth, count = shape.portico
    half, top = width / 2, shape.eave
    quads = Quads()
    y = (front - depth, front + 0.1)
    quads.block("granite", (-half - 0.6, half + 0.6), (y[0] - 0.6, y[1]), (-DEPTH_M, 1.2))
    quads.block(shape.trim, (-half, half), y, (top - 1.6, top), bottom=True)
    if shape.pediment:
        _pediment(quads, shape, (half, top), (y[0], y[1] + 4.0))
    parts = [quads.mesh()]
    if detail == 2:
        return parts[0]
    for x in np.linspace(-half + 0.8, half - 0.8, count).tolist():
        column = lathe([shape.trim], [(0.045 * top, 1.2), (0.037 * top, top - 1.6)], (10, 6)[detail])
        parts.append(moved(column, x, y[0] + 0.8))
    return join(parts)


def _pediment(quads: Quads, shape: Masonry, edge: tuple[float, float], y: tuple[float, float]) -> None:
    """The low gable over a colonnade, with its roof running back into the main one."""
    (half, top), (y0, y1) = edge, y
    peak = top + 0.34 * half
    for (x0, z0), (x1, z1) in (((-half, top), (0.0, peak)), ((0.0, peak), (half, top))):
        quads.add(shape.roof, (x0, y0, z0), (x1, y0, z1), (x1, y1, z1), (x0, y1, z0))
    quads.add(shape.trim, (-half, y0, top), (half, y0, top), (0.0, y0, peak))
    quads.add(shape.trim, (half, y1, top), (-half, y1, top), (0.0, y1, peak))


def _dome(shape: Masonry, y: float, height: float, detail: int) -> Mesh:
    """A square drum with a ribbed dome and a small lantern."""
    r, name = shape.dome
    sides = (20, 12, 8)[detail]
    foot = shape.eave
    drum = foot + 0.45 * (height - foot)
    bow = np.linspace(0.0, math.pi / 2, (7, 4, 3)[detail])
    rise = (height - drum) * 0.8
    profile = [(r * math.cos(a), drum + rise * math.sin(a)) for a in bow[:-1]] + [(0.12 * r, drum + rise)]
    cap = [(0.12 * r, height - 0.06 * rise), (0.0, height)]
    quads = Quads()
    quads.block(shape.wall, (-r, r), (y - r, y + r), (foot - 0.5, drum))
    quads.block(shape.trim, (-r - 0.4, r + 0.4), (y - r - 0.4, y + r + 0.4), (drum - 0.6, drum), bottom=True)
    names = [name] * (len(profile) - 1) + [shape.trim, name]
    return join([quads.mesh(), moved(lathe(names, profile + cap, sides), 0.0, y)])


def church(size: tuple[float, float], height: float, detail: int) -> Mesh:
    """Myeongdong Cathedral: a brick Gothic nave with transept and the steeple over its front."""
    w, d = size
    nave, ridge, eave = 0.46 * w, 23.0, 14.5
    quads = Quads()
    shape = Masonry("brick", "brick_dark", "slate", floors=2, pitch=0.0, eave=eave)
    front = -d / 2
    _walls(quads, shape, (-nave / 2, nave / 2), (front + 4, d / 2 - 4), eave, detail)
    _walls(
        quads,
        Masonry("brick", "brick_dark", floors=1, eave=8.0),
        (-nave / 2 - 4.6, nave / 2 + 4.6),
        (front + 5, d / 2 - 12),
        8.0,
        detail,
    )
    _ridged(quads, (-nave / 2 - 0.4, nave / 2 + 0.4), (front + 3.6, d / 2 - 3.8), eave, ridge)
    _walls(quads, shape, (-w / 2, w / 2), (d / 2 - 22, d / 2 - 11), eave, detail)
    _cross(quads, (-w / 2, w / 2), (d / 2 - 22.3, d / 2 - 10.7), eave, ridge - 0.5)
    half = 4.2
    _walls(
        quads,
        Masonry("brick", "granite", floors=4, eave=29.0),
        (-half, half),
        (front, front + 2 * half),
        29.0,
        detail,
    )
    parts = [moved(_spire(half, (29.0, height), detail), 0.0, front + half)]
    apse = lathe(
        ["brick", "slate"],
        [(nave / 2, -DEPTH_M), (nave / 2, eave), (0.0, ridge - 3)],
        (12, 10, 6)[detail],
        smooth=False,
    )
    parts.append(moved(apse, 0.0, d / 2 - 5.0))
    return join([quads.mesh(), *parts])


def _spire(half: float, z: tuple[float, float], detail: int) -> Mesh:
    low, high = z
    sides = 8
    quads = Quads()
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (half - 0.7), sy * (half - 0.7)
            quads.block(
                "copper", (x - 0.6, x + 0.6), (y - 0.6, y + 0.6), (low, low + 5.0), shrink=(0.58, 0.58)
            )
    quads.block("white", (-0.12, 0.12), (-0.12, 0.12), (high - 2.4, high))
    quads.block("white", (-0.6, 0.6), (-0.12, 0.12), (high - 1.3, high - 1.0), bottom=True)
    cone = lathe(
        ["brick_dark", "copper"],
        [(half * 0.95, low), (half * 0.9, low + 2.0), (0.12, high - 2.2)],
        sides,
        smooth=False,
    )
    return join([cone, quads.mesh()]) if detail < 2 else cone


def _ridged(
    quads: Quads, xs: tuple[float, float], ys: tuple[float, float], eave: float, ridge: float
) -> None:
    (x0, x1), (y0, y1) = xs, ys
    quads.add("slate", (x0, y1, eave), (x0, y0, eave), (0.0, y0, ridge), (0.0, y1, ridge))
    quads.add("slate", (x1, y0, eave), (x1, y1, eave), (0.0, y1, ridge), (0.0, y0, ridge))
    quads.add("brick", (x0, y0, eave), (x1, y0, eave), (0.0, y0, ridge))
    quads.add("brick", (x1, y1, eave), (x0, y1, eave), (0.0, y1, ridge))


def _cross(quads: Quads, xs: tuple[float, float], ys: tuple[float, float], eave: float, ridge: float) -> None:
    (x0, x1), (y0, y1) = xs, ys
    mid = (y0 + y1) / 2
    quads.add("slate", (x0, y0, eave), (x1, y0, eave), (x1, mid, ridge), (x0, mid, ridge))
    quads.add("slate", (x1, y1, eave), (x0, y1, eave), (x0, mid, ridge), (x1, mid, ridge))
    quads.add("brick", (x0, y1, eave), (x0, y0, eave), (x0, mid, ridge))
    quads.add("brick", (x1, y0, eave), (x1, y1, eave), (x1, mid, ridge))
