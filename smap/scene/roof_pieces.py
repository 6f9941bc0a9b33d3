"""Pieces of pitched roofs: what one plan makes of many outlines at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.roof import cut_roofs
from smap.scene.roof_plan import WINGED, Ridges, along_one_ridge, offset, rectangle_about

__all__ = [
    "OVERHANG_M",
    "PARAPET",
    "PYRAMIDAL",
    "SHAPES",
    "SKILLION",
    "Pieces",
    "Roofs",
    "all_flat",
    "picked",
    "single",
    "winged",
    "with_parapet",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SHAPES = ("flat", "gabled", "hipped", "pyramidal", "skillion", "giwa")
"""Roofs that are drawn, by their numbers in `Roofs.shape`: OpenStreetMap's words, and giwa for hanok."""
_FLAT, _GABLED, _HIPPED, PYRAMIDAL, SKILLION, _GIWA = range(len(SHAPES))
PARAPET = len(SHAPES)
"""The number of a flat roof within a parapet, which no source asks for: a recipe does."""

PARAPET_WIDTH_M = 0.25
"""Metres across the rim of a flat roof: a brick and its plaster."""

OVERHANG_M = 0.9
"""Eaves of a hanok stand out by three cheok, about so much."""
_EDGE_SHARE = 0.4
"""Eaves and gables of giwa lie no farther from a wall than this share of the shortest one."""
_INSET, _BREAK = 0.45, 0.45
"""The lower, gentler slope of giwa ends above this share of the half span, at this share of the rise; on a
wing 4 m wide that rises by 1.7 m it lies at 23 degrees and the upper one at 40."""
_FOLDED = 0.01
"""A plan whose faces fold over more than this share of the footprint is not used."""


@dataclass(frozen=True)
class Roofs:
    """Roofs of n buildings. shape: uint8 (n,), into SHAPES. rise: float64 (n,), metres from eaves to ridge.

    facing: float64 (n, 2), east and north of the way down its slope, NaN where unsaid. across: bool (n,),
    whether the ridge lies across the longer side.
    """

    shape: NDArray[np.uint8]
    rise: Array
    facing: Array
    across: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.shape)

    def take(self, chosen: Indices) -> Roofs:
        """The chosen ones in the order given."""
        return Roofs(self.shape[chosen], self.rise[chosen], self.facing[chosen], self.across[chosen])


def all_flat(n: int) -> Roofs:
    """Flat roofs of n buildings."""
    return Roofs(np.zeros(n, np.uint8), np.zeros(n), np.full((n, 2), np.nan), np.zeros(n, bool))


@dataclass(frozen=True)
class Pieces:
    """q roofs of one plan. ring: (q, m, 2) and its rise (q, m); further points and theirs; triangles
    (q, t, 3) over ring and further points, of which the first `skirts` (q,), look down.
    """

    unit: Indices
    ring: Array
    ring_rise: Array
    more: Array
    more_rise: Array
    triangles: Indices
    skirts: Indices


def single(unit: Indices, corners: Array, roofs: Roofs) -> Iterator[Pieces]:
    """Under one ridge, the hipped and gabled ones of giwa apart from the others."""
    for which in _plain_or_giwa(roofs):
        ring, of = corners[which], roofs.take(which)
        eaves = _Eaves(ring, 2.0 * rectangle_about(ring)[2].min(axis=1)) if of.shape[0] == _GIWA else None
        found, suits = along_one_ridge(
            ring if eaves is None else eaves.inner,
            hipped=of.shape == _HIPPED,
            pointed=of.shape == PYRAMIDAL,
            across=of.across,
            facing=of.facing,
        )
        if eaves is None:
            yield _unfolded(_plain(unit[which], ring, found, of.rise), suits)
        else:
            rings = (ring, eaves.outer, eaves.inner)
            yield _unfolded(_with_eaves(unit[which], rings, found, of.rise), suits)


def winged(name: str, unit: Indices, corners: Array, roofs: Roofs) -> Iterator[Pieces]:
    """Under the ridges of a main wing and lesser ones."""
    plan = WINGED[name]
    for which in _plain_or_giwa(roofs):
        ring, of = plan.refined(corners[which]), roofs.take(which)
        whole = np.ones(len(which), bool)
        if of.shape[0] != _GIWA:
            hipped = of.shape == _HIPPED
            found = plan.ridges(ring, hipped=hipped, at_corners=hipped)
            yield _unfolded(_plain(unit[which], ring, found, of.rise), whole)
            continue
        eaves = _Eaves(corners[which], plan.narrowest(ring))
        rings = (ring, plan.refined(eaves.outer), plan.refined(eaves.inner))
        found = plan.ridges(rings[2], hipped=~whole, at_corners=whole)
        yield _unfolded(_with_eaves(unit[which], rings, found, of.rise), whole)


def _plain_or_giwa(roofs: Roofs) -> Iterator[Indices]:
    for is_giwa in (False, True):
        which = np.flatnonzero((roofs.shape == _GIWA) == is_giwa)
        if len(which):
            yield which


class _Eaves:
    """Where the eaves of giwa stand out of outlines (q, k, 2), and where their slopes break within.

    width: float64 (q,), metres across the narrowest wing.
    """

    def __init__(self, corners: Array, width: Array) -> None:
        edge = np.roll(corners, -1, axis=1) - corners
        most = _EDGE_SHARE * np.hypot(edge[..., 0], edge[..., 1]).min(axis=1)
        self.outer = offset(corners, -np.minimum(OVERHANG_M, most))
        self.inner = offset(corners, np.minimum(_INSET * width / 2.0, most))


