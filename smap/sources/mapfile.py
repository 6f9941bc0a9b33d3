"""Lines and areas to be drawn on a map: from what GDAL reads, and from plain JSON lists of coordinates."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.errors import CrsError, InputError, RecipeError
from smap.geo.crs import Crs, check_area, fit, outside_area, parse_crs, to_lonlat
from smap.sources.banks import water_areas
from smap.sources.formats import SourceFile, identify, locate
from smap.sources.integrity import first_bad_feature, first_bad_line
from smap.sources.layers import OpenLayer, crs_of, open_layer, rows_of

__all__ = ["MapShapes", "MapSpec", "Shape", "check_count", "in_degrees", "read_shapes"]

Shape = Literal["lines", "areas", "water"]

_ROWS = 65_536
_LINES, _AREAS = (1, 2, 5), (3, 6)
"""GEOS type ids: LineString, LinearRing, MultiLineString; Polygon, MultiPolygon."""


@dataclass(frozen=True)
class MapSpec:
    """What to read. member: of a JSON object, the list of coordinate lists; else as in `VectorSpec`."""

    path: str
    member: str | None = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    where: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    preset: str | None = None


@dataclass(frozen=True)
class MapShapes:
    """shapes: single LineStrings or valid Polygons (n,), degrees. read: features; dropped: why not all."""

    shapes: NDArray[np.object_]
    read: int
    dropped: Mapping[str, int]
    warnings: tuple[str, ...] = ()


def read_shapes(spec: MapSpec, shape: Shape) -> MapShapes:
    """The lines or the areas of a source; of areas their outlines, where lines are wanted.

    Water: banks that were closed by a straight line are joined (`sources.banks`).
    InputError, CrsError or RecipeError (one line each) for whatever is wrong with a file or the spec.
    """
    found = [_member(path, spec) if spec.member else _layer(path, spec) for path in locate(spec.path)]
    shapes = np.concatenate([one for one, _ in found])
    if not len(shapes):
        condition = f' for which where = "{spec.where}" holds' if spec.where else ""
        raise InputError(f"{spec.path}: the layer is empty: it holds no features{condition}")
    whole = np.concatenate([in_degrees(one, crs, spec.path) for one, crs in found])
    chosen, dropped = _as_areas(whole) if shape != "lines" else _as_lines(whole)
    if not len(chosen):
        wanted = "lines" if shape == "lines" else "areas"
        raise InputError(f"{spec.path}: holds no {wanted}, only {_kinds(shapes)}")
    if shape == "water":
        water = water_areas(chosen)
        return MapShapes(water.polygons, len(shapes), dropped, water.warnings())
    return MapShapes(chosen, len(shapes), dropped)


def _layer(path: Path, spec: MapSpec) -> tuple[NDArray[np.object_], Crs]:
    layer = open_layer(_identified(path), spec)
    parts: list[NDArray[np.object_]] = []
    for _, geometry in rows_of(layer, columns=[], condition=spec.where, rows=_ROWS):
        if geometry is None:
            raise InputError(f"{path}: the layer '{layer.title}' has no geometry")
        wkb = np.asarray(geometry.to_numpy(zero_copy_only=False), object)
        parts.append(shapely.from_wkb(wkb, on_invalid="ignore"))
    shapes = np.concatenate(parts) if parts else np.empty(0, object)
    if spec.where is None:
        check_count(len(shapes), layer)
    return shapes, crs_of(layer, spec.crs, shapely.get_coordinates(shapes[:1000]))


def check_count(read: int, layer: OpenLayer) -> None:
    """InputError where GDAL passed over a feature without a word."""
    path = layer.file.path
    if layer.file.lines is not None and read != layer.file.lines:
        raise InputError(f"{path}: {first_bad_line(path)}")
    if read < layer.file.geometries and (bad := first_bad_feature(path)):
        raise InputError(f"{path}: {bad}")
    if read < layer.count:
        raise InputError(f"{path}: truncated: {read:,} features of {layer.count:,} could be read")


def _identified(path: Path) -> SourceFile:
    try:
        return identify(path)
    except InputError:
        if ".json" in path.suffixes and path.is_file() and (lists := _lists(path)):
            raise RecipeError(f"{path}: no GeoJSON; set member = to one of: {', '.join(lists)}") from None
        raise


def _lists(path: Path) -> dict[str, list[Any]]:
    """The lists that a JSON object holds under its keys; {} where there are none."""
    body = _json(path)
    return (
        {key: value for key, value in body.items() if isinstance(value, list)}
        if isinstance(body, dict)
        else {}
    )


def _member(path: Path, spec: MapSpec) -> tuple[NDArray[np.object_], Crs]:
    """The coordinate lists under one key of a JSON object."""
    lists = _lists(path)
    if spec.member not in lists:
        has = ", ".join(lists) or "no lists"
        raise RecipeError(f"{path}: no member '{spec.member}'; the file has: {has}")
    shapes = [
        _line(points, f"{path}: {spec.member}, line {n + 1}") for n, points in enumerate(lists[spec.member])
    ]
    crs = parse_crs(spec.crs or "EPSG:4326", where=f"{path}: crs")
    xy = shapely.get_coordinates(shapes)
    if spec.crs is None and len(xy) and not (np.abs(xy) <= [180.0, 90.0]).all():
        (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        advice = "; ".join(map(str, fit(None, (west, south, east, north)))) or "no Korean code fits"
        raise CrsError(f"{path}: no degrees, and the file names no CRS; set crs =: {advice}")
    return np.array(shapes, object), crs


def _line(points: Any, where: str) -> Any:
    """A LineString; None where it has fewer than two points, or one that is no number."""
    try:
        xy = np.array(points, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where}: no list of coordinates, as in [[lon, lat], …]") from None
    if xy.size and (xy.ndim != 2 or xy.shape[1] not in (2, 3)):
        raise InputError(f"{where}: no list of coordinates, as in [[lon, lat], …]")
    return shapely.linestrings(xy[:, :2]) if len(xy) >= 2 and np.isfinite(xy).all() else None


def _json(path: Path) -> Any:
    try:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if path.name.lower().endswith(".gz") else data)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, zlib.error, RecursionError) as error:
        raise InputError(f"{path}: truncated or damaged JSON: {error}") from error


def in_degrees(shapes: NDArray[np.object_], crs: Crs, where: str) -> NDArray[np.object_]:
    """The same shapes in degrees; what has a coordinate that is no number is None."""
    flat = shapely.force_2d(shapes)
    finite = _finite(flat)
    flat[~finite] = None
    xy = shapely.get_coordinates(flat)
    if not len(xy):
        return np.asarray(flat, object)
    (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    lon, lat = to_lonlat(crs, xy[:, 0], xy[:, 1])
    if outside_area(crs, lon, lat).all():
        check_area(crs, (west, south, east, north), where=where)
    placed = shapely.set_coordinates(flat, np.degrees(np.column_stack([lon, lat])))
    return np.asarray(placed, object)


def _finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return np.asarray(np.bincount(owner[~np.isfinite(xy).all(axis=1)], minlength=len(shapes)) == 0, bool)


def _as_lines(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], dict[str, int]]:
    kind = shapely.get_type_id(shapes)
    areal = np.isin(kind, _AREAS)
    shapes = shapes.copy()
    shapes[areal] = shapely.boundary(shapes[areal])
    usable = (areal | np.isin(kind, _LINES)) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    parts = shapely.get_parts(shapes[usable])
    return np.asarray(parts, object), _dropped(shapes, usable, "not_a_line")


def _as_areas(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], dict[str, int]]:
    usable = np.isin(shapely.get_type_id(shapes), _AREAS) & ~shapely.is_empty(shapes)
    valid = shapely.make_valid(shapes[usable], method="structure", keep_collapsed=False)
    parts = shapely.get_parts(valid)
    return parts[shapely.get_type_id(parts) == _AREAS[0]], _dropped(shapes, usable, "not_an_area")


def _dropped(shapes: NDArray[np.object_], usable: NDArray[np.bool_], other: str) -> dict[str, int]:
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    counts = {"no_geometry": int(nothing.sum()), other: int((~usable & ~nothing).sum())}
    return {reason: n for reason, n in counts.items() if n}


def _kinds(shapes: NDArray[np.object_]) -> str:
    names = Counter("nothing" if one is None else one.geom_type for one in shapes)
    return ", ".join(f"{n:,} {name}" for name, n in names.most_common())
