"""Honest areas of water from outlines of which some are banks that were closed by a straight line.

A river mapped as a multipolygon has its outline in many pieces. An export that closes each piece on its own
turns every bank into an area between the bank and a chord: land. Here the chords are cut, the banks are
joined end to end, and the area is what they enclose by the even-odd rule. That rule does not ask which of
several ends at one place belong together: the area depends only on which lines there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M

__all__ = ["WaterAreas", "water_areas"]

# A chord is longer than this, and half as long again as any other edge of its outline. Of 543 outlines in
# Seoul 25 have an edge longer than 1 km. Those of banks are 1.9 to 26 times as long as the next; those of
# straightened streams, whose other side is as straight, 1.04 to 1.7 (one 3.0), and these close again below
_CHORD_M, _CHORD_RATIO = 1_000.0, 1.5
# Ends are joined over a gap no wider than the Han between its banks: 0.9 to 1.2 km from Jamsil to Haengju
_GAP_M = 1_200.0
# Where a bank is missing a straight line stands for it if the opposite bank is never farther than the river
# is wide; looked at so often
_STEP_M = 100.0
# Two pieces are the same bank, exported twice, if nowhere farther apart (Seoul: 2 m at one vertex of 218)
_SAME_M = 10.0
# An outline far from all ends of others is a lake with a straight dam, not a bank, if its shore is twice as
# long as the straight edge (half a circle: 1.57), and a canal if it is no wider than this on average
_SHORE_RATIO, _CANAL_M = 2.0, 100.0


@dataclass(frozen=True)
class WaterAreas:
    """polygons: valid shapely Polygons, degrees; they may overlap. repeats: outlines that stood there twice.

    banks: outlines closed by a straight line; rejoined: those of them that now bound areas; bridged: straight
    lines that stand for a missing bank.
    """

    polygons: NDArray[np.object_]
    repeats: int
    banks: int
    rejoined: int
    bridged: int

    def warnings(self) -> tuple[str, ...]:
        """What has to be said: one line, or none."""
        if not self.banks:
            return ()
        bridges = f" ({self.bridged} missing banks are straight lines)" if self.bridged else ""
        return (
            f"{self.banks} outlines of water were banks closed by a straight line: "
            f"{self.rejoined} rejoined{bridges}, {self.banks - self.rejoined} left out",
        )


def water_areas(outlines: NDArray[np.object_]) -> WaterAreas:
    """The areas of water that outlines (n,), shapely Polygons in degrees, are or bound together."""
    if not len(outlines):
        return WaterAreas(outlines, 0, 0, 0, 0)
    single = _without_repeats(outlines)
    scale = _metres(single)
    suspects, lines = _cut_open(single, scale)
    apart = _apart(lines, scale)
    really = apart[_are_banks(single[suspects[apart]], lines[apart], scale)]
    again = np.setdiff1d(np.arange(len(lines)), apart)
    links, bridged = _links(lines[really], scale)
    loops, used = _loops(lines[really], links)
    whole = np.delete(single, suspects[np.concatenate([really, again])])
    repeats = len(outlines) - len(single) + len(again)
    return WaterAreas(np.concatenate([whole, _even_odd(loops)]), repeats, len(really), used, bridged)


def _without_repeats(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    _, first = np.unique(shapely.to_wkb(shapely.normalize(outlines)), return_index=True)
    return outlines[np.sort(first)]


def _metres(outlines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Metres in a degree of longitude and of latitude, mid-way (4 % off at the ends of Korea)."""
    _, south, _, north = shapely.total_bounds(outlines)
    degree = math.radians(SEMI_MAJOR_M)
    return np.array([degree * math.cos(math.radians((south + north) / 2)), degree])


