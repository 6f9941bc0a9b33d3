"""Buildings whose roofs, walls and grounds were surveyed: triangles of many of them as ragged arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import chain, gather
from smap.scene.massing import Mass, into_frame

__all__ = ["GROUND", "KINDS", "ROOF", "WALL", "Surfaces", "mean_tops", "raise_surfaces"]

KINDS = ("roof", "wall", "ground")
"""What a triangle is of, by its number."""
ROOF, WALL, GROUND = range(len(KINDS))


@dataclass(frozen=True)
class Surfaces:
    """Triangles of n buildings; those that have none are as their footprint is.

    points: float64 (v, 3), radians, radians, and metres above the lowest point of their building. triangles:
    int64 (t, 3), into points, counter-clockwise seen from outside. kind: uint8 (t,), into KINDS. of_points,
    of_triangles: int64 (n + 1,), offsets of the buildings. base: float64 (n,), orthometric metres of each
    one's lowest point, NaN where nobody knows.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    kind: NDArray[np.uint8]
    of_points: NDArray[np.int64]
    of_triangles: NDArray[np.int64]
    base: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.of_points) - 1

    @staticmethod
    def none(n: int) -> Surfaces:
        """n buildings without any."""
        offsets = np.zeros(n + 1, np.int64)
        return Surfaces(
            np.empty((0, 3)),
            np.empty((0, 3), np.int64),
            np.empty(0, np.uint8),
            offsets,
            offsets,
            np.full(n, np.nan),
        )

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which buildings have triangles."""
        return np.asarray(np.diff(self.of_triangles) > 0)

    @property
    def building(self) -> NDArray[np.int64]:
        """The building of each triangle."""
        return np.repeat(np.arange(len(self)), np.diff(self.of_triangles))

    def take(self, chosen: NDArray[np.int64]) -> Surfaces:
        """The chosen buildings, in the order given."""
        of_points, points = gather(self.of_points, chosen)
        of_triangles, rows = gather(self.of_triangles, chosen)
        shift = np.repeat(self.of_points[chosen] - of_points[:-1], np.diff(of_triangles))
        return Surfaces(
            self.points[points],
            self.triangles[rows] - shift[:, None],
            self.kind[rows],
            of_points,
            of_triangles,
            self.base[chosen],
        )

    @staticmethod
    def concatenate(parts: list[Surfaces]) -> Surfaces:
        """Several sets as one, in order."""
        firsts = np.cumsum([0, *(len(part.points) for part in parts)])
        return Surfaces(
            np.concatenate([p.points for p in parts]),
            np.concatenate([p.triangles + int(a) for p, a in zip(parts, firsts, strict=False)]),
            np.concatenate([p.kind for p in parts]),
            chain([p.of_points for p in parts]),
            chain([p.of_triangles for p in parts]),
            np.concatenate([p.base for p in parts]),
        )


def mean_tops(
    surfaces: Surfaces, scale: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres above its lowest point of each one's highest, and of its roofs on average; NaN if it has none.

    scale: float64 (n, 2), metres per radian.
    """
    building = surfaces.building
    xy = surfaces.points[:, :2]
    a, b, c = (xy[surfaces.triangles[:, k]] for k in range(3))
    ab, ac = (b - a) * scale[building], (c - a) * scale[building]
    area = np.maximum((ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2.0, 0.0) * (surfaces.kind == ROOF)
    height = surfaces.points[:, 2][surfaces.triangles].mean(axis=1)
    total = np.bincount(building, area, len(surfaces))
    highest = np.full(len(surfaces), -np.inf)
    np.maximum.at(
        highest, np.repeat(np.arange(len(surfaces)), np.diff(surfaces.of_points)), surfaces.points[:, 2]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(building, area * height, len(surfaces)) / total
    highest = np.where(surfaces.given, highest, np.nan)
    return highest, np.where(total > 0.0, mean, highest)


def raise_surfaces(
    surfaces: Surfaces, ground: NDArray[np.float64], bottom: NDArray[np.float64], frame: NDArray[np.float64]
) -> Mass:
    """Roofs and walls as they are, and walls on from where they meet the ground down to `bottom`.

    ground, bottom: float64 (n,), ellipsoidal metres of each one's lowest point, and where its walls end.
    What is called ground is not drawn: nobody sees it. `surface` of the mass tells roofs from walls.
    """
    of_point = np.repeat(np.arange(len(surfaces)), np.diff(surfaces.of_points))
    level = ground[of_point] + surfaces.points[:, 2]
    top = into_frame(surfaces.points[:, :2], level, frame)
    begin, end = _feet(surfaces)
    foot = into_frame(surfaces.points[:, :2], np.minimum(bottom[of_point], level), frame)
    drawn = surfaces.triangles[surfaces.kind != GROUND]
    corners = np.concatenate(
        [
            top[drawn],
            np.stack([top[begin], foot[begin], foot[end]], axis=1),
            np.stack([top[begin], foot[end], top[end]], axis=1),
        ]
    )
    feature = of_point[np.concatenate([drawn[:, 0], begin, begin])]
    kind = np.concatenate(
        [surfaces.kind[surfaces.kind != GROUND], np.full(2 * len(begin), WALL, surfaces.kind.dtype)]
    )
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    whole = length > 1e-6
    corners, feature, kind = corners[whole], feature[whole], kind[whole]
    normal = normal[whole] / length[whole][:, None]
    # vertices of one place, direction and kind are one
    key = np.column_stack(
        [
            np.rint(corners.reshape(-1, 3) * 1000.0),
            np.repeat(np.rint(normal * 64.0), 3, axis=0),
            np.repeat(feature, 3),
            np.repeat(kind, 3),
        ]
    ).astype(np.int64)
    _, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    mass = Mass.plain(
        positions=corners.reshape(-1, 3)[first],
        normals=normal[first // 3],
        triangles=inverse.reshape(-1, 3).astype(np.uint32),
        feature=feature[first // 3],
    )
    return replace(mass, surface=kind[first // 3])


def _feet(surfaces: Surfaces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges of walls and roofs that a ground also has, as these run: int64 (m,), int64 (m,)."""

    def edges(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([triangles[:, [k, (k + 1) % 3]] for k in range(3)])

    is_ground = surfaces.kind == GROUND
    grounds, others = edges(surfaces.triangles[is_ground]), edges(surfaces.triangles[~is_ground])
    size = len(surfaces.points) + 1
    below = np.isin(others[:, 0] * size + others[:, 1], grounds[:, 1] * size + grounds[:, 0])
    return others[below, 0], others[below, 1]
