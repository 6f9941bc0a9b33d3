"""The timber frame between the floor and the roof: columns, doors, painted beams, clustered brackets.

A storey is drawn face by face: u runs along the face to the right of somebody before it, the outward side is
to the right of the direction of u. Colours: dancheong of the palaces (뇌록 field; 삼청, 장단, 석황 in the
beams' end patterns; 석간주 columns).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from smap.scene.solids import Floats, Mesh, Quads, join, lathe, moved

__all__ = ["Storey", "bay_lines", "storey_mesh"]

Wall = Literal["doors", "open", "windows", "planks", "brick", "rail", "gallery"]

MIDDLE_BAY = 1.22  # the middle bay (어칸) is wider than its neighbours
COLUMN_SIDES = (6, 4)
SUNK_M = 0.15  # so far behind the columns lie the doors, from afar


@dataclass(frozen=True)
class Storey:
    """One storey; metres. `size` is between the outer columns' axes, `bays` along front and side.

    `floor` to `beam` is the columns' clear height; the painted beam is up to `bracket`, the brackets up to
    `plate` and lean out by `lean`. `wall` is what fills the bays of the front and of the other sides.
    """

    size: tuple[float, float]
    bays: tuple[int, int]
    floor: float
    beam: float
    bracket: float
    plate: float
    wall: tuple[Wall, Wall]
    column: float = 0.34
    lean: float = 0.8
    clusters: int = 2
    dancheong: bool = True


def bay_lines(length: float, bays: int) -> Floats:
    """Axes of the columns along a side, from −length/2: the middle bay is the widest."""
    widths = np.ones(bays)
    if bays % 2 and bays > 1:
        widths[bays // 2] = MIDDLE_BAY
    ends = np.concatenate([[0.0], np.cumsum(widths)]) / widths.sum()
    return np.asarray(ends * length - length / 2)


class _Face:
    """One side of a storey: places quadrilaterals by (u, outward, z)."""

    def __init__(self, quads: Quads, origin: tuple[float, float], along: tuple[float, float]) -> None:
        self.quads, self.origin, self.along = quads, origin, along

    def at(self, u: float, out: float, z: float) -> tuple[float, float, float]:
        (ox, oy), (ax, ay) = self.origin, self.along
        return ox + u * ax + out * ay, oy + u * ay - out * ax, z

    def panel(self, name: str, u: tuple[float, float], z: tuple[float, float], out: float = 0.0) -> None:
        """An upright rectangle that looks outward."""
        at, (u0, u1), (z0, z1) = self.at, u, z
        self.quads.add(name, at(u0, out, z0), at(u1, out, z0), at(u1, out, z1), at(u0, out, z1))

    def back(self, name: str, u: tuple[float, float], z: tuple[float, float]) -> None:
        """An upright rectangle that looks into the room."""
        at, (u0, u1), (z0, z1) = self.at, u, z
        self.quads.add(name, at(u1, 0.0, z0), at(u0, 0.0, z0), at(u0, 0.0, z1), at(u1, 0.0, z1))

    def bar(
        self,
        name: str,
        u: tuple[float, float],
        z: tuple[float, float],
        out: tuple[float, float],
        *,
        bottom: str = "",
    ) -> None:
        """A block that stands out from `out[0]` to `out[1]`: front, two ends, and top or underside."""
        at, (u0, u1), (z0, z1), (a, b) = self.at, u, z, out
        self.panel(name, u, z, b)
        self.quads.add(name, at(u0, a, z0), at(u0, b, z0), at(u0, b, z1), at(u0, a, z1))
        self.quads.add(name, at(u1, b, z0), at(u1, a, z0), at(u1, a, z1), at(u1, b, z1))
        if not bottom:
            self.quads.add(name, at(u0, b, z1), at(u1, b, z1), at(u1, a, z1), at(u0, a, z1))
        else:
            self.quads.add(bottom, at(u0, a, z0), at(u1, a, z0), at(u1, b, z0), at(u0, b, z0))


def storey_mesh(storey: Storey, detail: int) -> Mesh:
    """The storey's four sides; detail 0 (finest) to 2."""
    quads = Quads()
    w, d = storey.size
    corners = [(-w / 2, -d / 2), (w / 2, -d / 2), (w / 2, d / 2), (-w / 2, d / 2)]
    columns = []
    for side in range(4):
        along = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][side]
        face = _Face(quads, corners[side], along)
        length, bays = (w, storey.bays[0]) if side % 2 == 0 else (d, storey.bays[1])
        lines = bay_lines(length, bays) + length / 2
        _side(face, storey, lines, storey.wall[0 if side == 0 else 1], detail)
        columns += [face.at(float(u), 0.0, storey.floor)[:2] for u in lines[:-1]]
    if detail < 2 and set(storey.wall) & {"open", "rail"}:  # a ceiling over the open room
        x, y, z = w / 2, d / 2, storey.beam
        quads.add("seokganju_deep", (-x, -y, z), (-x, y, z), (x, y, z), (x, -y, z))
    parts = [quads.mesh()]
    if detail < 2:
        column = _column(storey, detail)
        parts += [moved(column, x, y) for x, y in columns]
    return join(parts)


