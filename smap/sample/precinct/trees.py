"""Trees as a model-maker carves them: a crown of a few faces on a short trunk, one mesh for a whole grove."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.scene.pigments import pigment
from smap.scene.solids import Mesh

__all__ = ["FORMS", "Trees", "along_row", "in_grove", "joined", "trees_mesh"]

Floats = NDArray[np.float64]

ROOT_M = 1.4
"""A trunk begins so far below the ground: the drawn ground may lie a metre lower than the written one."""
JITTER = 0.38
"""Of the distance between two trees: how far each stands from its place in the grid."""
SIDES = 6
HUES = 5
"""Steps from the dark to the light end of the leaves: one grove is of several greens."""


@dataclass(frozen=True)
class Form:
    """A tree of height 1: rings of its crown (radius, height) from below, between two points (0, height).

    trunk: its radius and the height where the crown takes over. leaf: how far from pine (0) to leaf (1).
    """

    rings: tuple[tuple[float, float], ...]
    foot: float
    trunk: tuple[float, float]
    leaf: float


FORMS = {
    # 소나무, red pine: a bent red trunk under a flat crown
    "pine": Form(((0.29, 0.62), (0.21, 0.85)), 0.5, (0.032, 0.6), 0.0),
    # 느티나무 and other broad crowns
    "broad": Form(((0.33, 0.44), (0.27, 0.78)), 0.2, (0.035, 0.4), 0.55),
    # 은행나무, ginkgo of the avenues
    "ginkgo": Form(((0.21, 0.40), (0.13, 0.74)), 0.18, (0.026, 0.4), 0.85),
    # 버드나무, willow at the water
    "willow": Form(((0.42, 0.30), (0.32, 0.76)), 0.14, (0.04, 0.4), 0.95),
    # low planting, reeds
    "shrub": Form(((0.75, 0.25), (0.62, 0.70)), 0.0, (0.0, 0.0), 0.75),
}


@dataclass(frozen=True)
class Trees:
    """n trees of one form: feet (n, 3), heights (n,), turns (n,) in radians, leaf (n,) from 0 to 1."""

    form: str
    feet: Floats
    height: Floats
    turn: Floats
    leaf: Floats

    def part(self, chosen: NDArray[np.bool_]) -> Trees:
        """Some of them."""
        return Trees(self.form, self.feet[chosen], self.height[chosen], self.turn[chosen], self.leaf[chosen])


def in_grove(area: shapely.Geometry, apart: float, random: np.random.Generator) -> Floats:
    """Places (n, 2) in an area: a grid of triangles, each shifted by chance."""
    if shapely.is_empty(area):
        return np.empty((0, 2))
    west, south, east, north = shapely.bounds(area).tolist()
    rise = apart * math.sqrt(3) / 2
    columns, rows = (
        np.arange(0.0, far + step, step) for far, step in ((east - west, apart), (north - south, rise))
    )
    x, y = np.meshgrid(columns, rows)
    x = x + (np.arange(len(rows)) % 2)[:, None] * apart / 2
    places = np.stack([x.ravel() + west, y.ravel() + south], axis=1)
    places += random.uniform(-JITTER * apart, JITTER * apart, places.shape)
    return np.asarray(places[shapely.contains_xy(area, places[:, 0], places[:, 1])])


def along_row(line: Floats, apart: float, closed: shapely.Geometry) -> Floats:
    """Places (n, 2) along a line (k, 2), none where it is closed."""
    way = shapely.linestrings(line)
    count = max(1, int(way.length // apart))
    at = (np.arange(count) + 0.5) * way.length / count
    places = shapely.get_coordinates(shapely.line_interpolate_point(way, at))
    return np.asarray(places[~shapely.contains_xy(closed, places[:, 0], places[:, 1])])


NEIGHBOUR_M = 60.0
"""So near trees stand that one may stand for another."""
FEW = 4
"""So many trees are no wood: each of them is seen from afar."""


def trees_mesh(groves: Sequence[Trees], detail: int) -> Mesh:
    """All trees as one mesh; detail 0 and 1: a crown of rings, 2: a pyramid, 3: one of those for three trees.

    The first stand on a trunk, so that the coarse ones lie a metre or so off and serve from afar.
    """
    many = sum(len(trees.feet) for trees in groves) > FEW
    shown = [_thinned(trees) for trees in groves] if detail == 3 and many else groves
    return joined([_planted(trees, detail) for trees in shown if len(trees.feet)])


def _thinned(trees: Trees) -> Trees:
    """Of three neighbours the one in their middle, as broad as all together; and who is no neighbour."""
    xy = trees.feet[:, :2]
    kept = np.zeros(len(xy), bool)
    for group in _threes(xy, np.arange(len(xy))):
        inmost = group[np.linalg.norm(xy[group] - xy[group].mean(axis=0), axis=1).argmin()]
        away = np.linalg.norm(xy[group] - xy[inmost], axis=1)
        kept[group[(group == inmost) | (away > NEIGHBOUR_M)]] = True
    few = trees.part(kept)
    return replace(few, height=few.height * 1.35)


def _threes(xy: Floats, chosen: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The chosen of points (n, 2) in groups of three, one perhaps smaller: halved again and again."""
    if len(chosen) <= 3:
        return [chosen] if len(chosen) else []
    longer = int(np.ptp(xy[chosen], axis=0).argmax())
    order = chosen[np.argsort(xy[chosen, longer], kind="stable")]
    cut = 3 * max(1, round(len(order) / 6))
    return [*_threes(xy, order[:cut]), *_threes(xy, order[cut:])]


