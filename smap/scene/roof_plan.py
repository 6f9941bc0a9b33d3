"""Plans of pitched roofs: where the ridges of many footprints lie, and which wall looks up at which of them.

A plan is a ring of corners and a tree of ridge nodes; each corner belongs to one node. The face above a wall
goes from it up to the path between the nodes of its two ends, so that faces meet without gap or overlap.
Footprints of one rectangle (or of another shape that a single ridge suits) have two nodes; those made of a
main wing and of lesser ones (L, T, U, Z of right angles) have two more for each lesser wing: all ridges are
as high as each other, so that a lesser one ends upon the main one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "WINGED",
    "Ridges",
    "WingedPlan",
    "along_one_ridge",
    "find_winged",
    "offset",
    "rectangle_about",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_SQUARE = 0.26
"""Cosine of 75 degrees: angles between 75 and 105 count as right ones."""
_FILLED = 0.85
"""A footprint that fills so much of the rectangle about it is roofed as the rectangle would be."""
_GABLED_IF = 0.95
"""One that is no quadrilateral gets gables only if it fills so much; else its ends are hipped."""


@dataclass(frozen=True)
class Ridges:
    """Of q plans with m corners: nodes float64 (q, g, 2), metres; of_corner: int64 (q, m), the node of each.

    triangles: int64 (q, t, 3), over the corners and, after them, the nodes; some have no area.
    """

    nodes: Array
    of_corner: Indices
    triangles: Indices


@dataclass(frozen=True)
class WingedPlan:
    """A main wing and lesser ones, by the numbers of the corners, of which the first is a reflex one.

    inserts: (corner, from, to): this corner seen upon that edge, where a lesser wing ends flush with the main
    one; it is numbered after the corners. ring: all of them in order. ends: of the main wing, each of two
    corners, and whether it is flush. wings: two corners at the root and two at the end of each. node: of each
    in the ring; 0 and 1 are the ends of the main ridge, 2 and 3 root and end of the first lesser one, and so
    on. chain: the nodes upon the main ridge in order.
    """

    corners: int
    reflex: tuple[int, ...]
    inserts: tuple[tuple[int, int, int], ...]
    ring: tuple[int, ...]
    ends: tuple[tuple[int, int, bool], tuple[int, int, bool]]
    wings: tuple[tuple[int, int, int, int], ...]
    node: tuple[int, ...]
    chain: tuple[int, ...]

    def refined(self, corners: Array) -> Array:
        """The ring with what is inserted: float64 (q, m, 2)."""
        more = [_seen_upon(corners[:, c], corners[:, a], corners[:, b]) for c, a, b in self.inserts]
        return np.asarray(np.concatenate([corners, *(p[:, None] for p in more)], axis=1)[:, list(self.ring)])

    def ridges(self, ring: Array, *, hipped: NDArray[np.bool_], at_corners: NDArray[np.bool_]) -> Ridges:
        """Where the nodes lie above such a ring; bool (q,): whether free ends are hipped, and whether those
        where two wings meet at a corner are.
        """
        place = {number: at for at, number in enumerate(self.ring)}

        def middle(a: int, b: int) -> Array:
            return np.asarray((ring[:, place[a]] + ring[:, place[b]]) / 2.0)

        first, last = (middle(a, b) for a, b, _ in self.ends)
        nodes = np.empty((len(ring), 2 + 2 * len(self.wings), 2))
        for j, (a, b, c, d) in enumerate(self.wings):
            root, end = middle(a, b), middle(c, d)
            nodes[:, 2 + 2 * j] = _seen_upon(root, first, last)
            half = _length(ring[:, place[c]] - ring[:, place[d]]) / 2.0
            nodes[:, 3 + 2 * j] = _moved(end, root, np.where(hipped, half, 0.0))
        for number, (a, b, flush) in enumerate(self.ends):
            own, inner = (first, last)[number], self.chain[1] if number == 0 else self.chain[-2]
            half = _length(ring[:, place[a]] - ring[:, place[b]]) / 2.0
            depth = np.where(at_corners, np.inf, 0.0) if flush else np.where(hipped, half, 0.0)
            nodes[:, number] = _moved(own, nodes[:, inner], depth)
        triangles = np.array(_faces(self, self._path), np.int64)
        q = len(ring)
        return Ridges(
            nodes, np.tile(np.array(self.node), (q, 1)), np.broadcast_to(triangles, (q, *triangles.shape))
        )

    def narrowest(self, ring: Array) -> Array:
        """Metres across the narrowest wing: float64 (q,)."""
        place = {number: at for at, number in enumerate(self.ring)}
        pairs = [(a, b) for a, b, _ in self.ends] + [(c, d) for _, _, c, d in self.wings]
        across = [_length(ring[:, place[a]] - ring[:, place[b]]) for a, b in pairs]
        return np.asarray(np.min(across, axis=0))

    def _path(self, a: int, b: int) -> list[int]:
        """The nodes from one to another over the tree of ridges."""
        if a == b:
            return [a]
        root_a, root_b = (n - 1 if n > 2 and n % 2 else n for n in (a, b))
        i, j = self.chain.index(root_a), self.chain.index(root_b)
        upon = list(self.chain[i : j + 1] if i <= j else self.chain[j : i + 1][::-1])
        return [*([a] if a != root_a else []), *upon, *([b] if b != root_b else [])]


def _faces(plan: WingedPlan, path: Callable[[int, int], list[int]]) -> list[tuple[int, int, int]]:
    """Triangles from each wall to the nodes above it. A flush end has a gable beside the slope of the lesser
    wing: both are drawn from the corner where these meet, which is the inserted one.
    """
    m = len(plan.ring)
    triangles = []
    for i in range(m):
        after = (i + 1) % m
        way = [m + n for n in path(plan.node[after], plan.node[i])]
        hub = after if plan.ring[after] >= plan.corners else i
        triangles.append((i, after, way[0] if hub == i else way[-1]))
        triangles += [(hub, way[k], way[k + 1]) for k in range(len(way) - 1)]
    return triangles


# An L: 0 is the inner corner, the main wing lies along 3-4 or along 2-3. A U: 0 and 1 are those of the court.
# A T: the lesser wing lies between 0 and 3. A Z: 0 and 4 are the inner corners.
WINGED = {
    "L": WingedPlan(
        corners=6,
        reflex=(0,),
        inserts=((0, 2, 3),),
        ring=(0, 1, 2, 6, 3, 4, 5),
        ends=((6, 3, True), (4, 5, False)),
        wings=((0, 6, 1, 2),),
        node=(2, 3, 3, 2, 0, 1, 1),
        chain=(0, 2, 1),
    ),
    "J": WingedPlan(
        corners=6,
        reflex=(0,),
        inserts=((0, 3, 4),),
        ring=(0, 1, 2, 3, 6, 4, 5),
        ends=((1, 2, False), (3, 6, True)),
        wings=((6, 0, 4, 5),),
        node=(2, 0, 0, 1, 2, 3, 3),
        chain=(0, 2, 1),
    ),
    "U": WingedPlan(
        corners=8,
        reflex=(0, 1),
        inserts=((1, 3, 4), (0, 5, 6)),
        ring=(0, 1, 2, 3, 8, 4, 5, 9, 6, 7),
        ends=((8, 4, True), (5, 9, True)),
        wings=((1, 8, 2, 3), (9, 0, 6, 7)),
        node=(4, 2, 3, 3, 2, 0, 1, 4, 5, 5),
        chain=(0, 2, 4, 1),
    ),
    "T": WingedPlan(
        corners=8,
        reflex=(0, 3),
        inserts=(),
        ring=(0, 1, 2, 3, 4, 5, 6, 7),
        ends=((4, 5, False), (6, 7, False)),
        wings=((3, 0, 1, 2),),
        node=(2, 3, 3, 2, 0, 0, 1, 1),
        chain=(0, 2, 1),
    ),
    "Z": WingedPlan(
        corners=8,
        reflex=(0, 4),
        inserts=((4, 1, 2), (0, 5, 6)),
        ring=(0, 1, 8, 2, 3, 4, 5, 9, 6, 7),
        ends=((5, 9, True), (1, 8, True)),
        wings=((9, 0, 6, 7), (8, 4, 2, 3)),
        node=(2, 1, 4, 5, 5, 4, 0, 2, 3, 3),
        chain=(0, 2, 4, 1),
    ),
    "N": WingedPlan(
        corners=8,
        reflex=(0, 4),
        inserts=((4, 6, 7), (0, 2, 3)),
        ring=(0, 1, 2, 9, 3, 4, 5, 6, 8, 7),
        ends=((8, 7, True), (9, 3, True)),
        wings=((4, 8, 5, 6), (9, 0, 1, 2)),
        node=(4, 5, 5, 4, 1, 2, 3, 3, 2, 0),
        chain=(0, 2, 4, 1),
    ),
}


def find_winged(corners: Array) -> list[tuple[str, Indices, Array]]:
    """Which of q outlines of k corners, float64 (q, k, 2), are of which winged plan, and these turned so.

    Only those of right angles are; names are those of WINGED.
    """
    k = corners.shape[1]
    turn, cosine = _turns(corners)
    square = (np.abs(cosine) < _SQUARE).all(axis=1)
    found = []
    for names in (("L", "J"), ("U",), ("T",), ("Z", "N")):
        plan = WINGED[names[0]]
        if plan.corners != k:
            continue
        wanted = np.zeros(k, bool)
        wanted[list(plan.reflex)] = True
        fits = np.stack([(np.roll(turn < 0.0, -s, axis=1) == wanted).all(axis=1) for s in range(k)])
        rows = np.flatnonzero(square & fits.any(axis=0))
        shift = fits[:, rows].argmax(axis=0)
        ready = np.take_along_axis(
            corners[rows], ((shift[:, None] + np.arange(k)) % k)[..., None].repeat(2, axis=2), axis=1
        )
        other = _other_way(names[0], ready)
        found += [
            (name, rows[which], ready[which])
            for name, which in zip(names, (~other, other), strict=False)
            if which.any()
        ]
    return found


def _other_way(name: str, corners: Array) -> NDArray[np.bool_]:
    """Whether the second plan of a pair suits better: the larger wing of an L is the main one."""

    def side(a: int, b: int) -> Array:
        return _length(corners[:, b] - corners[:, a])

    if name == "L":
        return np.asarray(side(1, 2) * side(2, 3) > side(4, 5) * side(3, 4))
    if name == "Z":
        across = corners[:, 1] - corners[:, 0]
        return np.asarray(_cross(across, corners[:, 4] - corners[:, 0]) <= 0.0)
    return np.zeros(len(corners), bool)


def along_one_ridge(
    corners: Array,
    *,
    hipped: NDArray[np.bool_],
    pointed: NDArray[np.bool_],
    across: NDArray[np.bool_],
    facing: Array,
) -> tuple[Ridges, NDArray[np.bool_]]:
    """One ridge above each outline float64 (q, k, 2), and whether it suits: bool (q,).

    It lies along the rectangle about the outline, or `across` it, or as a slope `facing` there asks, float64
    (q, 2), NaN where nothing is said. Its ends are moved in where `hipped`, and meet where `pointed`, bool
    (q,). It suits what is convex or fills 85 % of that rectangle.
    """
    q, k = corners.shape[:2]
    turn, _ = _turns(corners)
    convex = (turn > 0.0).all(axis=1)
    middle, axis, half = rectangle_about(corners)
    longer = half[:, 0] >= half[:, 1]
    seen = np.abs(np.stack([(axis * facing).sum(axis=1), (_left(axis) * facing).sum(axis=1)]))
    along = np.where(np.isnan(seen[0]), longer != across, seen[0] < seen[1])[:, None]
    axis = np.where(along, axis, _left(axis))
    half = np.where(along, half, half[:, ::-1])
    filled = _area(corners) / (4.0 * half.prod(axis=1))
    hipped = hipped | ((k != 4) & (filled < _GABLED_IF))
    at = ((corners - middle[:, None]) * axis[:, None]).sum(axis=2)
    of_corner = (at > 0.0).astype(np.int64)
    far = [
        _end_of(corners, of_corner == end, middle, axis * sign, half) for end, sign in ((0, -1.0), (1, 1.0))
    ]
    depth = np.where(pointed, np.inf, np.where(hipped, half[:, 1], 0.0))
    center = (far[0] + far[1]) / 2.0
    top = _centroid(corners)
    ends = [np.where(pointed[:, None], top, _moved(end, center, depth)) for end in far]
    first = np.arange(k)
    after = (first + 1) % k
    up, before = k + of_corner[:, after], k + of_corner
    base = np.broadcast_to(first, (q, k))
    triangles = np.concatenate(
        [np.stack([base, base[:, after], up], axis=2), np.stack([base, up, before], axis=2)], axis=1
    )
    return Ridges(np.stack(ends, axis=1), of_corner, triangles), convex | (filled >= _FILLED)


def _end_of(corners: Array, mine: NDArray[np.bool_], middle: Array, outward: Array, half: Array) -> Array:
    """Where the ridge meets an end: the middle of its two corners, or of that side of the rectangle."""
    mean = (corners * mine[..., None]).sum(axis=1) / np.maximum(mine.sum(axis=1), 1)[:, None]
    edge = middle + outward * half[:, :1]
    pair = (mine.sum(axis=1) == 2) & (corners.shape[1] == 4)
    return np.where(pair[:, None], mean, edge)


def offset(corners: Array, inward: Array) -> Array:
    """Outlines float64 (q, k, 2) whose sides lie so many metres further in, float64 (q,)."""
    edge = np.roll(corners, -1, axis=1) - corners
    normal = _left(edge / np.maximum(_length(edge), 1e-9)[..., None])
    before = np.roll(normal, 1, axis=1)
    stretch = np.maximum(1.0 + (before * normal).sum(axis=2), 0.5)
    return np.asarray(corners + inward[:, None, None] * (before + normal) / stretch[..., None])


def rectangle_about(corners: Array) -> tuple[Array, Array, Array]:
    """Middle, unit vector of the longest edge, and half the extents along and across it, each (q, 2)."""
    edge = np.roll(corners, -1, axis=1) - corners
    longest = _length(edge).argmax(axis=1)
    rows = np.arange(len(corners))
    axis = edge[rows, longest] / np.maximum(_length(edge)[rows, longest], 1e-9)[:, None]
    axes = np.stack([axis, _left(axis)], axis=1)
    at = np.einsum("qkc,qac->qka", corners, axes)
    low, high = at.min(axis=1), at.max(axis=1)
    middle = np.einsum("qa,qac->qc", (low + high) / 2.0, axes)
    return middle, axis, np.maximum((high - low) / 2.0, 1e-6)


def _turns(corners: Array) -> tuple[Array, Array]:
    """At each corner the sine (positive to the left) and cosine between the edges that meet there."""
    edge = np.roll(corners, -1, axis=1) - corners
    edge = edge / np.maximum(_length(edge), 1e-9)[..., None]
    before = np.roll(edge, 1, axis=1)
    return _cross(before, edge), np.asarray((before * edge).sum(axis=2))


def _area(corners: Array) -> Array:
    return np.asarray(_cross(corners, np.roll(corners, -1, axis=1)).sum(axis=1) / 2.0)


def _centroid(corners: Array) -> Array:
    local = corners - corners[:, :1]
    after = np.roll(local, -1, axis=1)
    cross = _cross(local, after)
    moment = ((local + after) * cross[..., None]).sum(axis=1)
    return np.asarray(corners[:, 0] + moment / np.maximum(3.0 * cross.sum(axis=1), 1e-9)[:, None])


def _seen_upon(point: Array, a: Array, b: Array) -> Array:
    """The foot of a perpendicular from each point to the line through a and b, no farther than their ends."""
    way = b - a
    share = ((point - a) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12)
    return np.asarray(a + np.clip(share, 0.0, 1.0)[:, None] * way)


def _moved(point: Array, toward: Array, by: Array) -> Array:
    """Each point moved so many metres toward another, but no farther; exactly there where it gets there."""
    way = toward - point
    length = _length(way)
    share = np.minimum(by, length) / np.maximum(length, 1e-12)
    return np.where((by >= length)[:, None], toward, point + share[:, None] * way)


def _length(vectors: Array) -> Array:
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]))


def _left(vectors: Array) -> Array:
    return np.stack([-vectors[..., 1], vectors[..., 0]], axis=-1)


def _cross(a: Array, b: Array) -> Array:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