def _column(storey: Storey, detail: int) -> Mesh:
    r, names = storey.column, ["seokganju", "noerok"] if storey.dancheong else ["seokganju", "seokganju"]
    foot, head = storey.floor, storey.beam
    profile = [(r, foot), (r, head - 0.7), (r, head)]
    if detail:
        names, profile = names[:1], [profile[0], profile[2]]
    return lathe(names, profile, COLUMN_SIDES[detail])


def _side(face: _Face, storey: Storey, lines: Floats, wall: Wall, detail: int) -> None:
    length = float(lines[-1])
    if detail == 2:
        face.panel(_flat_colour(wall), (0.0, length), (storey.floor, storey.beam), -SUNK_M)
        for u in lines.tolist():
            side = max(0.0, u - storey.column), min(length, u + storey.column)
            face.panel("seokganju", side, (storey.floor, storey.beam))
        band = "noerok" if storey.dancheong else "seokganju"
        face.panel(band, (0.0, length), (storey.beam, storey.plate))
        return
    for u0, u1 in itertools.pairwise(lines):
        _bay(face, storey, float(u0), float(u1), wall, detail)
        _beam(face, storey, float(u0), float(u1), detail)
    _brackets(face, storey, lines, detail)


def _flat_colour(wall: Wall) -> str:
    return {
        "doors": "lattice",
        "open": "shade",
        "windows": "lattice",
        "planks": "seokganju",
        "brick": "brick",
        "rail": "shade",
        "gallery": "seokganju_deep",
    }[wall]


def _bay(face: _Face, storey: Storey, u0: float, u1: float, wall: Wall, detail: int) -> None:
    """What fills one bay, between two columns."""
    z0, z1 = storey.floor, storey.beam
    if wall == "gallery":  # an open walk before a wall of planks
        face.panel("seokganju_deep", (u0, u1), (z0, z1), -2.2)
        return
    if wall in ("open", "rail"):
        if wall == "rail":
            rail = z0 + min(1.1, 0.4 * (z1 - z0))
            board = "noerok" if storey.dancheong else "plank"
            face.panel(board, (u0, u1), (z0, rail), 0.12)
            face.back(board, (u0, u1), (z0, rail))
            face.bar("seokganju", (u0, u1), (rail, rail + 0.14), (-0.05, 0.26))
        return
    sill = z0 + (z1 - z0) * {"doors": 0.0, "windows": 0.42, "planks": 0.0, "brick": 0.0}[wall]
    if wall == "brick":
        face.panel("brick", (u0, u1), (z0, z0 + (z1 - z0) * 0.72), -0.02)
        face.panel("jibun", (u0, u1), (z0 + (z1 - z0) * 0.72, z1), -0.06)
        return
    if sill > z0:
        face.panel("brick", (u0, u1), (z0, sill), 0.0)
    if wall == "planks":
        _leaves(face, (u0, u1), (z0, z1), ("seokganju", "seokganju_deep"), 2, detail)
        return
    _lattices(face, (u0, u1), (sill, z1), detail, low=wall == "doors")


def _leaves(
    face: _Face,
    u: tuple[float, float],
    z: tuple[float, float],
    names: tuple[str, str],
    count: int,
    detail: int,
) -> None:
    face.panel(names[1], u, z, -0.12)
    if detail == 0:
        edges = np.linspace(u[0] + 0.45, u[1] - 0.45, count + 1)
        for a, b in itertools.pairwise(edges):
            face.panel(names[0], (float(a) + 0.06, float(b) - 0.06), (z[0] + 0.15, z[1] - 0.3), -0.06)


