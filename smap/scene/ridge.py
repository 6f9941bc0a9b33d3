"""The wall's course: between hand-written control points it keeps to the ridge of the ground.

A way of least cost over a grid, where a step is cheap on a crest and dear beside it (Dijkstra, A note on two
problems in connexion with graphs, 1959), within a corridor about the straight line; then the turns of the
whole loop are eased. Over ground of any spacing, and through places that are not surely known, `way_along`
does the same within a band about the sketch.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

__all__ = [
    "VERTEX_M",
    "Ground",
    "Leg",
    "eased",
    "legs_between",
    "sharpest_turn",
    "surface_length",
    "way_along",
]

# Tried on this ground, all turns of the loop summed: with crests that count everywhere, a corridor of 0.4,
# 5 doublings and a stiffness of 6 they are 8,615 degrees, with knots on the hummocks south of Sungnyemun and
# at Baegak's summit; as it is 7,559. The loop was 1.5 % too short and is 2.9 %; a cap on detours (1.5 of the
# straight line) left it 5 % too short, 3 and 4 doublings 4.5 and 2.4 %
STEP_M = 12.5
CORRIDOR = (20.0, 0.38)
"""How far the way may leave the straight line: metres, and a part of the line's length. A control point is
sure to about 100 m, the middle of two not less."""
CREST_M = 80.0
"""A crest is what stands above the ground averaged over this distance."""
PER_DOUBLE_M = 0.5
"""So many metres lower beside the crest make a step twice as dear."""
DOUBLES = 6.5
"""Steps differ by this many doublings to both sides at most."""
RISE_M = (40.0, 80.0)
"""Below the first height a crest is a hummock of the city and counts nothing, above the second all."""
CLOSED = 1000.0
"""How much dearer a step is where the way must not go."""
APART_M = 26.0
"""So far legs keep from each other, two steps of the grid."""
EASE_M = 60.0
"""So near a control point the way turns towards it, on a crest or not."""
VERTEX_M = 16.0
"""From vertex to vertex of the drawn way."""
STIFFNESS = 8.0
"""Of the drawn loop against bending: turns are rounded over 27 m (the fourth root, in steps of VERTEX_M)."""
HOLD = 1e6
"""How much more a control point or a gate keeps its place than another point."""
LOOSE, LOOSE_PULL = 4, 0.05
"""So many points to both sides of a held one give way more easily: there is a bend, no corner."""

# For way_along, on the 90 m model of Seoul: legs_between had turns of up to 134 degrees within 48 m, 7,800 in
# all, and 93 % of its course above 90 m on crests (higher than the ground 90 m to both sides); now it has
# 52 degrees, 2,900 and 96 %. Softer crests (2 to 4 doublings) had 94 and 95 %; 5 cut corners on made ridges
SURE_M = 20.0
"""A place known better than this is passed through; another only within what it is unsure by."""
BULGE = 0.3
"""So much of the way between two places the band is wider at its middle, where nobody named one."""
SKETCH_DOUBLES = 3.0
"""At the edge of the band a step is dearer by so many doublings: without a clear crest the way keeps to the
sketch."""
CREST_DOUBLES = 8.0
OUTSIDE = 1e6
"""How much dearer a step is outside of the band: more than any within, yet a way where it is too narrow."""
TURN_M, MOST_TURN = 48.0, 60.0
"""Within so many metres it turns by so many degrees at most: a wall does not turn back on itself."""
STIFFEST = 1024.0
"""A way that still turns too much is eased again, by up to so many times the STIFFNESS."""

_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


class Ground(Protocol):
    """The ground that a course is drawn on."""

    def heights_at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres above sea level at points (…, 2) of a plane in metres."""


@dataclass(frozen=True)
class Leg:
    """The way from one control point to the next: xy (n, 2) on the plane, the two ends included."""

    xy: NDArray[np.float64]


def legs_between(ground: Ground, ends: NDArray[np.float64]) -> list[Leg]:
    """The legs of a course whose first and last points are given: ends (n, 2, 2) on the plane."""
    legs: list[Leg] = []
    for one, other in ends:
        drawn = np.concatenate([leg.xy for leg in legs]) if legs else np.empty((0, 2))
        legs.append(Leg(_leg(ground, one, other, drawn)))
    return legs