def _with_eaves(unit: Indices, rings: tuple[Array, Array, Array], ridges: Ridges, rise: Array) -> Pieces:
    """Undersides from the walls out to the eaves, the lower slope up to where it breaks, gables above."""
    wall, outer, inner = rings
    q, m = wall.shape[:2]
    first = np.arange(m)
    after = (first + 1) % m
    under = _band(first, after, m + first, m + after)
    lower = _band(m + first, m + after, 2 * m + first, 2 * m + after)
    skirts = np.broadcast_to(np.concatenate([under, lower]), (q, 4 * m, 3))
    heights = np.concatenate(
        [
            np.zeros((q, m)),
            np.broadcast_to(_BREAK * rise[:, None], (q, m)),
            np.broadcast_to(rise[:, None], ridges.nodes.shape[:2]),
        ],
        axis=1,
    )
    return Pieces(
        unit=unit,
        ring=wall,
        ring_rise=np.zeros((q, m)),
        more=np.concatenate([outer, inner, ridges.nodes], axis=1),
        more_rise=heights,
        triangles=np.concatenate([skirts, ridges.triangles + 2 * m], axis=1),
        skirts=np.full(q, 2 * m),
    )


def _band(a: Indices, a_after: Indices, b: Indices, b_after: Indices) -> Indices:
    """Two triangles for each edge between two rings, from the first one to the second."""
    return np.concatenate([np.stack([a, a_after, b_after], axis=1), np.stack([a, b_after, b], axis=1)])


def _plain(unit: Indices, ring: Array, ridges: Ridges, rise: Array) -> Pieces:
    heights = np.broadcast_to(rise[:, None], ridges.nodes.shape[:2])
    none = np.zeros(len(unit), np.int64)
    return Pieces(unit, ring, np.zeros(ring.shape[:2]), ridges.nodes, heights, ridges.triangles, none)


def _unfolded(pieces: Pieces, suits: NDArray[np.bool_]) -> Pieces:
    """Those that suit and whose faces do not fold over each other."""
    points = np.concatenate([pieces.ring, pieces.more], axis=1)
    a, b, c = (np.take_along_axis(points, pieces.triangles[..., k][..., None], axis=1) for k in range(3))
    area = _cross(b - a, c - a) / 2.0
    area[np.arange(area.shape[1]) < pieces.skirts[:, None]] *= -1.0
    folded = -np.minimum(area, 0.0).sum(axis=1)
    return picked(pieces, suits & (folded <= _FOLDED * _area(pieces.ring)))


def picked(pieces: Pieces, which: NDArray[np.bool_]) -> Pieces:
    """Those of the pieces, bool (q,)."""
    return Pieces(**{name: values[which] for name, values in vars(pieces).items()})


def with_parapet(unit: Indices, corners: Array, rise: Array) -> Pieces:
    """Flat roofs within a rim as high as `rise`, those of them whose rim is whole."""
    q, k = corners.shape[:2]
    inner = offset(corners, np.full(q, PARAPET_WIDTH_M))
    roof, whole = _level(inner)
    first = np.arange(k)
    after = (first + 1) % k
    rim = _band(first, after, k + first, k + after)
    within = _band(k + first, k + after, 2 * k + first, 2 * k + after)
    bands = np.broadcast_to(np.concatenate([rim, within]), (q, 4 * k, 3))
    heights = np.concatenate([np.broadcast_to(rise[:, None], (q, k)), np.zeros((q, k))], axis=1)
    made = Pieces(
        unit=unit,
        ring=corners,
        ring_rise=np.broadcast_to(rise[:, None], (q, k)),
        more=np.concatenate([inner, inner], axis=1),
        more_rise=heights,
        triangles=np.concatenate([bands, roof + 2 * k], axis=1),
        skirts=np.zeros(q, np.int64),
    )
    points = np.concatenate([corners, inner], axis=1)
    a, b, c = (points[:, rim[:, n]] for n in range(3))
    return picked(made, whole & (_cross(b - a, c - a) > 0.0).all(axis=1))


def _level(rings: Array) -> tuple[Indices, NDArray[np.bool_]]:
    """Triangles over each of q rings, (q, k - 2, 3), by its own corners, and whether they cover it."""
    q, k = rings.shape[:2]
    each = np.arange(q + 1, dtype=np.int64)
    xy = rings.reshape(-1, 2)
    cuts = cut_roofs(Footprints(xy, each * k, each, each), xy)
    of = cuts[:, 0] // k
    order = np.argsort(of, kind="stable")
    count = np.bincount(of, minlength=q)
    place = np.arange(len(cuts)) - np.repeat(np.cumsum(count) - count, count)
    fits = place < k - 2
    found = np.zeros((q, k - 2, 3), np.int64)
    found[of[order][fits], place[fits]] = cuts[order][fits] % k
    return found, count == k - 2


def _area(rings: Array) -> Array:
    return np.asarray(_cross(rings, np.roll(rings, -1, axis=1)).sum(axis=1) / 2.0)


def _cross(a: Array, b: Array) -> Array:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
