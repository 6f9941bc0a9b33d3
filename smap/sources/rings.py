"""Outlines of one ring straight from WKB: most buildings are such, and none becomes a Python object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

__all__ = ["FARTHEST", "MOST_VERTICES", "Rings", "plain_rings"]

FARTHEST = 1e9
"""No map has coordinates as large as this, in whatever unit; larger ones (and NaN) are damage."""
MOST_VERTICES = 100_000
"""No outline of a building or a lake has more (the Han in Seoul: 2,000); whether millions of them cross would
take GEOS hours."""

# Little-endian WKB (OGC 06-103r4, 8.2.3): byte order, type 3 (Polygon), one ring; and type 6 (MultiPolygon)
# of one such polygon. The number of points follows, then 16 bytes for each
_POLYGON = np.frombuffer(b"\1\3\0\0\0\1\0\0\0", np.uint8)
_MULTIPOLYGON = np.concatenate([np.frombuffer(b"\1\6\0\0\0\1\0\0\0", np.uint8), _POLYGON])
_POINT = 16
# A triangle of the fan about the centroid counts as turning left above this share of the outline's area:
# far above what rounding does to coordinates with 15 digits (1e-10 for a house in degrees)
_SURELY = 1e-6

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True)
class Rings:
    """n valid outlines of one ring each, counter-clockwise, no vertex repeated (the first neither).

    xy: float64 (v, 2), the source's coordinates. offsets: int64 (n + 1,) into xy. middle: float64 (n, 2), the
    centroids. row: int64 (n,), rising, which feature each is.
    """

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    middle: NDArray[np.float64]
    row: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen: NDArray[np.bool_]) -> Rings:
        """The chosen outlines: bool (n,)."""
        if chosen.all():
            return self
        counts = np.diff(self.offsets)
        kept = np.repeat(chosen, counts)
        return Rings(self.xy[kept], _ends(counts[chosen]), self.middle[chosen], self.row[chosen])


@dataclass(frozen=True)
class _Points:
    """Rings as they stand in the file, without their last vertex. counts: int64 (n,), vertices of each."""

    xy: NDArray[np.float64]
    counts: NDArray[np.int64]
    row: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> _Points:
        if chosen.all():
            return self
        return _Points(self.xy[np.repeat(chosen, self.counts)], self.counts[chosen], self.row[chosen])


def plain_rings(wkb: pa.Array) -> tuple[Rings, NDArray[np.int64]]:
    """The outlines of WKB (n,) that are one valid ring with an area, and the rows (rising) of all others."""
    points = _tidy(_points(wkb))
    following = _following(points.counts)
    first = _ends(points.counts)[:-1]
    local = points.xy - np.repeat(points.xy[first], points.counts, axis=0)
    cross = _cross(local, local[following])
    doubled = _sums(cross, first)
    has_area = doubled != 0.0
    moment = _sums((local + local[following]) * cross[:, None], first)
    middle = moment / (3.0 * np.where(has_area, doubled, 1.0)[:, None])
    sure = has_area & _seen_from(middle, local, following, points.counts, doubled)
    sound = sure.copy()
    asked = np.flatnonzero(has_area & ~sure)
    sound[asked] = shapely.is_valid(shapely.from_wkb(_objects(wkb, points.row[asked])))
    order = _counter_clockwise(points.counts, doubled < 0.0)
    whole = Rings(points.xy[order], _ends(points.counts), middle + points.xy[first], points.row)
    rings = whole.take(sound)
    others = np.ones(len(wkb), bool)
    others[rings.row] = False
    return rings, np.flatnonzero(others).astype(np.int64)


def _points(wkb: pa.Array) -> _Points:
    data, at = _bytes(wkb)
    start, count = _headers(data, at)
    rows = np.flatnonzero((count >= 4) & (count <= MOST_VERTICES)).astype(np.int64)
    start, count = start[rows], count[rows]
    if not len(rows):
        return _Points(np.empty((0, 2)), count, rows)
    # every 16 bytes that begin at any byte, as one number: gathers points wherever they lie
    anywhere = np.ndarray((len(data) - _POINT + 1,), "<c16", buffer=data, strides=(1,))
    closed = anywhere[start] == anywhere[start + _POINT * (count - 1)]
    rows, start, count = rows[closed], start[closed], count[closed] - 1
    ends = _ends(count)
    place = np.repeat(start - _POINT * ends[:-1], count) + _POINT * np.arange(ends[-1], dtype=np.int64)
    xy = anywhere[place].view(np.float64).reshape(-1, 2)
    return _Points(xy, count, rows)


def _bytes(wkb: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All bytes of a binary array, and where each value begins (and the last ends); a null has no bytes."""
    kind = np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    _, offsets, data = wkb.buffers()
    at = np.frombuffer(offsets, kind, len(wkb) + 1, wkb.offset * np.dtype(kind).itemsize)
    return np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), at.astype(np.int64)


