"""The city wall in stone: courses by the period of its masonry, a paved walk, battlements.

Four periods, as the wall's own site tells them apart (seoulcitywall.seoul.go.kr): 1396 small and rough, 1422
oblong, 1704 squared, 1800 larger still. How high a course is drawn is ours: real stones of 30 to 60 cm would
not be seen from the city, so two stand for one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.ndimage import uniform_filter1d

from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh, faces, join, sweep

__all__ = [
    "LEFT_OUT_M",
    "MASONRY",
    "STONES",
    "Masonry",
    "WallForm",
    "battlement",
    "evened",
    "resampled",
    "tone",
    "wall_mesh",
]

STONES = {
    "granite": ("granite", "granite_even", "granite_warm", "granite_cool"),
    "ashlar": ("ashlar", "ashlar_even", "ashlar_warm", "ashlar_cool"),
    "rubble": ("granite_dark", "ashlar_warm", "ashlar", "ashlar_even"),
    "oblong": ("ashlar_even", "ashlar_cool", "ashlar_warm", "granite_even"),
    "new": ("granite_cool", "granite", "granite_light", "granite_even"),
}
"""The stones of a wall: of one course and of the next, and two that are met here and there."""
ODD = 8
"""One stone in so many is another; from course to course they are shifted by the golden ratio of that."""


@dataclass(frozen=True)
class Masonry:
    """How a period laid its stones: metres of a course and of a stone along it, as drawn; of which stones."""

    course_m: float
    block_m: float
    stones: str


MASONRY: Mapping[str, Masonry] = MappingProxyType(
    {
        "taejo": Masonry(0.6, 1.4, "rubble"),
        "sejong": Masonry(0.75, 2.4, "oblong"),
        "sukjong": Masonry(0.9, 1.8, "ashlar"),
        "sunjo": Masonry(1.2, 2.4, "granite"),
        "modern": Masonry(1.2, 2.4, "new"),
        "mixed": Masonry(0.9, 2.4, "ashlar"),
    }
)
"""By the words of the content's field `masonry`."""


@dataclass(frozen=True)
class WallForm:
    """Metres: height of the walk above the ground, width of the walk; masonry: a key of MASONRY.

    ghost: a wall that stands no more: a plain body without stones, walk or battlements. joined: whether it
    goes on beyond its first and its last point: one sees through a ghost, and there it has no end.
    """

    height_m: float = 4.7
    width_m: float = 3.3
    masonry: str = "mixed"
    ghost: bool = False
    joined: tuple[bool, bool] = (False, False)


PARAPET_M, PARAPET_THICK_M = 1.3, 0.8
"""여장: its height above the walk and its thickness."""
MERLON_M, GAP_M = 3.6, 0.6
BATTER = 0.06
FOOT_M = -5.0
"""So deep reach the stones below the ground drawn along the middle, so that no slope shows daylight."""
GHOST_STONE = "granite_cool"
STEPS_M = (4.0, 9.0, 24.0)
"""From point to point along the wall, by detail: finest first."""
LEFT_OUT_M = (0.0, 0.9, 1.3)
"""What a level leaves out, by detail: courses of stones as high as they are drawn, gaps as deep as they are.
By their shapes alone two levels may differ by a hand's breadth, and from near one is a blank wall."""
EVEN_M = 12.0
"""Over so much way the course and its ground are evened out: masons do not follow every hummock."""
LOOPHOLES = (-0.3, 0.0, 0.3)
"""Of a merlon's length from its middle: two holes for far shots, and the near one between them (총안)."""
LOOPHOLE_M = (0.26, 0.42)


def wall_mesh(line: Floats, form: WallForm, detail: int) -> Mesh:
    """The wall along a line (n, 3), metres, that has the city to its right; detail: 0, the finest, to 2.

    The finest has each stone and loophole, the next the merlons still: a battlement is known from afar by its
    gaps. The last has a parapet without gaps.
    """
    way = resampled(line, STEPS_M[detail])
    top = form.height_m
    if form.ghost:
        return _ghost(way, form)
    edge = -form.width_m / 2, -form.width_m / 2 + PARAPET_THICK_M
    if detail == 2:
        rim = [(edge[0], top), (edge[0], top + PARAPET_M), (edge[1], top + PARAPET_M), (edge[1], top)]
        return join([_body(way, form, top), sweep(["granite_light", "jeondol", "granite_light"], way, rim)])
    z = top - 0.3, top + PARAPET_M
    merlons = battlement(line, z=z, length=(MERLON_M, GAP_M), edge=edge, loopholes=detail == 0)
    if detail == 1:
        return join([_body(way, form, top), merlons])
    return join([_courses(way, form), _body(way, form, top, walk_only=True), merlons])