def _lattices(face: _Face, u: tuple[float, float], z: tuple[float, float], detail: int, *, low: bool) -> None:
    """Door leaves: a red frame, the painted lattice, a red panel below and the transom above."""
    (u0, u1), (z0, z1) = u, z
    height = z1 - z0
    transom = z0 + 0.78 * height
    panel = z0 + (0.2 * height if low else 0.0)
    face.panel("seokganju_deep", u, z, -0.14)
    count = 4 if detail == 0 and u1 - u0 > 2.6 else 2 if detail == 0 else 1
    edges = np.linspace(u0 + 0.38, u1 - 0.38, count + 1)
    for a, b in itertools.pairwise(edges):
        leaf = (float(a) + 0.07, float(b) - 0.07)
        if leaf[1] <= leaf[0]:
            continue
        face.panel("lattice", leaf, (panel + 0.08, transom - 0.1), -0.08)
        if detail == 0:
            face.panel("noerok_deep", leaf, (transom + 0.1, z1 - 0.1), -0.08)
            if low:
                face.panel("seokganju", leaf, (z0 + 0.12, panel - 0.05), -0.08)


def _beam(face: _Face, storey: Storey, u0: float, u1: float, detail: int) -> None:
    """창방 and 평방: a green field between end patterns (머리초) of blue, red, yellow and white."""
    z, out = (storey.beam, storey.bracket), 0.16
    if not storey.dancheong:
        face.panel("seokganju", (u0, u1), z, out)
        return
    if detail:
        face.panel("noerok", (u0, u1), z, out)
        return
    w = u1 - u0
    marks = (
        (0.0, "samcheong"),
        (0.07, "noerok_deep"),
        (0.1, "jangdan"),
        (0.17, "seokhwang"),
        (0.2, "noerok"),
    )
    places = [at * w for at, _ in marks] + [0.8 * w]
    for (_, name), a, b in zip(marks, places, places[1:], strict=False):
        face.panel(name, (u0 + a, u0 + b), z, out)
        if name != "noerok":
            face.panel(name, (u1 - b, u1 - a), z, out)
    face.quads.add(
        "seokganju",
        face.at(u0, -0.2, z[0]),
        face.at(u1, -0.2, z[0]),
        face.at(u1, out, z[0]),
        face.at(u0, out, z[0]),
    )


def _brackets(face: _Face, storey: Storey, lines: Floats, detail: int) -> None:
    """공포: clusters that widen and lean out upward, over a red wall between them."""
    z0, z1, length = storey.bracket, storey.plate, float(lines[-1])
    ground = "seokganju" if storey.dancheong else "seokganju_deep"
    if detail or storey.clusters == 0:
        low, high, name = 0.16, 0.16 + 0.5 * storey.lean, "noerok_deep" if storey.dancheong else ground
        foot = face.at(-low, low, z0), face.at(length + low, low, z0)
        face.quads.add(name, *foot, face.at(length + high, high, z1), face.at(-high, high, z1))
        return
    face.panel(ground, (0.0, length), (z0, z1), 0.0)
    places = [float(lines[0])]
    for u0, u1 in itertools.pairwise(lines):
        places += np.linspace(u0, u1, storey.clusters + 2)[1:].tolist()
    width = 0.34 * length / max(len(places) - 1, 1)
    for u in places:
        _cluster(face, u, width, (z0, z1), storey)


def _cluster(face: _Face, u: float, width: float, z: tuple[float, float], storey: Storey) -> None:
    tiers = 2
    for tier in range(tiers):
        low = z[0] + (z[1] - z[0]) * tier / tiers
        high = z[0] + (z[1] - z[0]) * (tier + 0.78) / tiers
        half = width * (0.55 + 0.45 * tier / (tiers - 1))
        out = storey.lean * (tier + 1.0) / tiers
        name = ("samcheong", "noerok")[tier] if storey.dancheong else "seokganju"
        face.bar(
            name,
            (u - half, u + half),
            (low, high),
            (0.0, out),
            bottom="jangdan" if storey.dancheong else "seokganju_deep",
        )
