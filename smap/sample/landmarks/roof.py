"""Korean roofs: curved slopes under rows of giwa, eaves that rise and reach out, plastered ridges.

A roof is drawn over its eave rectangle. A point of a slope is named by its place along the eave and by its
inset s from the eave (metres in plan). The corner's rise (앙곡) and reach (안허리) fade with the distance c
from the corner; on a hip both slopes have the same c and s, so they meet without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, Quads, faces, grid, join, sweep, turned

__all__ = ["ROW_M", "Roof", "roof_mesh"]

ROW_M = 0.6  # one modelled row of tiles: two real ones (0.3 m), as a model-maker would draw them
ROW_RISE_M = 0.08
EAVE_TILE_M = 0.16
EAVE_RAFTER_M = 0.30
CORNER_POWER = 2.2  # how late the eave begins to rise
HOLLOW = 0.64  # share of the rise that is straight; the rest is the hollow of the slope (물매)


@dataclass(frozen=True)
class Roof:
    """One roof; metres. `half` is half the eave rectangle; `eave`, `ridge`: heights of the tiles' surface.

    kind: "hip" (우진각), "hip_gable" (팔작), "gable" (맞배) or "skirt" (the lower roof of two: it ends at
    `inset` against the upper storey). `inset` is where the gable stands in (hip_gable) or the hip's run along
    the front (hip). `wall` is half of the wall rectangle that the soffit reaches, at height `plate`.
    """

    kind: Literal["hip", "hip_gable", "gable", "skirt"]
    half: tuple[float, float]
    eave: float
    ridge: float
    inset: float
    wall: tuple[float, float]
    plate: float
    lift: float = 1.0
    reach: float = 0.5
    plaster: bool = True
    ridge_height: float = 0.9
    figures: int = 0
    dancheong: bool = True
    tile: str = "giwa"
    row: float = ROW_M

    @property
    def run(self) -> float:
        """Plan distance from the eave to the ridge or to the upper storey."""
        return self.inset if self.kind == "skirt" else self.half[1]

    @property
    def corner(self) -> float:
        """How far the hips run in, measured from the side eave of the front slope's own inset."""
        return {"hip": self.half[1], "hip_gable": self.inset, "gable": 0.0, "skirt": self.inset}[self.kind]

    @property
    def stretch(self) -> float:
        """Side inset for each metre of front inset on a hip."""
        return self.inset / self.half[1] if self.kind == "hip" else 1.0

    def front(self, x: Floats, s: Floats) -> Floats:
        """Points of the front slope: x along the eave, s in from it; (..., 3)."""
        a, b = self.half
        c = (a - np.abs(x)) / self.stretch
        out, up = self._corner(c, s)
        z = self._height(s) + up + self._sway(x / a, s)
        return np.stack([x + np.sign(x) * out, s - b - out, z], -1)

    def side(self, y: Floats, s: Floats) -> Floats:
        """Points of the right-hand slope: y along its eave, s in from it (of the front's measure)."""
        a, b = self.half
        out, up = self._corner(b - np.abs(y), s)
        x = a - self.stretch * s
        z = self._height(s) + up + self._sway(x / a, s)
        return np.stack([x + out, y + np.sign(y) * out, z], -1)

    def _height(self, s: Floats) -> Floats:
        t = s / self.run
        return self.eave + (self.ridge - self.eave) * (HOLLOW * t + (1.0 - HOLLOW) * t * t)

    def _corner(self, c: Floats, s: Floats) -> tuple[Floats, Floats]:
        span = min(self.half[0], self.half[1] * 1.25)
        near = np.maximum(0.0, 1.0 - np.maximum(c, 0.0) / span) ** CORNER_POWER
        near = near * np.maximum(0.0, 1.0 - s / self.run)
        return self.reach * near, self.lift * near

    def _sway(self, along: Floats, s: Floats) -> Floats:
        """The main ridge hangs a little between its ends."""
        return 0.0 if self.kind == "skirt" else 0.35 * self.lift * along**2 * s / self.run  # type: ignore[return-value]


