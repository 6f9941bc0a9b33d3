"""The new city's towers: glass slabs with storey bands, N Seoul Tower, Jongno Tower."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smap.sample.landmarks.stone import DEPTH_M
from smap.scene.solids import Floats, Mesh, Quads, disc, join, lathe, moved, prism

__all__ = ["Mast", "Ringed", "Slab", "mast_tower", "ringed_tower", "slab"]


@dataclass(frozen=True)
class Slab:
    """A block of storeys: `glass`, `band`: pigments; `fins`: upright lines; `podium` (beyond, height)."""

    floors: int
    glass: str = "glass"
    band: str = "aluminium"
    share: float = 0.62
    fins: bool = False
    podium: tuple[float, float] = (0.0, 0.0)
    crown: float = 0.0
    wings: tuple[float, ...] = ()  # further slabs beside it: x, y, width, depth, height, each


def slab(size: tuple[float, float], height: float, shape: Slab, detail: int) -> Mesh:
    """A slab or tower, flat on top; metres."""
    w, d = size
    quads = Quads()
    foot = 0.0
    if shape.podium[1]:
        m, foot = shape.podium
        quads.block(shape.band, (-w / 2 - m, w / 2 + m), (-d / 2 - m, d / 2 + m), (-DEPTH_M, foot))
    _storeys(quads, shape, ((-w / 2, w / 2), (-d / 2, d / 2)), (foot, height - shape.crown), detail)
    if shape.crown:
        quads.block(
            shape.band, (-w * 0.32, w * 0.32), (-d * 0.3, d * 0.3), (height - shape.crown - 0.01, height)
        )
    for at in range(0, len(shape.wings), 5):
        x, y, ww, dd, hh = shape.wings[at : at + 5]
        _storeys(quads, shape, ((x - ww / 2, x + ww / 2), (y - dd / 2, y + dd / 2)), (0.0, hh), detail)
    return quads.mesh()


def _storeys(
    quads: Quads,
    shape: Slab,
    plan: tuple[tuple[float, float], tuple[float, float]],
    z: tuple[float, float],
    detail: int,
) -> None:
    xs, ys = plan
    low, high = z
    storey = (high - low) / shape.floors
    inner = 0.22
    glass_x, glass_y = (xs[0] + inner, xs[1] - inner), (ys[0] + inner, ys[1] - inner)
    quads.block(shape.band, xs, ys, (low - DEPTH_M, low + 0.05 * (high - low) / 10))
    if detail:
        count = (shape.floors, max(2, shape.floors // 4), 1)[detail]
        step = (high - low) / count
        for at in range(count):
            z0 = low + at * step
            for name, a, b in (
                (shape.glass, z0, z0 + step * shape.share),
                (shape.band, z0 + step * shape.share, z0 + step),
            ):
                _belt(quads, name, xs, ys, (a, b))
        quads.add(
            "concrete_dark",
            *((x, y, high) for x, y in ((xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[0], ys[1]))),
        )
        return
    _belt(quads, shape.glass, glass_x, glass_y, (low, high))
    for at in range(shape.floors):
        z0 = low + (at + shape.share) * storey
        quads.block(shape.band, xs, ys, (z0, low + (at + 1) * storey), bottom=True)
    quads.block("concrete_dark", (xs[0] + 0.3, xs[1] - 0.3), (ys[0] + 0.3, ys[1] - 0.3), (high, high + 0.03))
    if shape.fins:
        _fins(quads, shape.band, xs, ys, z)


def _belt(
    quads: Quads, name: str, xs: tuple[float, float], ys: tuple[float, float], z: tuple[float, float]
) -> None:
    ring = [(xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[0], ys[1])]
    for p, q in zip(ring, [*ring[1:], ring[0]], strict=True):
        quads.add(name, (*p, z[0]), (*q, z[0]), (*q, z[1]), (*p, z[1]))


def _fins(
    quads: Quads, name: str, xs: tuple[float, float], ys: tuple[float, float], z: tuple[float, float]
) -> None:
    for x in np.linspace(xs[0], xs[1], max(3, round((xs[1] - xs[0]) / 4.0)) + 1).tolist():
        for y in ys:
            quads.block(name, (x - 0.2, x + 0.2), (y - 0.25, y + 0.25), z)
    for y in np.linspace(ys[0], ys[1], max(3, round((ys[1] - ys[0]) / 4.0)) + 1).tolist():
        for x in xs:
            quads.block(name, (x - 0.25, x + 0.25), (y - 0.2, y + 0.2), z)


@dataclass(frozen=True)
class Mast:
    """N Seoul Tower's shape: heights of the pod's foot and head, its radius and the shaft's."""

    pod: tuple[float, float] = (106.0, 135.7)
    radius: float = 13.4
    shaft: float = 4.4


