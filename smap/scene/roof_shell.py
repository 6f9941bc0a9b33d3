"""Pitched roofs as triangles: what stands on the walls of each footprint, all buildings at once.

A shell is closed but for the opening that the walls stand under. How high each of its points lies is told
from the eaves on; `roof_plan` says where its ridges are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import LocalPlane
from smap.scene.roof import cut_roofs
from smap.scene.roof_plan import WINGED, Ridges, along_one_ridge, find_winged, offset, rectangle_about

__all__ = ["OVERHANG_M", "SHAPES", "Roofs", "Shell", "all_flat", "raise_shells", "shell_volumes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SHAPES = ("flat", "gabled", "hipped", "pyramidal", "skillion", "giwa")
"""Roofs that are drawn, by their numbers in `Roofs.shape`: OpenStreetMap's words, and giwa for hanok."""
_FLAT, _GABLED, _HIPPED, _PYRAMIDAL, _SKILLION, _GIWA = range(len(SHAPES))

OVERHANG_M = 0.9
"""Eaves of a hanok stand out by three cheok, about so much."""
_EDGE_SHARE = 0.4
"""Eaves and gables of giwa lie no farther from a wall than this share of the shortest one."""
_INSET, _BREAK = 0.45, 0.45
"""The lower, gentler slope of giwa ends above this share of the half span, at this share of the rise; on a
wing 4 m wide that rises by 1.7 m it lies at 23 degrees and the upper one at 40."""
_STRAIGHT_M, _AREA_KEPT = 0.02, 0.005
"""A corner that lies no farther from the line between its neighbours is none, as long as the area stays."""
_FOLDED = 0.01
"""A plan whose faces fold over more than this share of the footprint is not used."""
_MOST_CORNERS = 64


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
class Shell:
    """Roofs of n buildings: points, and triangles over them.

    xy: float64 (v, 2), metres in the plane of each one's building. rise: float64 (v,), metres above its
    eaves. building: int64 (v,). rings: int64 (r + 1,): the first rings[-1] points are the tops of walls, ring
    by ring, outer ones counter-clockwise. triangles: int64 (t, 3), counter-clockwise seen from outside.
    fits: bool (n,), false for buildings whose footprint suits no such roof; these have no points.
    """

    xy: Array
    rise: Array
    building: Indices
    rings: Indices
    triangles: Indices
    fits: NDArray[np.bool_]

    @property
    def following(self) -> Indices:
        """The next point of the ring of each of the first rings[-1] points."""
        after = np.arange(1, self.rings[-1] + 1, dtype=np.int64)
        after[self.rings[1:] - 1] = self.rings[:-1]
        return after


@dataclass(frozen=True)
class _Pieces:
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


def raise_shells(footprints: Footprints, plane: LocalPlane, roofs: Roofs) -> Shell:
    """The roofs of buildings all of which want a pitched one (shape 1 or more)."""
    leaning = roofs.shape == _SKILLION
    fits = leaning.copy()
    pieces = list(_pieces(footprints, plane.xy, roofs, np.flatnonzero(~leaning)))
    owner = np.repeat(np.arange(len(footprints)), np.diff(footprints.features))
    made = np.bincount(owner[_joined([p.unit for p in pieces])], minlength=len(footprints))
    fits |= made == np.diff(footprints.features)
    pieces = [some for p in pieces if len((some := _some(p, fits[owner[p.unit]])).unit)]
    return _assembled(pieces, owner, _leaning(footprints, plane.xy, roofs), fits)