def roof_mesh(roof: Roof, detail: int) -> Mesh:
    """Tiles, eaves, soffit, gables and ridges; detail 0 (finest) to 2."""
    half = [_slope(roof, detail, side=False)]
    if roof.kind != "gable":
        half.append(_slope(roof, detail, side=True))
    if roof.kind in ("hip_gable", "gable"):
        half.append(_gable(roof, detail))
    if detail < 2:
        half += _hip_ridges(roof, detail)
    parts = half + [turned(part, 180.0) for part in half]
    if roof.kind != "skirt" and detail < 2:
        parts.append(_main_ridge(roof, detail))
    return join(parts)


def _along(half: float, corner: float, row: float, detail: int) -> tuple[Floats, Floats, Floats]:
    """Places along an eave, from −half to half: left corner, middle and right corner."""
    if detail == 0:
        steps = max(2, 2 * round(corner / row)), max(2, 2 * round((half - corner) * 2 / row))
    else:
        steps = ((4, 4), (1, 1))[detail - 1]
    left = np.linspace(-half, corner - half, steps[0] + 1) if corner > 0 else np.zeros(0)
    middle = np.linspace(corner - half, half - corner, steps[1] + 1) if half > corner + 1e-6 else np.zeros(0)
    return left, middle, -left[::-1]


def _slope(roof: Roof, detail: int, *, side: bool) -> Mesh:
    """One slope with its eave's face and its soffit."""
    half = roof.half[1] if side else roof.half[0]
    stretch = 1.0 if side else roof.stretch
    place = roof.side if side else roof.front
    corner = roof.corner * stretch
    left, middle, right = _along(half, corner, roof.row, detail)
    low = np.linspace(0.0, roof.corner, (4, 4, 2)[detail]) if roof.corner else np.zeros(1)
    top = roof.corner if side else roof.run
    high = (
        np.concatenate([low, np.linspace(roof.corner, top, (4 if roof.corner else 6, 3, 2)[detail])[1:]])
        if top > roof.corner
        else low
    )
    sheets = []
    for xs, rows in ((left, None), (middle, high), (right, None)):
        if not len(xs):
            continue
        if rows is None:
            share = low / max(roof.corner, 1e-9)
            s = share[:, None] * ((half - np.abs(xs)) / stretch)[None]
        else:
            s = np.broadcast_to(rows[:, None], (len(rows), len(xs)))
        sheets.append((xs, s))
    parts = [_tiles(roof, place, xs, s, detail) for xs, s in sheets]
    eave = np.unique(np.round(np.concatenate([xs for xs, _ in sheets]), 9))
    return join([*parts, _eave(roof, place, eave, detail, side=side)])


def _ripple(xs: Floats, detail: int) -> Floats:
    """1 on the crest of a row of tiles, 0 in the trough; no row on the hips themselves."""
    crest = (np.arange(len(xs)) % 2).astype(float)
    return crest if detail == 0 else np.zeros(len(xs))


def _tiles(roof: Roof, place: object, xs: Floats, s: Floats, detail: int) -> Mesh:
    points = place(np.broadcast_to(xs, s.shape), s)  # type: ignore[operator]
    ripple = _ripple(xs, detail)
    points[..., 2] += ROW_RISE_M * ripple
    tints = np.broadcast_to(pigment(roof.tile), (len(xs), 3))
    if detail == 0:
        shade = pigment("giwa_shade") if roof.tile == "giwa" else (pigment(roof.tile) * 0.72).astype(np.uint8)
        tints = np.where(ripple[:, None] > 0, tints, shade)
    return grid(points, np.broadcast_to(tints, points.shape), columns=detail == 0)