def mast_tower(size: tuple[float, float], height: float, shape: Mast, detail: int) -> Mesh:
    """A slender shaft, the look-out pod, and a lattice mast in red and white."""
    sides = (24, 14, 8)[detail]
    r, (foot, head), shaft = shape.radius, shape.pod, shape.shaft
    span = head - foot
    bands = [
        ("concrete", shaft + 1.4, -DEPTH_M),
        ("concrete", shaft + 0.9, 12.0),
        ("white", shaft, 40.0),
        ("white", shaft, foot - 6.0),
        ("aluminium", shaft + 2.2, foot),
        ("white", 0.86 * r, foot + 0.17 * span),
        ("glass_deep", r, foot + 0.27 * span),
        ("white", r, foot + 0.38 * span),
        ("glass_deep", 0.99 * r, foot + 0.42 * span),
        ("white", 0.97 * r, foot + 0.55 * span),
        ("glass_deep", 0.9 * r, foot + 0.6 * span),
        ("white", 0.88 * r, foot + 0.72 * span),
        ("aluminium", 0.62 * r, foot + 0.76 * span),
        ("white", 0.6 * r, foot + 0.9 * span),
        ("white", 0.42 * r, foot + 0.92 * span),
        ("white", 0.4 * r, head),
        ("white", 0.0, head + 0.01),
    ]
    if detail == 2:
        bands = [bands[at] for at in (0, 3, 5, 6, 11, 15, 16)]
    parts = [
        lathe([name for name, _, _ in bands][:-1], [(a, b) for _, a, b in bands], sides, smooth=detail < 2)
    ]
    parts.append(_hall(size, detail))
    parts += _lattice((head, height), 0.22 * r, detail)
    return join(parts)


def _hall(size: tuple[float, float], detail: int) -> Mesh:
    """The plaza building round the tower's foot: terraces of glass under flat roofs."""
    sides = (20, 12, 8)[detail]
    w = min(size) / 2
    rings = [(w, -DEPTH_M), (w, 1.2), (w - 2.0, 1.25), (w - 2.0, 4.6), (w - 0.6, 5.4), (0.0, 5.5)]
    return lathe(["granite", "paving", "glass_deep", "concrete", "concrete"], rings, sides, smooth=False)


def _lattice(z: tuple[float, float], half: float, detail: int) -> list[Mesh]:
    """A tapered mast of four legs and braces; red and white in turn (aviation marking)."""
    low, high = z
    levels = np.linspace(low, low + 0.72 * (high - low), (10, 7, 3)[detail])
    parts = []
    quads = Quads()
    for at, (a, b) in enumerate(zip(levels.tolist(), levels.tolist()[1:], strict=False)):
        name = "mast_red" if at % 2 == 0 else "white"
        ra, rb = (half * (1.0 - 0.72 * (h - low) / (high - low)) for h in (a, b))
        if detail == 0:
            for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                _strut(quads, name, (sx * ra, sy * ra, a), (sx * rb, sy * rb, b), 0.3)
            ring = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
            for (px, py), (qx, qy) in zip(ring, [*ring[1:], ring[0]], strict=True):
                _strut(quads, name, (px * ra, py * ra, a), (qx * rb, qy * rb, b), 0.14)
                _strut(quads, name, (px * rb, py * rb, b), (qx * ra, qy * ra, a), 0.14)
                _strut(quads, name, (px * rb, py * rb, b), (qx * rb, qy * rb, b), 0.16)
            quads.block("steel", (-0.5, 0.5), (-0.5, 0.5), (a, b))
        else:
            quads.block(
                name,
                (-ra * 0.8, ra * 0.8),
                (-ra * 0.8, ra * 0.8),
                (a, b),
                shrink=((ra - rb) * 0.8, (ra - rb) * 0.8),
            )
    parts.append(quads.mesh())
    top = float(levels[-1])
    names = ["white", "mast_red", "white", "mast_red"]
    rise = [
        (0.85, top),
        (0.7, top + (high - top) * 0.35),
        (0.55, top + (high - top) * 0.65),
        (0.35, high - 4.0),
        (0.0, high),
    ]
    parts.append(lathe(names, rise, 6 if detail < 2 else 4, smooth=False))
    return parts