def _cut_open(
    outlines: NDArray[np.object_], scale: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Which outlines have an edge like a chord, and what is left of their rings without it."""
    found, lines = [], []
    for i in np.flatnonzero(shapely.get_num_interior_rings(outlines) == 0):
        ring = shapely.get_coordinates(outlines[i])
        edges = np.hypot(*(np.diff(ring, axis=0) * scale).T)
        longest = int(edges.argmax())
        if edges[longest] > max(_CHORD_M, _CHORD_RATIO * np.delete(edges, longest).max()):
            found.append(i)
            lines.append(shapely.linestrings(np.roll(ring[:-1], -(longest + 1), axis=0)))
    return np.array(found, np.int64), np.array(lines, object)


def _are_banks(
    outlines: NDArray[np.object_], lines: NDArray[np.object_], scale: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Of outlines with an edge like a chord: in the company of others, or neither lake nor canal."""
    ends = _ends(lines, scale)
    own = np.arange(len(ends)) // 2
    gaps = np.hypot(*(ends[:, None] - ends[None, :]).T)
    gaps[own[:, None] == own[None, :]] = np.inf
    company = (gaps <= _GAP_M).any(axis=1).reshape(-1, 2).any(axis=1)
    chord = np.hypot(*(ends[0::2] - ends[1::2]).T)
    shore = np.array([_length(line, scale) for line in lines])
    width = shapely.area(outlines) * scale.prod() / chord
    return np.asarray(company | ((shore < _SHORE_RATIO * chord) & (width > _CANAL_M)))


def _length(line: shapely.LineString, scale: NDArray[np.float64]) -> float:
    return float(np.hypot(*(np.diff(shapely.get_coordinates(line), axis=0) * scale).T).sum())


def _ends(lines: NDArray[np.object_], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2 n, 2): in metres the first and the last point of each line."""
    points = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1)
    return np.asarray(shapely.get_coordinates(points.ravel()) * scale, np.float64)


def _in_metres(lines: NDArray[np.object_], scale: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.transform(lines, lambda xy: xy * scale), object)


def _apart(lines: NDArray[np.object_], scale: NDArray[np.float64]) -> NDArray[np.int64]:
    """The lines that are not the same as an earlier one."""
    metres = _in_metres(lines, scale)
    kept: list[int] = []
    for i, line in enumerate(metres):
        if not kept or shapely.hausdorff_distance(metres[kept], line).min() > _SAME_M:
            kept.append(i)
    return np.array(kept, np.int64)


def _links(lines: NDArray[np.object_], scale: NDArray[np.float64]) -> tuple[dict[int, int], int]:
    """Which end (2 i: first of line i, 2 i + 1: last) goes on at which, and how many bridge a missing bank.

    Nearest ends first. Longer gaps only where another bank keeps along the way.
    """
    ends = _ends(lines, scale)
    one, other = np.triu_indices(len(ends), 1)
    gaps = np.hypot(*(ends[one] - ends[other]).T)
    metres = _in_metres(lines, scale)
    links: dict[int, int] = {}
    bridged = 0
    for k in np.argsort(gaps, kind="stable"):
        a, b = int(one[k]), int(other[k])
        if a in links or b in links:
            continue
        if gaps[k] > _GAP_M:
            if not _along_a_bank(ends[a], ends[b], np.delete(metres, [a // 2, b // 2])):
                continue
            bridged += 1
        links |= {a: b, b: a}
    return links, bridged


def _along_a_bank(start: NDArray[np.float64], end: NDArray[np.float64], others: NDArray[np.object_]) -> bool:
    """Whether no point between start and end is farther from the other banks than the river is wide."""
    steps = max(2, math.ceil(math.dist(start, end) / _STEP_M))
    way = shapely.points(np.linspace(start, end, steps + 1))
    return len(others) > 0 and bool(shapely.distance(way, shapely.union_all(others)).max() <= _GAP_M)


def _loops(lines: NDArray[np.object_], links: dict[int, int]) -> tuple[list[shapely.Polygon], int]:
    """The rings that lines make by their links, and how many lines went into them."""
    left, loops, used = set(range(2 * len(lines))), [], 0
    while left:
        walk = list(_walk(min(left), links))
        left -= {end ^ turn for end in walk for turn in (0, 1)}
        if links.get(walk[-1] ^ 1) == walk[0]:
            pieces = [shapely.get_coordinates(lines[end // 2])[:: -1 if end % 2 else 1] for end in walk]
            loops.append(shapely.polygons(np.concatenate(pieces)))
            used += len(walk)
    return loops, used


def _walk(start: int, links: dict[int, int]) -> Iterator[int]:
    """The end at which each line is entered, from the start until it is reached again or nothing follows."""
    end: int | None = start
    while end is not None:
        yield end
        end = links.get(end ^ 1)
        if end == start:
            return


def _even_odd(loops: list[shapely.Polygon]) -> NDArray[np.object_]:
    area = reduce(
        shapely.symmetric_difference, (shapely.make_valid(loop) for loop in loops), shapely.Polygon()
    )
    parts = shapely.get_parts(shapely.get_parts(area))
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return np.asarray(parts[polygonal & ~shapely.is_empty(parts)], object)
