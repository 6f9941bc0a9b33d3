"""Coloured triangles in a landmark's own frame, and the few solids that everything is made of.

Frame: metres, x to the right of somebody who looks at the front, y into the depth, z up; the front looks to
−y. Unturned that is east, north, up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smap.scene.pigments import pigment
from smap.scene.vectors import cross, lengths

__all__ = [
    "Mesh",
    "Quads",
    "box",
    "disc",
    "faces",
    "grid",
    "join",
    "lathe",
    "moved",
    "only",
    "prism",
    "sweep",
    "turned",
]

Floats = NDArray[np.float64]
SMALLEST_M2 = 1e-6  # a triangle below one square millimetre is left out


@dataclass(frozen=True)
class Mesh:
    """Positions and normals float64 (n, 3), linear colours uint8 (n, 3), triangles int64 (m, 3)."""

    positions: Floats
    normals: Floats
    colors: NDArray[np.uint8]
    triangles: NDArray[np.int64]


def join(meshes: Iterable[Mesh]) -> Mesh:
    """All meshes as one."""
    parts = list(meshes)
    firsts = np.cumsum([0] + [len(part.positions) for part in parts])
    return Mesh(
        np.concatenate([part.positions for part in parts]),
        np.concatenate([part.normals for part in parts]),
        np.concatenate([part.colors for part in parts]),
        np.concatenate([part.triangles + first for part, first in zip(parts, firsts, strict=False)]),
    )


def only(mesh: Mesh, kept: NDArray[np.bool_]) -> Mesh:
    """The triangles that are kept, bool (m,), with the corners that they have."""
    corners, triangles = np.unique(mesh.triangles[kept], return_inverse=True)
    return Mesh(
        mesh.positions[corners], mesh.normals[corners], mesh.colors[corners], triangles.reshape(-1, 3)
    )


def moved(mesh: Mesh, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
    """The mesh shifted by metres."""
    return Mesh(mesh.positions + np.array([x, y, z]), mesh.normals, mesh.colors, mesh.triangles)


def turned(mesh: Mesh, degrees: float) -> Mesh:
    """The mesh turned about z, counter-clockwise seen from above."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    return Mesh(mesh.positions @ turn, mesh.normals @ turn, mesh.colors, mesh.triangles)


def faces(quads: ArrayLike, colors: NDArray[np.uint8]) -> Mesh:
    """Flat quadrilaterals (n, 4, 3), counter-clockwise from outside; one colour each, uint8 (n, 3).

    A corner may coincide with the next (a triangle); what has no area is left out.
    """
    corners = np.asarray(quads, np.float64).reshape(-1, 4, 3)
    normals = cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    length = lengths(normals)[:, None]
    normals = normals / np.where(length > 0.0, length, 1.0)
    first = 4 * np.arange(len(corners))[:, None]
    triangles = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])], axis=1).reshape(
        -1, 3
    )
    flat = corners.reshape(-1, 3)
    return Mesh(flat, np.repeat(normals, 4, 0), np.repeat(colors, 4, 0), _with_area(flat, triangles))


def _with_area(positions: Floats, triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    a, b, c = (positions[triangles[:, at]] for at in range(3))
    large: NDArray[np.bool_] = lengths(cross(b - a, c - a)) > 2.0 * SMALLEST_M2
    return np.asarray(triangles[large])


def grid(points: Floats, colors: NDArray[np.uint8], *, smooth: bool = True, columns: bool = False) -> Mesh:
    """A curved sheet through points (rows, columns, 3); its front is column direction × row direction.

    `colors` broadcast to the points. With `columns`, each strip between two columns is smooth along itself
    and has an edge to its neighbours (rows of roof tiles). Not smooth: every quadrilateral is flat and takes
    the colour of its first corner.
    """
    tints = np.broadcast_to(colors, points.shape)
    if not smooth:
        corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], 2)
        return faces(corners.reshape(-1, 4, 3), tints[:-1, :-1].reshape(-1, 3))
    if columns:
        points = np.moveaxis(np.stack([points[:, :-1], points[:, 1:]], 2), 1, 0)
        tints = np.moveaxis(np.stack([tints[:, :-1], tints[:, 1:]], 2), 1, 0)
    else:
        points, tints = points[None], tints[None]
    normals = _sheet_normals(points)
    strips, rows, cols, _ = points.shape
    at = np.arange(strips * rows * cols).reshape(strips, rows, cols)
    quads = np.stack([at[:, :-1, :-1], at[:, :-1, 1:], at[:, 1:, 1:], at[:, 1:, :-1]], -1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)
    flat = points.reshape(-1, 3)
    return Mesh(flat, normals.reshape(-1, 3), tints.reshape(-1, 3), _with_area(flat, triangles))


def _sheet_normals(points: Floats) -> Floats:
    """Column direction × row direction of sheets (strips, rows, columns, 3), of length 1."""
    across, along = np.gradient(points, axis=2), np.gradient(points, axis=1)
    normals = cross(_where_still(across, 1), _where_still(along, 2))
    length = lengths(normals)[..., None]
    unit = np.where(length > 1e-9, normals / np.where(length > 0, length, 1.0), [0.0, 0.0, 1.0])
    return np.asarray(unit, np.float64)


