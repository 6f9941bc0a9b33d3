"""Surfaces of buildings in space, as CityJSON and CityGML hold them: footprint, height, and triangles.

The triangles of a building travel with its row as bytes (`MESH`), in the coordinates of the file.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import mapbox_earcut
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from smap.geo.crs import Crs, to_lonlat
from smap.scene.surfaces import GROUND, ROOF, WALL, Surfaces

__all__ = ["MESH", "Surface", "footprint_of", "height_of", "mesh_bytes", "placed_surfaces", "union_of"]

MESH = "surfaces"
"""The column of triangles."""

Array = NDArray[np.float64]

_KINDS = {
    "RoofSurface": ROOF,
    "OuterFloorSurface": ROOF,
    "GroundSurface": GROUND,
    "WallSurface": WALL,
    "OuterCeilingSurface": WALL,
    "ClosureSurface": WALL,
}
# A face looks up or down when its normal is steeper than this: cosine of 45 degrees
_STEEP = math.sqrt(0.5)
_LOW = 0.25
"""A face that looks down is ground, if nothing is said, within so much of the height."""
_SMALLEST_M2 = 1e-4
_PLANE_M = 0.1
"""So far may a corner lie from the plane of its surface until that is told of."""
_ASIDE_M = 0.05
"""A wall is turned when a place so far before it lies inside the footprint and one behind it does not."""


@dataclass(frozen=True)
class Surface:
    """rings: the corners of each, float64 (k, 3), the outer one first; kind: "GroundSurface", … or None."""

    rings: list[Array]
    kind: str | None


def footprint_of(body: Sequence[Surface]) -> shapely.Geometry | None:
    """What is called ground; without such, the faces that look down; without these, all seen from above."""
    ground = [s for s in body if s.kind == "GroundSurface"]
    return union_of(ground or [s for s in body if _slope(s) < -_STEEP] or body)


def union_of(surfaces: Sequence[Surface]) -> shapely.Geometry | None:
    """The surfaces seen from above, as one (multi)polygon."""
    polygons = [
        shapely.Polygon(s.rings[0][:, :2], [hole[:, :2] for hole in s.rings[1:] if len(hole) >= 3])
        for s in surfaces
        if len(s.rings[0]) >= 3
    ]
    whole = [p for p in shapely.make_valid(np.array(polygons, object)) if p.area > 0.0]
    return shapely.union_all(whole) if whole else None


def height_of(body: Sequence[Surface]) -> float | None:
    """Metres from the lowest corner to the highest."""
    heights = np.concatenate([ring[:, 2] for s in body for ring in s.rings]) if body else np.empty(0)
    return float(np.ptp(heights)) if len(heights) else None


def mesh_bytes(body: Sequence[Surface], outline: shapely.Geometry | None, told: Counter[str]) -> bytes | None:
    """The triangles of a building, None where it has no usable surface; `told` counts what is amiss."""
    cut = [c for s in body if (c := _cut(s, told)) is not None]
    if not cut or outline is None:
        return None
    kinds = _kinds([s for s, _, _ in cut], np.concatenate([ring for _, ring, _ in cut]))
    shapely.prepare(outline)
    points, triangles, kind = [], [], []
    base = 0
    for (surface, corners, faces), own in zip(cut, kinds, strict=True):
        turned = _is_turned(surface, own, outline)
        told["surfaces_turned"] += int(turned)
        points.append(corners)
        triangles.append((faces[:, ::-1] if turned else faces) + base)
        kind.append(np.full(len(faces), own, np.uint8))
        base += len(corners)
    return _packed(np.concatenate(points), np.concatenate(triangles), np.concatenate(kind))


def _cut(surface: Surface, told: Counter[str]) -> tuple[Surface, Array, NDArray[np.int64]] | None:
    """A surface with its corners and triangles over them; one without area is counted and left out."""
    rings = [ring for ring in surface.rings if len(ring) >= 3]
    if not rings or not len(surface.rings[0]) >= 3:
        told["surfaces_degenerate"] += 1
        return None
    normal = _normal(rings[0])
    size = float(np.linalg.norm(normal))
    if not size / 2.0 > _SMALLEST_M2:
        told["surfaces_degenerate"] += 1
        return None
    normal = normal / size
    corners = np.concatenate(rings)
    off = (corners - corners.mean(axis=0)) @ normal
    told["surfaces_not_plane"] += int(np.abs(off).max() > _PLANE_M)
    ends = np.cumsum([len(ring) for ring in rings]).astype(np.uint32)
    across = np.cross(normal, [1.0, 0.0, 0.0] if abs(normal[0]) < 0.9 else [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    flat = np.column_stack([corners @ across, corners @ np.cross(normal, across)])
    faces = mapbox_earcut.triangulate_float64(flat - flat[0], ends).astype(np.int64).reshape(-1, 3)
    if not len(faces):
        told["surfaces_degenerate"] += 1
        return None
    return surface, corners, faces


def _kinds(surfaces: Sequence[Surface], corners: Array) -> list[int]:
    low, high = float(corners[:, 2].min()), float(corners[:, 2].max())
    return [_kind(s, low + _LOW * (high - low)) for s in surfaces]


def _kind(surface: Surface, low: float) -> int:
    """As it is called; else by the way it looks, and a ground only if it lies low."""
    if surface.kind in _KINDS:
        return _KINDS[surface.kind]
    slope = _slope(surface)
    if slope > 0.05:
        return ROOF
    return GROUND if slope < -_STEEP and float(surface.rings[0][:, 2].mean()) <= low else WALL


def _is_turned(surface: Surface, kind: int, outline: shapely.Geometry) -> bool:
    """Whether a surface looks inward: a roof down, a ground up, a wall into the footprint."""
    slope = _slope(surface)
    if kind == ROOF:
        return slope < -0.05 and surface.kind is not None and surface.kind != "OuterFloorSurface"
    if kind == GROUND:
        return slope > 0.05
    normal = _normal(surface.rings[0])[:2]
    length = float(np.hypot(*normal))
    if abs(slope) > _STEEP or length <= 0.0:
        return False
    ring = surface.rings[0][:, :2]
    middle = (ring.min(axis=0) + ring.max(axis=0)) / 2.0
    before, behind = (shapely.Point(middle + sign * _ASIDE_M * normal / length) for sign in (1.0, -1.0))
    return bool(shapely.contains(outline, before) and not shapely.contains(outline, behind))


def _normal(ring: Array) -> Array:
    """Newell's, twice as long as the ring has area; a ring runs counter-clockwise seen from outside."""
    local = ring - ring[0]
    return np.asarray(np.cross(local, np.roll(local, -1, axis=0)).sum(axis=0))