def joined(parts: Sequence[Mesh]) -> Mesh:
    """All meshes as one; none of them: an empty mesh."""
    firsts = np.cumsum([0] + [len(part.positions) for part in parts])
    empty = np.empty((0, 3))
    return Mesh(
        np.concatenate([empty, *(part.positions for part in parts)]),
        np.concatenate([empty, *(part.normals for part in parts)]),
        np.concatenate([empty.astype(np.uint8), *(part.colors for part in parts)]),
        np.concatenate(
            [
                empty.astype(np.int64),
                *(part.triangles + first for part, first in zip(parts, firsts, strict=False)),
            ]
        ),
    )


def _planted(trees: Trees, detail: int) -> Mesh:
    template = _template(FORMS[trees.form], detail)
    c, s = np.cos(trees.turn)[:, None], np.sin(trees.turn)[:, None]
    points = template.positions[None] * trees.height[:, None, None]
    x, y = points[..., 0] * c - points[..., 1] * s, points[..., 0] * s + points[..., 1] * c
    placed = np.stack([x, y, points[..., 2]], axis=-1) + trees.feet[:, None]
    rooted = template.positions[:, 2] == 0.0
    placed[:, rooted, 2] -= ROOT_M
    nx, ny, nz = (np.broadcast_to(template.normals[:, k], x.shape) for k in range(3))
    normals = np.stack([nx * c - ny * s, nx * s + ny * c, nz], axis=-1)
    colors = _colours(template.colors, trees.leaf)
    n, size = len(trees.feet), len(template.positions)
    triangles = (np.arange(n) * size)[:, None, None] + template.triangles
    return Mesh(
        placed.reshape(-1, 3), normals.reshape(-1, 3), colors.reshape(-1, 3), triangles.reshape(-1, 3)
    )


def _colours(shade: NDArray[np.uint8], leaf: Floats) -> NDArray[np.uint8]:
    """Of each tree (n) and vertex (m): wood, or from pine to leaf, darker below. shade (m, 3): template."""
    hue = np.round(np.clip(leaf, 0.0, 1.0) * (HUES - 1)) / (HUES - 1)
    pine, leafy = pigment("pine", "leaf").astype(np.float64)
    green = pine + (leafy - pine) * hue[:, None]
    wood, light = shade[:, 0] == 0, shade[:, 1] / 255.0
    tint = green[:, None] * light[None, :, None]
    return np.where(wood[None, :, None], pigment("trunk")[0], tint).astype(np.uint8)


def _template(form: Form, detail: int) -> Mesh:
    """One tree of height 1 whose colours are (is a leaf, light, 0)."""
    if detail >= 2:
        (radius, low), *_, (_, high) = form.rings
        parts = [_crown(((radius, low + 0.4 * (high - low)),), form.foot, 4, under=True)]
    else:
        parts = [_crown(form.rings, form.foot, SIDES, under=True)]
    if form.trunk[0] and detail < 3:
        parts.append(_trunk(*form.trunk))
    return joined(parts)


def _crown(rings: Sequence[tuple[float, float]], foot: float, sides: int, *, under: bool) -> Mesh:
    positions = [(0.0, 0.0, foot)] if under else []
    start = len(positions)
    for number, (radius, height) in enumerate(rings):
        for at in range(sides):
            angle = 2 * math.pi * (at + 0.5 * (number % 2)) / sides
            r = radius * (1.0 + 0.13 * math.cos(2.1 * at + 1.7 * number))
            positions.append((r * math.cos(angle), r * math.sin(angle), height))
    positions.append((0.0, 0.0, 1.0))
    points = np.array(positions)
    triangles = _hull(start, len(rings), sides, under=under)
    middle = np.array([0.0, 0.0, (foot + 1.0) / 2])
    normals = (points - middle) * [1.0, 1.0, 0.8]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    light = np.round(255 * np.clip(0.72 + 0.28 * (points[:, 2] - foot) / (1.0 - foot), 0.0, 1.0))
    colors = np.stack([np.full(len(points), 255), light, np.zeros(len(points))], axis=1).astype(np.uint8)
    return Mesh(points, normals, colors, triangles)


def _hull(start: int, count: int, sides: int, *, under: bool) -> NDArray[np.int64]:
    """Triangles over rings of so many sides; a point below them is number 0, the top is the last."""
    triangles = []
    for at in range(sides):
        after = (at + 1) % sides
        if under:
            triangles.append((0, start + after, start + at))
        for ring in range(count - 1):
            a, b = start + ring * sides, start + (ring + 1) * sides
            if ring % 2 == 0:
                triangles += [(a + at, a + after, b + at), (b + at, a + after, b + after)]
            else:
                triangles += [(a + at, b + after, b + at), (a + at, a + after, b + after)]
        last = start + (count - 1) * sides
        triangles.append((last + at, last + after, start + count * sides))
    return np.array(triangles, np.int64)


def _trunk(radius: float, height: float) -> Mesh:
    angles = 2 * math.pi * np.arange(3) / 3
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([np.column_stack([ring * radius, np.zeros(3)]), [[0.0, 0.0, height]]])
    normals = np.concatenate([np.column_stack([ring, np.zeros(3)]), [[0.0, 0.0, 1.0]]])
    triangles = np.array([(0, 1, 3), (1, 2, 3), (2, 0, 3)])
    return Mesh(points, normals, np.tile(np.array([0, 255, 0], np.uint8), (4, 1)), triangles)