def _eave(roof: Roof, place: object, xs: Floats, detail: int, *, side: bool) -> Mesh:
    """The eave's face (tile ends over rafter ends) and the soffit with its rafters."""
    edge = place(xs, np.zeros(len(xs)))  # type: ignore[operator]
    top = edge.copy()
    if detail == 0:  # the rows run over the eave with the same ripple as the sheets above
        top[:, 2] += ROW_RISE_M * _eave_ripple(roof, xs, side=side)
    down = np.array([0.0, 0.0, 1.0])
    middle, low = edge - down * EAVE_TILE_M, edge - down * (EAVE_TILE_M + EAVE_RAFTER_M)
    inner = _soffit_top(roof, low, side=side)
    tile_end = "giwa_end" if roof.tile == "giwa" else roof.tile
    boards = ("noerok", "seokganju_deep") if roof.dancheong else ("seokganju", "seokganju_deep")
    if detail == 2:
        face = grid(np.stack([low, edge]), pigment(roof.tile), smooth=False)
        return join([face, grid(np.stack([inner, low]), pigment(boards[1]), smooth=False)])
    ends = ("noerok", "seokganju") if roof.dancheong else ("seokganju", "seokganju_deep")
    some = np.arange(0, len(xs), 2 if detail == 0 else 1)
    every = (np.arange(len(some)) % 2 == 0 if detail == 0 else np.ones(len(some), bool))[:, None]
    return join(
        [
            grid(np.stack([middle, top]), pigment(tile_end), smooth=False),
            grid(np.stack([low, middle])[:, some], _broad(every, ends), smooth=False),
            grid(np.stack([inner, low])[:, some], _broad(every, boards), smooth=False),
        ]
    )


def _soffit_top(roof: Roof, low: Floats, *, side: bool) -> Floats:
    """Where the rafters lie on the wall: they fan out toward the corners."""
    inner = low.copy()
    if side:
        inner[:, 1] *= roof.wall[1] / np.abs(low[:, 1]).max()
        inner[:, 0] = roof.wall[0]
    else:
        inner[:, 0] *= 1.0 if roof.kind == "gable" else roof.wall[0] / np.abs(low[:, 0]).max()
        inner[:, 1] = -roof.wall[1]
    inner[:, 2] = roof.plate
    return inner


def _broad(every: NDArray[np.bool_], names: tuple[str, str]) -> NDArray[np.uint8]:
    one, other = pigment(*names)
    return np.broadcast_to(np.where(every, one, other).astype(np.uint8), (2, len(every), 3))


def _eave_ripple(roof: Roof, xs: Floats, *, side: bool) -> Floats:
    half = roof.half[1] if side else roof.half[0]
    parts = _along(half, roof.corner * (1.0 if side else roof.stretch), roof.row, 0)
    known = {round(float(x), 9): r for part in parts for x, r in zip(part, _ripple(part, 0), strict=True)}
    return np.array([known[round(float(x), 9)] for x in xs])


def _gable(roof: Roof, detail: int) -> Mesh:
    """The upright triangle at the right-hand end, its barge boards, and the strip under them."""
    a, _ = roof.half
    s = np.linspace(roof.corner, roof.run, (5, 3, 2)[detail])
    x = a - roof.corner
    edge = roof.front(np.full(len(s), x), s)
    deep = 0.55 if roof.kind == "hip_gable" else 0.7
    inset = 0.5 if roof.kind == "hip_gable" else a - roof.wall[0]
    floor = edge[0, 2] - 0.05 if roof.kind == "hip_gable" else roof.plate
    board = np.maximum(edge[:, 2] - deep, floor)
    quads, names = [], []
    for i in range(len(s) - 1):
        for sign in (1.0, -1.0):
            p, q = ([edge[j, 0], sign * edge[j, 1], edge[j, 2]] for j in (i, i + 1))
            pl, ql = [p[0], p[1], board[i]], [q[0], q[1], board[i + 1]]
            pw, qw = [p[0] - inset, p[1], board[i]], [q[0] - inset, q[1], board[i + 1]]
            pf, qf = [pw[0], pw[1], floor], [qw[0], qw[1], floor]
            for name, face in (
                ("seokganju_deep", [pl, ql, q, p]),
                ("seokganju", [pw, qw, ql, pl]),
                ("brick" if roof.dancheong else "plank", [pf, qf, qw, pw]),
            ):
                quads.append(face if sign > 0 else face[::-1])
                names.append(name)
    return faces(np.array(quads), pigment(*names))