def _body(way: Floats, form: WallForm, top: float, *, walk_only: bool = False) -> Mesh:
    """Both faces and the walk in one piece, or what closes the courses: the walk and the ends."""
    section = _section(form)
    if walk_only:
        return sweep(["paving"], way, section[1:3])
    stone = STONES[MASONRY[form.masonry].stones][0]
    return sweep([stone, "paving", stone], way, section)


def _section(form: WallForm) -> list[tuple[float, float]]:
    """To the right and up, from the foot of the outer face over the walk to that of the inner."""
    outer, inner, top = -form.width_m / 2, form.width_m / 2, form.height_m
    lean = BATTER * (top - FOOT_M)
    return [(outer - lean, FOOT_M), (outer, top), (inner, top), (inner + lean, FOOT_M)]


def _ghost(way: Floats, form: WallForm) -> Mesh:
    """The body of one pale stone, closed where the wall does not go on."""
    right, color = _right(way), pigment(GHOST_STONE)
    aside, up = np.array(_section(form)).T
    flat = way[None, :, :2] + aside[:, None, None] * right[None]
    rails = np.concatenate(
        [flat, np.broadcast_to(way[:, 2] + up[:, None], flat.shape[:2])[..., None]], axis=2
    )
    quads = [_quads(rails[at : at + 2]) for at in range(len(rails) - 1)]
    ends = [rails[::-1, 0], rails[:, -1]]
    quads += [end[None] for end, goes_on in zip(ends, form.joined, strict=True) if not goes_on]
    return join([faces(side, np.tile(color, (len(side), 1))) for side in quads])


def _right(way: Floats) -> Floats:
    """Unit vectors to the right of a way (n, 3) at each of its points, (n, 2)."""
    along = np.gradient(way[:, :2], axis=0)
    right = np.stack([along[:, 1], -along[:, 0]], axis=1)
    return np.asarray(right / np.linalg.norm(along, axis=1, keepdims=True))


def _courses(way: Floats, form: WallForm) -> Mesh:
    """Both faces as quadrilaterals of stones, each piece of a course of its own tone; and the two ends."""
    masonry = MASONRY[form.masonry]
    names = STONES[masonry.stones]
    right = _right(way)
    count = max(1, round(form.height_m / masonry.course_m))
    z = np.array([FOOT_M, *np.linspace(0.0, form.height_m, count + 1)[1:]])
    reach = (form.width_m / 2 + BATTER * (form.height_m - z))[:, None, None]
    up = way[None, :, 2:] + z[:, None, None]
    flat = np.broadcast_to(way[None, :, :2], (len(z), len(way), 2))
    outer, inner = (np.concatenate([flat + side * reach * right, up], axis=2) for side in (-1.0, 1.0))
    tones = [[names[tone(course, stone)] for stone in range(len(way) - 1)] for course in range(len(z) - 1)]
    colors = pigment(*(name for row in tones for name in row))
    quads = [_quads(outer), _quads(inner)[:, ::-1]]
    sides = [faces(face, colors) for face in quads]
    ends = [np.stack([inner[:, 0], outer[:, 0]], axis=1), np.stack([outer[:, -1], inner[:, -1]], axis=1)]
    closing = [
        faces(_quads(end), pigment(*(row[at] for row in tones)))
        for end, at in zip(ends, (0, -1), strict=True)
    ]
    return join([*sides, *closing])


def _quads(points: Floats) -> Floats:
    """The quadrilaterals of a sheet (rows from below, columns, 3) seen with its columns to the left."""
    corners = [points[:-1, 1:], points[:-1, :-1], points[1:, :-1], points[1:, 1:]]
    return np.stack(corners, axis=2).reshape(-1, 4, 3)


def tone(course: int, stone: int) -> int:
    """Which of a masonry's stones one is of, by its course and its number there."""
    odd, at = divmod(stone + round(course * 0.618 * ODD), ODD)
    return course % 2 if at else 2 + (odd + course) % 2