def _where_still(direction: Floats, axis: int) -> Floats:
    """Directions of no length take the mean of their line (a sheet that runs to a point there)."""
    still = lengths(direction)[..., None] < 1e-9
    return np.where(still, direction.mean(axis=axis, keepdims=True), direction)


class Quads:
    """Gathers flat quadrilaterals with a pigment each."""

    def __init__(self) -> None:
        self._corners: list[Sequence[Sequence[float]]] = []
        self._names: list[str] = []

    def add(self, name: str, *corners: Sequence[float]) -> None:
        """One face of three or four corners, counter-clockwise from outside."""
        self._corners.append(corners if len(corners) == 4 else (*corners, corners[-1]))
        self._names.append(name)

    def block(
        self,
        name: str,
        x: tuple[float, float],
        y: tuple[float, float],
        z: tuple[float, float],
        *,
        shrink: tuple[float, float] = (0.0, 0.0),
        top: str | None = None,
        bottom: bool = False,
    ) -> None:
        """An upright block; `shrink` draws its top in (metres a side; negative widens it)."""
        (x0, x1), (y0, y1), (z0, z1), (sx, sy) = x, y, z, shrink
        low = [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)]
        high = [
            (x0 + sx, y0 + sy, z1),
            (x1 - sx, y0 + sy, z1),
            (x1 - sx, y1 - sy, z1),
            (x0 + sx, y1 - sy, z1),
        ]
        for i in range(4):
            j = (i + 1) % 4
            self.add(name, low[i], low[j], high[j], high[i])
        self.add(top or name, *high)
        if bottom:
            self.add(name, *low[::-1])

    def mesh(self) -> Mesh:
        """What was gathered."""
        return faces(
            np.array(self._corners, np.float64).reshape(-1, 4, 3), pigment(*self._names).reshape(-1, 3)
        )


def box(
    name: str, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], *, bottom: bool = False
) -> Mesh:
    """One upright block."""
    quads = Quads()
    quads.block(name, x, y, z, bottom=bottom)
    return quads.mesh()


def lathe(
    names: Sequence[str], profile: Sequence[tuple[float, float]], sides: int, *, smooth: bool = True
) -> Mesh:
    """A turned solid: profile of (radius, height) from below; one pigment for each of its bands."""
    angles = np.linspace(0.0, 2.0 * math.pi, sides + 1)
    around = np.stack([np.cos(angles), np.sin(angles)], 1)
    parts = []
    for name, (r0, z0), (r1, z1) in zip(names, profile, profile[1:], strict=False):
        ring = np.zeros((2, sides + 1, 3))
        ring[0, :, :2], ring[0, :, 2] = around * r0, z0
        ring[1, :, :2], ring[1, :, 2] = around * r1, z1
        part = grid(ring, pigment(name), smooth=smooth)
        if smooth:  # each band is a cone: its normals are known
            slope = np.array([z1 - z0, r0 - r1]) / max(math.hypot(z1 - z0, r0 - r1), 1e-9)
            normals = np.concatenate([around * slope[0], np.full((sides + 1, 1), slope[1])], 1)
            part = Mesh(part.positions, np.tile(normals, (2, 1)), part.colors, part.triangles)
        parts.append(part)
    return join(parts)


def disc(name: str, radius: float, z: float, sides: int) -> Mesh:
    """A level disc that looks up."""
    return lathe([name], [(radius, z), (0.0, z)], sides, smooth=False)


def prism(
    name: str, ring: ArrayLike, z: tuple[float, float], *, top: str | None = None, smooth: bool = False
) -> Mesh:
    """An upright prism over a convex ring (k, 2), counter-clockwise; without a floor."""
    xy = np.asarray(ring, np.float64)
    closed = np.concatenate([xy, xy[:1]])
    walls = np.stack([np.column_stack([closed, np.full(len(closed), height)]) for height in z])
    lid = np.column_stack([closed, np.full(len(closed), z[1])])
    middle = np.broadcast_to(lid[:-1].mean(0), lid[:-1].shape)
    caps = faces(np.stack([lid[:-1], lid[1:], middle, middle], 1), pigment(*[top or name] * len(xy)))
    return join([grid(walls, pigment(name), smooth=smooth), caps])


def sweep(names: Sequence[str], path: ArrayLike, section: Sequence[tuple[float, float]]) -> Mesh:
    """A rail along a path (n, 3): its section of (to the right, up) goes from the left foot over the top.

    One pigment for each edge of the section; both ends are closed.
    """
    line = np.asarray(path, np.float64)
    along = np.gradient(line, axis=0)
    right = np.stack([along[:, 1], -along[:, 0], np.zeros(len(line))], 1)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    offsets = np.array(section)
    rails = line[:, None] + right[:, None] * offsets[:, :1] + np.array([0.0, 0.0, 1.0]) * offsets[:, 1:]
    sides = [
        grid(rails[:, at : at + 2].swapaxes(0, 1)[::-1].copy(), pigment(name), smooth=len(line) > 2)
        for at, name in enumerate(names)
    ]
    ends = []
    for ring in (rails[0], rails[-1][::-1]):
        middle = np.broadcast_to((ring[0] + ring[-1]) / 2, ring[:-1].shape)
        fan = np.stack([middle, ring[1:], ring[:-1], middle], 1)
        ends.append(faces(fan, pigment(*[names[0]] * len(names))))
    return join([*sides, *ends])