def _strut(
    quads: Quads, name: str, p: tuple[float, float, float], q: tuple[float, float, float], thick: float
) -> None:
    """A bar of square section between two points that are not one over the other."""
    a, b = np.array(p), np.array(q)
    along = (b - a) / np.linalg.norm(b - a)
    side = np.cross(along, [0.0, 0.0, 1.0] if abs(along[2]) < 0.95 else [1.0, 0.0, 0.0])
    side *= thick / np.linalg.norm(side)
    up = np.cross(side, along)
    corners = [side + up, side - up, -side - up, -side + up]
    for i in range(4):
        m, n = corners[i], corners[(i + 1) % 4]
        quads.add(name, (a + m).tolist(), (a + n).tolist(), (b + n).tolist(), (b + m).tolist())


@dataclass(frozen=True)
class Ringed:
    """Jongno Tower's shape: the main block's height, the ring's heights and the cores' radius."""

    block: float = 88.0
    ring: tuple[float, float] = (112.0, 124.0)
    core: float = 5.2
    floors: int = 21


def ringed_tower(size: tuple[float, float], height: float, shape: Ringed, detail: int) -> Mesh:
    """Three round cores carry a lens of storeys high over an open gap; below, a bow-fronted glass block."""
    w, d = size
    count = (15, 9, 5)[detail]
    t = np.linspace(0.0, 1.0, count)
    bow = np.column_stack([-w / 2 + w * t, -d / 2 + d * 0.32 * (1.0 - np.sin(math.pi * t))])
    plan = np.concatenate(
        [bow, [[w / 2, d / 2 - 9.0], [w / 2 - 9.0, d / 2], [-w / 2 + 9.0, d / 2], [-w / 2, d / 2 - 9.0]]]
    )
    parts = [prism("concrete", plan, (-DEPTH_M, 0.4))]
    floors = (shape.floors, 7, 1)[detail]
    step = (shape.block - 0.4) / floors
    for at in range(floors):
        z = 0.4 + at * step
        parts.append(prism("glass", plan * 0.992, (z, z + 0.7 * step)))
        parts.append(prism("aluminium", plan, (z + 0.7 * step, z + step)))
    cores = [(-w * 0.36, -d * 0.02), (w * 0.36, -d * 0.02), (0.0, d * 0.33)]
    for x, y in cores:
        sides = (16, 10, 6)[detail]
        top = height - 2.0 if y > 0 else height
        core = join(
            [
                lathe(["steel"], [(shape.core, 0.0), (shape.core, top)], sides),
                disc("concrete_dark", shape.core, top, sides),
            ]
        )
        parts.append(moved(core, x, y))
    parts.append(_lens(w, d, shape.ring, detail))
    return join(parts)


def _lens(w: float, d: float, z: tuple[float, float], detail: int) -> Mesh:
    """The oval of storeys on top."""
    sides = (36, 18, 10)[detail]
    low, high = z
    rise = high - low
    names = ["aluminium", "glass_deep", "aluminium", "glass_deep", "aluminium", "concrete_dark"]
    rings = [
        (0.0, low),
        (0.9, low + 0.12 * rise),
        (1.0, low + 0.3 * rise),
        (1.0, low + 0.42 * rise),
        (0.99, low + 0.72 * rise),
        (0.93, high),
        (0.0, high + 0.1),
    ]
    mesh = lathe(names, rings, sides)
    scale: Floats = np.array([w * 0.52, d * 0.46, 1.0])
    normals = mesh.normals / scale
    return Mesh(
        mesh.positions * scale,
        normals / np.linalg.norm(normals, axis=1, keepdims=True),
        mesh.colors,
        mesh.triangles,
    )