def resampled(line: Floats, step: float) -> Floats:
    """Points along a line (n, k), one each `step` metres or a little less; the ends stay."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], max(2, math.ceil(way[-1] / step) + 1))
    return np.stack([np.interp(at, way, column) for column in line.T], axis=1)


def evened(line: Floats) -> Floats:
    """A line of points STEPS_M[0] apart, evened out as masons would; its ends stay, so that pieces meet."""
    size = min(len(line), int(EVEN_M / STEPS_M[0]) | 1)
    even = uniform_filter1d(line, size, axis=0, mode="nearest")
    share = np.clip(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / size, 0.0, 1.0)[:, None]
    return np.asarray(line + (even - line) * share)


def battlement(
    line: Floats,
    *,
    z: tuple[float, float],
    length: tuple[float, float],
    edge: tuple[float, float],
    ridge: float = 0.0,
    loopholes: bool = False,
    stone: str = "granite_light",
) -> Mesh:
    """여장: merlons (타) along a line (n, 3), each level, under darker caps.

    z: foot and top over the line. length: of a merlon, and of the gap to the next. edge: from where to where
    they are thick, metres to the right of the line; the first is the outer face. ridge: how much higher the
    cap's middle is.
    """
    ends = _even(line, sum(length))
    a, b = ends[:-1], ends[1:]
    along = (b - a)[:, :2] / np.maximum(np.linalg.norm((b - a)[:, :2], axis=1, keepdims=True), 1e-9)
    right = np.stack([along[:, 1], -along[:, 0]], axis=1)
    gap = along * length[1] / 2
    low, high = np.minimum(a[:, 2], b[:, 2]) + z[0], (a[:, 2] + b[:, 2]) / 2 + z[1]
    starts, stops = a[:, :2] + gap, b[:, :2] - gap
    plan = [
        starts + right * edge[0],
        stops + right * edge[0],
        stops + right * edge[1],
        starts + right * edge[1],
    ]
    foot, top = ([np.column_stack([at, up]) for at in plan] for up in (low, high))
    sides = [np.stack([foot[i], top[i], top[i - 3], foot[i - 3]], axis=1) for i in range(4)]
    stones = faces(np.concatenate(sides), np.tile(pigment(stone), (4 * len(a), 1)))
    caps = _caps(top, ridge)
    tops = faces(np.concatenate(caps), np.tile(pigment("jeondol"), (len(caps) * len(a), 1)))
    return join([stones, tops, *([_loopholes(foot, top, right)] if loopholes else [])])


def _even(line: Floats, step: float) -> Floats:
    """Points along a line (n, 3) at even distances of about a step; the ends stay."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], max(1, round(way[-1] / step)) + 1)
    return np.stack([np.interp(at, way, column) for column in line.T], axis=1)


def _caps(top: Sequence[Floats], ridge: float) -> list[Floats]:
    """Over corners (n, 3) each, clockwise from above: one level face, or two slopes and two gables."""
    p, q, r, s = top
    if not ridge:
        return [np.stack([s, r, q, p], axis=1)]
    up = np.array([0.0, 0.0, ridge])
    one, other = (p + s) / 2 + up, (q + r) / 2 + up
    return [
        np.stack(face, axis=1)
        for face in ((q, p, one, other), (s, r, other, one), (p, s, one, one), (r, q, other, other))
    ]


def _loopholes(foot: Sequence[Floats], top: Sequence[Floats], right: Floats) -> Mesh:
    """The dark holes in the outer face of every merlon."""
    along = foot[1] - foot[0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    half = along / length * LOOPHOLE_M[0] / 2
    before = np.column_stack([-0.03 * right, np.zeros(len(right))])
    up = np.array([0.0, 0.0, LOOPHOLE_M[1]])
    holes = []
    for share in LOOPHOLES:
        middle = (top[0] + top[1]) / 2 + share * along + before
        middle[:, 2] -= 0.5 * (top[0] - foot[0])[:, 2] + LOOPHOLE_M[1] / 2
        holes.append(np.stack([middle - half, middle - half + up, middle + half + up, middle + half], axis=1))
    quads = np.concatenate(holes)
    return faces(quads, np.tile(pigment("shade"), (len(quads), 1)))