def _section(width: float, height: float, detail: int) -> tuple[list[tuple[float, float]], int]:
    w, h = width / 2, height
    if detail:
        return [(-w, -0.3), (-w, h), (w, h), (w, -0.3)], 3
    return [(-w, -0.3), (-w, h), (-w - 0.07, h), (0.0, h + 0.2), (w + 0.07, h), (w, h), (w, -0.3)], 6


def _rail(roof: Roof, path: Floats, width: float, height: float, detail: int) -> Mesh:
    section, edges = _section(width, height, detail)
    wall = "plaster" if roof.plaster else "giwa_end" if roof.tile == "giwa" else roof.tile
    cap = roof.tile
    names = [wall, cap, wall] if edges == 3 else [wall, cap, cap, cap, cap, wall]
    return sweep(names, path, section)


def _main_ridge(roof: Roof, detail: int) -> Mesh:
    half = roof.half[0] - roof.corner * roof.stretch
    x = np.linspace(-half, half, (9, 3)[detail])
    path = roof.front(x, np.full(len(x), roof.run))
    path[:, 1] = 0.0
    parts = [_rail(roof, path, 0.62, roof.ridge_height, detail)]
    if detail == 0 and roof.figures:
        parts += [_finial(end, roof.ridge_height, float(np.sign(end[0]))) for end in (path[0], path[-1])]
    return join(parts)


def _finial(end: Floats, height: float, sign: float) -> Mesh:
    """취두: the eagle's head that bites the main ridge's end, as a block that curls up."""
    quads, x, z = Quads(), float(end[0]), float(end[2])
    a, b = sorted((x - sign * 0.75, x + sign * 0.2))
    quads.block("giwa_shade", (a, b), (-0.36, 0.36), (z - 0.1, z + height * 1.2), top="giwa")
    c, d = sorted((x - sign * 0.15, x + sign * 0.3))
    quads.block(
        "giwa", (c, d), (-0.26, 0.26), (z + height * 1.2, z + height * 1.2 + 0.45), shrink=(0.1, 0.08)
    )
    return quads.mesh()


def _hip_ridges(roof: Roof, detail: int) -> list[Mesh]:
    """The ridges of the right-hand end: down the gable's edge (내림마루), then along the hip (추녀마루)."""
    a, _ = roof.half
    parts = []
    n = (6, 3)[detail]
    for sign in (1.0, -1.0):
        flip = np.array([1.0, sign, 1.0])
        if roof.run > roof.corner:
            s = np.linspace(roof.run, roof.corner, n)
            path = roof.front(np.full(n, a - roof.corner - 0.25), s) * flip
            parts.append(_rail(roof, path, 0.5, 0.62 * roof.ridge_height, detail))
        if roof.corner:
            s = np.linspace(roof.corner, 0.15, n + 2)
            path = roof.front(a - roof.stretch * s, s) * flip
            parts.append(_rail(roof, path, 0.46, 0.5 * roof.ridge_height, detail))
            if detail == 0:
                parts += _figures(roof, path, 0.5 * roof.ridge_height)
    return parts


def _figures(roof: Roof, path: Floats, height: float) -> list[Mesh]:
    """잡상: the row of little guardians at the hip's low end."""
    if not roof.figures:
        return []
    quads = Quads()
    foot, back = path[-1], path[-3]
    length = float(np.linalg.norm(foot - back))
    for at in range(roof.figures):
        x, y, z = foot + (back - foot) * (0.35 + 0.42 * at) / length
        z += height + 0.15
        r, tip = 0.15, (float(x), float(y), float(z) + 0.36)
        ring = [(x - r, y - r, z), (x + r, y - r, z), (x + r, y + r, z), (x - r, y + r, z)]
        for i in range(4):
            quads.add("giwa_shade", ring[i], ring[(i + 1) % 4], tip)
    return [quads.mesh()]
