"""Outlines: the polygons of a source, made sound, as footprints in WGS84."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from smap.errors import InputError
from smap.geo.crs import KOREA, Crs, outside_area, to_lonlat
from smap.scene.footprint import Footprints
from smap.sources.rings import FARTHEST, MOST_VERTICES, Rings, plain_rings

__all__ = ["Outlines", "Shapes", "from_wkb", "place", "sound_polygons"]

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7


@dataclass(frozen=True)
class Shapes:
    """Sound outlines in the source's coordinates: those of one ring apart, as arrays; others as objects.

    rings, polygons: outlines of one ring, and (n,) other (multi)polygons. row: int64 (n,), which feature each
    of `polygons` is. Each feature is in one of the two or is dropped.
    """

    rings: Rings
    polygons: NDArray[np.object_]
    row: NDArray[np.int64]
    dropped: dict[str, int]
    repaired: int

    def __len__(self) -> int:
        return len(self.rings) + len(self.polygons)

    def sample(self, count: int) -> NDArray[np.float64]:
        """Some of the coordinates, at least one of each if there are any: float64 (m, 2)."""
        return np.concatenate([self.rings.xy[:count], shapely.get_coordinates(self.polygons[:count])])

    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north; infinite where there is nothing."""
        corners = shapely.bounds(self.polygons).reshape(-1, 2)
        xy = self.rings.xy
        low = np.fmin(xy.min(axis=0, initial=np.inf), corners.min(axis=0, initial=np.inf))
        high = np.fmax(xy.max(axis=0, initial=-np.inf), corners.max(axis=0, initial=-np.inf))
        return np.concatenate([low, high])


@dataclass(frozen=True)
class Outlines:
    """Footprints of the shapes inside the area, in the order of the file. row: int64 (m,), their features.

    misplaced: how many shapes lie where the reference system (without a clip: or Korea) does not reach.
    lon, lat, of: float64 and int64 (n,), radians of the middle of every shape, and which feature it is.
    """

    footprints: Footprints
    row: NDArray[np.int64]
    misplaced: int
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    of: NDArray[np.int64]


def sound_polygons(wkb: pa.Array, *, where: str) -> Shapes:
    """The polygons of WKB geometries (n,), valid, flat, counter-clockwise, without repeated vertices.

    Invalid rings are repaired (OGC validity, GEOS make_valid by structure) and counted; what has no polygon
    left is dropped: "no_geometry", "not_a_polygon", "too_many_vertices", "unusable_geometry" (also what has
    one coordinate that is no number: nobody knows what shape it had).
    """
    with np.errstate(all="ignore"):
        # coordinates that are judged unusable below trip the floating-point flags
        rings, others = plain_rings(wkb)
        objects = np.asarray(wkb.take(pa.array(others)).to_numpy(zero_copy_only=False), object)
        return _sound(rings, objects, others, where)


def _sound(rings: Rings, wkb: NDArray[np.object_], rows: NDArray[np.int64], where: str) -> Shapes:
    shapes, fixed = _from_wkb(wkb, where)
    present = np.array([g is not None for g in wkb], bool)
    empty = ~present | shapely.is_empty(shapes)
    broken = present & shapely.is_missing(shapes)
    kind = shapely.get_type_id(shapes)
    polygonal = np.isin(kind, (_POLYGON, _MULTIPOLYGON, _COLLECTION)) & ~empty
    large = polygonal & (shapely.get_num_coordinates(shapes) > MOST_VERTICES)
    finite = _finite(shapes)
    usable = np.flatnonzero(polygonal & finite & ~large)
    chosen, repaired = _valid(shapely.force_2d(shapes[usable]))
    left = ~(shapely.is_missing(chosen) | shapely.is_empty(chosen))
    mixed = (kind[usable] == _COLLECTION) & ~left
    dropped = {
        "no_geometry": int(empty.sum()),
        "not_a_polygon": int((~polygonal & ~empty & ~broken).sum() + mixed.sum()),
        "too_many_vertices": int(large.sum()),
        "unusable_geometry": int(
            broken.sum() + (polygonal & ~finite & ~large).sum() + (~left & ~mixed).sum()
        ),
    }
    tidy = shapely.orient_polygons(shapely.remove_repeated_points(chosen[left], 0.0))
    count = int((repaired | fixed[usable])[left].sum())
    return Shapes(rings, tidy, rows[usable[left]], {k: v for k, v in dropped.items() if v}, count)


def _finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes have usable numbers only; GEOS's own bounds look past NaN."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    bad = ~(np.abs(xy) < FARTHEST).all(axis=1)
    return np.asarray(np.bincount(of[bad], minlength=len(shapes)) == 0)


