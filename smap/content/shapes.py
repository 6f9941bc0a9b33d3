"""Lines and areas of a filter (OGC 21-065r2, basic-spatial-functions-plus): read, and met by records."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

import shapely
from shapely.geometry import shape as as_shape

from smap.content.record import Bbox, Geometry
from smap.content.systems import CRS84, System, in_system, system_of
from smap.errors import UsageError

__all__ = ["SHAPES", "Shape", "meets_shape", "shape_of"]

SHAPES = ("LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
"""Points and boxes are met without any of this."""
_KEPT = 64


class Shape(NamedTuple):
    """A geometry of a filter, x before y in the filter's system: as GeoJSON, and its box."""

    text: str
    box: Bbox


def shape_of(node: Any, system: System) -> Shape:
    """The geometry of a filter. UsageError: it is none, crosses itself or leaves the earth."""
    told = f"{str(node)[:80]!r}"
    try:
        found = as_shape({"type": node["type"], "coordinates": node["coordinates"]})
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError):
        raise UsageError(f"filter: {told} is no geometry: give positions of two numbers") from None
    if found.is_empty or not shapely.is_valid(found):
        raise UsageError(f"filter: {told}: {shapely.is_valid_reason(found)}")
    if system.north_first:
        found = shapely.transform(found, lambda xy: xy[:, ::-1])
    west, south, east, north = found.bounds
    if system.crs is None and not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        order = "north first" if system.north_first else "east first"
        raise UsageError(f"filter: {told} leaves the earth ({order})")
    return Shape(shapely.to_geojson(shapely.force_2d(found)), (west, south, east, north))


def meets_shape(geometry: Geometry, uri: str, shape: str) -> bool:
    """Whether a kept geometry meets a shape of a system, edges straight there; what touches meets."""
    own = as_shape(geometry if uri == CRS84 else in_system(geometry, system_of(uri)))
    return bool(shapely.intersects(_prepared(shape), own))


@lru_cache(maxsize=_KEPT)
def _prepared(shape: str) -> shapely.Geometry:
    found = as_shape(json.loads(shape))
    shapely.prepare(found)
    return found
