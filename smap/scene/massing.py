"""Massing: footprints with a top and a bottom become flat roofs and upright walls, all buildings at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import to_ecef
from smap.scene.footprint import Footprints
from smap.scene.measure import local_plane, next_vertex
from smap.scene.roof import cut_roofs

__all__ = ["Mass", "into_frame", "raise_masses"]


@dataclass(frozen=True)
class Mass:
    """Triangles of many buildings. positions: float64 (v, 3), metres in a local frame.

    normals: float32 (v, 3). triangles: uint32 (t, 3), counter-clockwise seen from outside.
    feature: int64 (v,), the building of each vertex.
    """

    positions: NDArray[np.float64]
    normals: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    feature: NDArray[np.int64]


def raise_masses(
    footprints: Footprints,
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    frame: NDArray[np.float64],
) -> Mass:
    """Roofs at `top` and walls from there down to `bottom`, both float64 (n,), ellipsoidal metres; no floors.

    frame: float64 (4, 4), local to ECEF; its axes are about east, north, up at the buildings.
    """
    feature = footprints.vertex_feature
    roof = into_frame(footprints.lonlat, top[feature], frame)
    foot = into_frame(footprints.lonlat, bottom[feature], frame)
    roof_triangles = cut_roofs(footprints, local_plane(footprints).xy)
    after = next_vertex(footprints)
    edge = foot[after, :2] - foot[:, :2]
    length = np.hypot(edge[:, 0], edge[:, 1])
    begin = np.flatnonzero(length > 1e-6)
    end = after[begin]
    walls = np.stack([foot[begin], foot[end], roof[end], roof[begin]], axis=1)
    outward = np.zeros((len(begin), 3), np.float32)
    outward[:, 0] = edge[begin, 1] / length[begin]
    outward[:, 1] = -edge[begin, 0] / length[begin]
    up = np.zeros_like(roof, np.float32)
    up[:, 2] = 1.0
    corner = len(roof) + 4 * np.arange(len(begin))[:, None]
    wall_triangles = (corner + np.array([0, 1, 2, 0, 2, 3])).reshape(-1, 3)
    return Mass(
        positions=np.concatenate([roof, walls.reshape(-1, 3)]),
        normals=np.concatenate([up, np.repeat(outward, 4, axis=0)]),
        triangles=np.concatenate([roof_triangles, wall_triangles]).astype(np.uint32),
        feature=np.concatenate([feature, np.repeat(feature[begin], 4)]),
    )


def into_frame(
    lonlat: NDArray[np.float64], height: NDArray[np.float64], frame: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Places (radians, ellipsoidal metres) in a local frame: float64 (v, 3), metres."""
    return np.asarray((to_ecef(lonlat[:, 0], lonlat[:, 1], height) - frame[:3, 3]) @ frame[:3, :3])