def _headers(data: NDArray[np.uint8], at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First byte and number of the points of each value that is one ring, 0 points for the others."""
    start, count = np.zeros(len(at) - 1, np.int64), np.zeros(len(at) - 1, np.int64)
    for header in (_POLYGON, _MULTIPOLYGON):
        length = len(header) + 4
        long = np.flatnonzero(np.diff(at) >= length + 4 * _POINT)
        heads = data[at[long][:, None] + np.arange(length)]
        points = np.ascontiguousarray(heads[:, len(header) :]).view("<u4")[:, 0].astype(np.int64)
        whole = np.diff(at)[long] == length + _POINT * points
        fits = whole & (heads[:, : len(header)] == header).all(axis=1)
        start[long[fits]] = at[long[fits]] + length
        count[long[fits]] = points[fits]
    return start, count


def _tidy(points: _Points) -> _Points:
    """Only rings of usable numbers and three vertices or more, none of them equal to the next."""
    first = _ends(points.counts)[:-1]
    bad = np.asarray(~(np.abs(points.xy) < FARTHEST).all(axis=1))
    points = points.take(_sums(bad.astype(np.int64), first) == 0)
    double = np.asarray((points.xy == points.xy[_following(points.counts)]).all(axis=1))
    if double.any():
        fewer = points.counts - _sums(double.astype(np.int64), _ends(points.counts)[:-1])
        points = _Points(points.xy[~double], fewer, points.row)
    return points.take(points.counts >= 3)


def _seen_from(
    middle: NDArray[np.float64],
    local: NDArray[np.float64],
    following: NDArray[np.int64],
    counts: NDArray[np.int64],
    doubled: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which rings the centroid sees whole: each edge turns the same way about it, once around in all.

    Such a ring (star-shaped; every convex one is) crosses itself nowhere, so GEOS need not be asked.
    """
    first = _ends(counts)[:-1]
    spoke = local - np.repeat(middle, counts, axis=0)
    turn = _cross(spoke, spoke[following]) * np.repeat(np.sign(doubled), counts)
    upper = spoke[:, 1] >= 0.0
    changes = _sums((upper != upper[following]).astype(np.int64), first)
    least = np.minimum.reduceat(turn, first) if len(first) else np.empty(0)
    return np.asarray((least > _SURELY * np.abs(doubled)) & (changes == 2))


def _objects(wkb: pa.Array, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.asarray(wkb.take(pa.array(rows)).to_numpy(zero_copy_only=False), object)


def _counter_clockwise(counts: NDArray[np.int64], reverse: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where each vertex comes from: int64 (v,); reversed rings keep their first vertex."""
    first = np.repeat(_ends(counts)[:-1], counts)
    place = np.arange(len(first), dtype=np.int64)
    length = np.repeat(counts, counts)
    backwards = first + (first + length - place) % np.maximum(length, 1)
    return np.where(np.repeat(reverse, counts), backwards, place)


def _following(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next vertex of each one's ring: int64 (v,)."""
    ends = _ends(counts)
    following = np.arange(1, ends[-1] + 1, dtype=np.int64)
    following[ends[1:] - 1] = ends[:-1]
    return following


def _ends(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _sums(values: NDArray[_Number], first: NDArray[np.int64]) -> NDArray[_Number]:
    return np.asarray(np.add.reduceat(values, first, axis=0)) if len(first) else values[:0]


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1])
