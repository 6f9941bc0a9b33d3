"""Streams as models: a walled one in its cut with lanes, paths and bridges, a brook as water between kerbs.

Frame of a piece: metres east, north and up from its place. Cross-sections are of (from the middle, up), where
0 is the height of the lanes; the ground below is cut deeper than any of it (smap/sample/ground.py).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smap.sample.landmarks.stone import arched_base
from smap.scene.pigments import pigment
from smap.scene.solids import Mesh, Quads, grid, moved, turned

__all__ = ["bridge", "brook", "channel", "head", "water_gate"]

Floats = NDArray[np.float64]

LANE_M = 0.25
"""Lanes and decks lie so high above the ground beside them, clear of its triangles."""
WALK_M, WATER_M = -3.6, -4.4
"""The walks and the water of Cheonggyecheon: 3 to 5 m below the street."""
WALK_WIDE_M, BANK_M, SANDS_M = 2.8, 2.2, 3.0
"""Of each walk and of the planted bank before it (today); of the sands along each wall (before 1900)."""
PARAPET_M, PAVEMENT_M = 1.0, 3.2
SKIRT_M = 2.0
KERB_M = 0.8
DECK_M, RAIL_M = 1.1, 0.4
FOOTWAY_M = 4.0  # of each pavement on a bridge, where it is broad enough
PIER_M, PIERS_APART_M = 0.7, 3.2

_Section = list[tuple[float, float, str]]  # from the middle, up, and the pigment as far as the next point


def channel(
    line: Floats, half: Floats, bridged: NDArray[np.bool_], banks_m: float, *, today: bool, detail: int
) -> Mesh:
    """A stretch of a walled stream: line (n, 3) along its middle at the height of the lanes, half (n,) from
    there to the walls; where it is bridged (n,) no parapet stands in the way."""
    left = _today(banks_m, detail) if today else _before_1900(banks_m)
    return _drawn(line, half, left, bridged)


def brook(line: Floats, half: Floats) -> Mesh:
    """A stretch of a stream that runs on the ground: line (n, 3) along its middle, half (n,) of its width."""
    left = [
        (KERB_M, -SKIRT_M, "granite_dark"),
        (KERB_M, 0.6, "granite_cool"),
        (0.0, 0.6, "granite_cool"),
        (0.0, 0.4, "stream"),
    ]
    return _drawn(line, half, left, np.zeros(len(line), bool))


def head(line: Floats, half: Floats) -> Mesh:
    """The wall across a stream's beginning, above the first point of its line (n, 3)."""
    out = _across(line)[0] * half[0]
    (x, y), z = line[0, :2], line[0, 2]
    quads = Quads()
    low, high = z + WATER_M - 1.0, z + LANE_M
    a, b = (x - out[0], y - out[1]), (x + out[0], y + out[1])
    quads.add("granite_warm", (*a, low), (*b, low), (*b, high), (*a, high))
    quads.add("granite_warm", (*b, low), (*a, low), (*a, high), (*b, high))
    return quads.mesh()


def bridge(half: float, wide: float, across: Floats, banks_m: float, *, stone: bool, detail: int) -> Mesh:
    """A bridge over a walled stream, at the height of the lanes; across (2,): the unit vector over it.

    wide: along the stream. stone: of long slabs on rows of pillars, as before 1900, for those on foot; else
    one deck that carries a street between pavements, from lane to lane.
    """
    x, y, top = half + 1.2, wide / 2, LANE_M + 0.15
    quads = Quads()
    name = "granite_light" if stone else "paving"
    quads.block(name, (-x, x), (-y, y), (top - DECK_M, top), top="paving" if stone else "road", bottom=True)
    for a, b in ((-y, -y + RAIL_M), (y - RAIL_M, y)):
        quads.block("granite_light", (-x, x), (a, b), (top, top + PARAPET_M))
    if not stone:
        _street(quads, (x, half + banks_m), y - RAIL_M, top)
    elif detail < 2:
        for at_x in np.linspace(-half, half, max(3, round(2 * half / PIERS_APART_M)))[1:-1].tolist():
            for at_y in np.linspace(-y + 1.0, y - 1.0, max(2, round(wide / PIERS_APART_M))).tolist():
                xs, ys = (at_x - PIER_M / 2, at_x + PIER_M / 2), (at_y - PIER_M / 2, at_y + PIER_M / 2)
                quads.block("granite", xs, ys, (WATER_M - 1.0, top - DECK_M))
    return turned(quads.mesh(), math.degrees(math.atan2(across[1], across[0])))


