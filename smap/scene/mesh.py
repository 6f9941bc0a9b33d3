"""Meshes of models: coloured triangles in a plane of metres; turned, scaled, thinned, seen from above."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Mesh", "flat_normals", "outline_of", "placed", "thinned"]

_COARSEST_CELLS, _FINEST_CELLS = 3, 64
_MOST_FOR_OUTLINE = 4_000
"""Joining so many takes 0.3 s, 50,000 take 5 s; thinned from 50,000 three real halls move by 0.6 to 2.2 m."""


@dataclass(frozen=True)
class Mesh:
    """positions: float64 (n, 3), metres east, north and up of the model's origin.

    triangles: uint32 (m, 3), counter-clockwise seen from outside. normals: float32 (n, 3), unit.
    colors: uint8 (n, 4), linear RGBA.
    """

    positions: NDArray[np.float64]
    triangles: NDArray[np.uint32]
    normals: NDArray[np.float32]
    colors: NDArray[np.uint8]

    def __post_init__(self) -> None:
        count = len(self.positions)
        assert self.positions.shape == self.normals.shape == (count, 3)
        assert self.triangles.shape == (len(self.triangles), 3)
        assert self.colors.shape == (count, 4)

    @property
    def size(self) -> NDArray[np.float64]:
        """Metres across, east, north and up: float64 (3,)."""
        return np.asarray(np.ptp(self.positions, axis=0))


def placed(mesh: Mesh, *, heading: float, scale: float) -> Mesh:
    """The mesh made `scale` times as large, then turned by `heading` radians, clockwise seen from above."""
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    normals = (mesh.normals.astype(np.float64) @ turn.T).astype(np.float32)
    return replace(mesh, positions=mesh.positions @ turn.T * scale, normals=normals)


def flat_normals(
    positions: NDArray[np.float64], triangles: NDArray[np.uint32], colors: NDArray[np.uint8]
) -> Mesh:
    """The mesh with three vertices of its own for each triangle, all of the triangle's normal."""
    corners = positions[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    unit = np.where(length > 0.0, normal / np.where(length > 0.0, length, 1.0), [0.0, 0.0, 1.0])
    return Mesh(
        positions=corners.reshape(-1, 3),
        triangles=np.arange(3 * len(triangles), dtype=np.uint32).reshape(-1, 3),
        normals=np.repeat(unit, 3, axis=0).astype(np.float32),
        colors=colors[triangles].reshape(-1, 4),
    )


def thinned(mesh: Mesh, most: int) -> Mesh:
    """The mesh in at most so many triangles (unless 3 cells along its length give more), of flat colours.

    Vertices of the same cell of a grid become their mean, the finest grid that suffices is found by halving:
    J. Rossignac, P. Borrel, "Multi-resolution 3D approximations for rendering complex scenes", 1993.
    """
    low, high = _COARSEST_CELLS, _FINEST_CELLS
    best = _clustered(mesh, low)
    while low < high:
        middle = (low + high + 1) // 2
        found = _clustered(mesh, middle)
        if len(found.triangles) <= most:
            low, best = middle, found
        else:
            high = middle - 1
    return best


def outline_of(mesh: Mesh, tolerance: float) -> shapely.Geometry:
    """What the mesh covers seen from above, to `tolerance` metres: one or more polygons, in metres.

    Outer rings run counter-clockwise.

    A mesh of very many triangles is thinned first. One that stands upright like a sheet covers nothing; it
    gets the hull of its points, a little wider.
    """
    mesh = thinned(mesh, _MOST_FOR_OUTLINE) if len(mesh.triangles) > _MOST_FOR_OUTLINE else mesh
    corners = mesh.positions[mesh.triangles][..., :2]
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    flat = np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) > 1e-6
    union = shapely.union_all(shapely.polygons(corners[flat]), grid_size=tolerance / 10.0)
    outline = shapely.simplify(union, tolerance)
    if shapely.area(outline) <= 0.0:
        outline = shapely.buffer(shapely.convex_hull(shapely.multipoints(mesh.positions[:, :2])), tolerance)
    return shapely.orient_polygons(outline)


def _clustered(mesh: Mesh, cells: int) -> Mesh:
    used = np.unique(mesh.triangles)
    positions, colors = mesh.positions[used], mesh.colors[used].astype(np.float64)
    size = max(float(np.ptp(positions, axis=0).max()) / cells, 1e-9)
    grid = np.floor((positions - positions.min(axis=0)) / size + 1e-9).astype(np.int64)
    _, cell = np.unique((grid[:, 0] << 32) + (grid[:, 1] << 16) + grid[:, 2], return_inverse=True)
    count = np.bincount(cell)
    middle = np.column_stack([np.bincount(cell, positions[:, k]) for k in range(3)]) / count[:, None]
    tint = np.column_stack([np.bincount(cell, colors[:, k]) for k in range(4)]) / count[:, None]
    corners = cell[np.searchsorted(used, mesh.triangles)]
    whole = (corners != np.roll(corners, 1, axis=1)).all(axis=1)
    corners = corners[whole]
    turned = np.argmin(corners, axis=1)[:, None]
    corners = np.unique(np.take_along_axis(corners, (turned + np.arange(3)) % 3, axis=1), axis=0)
    return flat_normals(middle, corners.astype(np.uint32), np.rint(tint).astype(np.uint8))