def from_wkb(
    wkb: NDArray[np.object_], *, on_invalid: Literal["ignore", "fix"], where: str
) -> NDArray[np.object_]:
    """Geometries of WKB (n,). where: the file, for messages.

    InputError for curves (CurvePolygon, MultiSurface), which GEOS does not know.
    """
    try:
        return np.asarray(shapely.from_wkb(wkb, on_invalid=on_invalid), object)
    except NotImplementedError as error:
        raise InputError(
            f"{where}: holds curved geometries (CurvePolygon, MultiSurface), which are not read: "
            "straighten them with ogr2ogr -nlt CONVERT_TO_LINEAR"
        ) from error


def _from_wkb(wkb: NDArray[np.object_], where: str) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    shapes = from_wkb(wkb, on_invalid="ignore", where=where)
    broken = shapely.is_missing(shapes) & np.array([g is not None for g in wkb], bool)
    if broken.any():
        shapes[broken] = shapely.from_wkb(wkb[broken], on_invalid="fix")
    return shapes, broken & ~shapely.is_missing(shapes)


def _valid(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    wrong = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    if wrong.any():
        shapes[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    for i in mixed:
        shapes[i] = _polygons_of(shapes[i])
    return shapes, wrong


def _polygons_of(collection: shapely.GeometryCollection) -> shapely.Geometry | None:
    parts = shapely.get_parts(shapely.get_parts(collection))
    polygons = parts[shapely.get_type_id(parts) == _POLYGON]
    return shapely.union_all(polygons) if len(polygons) else None


def place(shapes: Shapes, crs: Crs, clip: tuple[float, float, float, float] | None) -> Outlines:
    """The shapes whose centroid lies in `clip` (degrees; None: Korea), as footprints on WGS84."""
    rings, polygons = shapes.rings, shapes.polygons
    middle = np.concatenate([rings.middle, shapely.get_coordinates(shapely.centroid(polygons))])
    lon, lat = to_lonlat(crs, middle[:, 0], middle[:, 1])
    inside = _inside(lon, lat, clip or KOREA)
    astray = outside_area(crs, lon, lat) | (~inside if clip is None else np.isnan(lon))
    plain, other = inside[: len(rings)], inside[len(rings) :]
    chosen = rings.take(plain)
    footprints = _plain_footprints(chosen, crs)
    row = np.concatenate([chosen.row, shapes.row[other]])
    if other.any():
        footprints = Footprints.concatenate([footprints, _footprints(polygons[other], crs)])
        order = np.argsort(row, kind="stable")
        footprints, row = footprints.take(order), row[order]
    footprints, whole = _placed_only(footprints)
    of = np.concatenate([rings.row, shapes.row])
    return Outlines(footprints, row[whole], int(astray.sum()), lon, lat, of)


def _inside(
    lon: NDArray[np.float64], lat: NDArray[np.float64], box: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    west, south, east, north = np.radians(box)
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _plain_footprints(rings: Rings, crs: Crs) -> Footprints:
    lon, lat = to_lonlat(crs, rings.xy[:, 0], rings.xy[:, 1])
    each = np.arange(len(rings) + 1, dtype=np.int64)
    return Footprints(np.stack([lon, lat], axis=1), rings.offsets, each, each)


def _footprints(polygons: NDArray[np.object_], crs: Crs) -> Footprints:
    multi = np.array([shapely.multipolygons([p]) if p.geom_type == "Polygon" else p for p in polygons[:1]])
    _, coordinates, offsets = shapely.to_ragged_array(np.concatenate([multi, polygons[1:]]))
    rings, parts, features = (np.asarray(o, np.int64) for o in offsets)
    # the last vertex of each closed ring repeats its first
    open_vertex = np.ones(len(coordinates), bool)
    open_vertex[rings[1:] - 1] = False
    lon, lat = to_lonlat(crs, coordinates[open_vertex, 0], coordinates[open_vertex, 1])
    opened = rings - np.arange(len(rings), dtype=np.int64)
    return Footprints(np.stack([lon, lat], axis=1), opened, parts, features)


def _placed_only(footprints: Footprints) -> tuple[Footprints, NDArray[np.int64]]:
    lost = np.isnan(footprints.lonlat).any(axis=1)
    if not lost.any():
        return footprints, np.arange(len(footprints), dtype=np.int64)
    count = np.bincount(footprints.vertex_feature[lost], minlength=len(footprints))
    whole = np.flatnonzero(count == 0)
    return footprints.take(whole), whole