def _slope(surface: Surface) -> float:
    """The upward part of its unit normal."""
    if len(surface.rings[0]) < 3:
        return 0.0
    normal = _normal(surface.rings[0])
    length = float(np.linalg.norm(normal))
    return float(normal[2]) / length if length > 0.0 else 0.0


def _packed(points: Array, triangles: NDArray[np.int64], kind: NDArray[np.uint8]) -> bytes:
    """Points that are the same to a millimetre become one, so that neighbours share their edges."""
    _, first, same = np.unique(np.rint(points * 1000.0), axis=0, return_index=True, return_inverse=True)
    faces = same.ravel()[triangles]
    whole = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    head = np.array([len(first), int(whole.sum())], "<i8").tobytes()
    return b"".join(
        [
            head,
            points[first].astype("<f8").tobytes(),
            faces[whole].astype("<i8").tobytes(),
            kind[whole].tobytes(),
        ]
    )


def placed_surfaces(column: pa.Array, rows: NDArray[np.int64], crs: Crs, *, datum_known: bool) -> Surfaces:
    """The triangles of these rows, on WGS84; datum_known: whether their heights are above a known datum."""
    parts = [_placed(value.as_py(), crs, datum_known) for value in column.take(pa.array(rows))]
    return Surfaces.concatenate(parts) if parts else Surfaces.none(0)


def _placed(data: bytes | None, crs: Crs, datum_known: bool) -> Surfaces:
    if data is None:
        return Surfaces.none(1)
    v, t = np.frombuffer(data, "<i8", 2).tolist()
    points = np.frombuffer(data, "<f8", 3 * v, 16).reshape(-1, 3)
    triangles = np.frombuffer(data, "<i8", 3 * t, 16 + 24 * v).reshape(-1, 3)
    kind = np.frombuffer(data, np.uint8, t, 16 + 24 * v + 24 * t)
    lon, lat = to_lonlat(crs, points[:, 0], points[:, 1])
    if np.isnan(lon).any() or not np.isfinite(points).all():
        return Surfaces.none(1)
    base = float(points[:, 2].min())
    return Surfaces(
        np.column_stack([lon, lat, points[:, 2] - base]),
        triangles.astype(np.int64),
        kind,
        np.array([0, v], np.int64),
        np.array([0, t], np.int64),
        np.array([base if datum_known else np.nan]),
    )
