"""Houses about a yard: ㅡ, ㄱ, ㄷ and ㅁ, as hanok stand on their lots, and the quarters across the yard.

Timber houses are of right angles, also on a lot that is not, so that a roof can lie on each of their wings.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.lots import Frame, frames_of, rectangles

__all__ = ["yard_houses"]

LOW_WING_M, HIGH_WING_M = (3.2, 6.5), (9.0, 16.0)
"""How deep a wing is: of a timber house one to two kan, of a school a room on each side of a hall."""
WING_SHARE = 0.31
UNEVEN = (0.82, 1.15)
"""Wings of one house differ by this: the room of the master is deeper than the store."""
SOUTHWARD = 0.8
"""So many houses close their yard to the north, as one builds where winters are cold."""
QUARTERS = 0.38
"""So many yards with an open side have a low range across it (haengnangchae), where there is room."""
APART_M, CLOSE_M = 1.3, 0.35
"""Between a range and the house; the range of a ㅁ nearly touches both wings."""
SHARES = (1.0, 0.93, 0.86, 0.78, 0.7, 0.6, 0.5)
"""Of its frame, along and across: the largest rectangle of these that lies on the lot carries the house."""
NARROWEST_M = 3.2
"""Of a timber house, one kan: a lot that holds no such rectangle stays open."""
SLACK_M = 0.05
LEAST_YARD_M = 2.0


def yard_houses(
    footprint: NDArray[np.object_],
    low: NDArray[np.bool_],
    shares: NDArray[np.float64],
    random: np.random.Generator,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The main house on each footprint (n,) and the range across its yard, else an empty Polygon.

    low (n,): timber houses; their ㅁ is a ㄷ and a range that closes it. shares (n, 4): how often ㅡ, ㄱ, ㄷ
    and ㅁ are built.
    """
    frame, inside = _within(footprint, low)
    size = frame.high - frame.low
    footprint = np.where(inside, rectangles(frame.axis, frame.low, frame.high), footprint)
    footprint[low & ~(inside & (size.min(axis=1) > NARROWEST_M))] = shapely.Polygon()
    limits = np.where(low[:, None], LOW_WING_M, HIGH_WING_M)
    wing = np.clip(WING_SHARE * size.min(axis=1), limits[:, 0], limits[:, 1])[:, None, None]
    wings = wing * random.uniform(*UNEVEN, (len(footprint), 2, 2))
    closed, square = _opened(_closed(frame.axis, shares, random), low)
    inner_low = frame.low + np.where(closed[..., 0], wings[..., 0], -1.0)
    inner_high = frame.high - np.where(closed[..., 1], wings[..., 1], -1.0)
    broad = (inner_high - inner_low > LEAST_YARD_M).all(axis=1)
    yard = rectangles(frame.axis, inner_low, np.maximum(inner_low, inner_high))
    main = np.where(broad, shapely.difference(footprint, yard), footprint)
    wanted = broad & low & (square | (random.random(len(footprint)) < QUARTERS))
    at, side = _open_side(closed)
    apart = np.where(square, CLOSE_M, APART_M)[:, None]
    across_low, across_high = inner_low + apart, inner_high - apart
    each = np.arange(len(footprint))
    depth = 0.8 * wing[:, 0, 0]
    across_low[each, at] = np.where(side == 0, frame.low[each, at], frame.high[each, at] - depth)
    across_high[each, at] = np.where(side == 0, frame.low[each, at] + depth, frame.high[each, at])
    room = np.where(
        side == 0, inner_high[each, at] - across_high[each, at], across_low[each, at] - inner_low[each, at]
    )
    wanted &= (room > apart[:, 0]) & (across_high - across_low > 2.4).all(axis=1)
    strip = rectangles(frame.axis, across_low, np.maximum(across_low, across_high))
    return main, np.where(wanted & ~shapely.is_empty(footprint), strip, shapely.Polygon())


def _within(footprint: NDArray[np.object_], wanted: NDArray[np.bool_]) -> tuple[Frame, NDArray[np.bool_]]:
    """The frame of each footprint (n,), drawn in until its rectangle lies on it; whether one does (n,).

    About the frame's middle, else about the footprint's own, which is where a triangle is broadest.
    """
    frame = frames_of(footprint)
    half = (frame.high - frame.low) / 2
    room = shapely.buffer(footprint, SLACK_M, join_style="mitre")
    shapely.prepare(room)
    found = np.zeros(len(footprint), bool)
    size, place = half.copy(), (frame.low + frame.high) / 2
    for middle in (place.copy(), _centroids(footprint, frame.axis)):
        for share in sorted(product(SHARES, SHARES), key=lambda pair: -pair[0] * pair[1]):
            left = np.flatnonzero(wanted & ~found)
            smaller = half[left] * share
            boxes = rectangles(frame.axis[left], middle[left] - smaller, middle[left] + smaller)
            lies = left[shapely.covers(room[left], boxes)]
            size[lies], place[lies], found[lies] = half[lies] * share, middle[lies], True
    return Frame(frame.axis, place - size, place + size), found


def _centroids(footprint: NDArray[np.object_], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The centroids (n, 2) of footprints, in frames with an axis (n, 2)."""
    xy = shapely.get_coordinates(shapely.centroid(footprint))
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    return np.stack([(xy * axis).sum(axis=1), (xy * across).sum(axis=1)], axis=1)


def _opened(closed: NDArray[np.bool_], low: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A timber ㅁ leaves one side to its range: what is closed, and which were ㅁ (n,)."""
    square = low & closed.all(axis=(1, 2))
    opened = closed.copy()
    opened[square, 1, 0] = False
    return opened, square


def _closed(
    axis: NDArray[np.float64], shares: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.bool_]:
    """Which sides of a frame are built up: (n, 2, 2), along each axis at its low and high end."""
    n = len(axis)
    form = (random.random(n)[:, None] > np.cumsum(shares, axis=1)[:, :3]).sum(axis=1)
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    north = np.stack([axis[:, 1], across[:, 1]], axis=1)  # how far each axis points north
    outward = np.stack([-north, north], axis=2)
    liking = np.where(random.random(n)[:, None, None] < SOUTHWARD, outward, 0.0)
    rank = liking + random.uniform(0.0, 0.9, (n, 2, 2))
    first = rank.reshape(n, 4).argmax(axis=1)
    closed = np.zeros((n, 4), bool)
    each = np.arange(n)
    closed[each, first] = True
    beside = 2 * (1 - first // 2) + random.integers(0, 2, n)
    closed[each[form >= 1], beside[form >= 1]] = True
    closed[each[form >= 2], (beside ^ 1)[form >= 2]] = True
    closed[form >= 3] = True
    return closed.reshape(n, 2, 2)


def _open_side(closed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An open side across from a built one, as axis and end (n,): where a range closes the yard."""
    facing = ~closed & closed[..., ::-1]
    best = facing.reshape(len(closed), 4).argmax(axis=1)
    return best // 2, best % 2