def way_along(
    ground: Ground, sketch: NDArray[np.float64], unsure_m: NDArray[np.float64], spacing_m: float = 0.0
) -> NDArray[np.float64]:
    """The course (m, 2) of a sketch through named places (n, 2) on the plane, from its first to its last.

    unsure_m (n,): how far each place may lie off; the way keeps to the crest within a band so wide about the
    sketch, and to the sketch itself where no crest is clear. spacing_m: of the cells that the ground was made
    from; a crest narrower than they are is none. The way turns by no more than MOST_TURN within TURN_M unless
    the sketch has such a corner at a place that is surely known.
    """
    sure = unsure_m <= SURE_M
    sure[[0, -1]] = True
    ends = np.flatnonzero(sure).tolist()
    legs = [
        _thinned(_within_band(ground, sketch[a : b + 1], unsure_m[a : b + 1], spacing_m))
        for a, b in pairwise(ends)
    ]
    xy = np.concatenate([*(leg[:-1] for leg in legs), sketch[-1:]])
    held = np.zeros(len(xy), bool)
    held[np.cumsum([0, *(len(leg) - 1 for leg in legs)])] = True
    # eased() knows loops alone: there and back is one
    loop, both = np.concatenate([xy, xy[-2:0:-1]]), np.concatenate([held, held[-2:0:-1]])
    stiffness = STIFFNESS
    way = eased(loop, both)[: len(xy)]
    while sharpest_turn(way) > MOST_TURN and stiffness < STIFFNESS * STIFFEST:
        stiffness *= 2.0
        way = eased(loop, both, stiffness)[: len(xy)]
    return way


def sharpest_turn(xy: NDArray[np.float64]) -> float:
    """Degrees by which a way (n, 2) turns at most within TURN_M."""
    apart = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(apart)])
    even = np.linspace(0.0, at[-1], max(2, round(at[-1] / VERTEX_M) + 1))
    x, y = (np.diff(np.interp(even, at, column)) for column in xy.T)
    turns = np.diff(np.unwrap(np.arctan2(y, x)))
    many = round(TURN_M / VERTEX_M)
    if len(turns) < many:
        return float(np.degrees(np.abs(turns.sum())))
    return float(np.degrees(np.abs(np.convolve(turns, np.ones(many), "valid")).max()))


def eased(
    xy: NDArray[np.float64], held: NDArray[np.bool_], stiffness: float = STIFFNESS
) -> NDArray[np.float64]:
    """A closed loop (n, 2) without sharp turns; the points that are held (n,) stay where they are.

    It minimises the squares of what the others move and, by its stiffness, of its second differences.
    """
    n = len(xy)
    bend = sp.diags_array([1.0, -2.0, 1.0, 1.0, 1.0], offsets=[-1, 0, 1, n - 1, 1 - n], shape=(n, n))
    near = np.any([np.roll(held, k) for k in range(-LOOSE, LOOSE + 1)], axis=0)
    hold = HOLD * max(1.0, stiffness / STIFFNESS)
    pull = sp.diags_array(np.where(held, hold, np.where(near, LOOSE_PULL, 1.0)))
    system = sp.csc_array(pull + stiffness * (bend.T @ bend))
    loop = spsolve(system, pull @ xy)
    return np.where(held[:, None], xy, loop)


def surface_length(ground: Ground, xy: NDArray[np.float64]) -> float:
    """Metres along a course (n, 2) as it climbs and falls with the ground, as a wall is measured."""
    flat = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    many = np.maximum(1, np.ceil(flat / STEP_M).astype(int))
    parts = [a + (b - a) * (np.arange(n) / n)[:, None] for (a, b), n in zip(pairwise(xy), many, strict=True)]
    fine = np.concatenate([*parts, xy[-1:]])
    run, rise = np.linalg.norm(np.diff(fine, axis=0), axis=1), np.diff(ground.heights_at(fine))
    return float(np.hypot(run, rise).sum())


def _leg(
    ground: Ground, start: NDArray[np.float64], end: NDArray[np.float64], drawn: NDArray[np.float64]
) -> NDArray[np.float64]:
    reach = CORRIDOR[0] + CORRIDOR[1] * float(np.linalg.norm(end - start))
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    columns, rows = np.ceil((high - low) / STEP_M).astype(int) + 1
    grid = low + STEP_M * np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
    closed = (_off_line(grid, start, end) >= reach) | _beside(grid, drawn, start, end)
    from_ends = np.min([np.linalg.norm(grid - p, axis=-1) for p in (start, end)], axis=0)
    cost = _cost(ground, grid, np.minimum(from_ends / EASE_M, 1.0)) * np.where(closed, CLOSED, 1.0)
    ends = [np.linalg.norm(grid.reshape(-1, 2) - p, axis=1).argmin() for p in (start, end)]
    way = _cheapest(cost, int(ends[0]), int(ends[1]))
    xy = grid.reshape(-1, 2)[way]
    xy[0], xy[-1] = start, end
    return _thinned(xy)


def _within_band(
    ground: Ground, places: NDArray[np.float64], unsure_m: NDArray[np.float64], spacing_m: float
) -> NDArray[np.float64]:
    """The cheapest way from the first to the last of the places (n, 2), within the band about them."""
    apart = np.linalg.norm(np.diff(places, axis=0), axis=1)
    reach = float(unsure_m.max() + BULGE * apart.max())
    low, high = places.min(axis=0) - reach, places.max(axis=0) + reach
    columns, rows = np.ceil((high - low) / STEP_M).astype(int) + 1
    grid = low + STEP_M * np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
    off = _off_sketch(grid, places, apart, unsure_m)
    crest = np.clip(-_crests(ground, grid, spacing_m) / PER_DOUBLE_M, -CREST_DOUBLES, CREST_DOUBLES)
    cost = np.exp2(crest + SKETCH_DOUBLES * np.minimum(off, 1.0) ** 2) * np.where(off > 1.0, OUTSIDE, 1.0)
    flat = grid.reshape(-1, 2)
    start, end = (int(np.linalg.norm(flat - place, axis=1).argmin()) for place in (places[0], places[-1]))
    xy = flat[_cheapest(cost, start, end)]
    return np.concatenate([places[:1], xy[1:-1], places[-1:]])