def _street(quads: Quads, x: tuple[float, float], y: float, top: float) -> None:
    """Pavements and a middle line on a deck that ends at x[0], and the street on the lanes as far as x[1]."""
    walk = min(FOOTWAY_M, 0.22 * 2 * y)
    for a, b in ((-y, -y + walk), (y - walk, y)):
        quads.block("plaza", (-x[0], x[0]), (a, b), (top, top + 0.16))
    quads.block("line", (-x[1], x[1]), (-0.12, 0.12), (LANE_M, top + 0.05))
    for a, b in ((-x[1], -x[0]), (x[0], x[1])):
        quads.block("road", (a, b), (-y + walk, y - walk), (LANE_M - 0.3, LANE_M + 0.1))


def water_gate(half: float, wide: float, across: Floats, *, arches: int, detail: int) -> Mesh:
    """A water gate: the city wall over a stream on arches, its foot on the bed."""
    long, rise = 2 * half + 2.4, LANE_M + 2.2 - WATER_M
    pitch = 2 * half / arches
    openings = [((at - (arches - 1) / 2) * pitch, 0.72 * pitch, 0.62 * rise) for at in range(arches)]
    base = moved(arched_base((long, wide), rise, openings, detail, batter=0.02), z=WATER_M)
    return turned(base, math.degrees(math.atan2(across[1], across[0])))


def _today(banks_m: float, detail: int) -> _Section:
    """From the outer edge of the left lane to the water; offsets count outward from the wall."""
    wall: _Section = [(0.0, LANE_M + PARAPET_M, "granite_light"), (0.0, LANE_M, "granite_warm")]
    if detail == 0:
        wall += [
            (0.0, LANE_M + (WALK_M - LANE_M) * k / 3, name)
            for k, name in ((1, "granite"), (2, "granite_cool"))
        ]
    return [
        (banks_m, -SKIRT_M, "granite_dark"),
        (banks_m, LANE_M, "earth"),
        (PAVEMENT_M, LANE_M, "paving"),
        (0.5, LANE_M, "granite_light"),
        (0.5, LANE_M + PARAPET_M, "granite_light"),
        *wall,
        (0.0, WALK_M, "paving"),
        (-WALK_WIDE_M, WALK_M, "grass"),
        (-WALK_WIDE_M - BANK_M, WATER_M, "stream"),
    ]


def _before_1900(banks_m: float) -> _Section:
    """Stone walls since 1773, sands before them."""
    return [
        (banks_m, -SKIRT_M, "earth"),
        (banks_m, LANE_M, "earth"),
        (0.4, LANE_M, "granite_light"),
        (0.0, LANE_M, "granite_warm"),
        (0.0, WALK_M, "sand"),
        (-SANDS_M, WATER_M, "stream"),
    ]


def _across(line: Floats) -> Floats:
    """Unit vectors to the left of a line (n, ≥ 2): (n, 2)."""
    way = np.gradient(line[:, :2], axis=0)
    left = np.stack([-way[:, 1], way[:, 0]], axis=1)
    return np.asarray(left / np.linalg.norm(left, axis=1, keepdims=True))


def _drawn(line: Floats, half: Floats, left: _Section, bridged: NDArray[np.bool_]) -> Mesh:
    """A section on both sides of a line: offsets from the edge of the water or wall, outward.

    Where it is bridged (n,) nothing is higher than the lanes.
    """
    off = np.array([at for at, _, _ in left])
    up = np.array([at for _, at, _ in left])
    offsets = np.concatenate([half[:, None] + off, -(half[:, None] + off[::-1])], axis=1)
    ups = np.concatenate([up, up[::-1]])
    names = [name for _, _, name in left]
    names += [*names[-2::-1], names[0]]
    left_hand = _across(line)
    points = np.empty((len(line), len(ups), 3))
    points[..., :2] = line[:, None, :2] + offsets[..., None] * left_hand[:, None]
    points[..., 2] = line[:, None, 2] + np.where(bridged[:, None], np.minimum(ups, LANE_M), ups)
    return grid(points, np.broadcast_to(pigment(*names), points.shape), smooth=False)
