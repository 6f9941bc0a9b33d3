"""How far two surfaces lie apart: measured at many points of each against the triangles of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from smap.scene.mesh import Mesh
from smap.scene.vectors import cross, lengths

__all__ = ["deviation", "deviations"]

Array = NDArray[np.float64]

_ASKING, _TARGET = 4_000, 8_000
"""Points at which one surface is asked, beside all its corners, and points that tell where the other is near.
Tried on three palace halls of 40,000 to 50,000 triangles, each thinned to 4,000 and to 500: asked at twice as
many no error grows by more than 8 %."""
_AT_ONCE = 128
"""Spots measured together; mostly the first lot holds the farthest."""
_NEAREST = 12
"""Triangles tried for each of them, those of the nearest points, before all are for the last few."""
_CLOSER = 200
"""Spots of one surface for which all triangles are asked: where thousands lie equally far, the rest keep
what the nearest points say."""
_ALIKE = 1.02
"""What may lie farther by no more than this is not asked closer."""
_STEPS = 40
"""Of points along a side, at most."""
_TURN = np.array([0.7548776662466927, 0.5698402909980532])
"""Steps of the two-dimensional Kronecker sequence of the plastic number: even without chance (M. Roberts,
"The unreasonable effectiveness of quasirandom sequences", 2018)."""


def deviation(one: Mesh, other: Mesh) -> float:
    """Metres that no measured point of either surface is farther from the other.

    Both ways: a part that one of them lacks counts as much as one that it has too many.
    """
    return deviations(one, [other])[0]


def deviations(one: Mesh, others: Sequence[Mesh]) -> list[float]:
    """`deviation` of one surface from each of the others."""
    measured = _Surface.of(one)
    return [max(_one_way(measured, other), _one_way(other, measured)) for other in map(_Surface.of, others)]


@dataclass(frozen=True)
class _Surface:
    """A surface as it asks, by its spots, and as it is found: by points, each with its own triangle.

    middle, reach: a ball about each triangle.
    """

    spots: Array
    faces: Array
    middle: Array
    reach: Array
    triangle: NDArray[np.int64]
    tree: cKDTree

    @classmethod
    def of(cls, mesh: Mesh) -> _Surface:
        faces = mesh.positions[mesh.triangles]
        points, triangle = _spread(faces, _TARGET)
        spots = np.concatenate([_corners(mesh), _spread(faces, _ASKING)[0]])
        middle = faces.mean(axis=1)
        reach = lengths(faces - middle[:, None]).max(axis=1)
        tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
        return cls(spots, faces, middle, reach, triangle, tree)


def _one_way(asking: _Surface, target: _Surface) -> float:
    """Only spots that may lie farthest off are measured: no point of a surface is nearer than the surface."""
    bound = np.asarray(target.tree.query(asking.spots, eps=1.0)[0])
    farthest, order, left = 0.0, np.argsort(-bound), _CLOSER
    for first in range(0, len(order), _AT_ONCE):
        some = order[first : first + _AT_ONCE]
        if bound[some[0]] <= farthest * _ALIKE:
            break
        farthest, left = _farthest(asking.spots[some], target, farthest, left)
    return farthest


def _farthest(spots: Array, target: _Surface, known: float, left: int) -> tuple[float, int]:
    """How far the farthest of these is, or what is known; and how many more may be asked closer."""
    bound = _from_nearest(spots, target)
    for at in np.argsort(-bound):
        if bound[at] <= known * _ALIKE:
            break
        if left == 0:
            return float(bound[at]), left
        known, left = max(known, _distance(spots[at], float(bound[at]), target)), left - 1
    return known, left


def _from_nearest(spots: Array, target: _Surface) -> Array:
    """From the triangles of the nearest points: never less than the truth."""
    near = target.tree.query(spots, k=min(_NEAREST, target.tree.n))[1].reshape(len(spots), -1)
    tried = np.repeat(spots, near.shape[1], axis=0)
    squares = _squared_distances(tried, target.faces[target.triangle[near.ravel()]])
    return np.asarray(np.sqrt(squares.reshape(near.shape).min(axis=1)))


def _distance(spot: Array, within: float, target: _Surface) -> float:
    """From the surface, which is as near as `within`: of all triangles."""
    faces = target.faces[lengths(target.middle - spot) - target.reach < within]
    squares = _squared_distances(np.broadcast_to(spot, (len(faces), 3)), faces)
    return float(np.sqrt(min(within**2, squares.min(initial=np.inf))))


def _spread(faces: Array, count: int) -> tuple[Array, NDArray[np.int64]]:
    """About `count` points spread evenly over the surface; and the triangle of each.

    Each has one at least; what is long and narrow has more, as many as its length has steps.
    """
    area = lengths(cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]))
    each = max(float(area.sum()) / count, 1e-12)
    steps = lengths(faces - np.roll(faces, 1, axis=1)).max(axis=1) / np.sqrt(each)
    shares = np.maximum(1, np.rint(np.maximum(area / each, np.minimum(steps, _STEPS)))).astype(np.int64)
    triangle = np.repeat(np.arange(len(faces)), shares)
    u, v = (0.5 + _TURN * np.arange(len(triangle))[:, None]).T % 1.0
    beyond = u + v > 1.0
    u, v = np.where(beyond, 1.0 - u, u)[:, None], np.where(beyond, 1.0 - v, v)[:, None]
    a, b, c = faces[triangle].transpose(1, 0, 2)
    return a + u * (b - a) + v * (c - a), triangle


def _corners(mesh: Mesh) -> Array:
    """The corners of the surface, each once to the millimetre."""
    corners = mesh.positions[np.unique(mesh.triangles)]
    grid = np.rint((corners - corners.min(axis=0)) * 1000.0).astype(np.int64)
    keys = (grid[:, 0] << 42) + (grid[:, 1] << 21) + grid[:, 2]  # 2^21 mm: 2 km, the largest model
    return np.asarray(corners[np.unique(keys, return_index=True)[1]])


def _squared_distances(spots: Array, faces: Array) -> Array:
    """Of each point (n, 3) from its own triangle (n, 3, 3): to its plane if it lies above, else to a side."""
    a, b, c = faces.transpose(1, 0, 2)
    normal = cross(b - a, c - a)
    length = _dot(normal, normal)
    above = length > 0.0
    sides = []
    for start, end in ((a, b), (b, c), (c, a)):
        along, to = end - start, spots - start
        share = np.clip(_dot(to, along) / np.maximum(_dot(along, along), 1e-18), 0.0, 1.0)
        rest = to - share[:, None] * along
        sides.append(_dot(rest, rest))
        above &= _dot(cross(along, to), normal) >= 0.0
    plane = _dot(spots - a, normal) ** 2 / np.where(length > 0.0, length, 1.0)
    return np.where(above, plane, np.min(sides, axis=0))


def _dot(one: Array, other: Array) -> Array:
    return np.asarray(np.einsum("ij,ij->i", one, other))
