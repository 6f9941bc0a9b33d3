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
from smap.scene.roof_pieces import (
    PARAPET,
    PYRAMIDAL,
    SKILLION,
    Pieces,
    Roofs,
    picked,
    single,
    winged,
    with_parapet,
)
from smap.scene.roof_plan import find_winged

__all__ = ["Shell", "raise_shells", "shell_volumes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_STRAIGHT_M, _AREA_KEPT = 0.02, 0.005
"""A corner that lies no farther from the line between its neighbours is none, as long as the area stays."""
_MOST_CORNERS = 64


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


def raise_shells(footprints: Footprints, plane: LocalPlane, roofs: Roofs) -> Shell:
    """The roofs of buildings all of which want a pitched one (shape 1 or more)."""
    leaning = roofs.shape == SKILLION
    fits = leaning.copy()
    pieces = list(_pieces(footprints, plane.xy, roofs, np.flatnonzero(~leaning)))
    owner = np.repeat(np.arange(len(footprints)), np.diff(footprints.features))
    made = np.bincount(owner[_joined([p.unit for p in pieces])], minlength=len(footprints))
    fits |= made == np.diff(footprints.features)
    pieces = [some for p in pieces if len((some := picked(p, fits[owner[p.unit]])).unit)]
    return _assembled(pieces, owner, _leaning(footprints, plane.xy, roofs), fits)


def shell_volumes(shell: Shell) -> Array:
    """m³ between eaves and roof of each building: float64 (n,)."""
    a, b, c = (shell.triangles[:, k] for k in range(3))
    ab, ac = shell.xy[b] - shell.xy[a], shell.xy[c] - shell.xy[a]
    area = (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2.0
    mean = (shell.rise[a] + shell.rise[b] + shell.rise[c]) / 3.0
    return np.asarray(np.bincount(shell.building[a], area * mean, len(shell.fits)))


def _pieces(footprints: Footprints, xy: Array, roofs: Roofs, buildings: Indices) -> Iterator[Pieces]:
    """Every polygon of one ring that suits its building's roof."""
    wanted = np.zeros(len(footprints), bool)
    wanted[buildings] = True
    owner = np.repeat(np.arange(len(footprints)), np.diff(footprints.features))
    units = np.flatnonzero(wanted[owner] & (np.diff(footprints.polygons) == 1))
    for polygons, corners in _outlines(footprints, xy, units):
        of = roofs.take(owner[polygons])
        rest = of.shape != PARAPET
        if not rest.all():
            yield with_parapet(polygons[~rest], corners[~rest], of.rise[~rest])
        for name, rows, ready in find_winged(corners):
            rows, ready = _those((of.shape[rows] != PYRAMIDAL) & (of.shape[rows] != PARAPET), rows, ready)
            for made in winged(name, polygons[rows], ready, of.take(rows)):
                rest[np.isin(polygons, made.unit)] = False
                yield made
        rows = np.flatnonzero(rest)
        yield from single(polygons[rows], corners[rows], of.take(rows))


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


def _leaning(footprints: Footprints, xy: Array, roofs: Roofs) -> tuple[Indices, Footprints, Array, Array]:
    """Buildings under one slope, their outlines, these in metres, and how high each vertex lies."""
    chosen = np.flatnonzero(roofs.shape == SKILLION)
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
    pieces: list[Pieces],
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
    whole = shell.triangles[_has_area(shell)]
    by_building = np.argsort(building[whole[:, 0]], kind="stable")
    return Shell(xy, rise, building, rings, whole[by_building], fits)


def _numbered(pieces: Pieces, ring: int, more: int) -> Indices:
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