def shell_volumes(shell: Shell) -> Array:
    """m³ between eaves and roof of each building: float64 (n,)."""
    a, b, c = (shell.triangles[:, k] for k in range(3))
    ab, ac = shell.xy[b] - shell.xy[a], shell.xy[c] - shell.xy[a]
    area = (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2.0
    mean = (shell.rise[a] + shell.rise[b] + shell.rise[c]) / 3.0
    return np.asarray(np.bincount(shell.building[a], area * mean, len(shell.fits)))


def _pieces(footprints: Footprints, xy: Array, roofs: Roofs, buildings: Indices) -> Iterator[_Pieces]:
    """Every polygon of one ring that suits its building's roof."""
    wanted = np.zeros(len(footprints), bool)
    wanted[buildings] = True
    owner = np.repeat(np.arange(len(footprints)), np.diff(footprints.features))
    units = np.flatnonzero(wanted[owner] & (np.diff(footprints.polygons) == 1))
    for polygons, corners in _outlines(footprints, xy, units):
        rest = np.ones(len(polygons), bool)
        of = roofs.take(owner[polygons])
        for name, rows, ready in find_winged(corners):
            rows, ready = _those(of.shape[rows] != _PYRAMIDAL, rows, ready)
            for made in _winged(name, polygons[rows], ready, of.take(rows)):
                rest[np.isin(polygons, made.unit)] = False
                yield made
        rows = np.flatnonzero(rest)
        yield from _single(polygons[rows], corners[rows], of.take(rows))


def _those(mask: NDArray[np.bool_], rows: Indices, ready: Array) -> tuple[Indices, Array]:
    return rows[mask], ready[mask]


def _outlines(footprints: Footprints, xy: Array, units: Indices) -> Iterator[tuple[Indices, Array]]:
    """Polygons by the number of their corners, and these: float64 (q, k, 2). Vertices upon straight walls are
    no corners.
    """
    start = footprints.rings[footprints.polygons[units]]
    size = footprints.rings[footprints.polygons[units] + 1] - start
    groups: dict[int, list[tuple[Indices, Array]]] = {}
    for k in np.unique(size[(size >= 3) & (size <= _MOST_CORNERS)]).tolist():
        rows = np.flatnonzero(size == k)
        rings = xy[start[rows][:, None] + np.arange(k)]
        keep = _is_corner(rings)
        for count in np.unique(keep.sum(axis=1)).tolist():
            which = np.flatnonzero(keep.sum(axis=1) == count)
            chosen = rings[which][keep[which]].reshape(len(which), count, 2)
            groups.setdefault(count, []).append((units[rows[which]], chosen))
    for parts in groups.values():
        yield np.concatenate([p for p, _ in parts]), np.concatenate([c for _, c in parts])


def _is_corner(rings: Array) -> NDArray[np.bool_]:
    before, after = np.roll(rings, 1, axis=1), np.roll(rings, -1, axis=1)
    chord = after - before
    off = np.abs(_cross(chord, rings - before)) / np.maximum(np.hypot(chord[..., 0], chord[..., 1]), 1e-9)
    keep = off > _STRAIGHT_M
    # of a fine curve every vertex lies close to its neighbours' line: all of them are kept
    lost = np.where(keep, 0.0, np.abs(_cross(chord, rings - before)) / 2.0).sum(axis=1)
    fine = (lost > _AREA_KEPT * _area(rings)) | (keep.sum(axis=1) < 3)
    return np.asarray(keep | fine[:, None])


def _single(unit: Indices, corners: Array, roofs: Roofs) -> Iterator[_Pieces]:
    """Under one ridge, the hipped and gabled ones of giwa apart from the others."""
    for which in _plain_or_giwa(roofs):
        ring, of = corners[which], roofs.take(which)
        eaves = _Eaves(ring, 2.0 * rectangle_about(ring)[2].min(axis=1)) if of.shape[0] == _GIWA else None
        found, suits = along_one_ridge(
            ring if eaves is None else eaves.inner,
            hipped=of.shape == _HIPPED,
            pointed=of.shape == _PYRAMIDAL,
            across=of.across,
            facing=of.facing,
        )
        if eaves is None:
            yield _unfolded(_plain(unit[which], ring, found, of.rise), suits)
        else:
            rings = (ring, eaves.outer, eaves.inner)
            yield _unfolded(_with_eaves(unit[which], rings, found, of.rise), suits)


def _winged(name: str, unit: Indices, corners: Array, roofs: Roofs) -> Iterator[_Pieces]:
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


def _with_eaves(unit: Indices, rings: tuple[Array, Array, Array], ridges: Ridges, rise: Array) -> _Pieces:
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
    return _Pieces(
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


def _plain(unit: Indices, ring: Array, ridges: Ridges, rise: Array) -> _Pieces:
    heights = np.broadcast_to(rise[:, None], ridges.nodes.shape[:2])
    none = np.zeros(len(unit), np.int64)
    return _Pieces(unit, ring, np.zeros(ring.shape[:2]), ridges.nodes, heights, ridges.triangles, none)


def _unfolded(pieces: _Pieces, suits: NDArray[np.bool_]) -> _Pieces:
    """Those that suit and whose faces do not fold over each other."""
    points = np.concatenate([pieces.ring, pieces.more], axis=1)
    a, b, c = (np.take_along_axis(points, pieces.triangles[..., k][..., None], axis=1) for k in range(3))
    area = _cross(b - a, c - a) / 2.0
    area[np.arange(area.shape[1]) < pieces.skirts[:, None]] *= -1.0
    folded = -np.minimum(area, 0.0).sum(axis=1)
    return _some(pieces, suits & (folded <= _FOLDED * _area(pieces.ring)))


def _some(pieces: _Pieces, which: NDArray[np.bool_]) -> _Pieces:
    return _Pieces(**{name: values[which] for name, values in vars(pieces).items()})


def _leaning(footprints: Footprints, xy: Array, roofs: Roofs) -> tuple[Indices, Footprints, Array, Array]:
    """Buildings under one slope, their outlines, these in metres, and how high each vertex lies."""
    chosen = np.flatnonzero(roofs.shape == _SKILLION)
    some = footprints.take(chosen)
    of = some.vertex_feature
    start = footprints.feature_vertices[chosen]
    size = np.diff(footprints.feature_vertices)[chosen]
    rows = np.repeat(start - np.cumsum(size) + size, size) + np.arange(int(size.sum()))
    points = xy[rows]
    down = roofs.facing[chosen]
    down = np.where(np.isnan(down), [0.0, -1.0], down)
    at = -(points * down[of]).sum(axis=1)
    starts = some.feature_vertices[:-1]
    low = np.minimum.reduceat(at, starts) if len(chosen) else np.empty(0)
    high = np.maximum.reduceat(at, starts) if len(chosen) else np.empty(0)
    share = (at - low[of]) / np.maximum(high - low, 1e-9)[of]
    return chosen, some, points, share * roofs.rise[chosen][of]


def _assembled(
    pieces: list[_Pieces],
    owner: Indices,
    leaning: tuple[Indices, Footprints, Array, Array],
    fits: NDArray[np.bool_],
) -> Shell:
    """All points in one row: rings first, of plans and then of leaning roofs, further points after them."""
    chosen, outlines, points, heights = leaning
    sizes = [np.full(len(p.unit), p.ring.shape[1]) for p in pieces]
    rings = np.concatenate([[0], np.cumsum(_joined([*sizes, np.diff(outlines.rings)]))]).astype(np.int64)
    ringed = [p.ring.shape[0] * p.ring.shape[1] for p in pieces]
    begin = np.cumsum([0, *ringed])
    base = int(rings[-1])
    more_begin = base + np.cumsum([0, *(p.more.shape[0] * p.more.shape[1] for p in pieces)])
    triangles = [_numbered(p, int(a), int(b)) for p, a, b in zip(pieces, begin, more_begin, strict=False)]
    triangles.append(cut_roofs(outlines, points) + int(begin[-1]))
    xy = np.concatenate(
        [*(p.ring.reshape(-1, 2) for p in pieces), points, *(p.more.reshape(-1, 2) for p in pieces)]
    )
    rise = np.concatenate(
        [*(p.ring_rise.ravel() for p in pieces), heights, *(p.more_rise.ravel() for p in pieces)]
    )
    building = _joined(
        [
            *(np.repeat(owner[p.unit], p.ring.shape[1]) for p in pieces),
            chosen[outlines.vertex_feature],
            *(np.repeat(owner[p.unit], p.more.shape[1]) for p in pieces),
        ]
    )
    shell = Shell(xy, rise, building, rings, np.concatenate(triangles), fits)
    return Shell(xy, rise, building, rings, shell.triangles[_has_area(shell)], fits)


def _numbered(pieces: _Pieces, ring: int, more: int) -> Indices:
    """Triangles by the numbers that the points have in the whole."""
    q, m = pieces.ring.shape[:2]
    g = pieces.more.shape[1]
    rows = np.arange(q)[:, None]
    number = np.concatenate([ring + rows * m + np.arange(m), more + rows * g + np.arange(g)], axis=1)
    flat = pieces.triangles.reshape(q, -1)
    return np.asarray(np.take_along_axis(number, flat, axis=1).reshape(-1, 3))


def _has_area(shell: Shell) -> NDArray[np.bool_]:
    points = np.column_stack([shell.xy, shell.rise])
    a, b, c = (points[shell.triangles[:, k]] for k in range(3))
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-6)


def _joined(parts: list[Indices]) -> Indices:
    return np.asarray(np.concatenate([np.empty(0, np.int64), *parts]), np.int64)


def _area(rings: Array) -> Array:
    return np.asarray(_cross(rings, np.roll(rings, -1, axis=1)).sum(axis=1) / 2.0)


def _cross(a: Array, b: Array) -> Array:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