def _off_sketch(
    grid: NDArray[np.float64],
    places: NDArray[np.float64],
    apart: NDArray[np.float64],
    unsure_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How far the places of a grid lie off the sketch, as a part of how far the band reaches there."""
    sketch, points = shapely.linestrings(places), shapely.points(grid)
    way = np.concatenate([[0.0], np.cumsum(apart)])
    along = shapely.line_locate_point(sketch, points)
    piece = np.clip(np.searchsorted(way, along, side="right") - 1, 0, len(apart) - 1)
    share = np.clip((along - way[piece]) / np.maximum(apart[piece], 1e-9), 0.0, 1.0)
    reach = np.maximum(np.interp(along, way, unsure_m), CORRIDOR[0])
    return np.asarray(
        shapely.distance(sketch, points) / (reach + BULGE * apart[piece] * 4.0 * share * (1.0 - share))
    )


def _crests(ground: Ground, grid: NDArray[np.float64], spacing_m: float) -> NDArray[np.float64]:
    """Metres by which the ground at each place of a grid stands above that about it, as far as it is a hill.

    Both are averaged over what the cells of its source tell apart: the facets of coarse ground are no crests.
    """
    blur, about = spacing_m / 3.0, max(CREST_M, spacing_m * 4.0 / 3.0)
    margin = int(3 * about / STEP_M)
    rows, columns = grid.shape[:2]
    wide = grid[0, 0] + STEP_M * np.stack(
        np.meshgrid(np.arange(-margin, columns + margin), np.arange(-margin, rows + margin)), axis=-1
    )
    heights = ground.heights_at(wide)
    even = gaussian_filter(heights, blur / STEP_M) if blur else heights
    above = even - gaussian_filter(even, about / STEP_M / 2)
    hill = np.clip((heights - RISE_M[0]) / (RISE_M[1] - RISE_M[0]), 0.0, 1.0)
    return np.asarray((above * hill)[margin:-margin, margin:-margin])


def _cost(ground: Ground, grid: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a step costs at each place of the grid; share: from 0, all places alike, to 1, crests alone."""
    margin = int(2 * CREST_M / STEP_M)
    rows, columns = grid.shape[:2]
    wide = grid[0, 0] + STEP_M * np.stack(
        np.meshgrid(np.arange(-margin, columns + margin), np.arange(-margin, rows + margin)), axis=-1
    )
    heights = ground.heights_at(wide)
    above = heights - gaussian_filter(heights, CREST_M / STEP_M / 2)
    hill = np.clip((heights - RISE_M[0]) / (RISE_M[1] - RISE_M[0]), 0.0, 1.0)
    inner = (above * hill)[margin:-margin, margin:-margin] * share
    return np.asarray(np.exp2(np.clip(-inner / PER_DOUBLE_M, -DOUBLES, DOUBLES)))


def _off_line(
    grid: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    line = end - start
    share = np.clip((grid - start) @ line / (line @ line), 0.0, 1.0)
    return np.asarray(np.linalg.norm(grid - start - share[..., None] * line, axis=-1))


def _beside(
    grid: NDArray[np.float64],
    drawn: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Where the wall runs already: a leg leaves the crest rather than run back along the one before."""
    if not len(drawn):
        return np.zeros(grid.shape[:2], bool)
    near = cKDTree(drawn).query(grid)[0] < APART_M
    at_ends = [np.linalg.norm(grid - p, axis=-1) < APART_M for p in (start, end)]
    return np.asarray(near & ~at_ends[0] & ~at_ends[1])


def _cheapest(cost: NDArray[np.float64], start: int, end: int) -> NDArray[np.int64]:
    rows, columns = cost.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    ones, others, prices = [], [], []
    for down, right in _NEIGHBOURS:
        left, late = max(0, -right), max(0, right)
        one = index[: rows - down, left : columns - late]
        other = index[down:, late : columns - left]
        price = np.hypot(down, right) * (cost.flat[one] + cost.flat[other]) / 2
        ones.append(one.ravel())
        others.append(other.ravel())
        prices.append(price.ravel())
    graph = sp.csr_array(
        (np.concatenate(prices), (np.concatenate(ones), np.concatenate(others))), shape=(index.size,) * 2
    )
    _, before = dijkstra(graph, directed=False, indices=np.array([start]), return_predecessors=True)
    way = [end]
    while way[-1] != start:
        way.append(int(before[0, way[-1]]))
    return np.array(way[::-1])


def _thinned(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], max(2, round(way[-1] / VERTEX_M) + 1))
    return np.stack([np.interp(at, way, xy[:, k]) for k in (0, 1)], axis=1)
