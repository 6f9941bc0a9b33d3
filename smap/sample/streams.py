"""The courses of streams: where they run under the sky, and how far they and their lanes reach."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from smap.sample.facts import Stream

__all__ = ["along", "open_course", "reach", "width_at"]


def along(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way from the first point of a line (n, 2) to each of them, metres (n,)."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])


def open_course(stream: Stream, era: str) -> shapely.LineString:
    """The course of a stream under the sky: today some come out from beneath a street half-way."""
    line = shapely.linestrings(stream.bed.xy)
    if era != "today" or stream.open_xy is None:
        return line
    return substring(line, shapely.line_locate_point(line, shapely.points(stream.open_xy)), line.length)


def width_at(stream: Stream, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The stream's width where plane points (…, 2) are nearest to it, metres."""
    at = shapely.line_locate_point(shapely.linestrings(stream.bed.xy), shapely.points(xy))
    return np.asarray(np.interp(at, along(stream.bed.xy), stream.width_m))


def reach(stream: Stream, era: str, beyond_m: float) -> shapely.Geometry:
    """The stream in an era and beyond_m to both sides of it: a shapely Polygon on the plane."""
    xy = shapely.get_coordinates(open_course(stream, era))
    circles = shapely.buffer(shapely.points(xy), width_at(stream, xy) / 2 + beyond_m, quad_segs=4)
    return shapely.union_all(shapely.convex_hull(shapely.union(circles[:-1], circles[1:])))
