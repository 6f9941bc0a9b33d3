"""The sample's ground: the relief on a fine grid, with rock on the mountains and beds under the streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from smap.sample.facts import Facts, Stream
from smap.sample.relief import solve_relief
from smap.sample.streams import along

__all__ = ["FINE_M", "Ground", "make_ground"]

SEED = 1394  # the year in which the capital moved here
COARSE_M, FINE_M = 40.0, 10.0
REACH_M = 120.0
"""How far the grid goes beyond the area, so that every point asked for has neighbours."""
GULLIES = ((260.0, 0.050), (120.0, 0.022))
"""Spurs and gullies of the flanks: their spacing in metres and their height as a part of the height above the
valley. Seoul's granite hills carry a spur every 100 to 400 m."""
RUN_M = 160.0
"""How far a gully runs straight down its slope, to both sides of its middle."""
SWAY_M, SWAY_SPACING_M = 24.0, 110.0
"""How far crests sway to a side, and the distance of turns: facts of the ridges are sure to 100 m or so."""
CALM, CALM_M = 0.5, 55.0
"""On a crest and so far beside it spurs are this part lower: gullies end below the crest."""
VALLEY_M = 45.0
DOME_M = 40.0
"""How broad a summit's dome is, at 0.6 of its height: the bare tops of Bugaksan and Inwangsan."""
BED_M = 3.2
"""How deep an open stream lies below its lanes: Cheonggyecheon's walks lie 3 to 5 m below the street."""
CUT_M, CUT_EDGE_M, CUT_SLOPE_M = 7.0, 2.0, 10.0
"""A walled stream's ground lies so deep below its lanes, to so far beyond its walls, and rises beneath the
lanes over so far: its model (channel.py) stands in the cut, and no triangle of the ground may show in it."""
LANE_M, LANE_FADE_M = 4.0, 50.0
"""Beyond a walled stream's lanes the ground lies level with them so far, and takes so far to be as it was."""
TERRACES_M = ((7.0, 24.0), (5.0, 8.0))
"""The same around a landmark's outline, so that no terrace stands out of a slope or sinks into it: gently
first, then closely, for where two are near each other the gentle way of one tilts the other."""
SHORE_M, BANK_M = 18.0, 60.0
"""The same around a water: a pond's stone edge is level."""


@dataclass(frozen=True)
class Ground:
    """Heights above sea level (rows from the south, columns from the west) every step_m from x0, y0."""

    x0: float
    y0: float
    step_m: float
    heights: NDArray[np.float64]

    def heights_at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres above sea level at plane points (…, 2), between the nodes linearly."""
        column, row = np.moveaxis((xy - [self.x0, self.y0]) / self.step_m, -1, 0)
        return np.asarray(map_coordinates(self.heights, [row, column], order=1, mode="nearest"))

    def slopes_at(self, xy: NDArray[np.float64], *, over_m: float = 20.0) -> NDArray[np.float64]:
        """Rise over run at plane points (…, 2), between points over_m to both sides."""
        east, north = np.array([over_m, 0.0]), np.array([0.0, over_m])
        rise = [self.heights_at(xy + way) - self.heights_at(xy - way) for way in (east, north)]
        return np.asarray(np.hypot(*rise) / (2 * over_m))


def make_ground(facts: Facts, terraces: Sequence[NDArray[np.float64]] = ()) -> Ground:
    """Make the ground of the whole area; the same facts give the same ground.

    terraces: outlines (k, 2) on the plane of what stands level, as landmarks.
    """
    west, south, east, north = facts.extent()
    x = _steps(west, east)
    y = _steps(south, north)
    relief = solve_relief(facts, x, y)
    rows, columns = (np.arange(2 * n - 1) / 2 for n in relief.shape)
    nodes = np.stack(np.meshgrid(rows, columns, indexing="ij"))
    swayed = nodes + _sway(nodes.shape[1:]) / COARSE_M
    smooth = map_coordinates(relief, swayed, order=3, mode="nearest")
    xy = np.stack(np.meshgrid(x[0] + COARSE_M * columns, y[0] + COARSE_M * rows), axis=-1)
    rough = _with_summits(facts, _with_rock(facts, smooth, xy), xy)
    ground = Ground(float(x[0]), float(y[0]), FINE_M, _finer(rough))
    large_first = sorted((shapely.polygons(ring) for ring in terraces), key=lambda shape: -shape.area)
    for (edge_m, fade_m), shape in product(TERRACES_M, large_first):
        ground = _with_terrace(ground, shape, edge_m=edge_m, fade_m=fade_m)
    for stream in facts.streams:
        ground = _with_stream(ground, stream)
    for water in facts.waters:
        shape = shapely.polygons(water.outline)
        ground = _levelled(ground, shape, water.height_m, edge_m=SHORE_M, fade_m=BANK_M)
    return ground


def _finer(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights every FINE_M, smooth between those every half COARSE_M."""
    rows, columns = (np.arange(2 * n - 1) / 2 for n in heights.shape)
    nodes = np.stack(np.meshgrid(rows, columns, indexing="ij"))
    return np.asarray(map_coordinates(heights, nodes, order=3, mode="nearest"))


def _steps(low: float, high: float) -> NDArray[np.float64]:
    return np.asarray(np.arange(low - REACH_M, high + REACH_M + COARSE_M, COARSE_M), np.float64)


def _sway(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How far the ground is moved sideways, metres, (2, *shape): no crest runs straight between two facts."""
    random = np.random.default_rng(SEED + 1)
    cells = SWAY_SPACING_M / (COARSE_M / 2)
    at = np.indices(shape) / cells + 1
    lattices = [random.normal(size=[int(n / cells) + 4 for n in shape]) for _ in shape]
    return SWAY_M * np.stack([map_coordinates(lattice, at, order=3) for lattice in lattices])


def _with_rock(facts: Facts, heights: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spurs and gullies that run down the flanks and grow with the height above the valley.

    Noise drawn out along the steepest way, as in a line integral convolution (Cabral, Leedom, SIGGRAPH 1993).
    """
    random = np.random.default_rng(SEED)
    crests = shapely.multilinestrings([shapely.linestrings(r.xy) for r in facts.ridges])
    off = shapely.distance(crests, shapely.points(xy))
    above = np.clip(heights - VALLEY_M, 0.0, 190.0) * (1.0 - CALM * np.exp(-((off / CALM_M) ** 2)))
    way = np.stack(np.gradient(gaussian_filter(heights, 2.0)))
    way /= np.maximum(np.hypot(*way), 1e-3)
    here = np.indices(heights.shape).astype(np.float64)
    step = COARSE_M / 2
    reach = np.arange(-RUN_M, RUN_M + step, step) / step
    rock = heights.copy()
    for spacing, share in GULLIES:
        cells = spacing / step
        lattice = random.normal(size=[int((n + 2 * RUN_M / step) / cells) + 6 for n in heights.shape])
        runs = [map_coordinates(lattice, (here + far * way) / cells + 2, order=3) for far in reach]
        drawn = np.mean(runs, axis=0)
        rock += share * above * (0.55 - np.abs(drawn / drawn.std()))
    return rock


def _with_summits(facts: Facts, heights: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every summit at its written height: a small dome over what the rest left of it."""
    raised = heights.copy()
    for summit in facts.summits:
        squared = ((xy - summit.xy[0]) ** 2).sum(axis=-1)
        near = squared < 45.0**2
        dome = np.exp(-squared / (2 * DOME_M**2))
        raised += (summit.height_m[0] - raised[near].max()) * dome
    return raised


def _near(
    ground: Ground, shape: shapely.Geometry, reach_m: float
) -> tuple[tuple[slice, slice], NDArray[np.object_]]:
    """The part of the grid around a shape, and its nodes as shapely Points."""
    west, south, east, north = shapely.bounds(shape).tolist()
    columns = _span(west - reach_m - ground.x0, east + reach_m - ground.x0, ground.heights.shape[1])
    rows = _span(south - reach_m - ground.y0, north + reach_m - ground.y0, ground.heights.shape[0])
    x = ground.x0 + FINE_M * np.arange(columns.start, columns.stop)
    y = ground.y0 + FINE_M * np.arange(rows.start, rows.stop)
    return (rows, columns), np.asarray(shapely.points(*np.meshgrid(x, y)), object)


def _span(low_m: float, high_m: float, size: int) -> slice:
    low, high = (int(np.clip(m // FINE_M + add, 0, size)) for m, add in ((low_m, 0), (high_m, 2)))
    return slice(low, high)


def _levelled(
    ground: Ground, shape: shapely.Geometry, height_m: float, *, edge_m: float, fade_m: float
) -> Ground:
    """Level under a shape and edge_m around it; fade_m beyond, the ground is as it was."""
    part, points = _near(ground, shape, edge_m + fade_m)
    own = 1.0 - np.clip((shapely.distance(shape, points) - edge_m) / fade_m, 0.0, 1.0)
    return _changed(ground, part, own * (height_m - ground.heights[part]))


def _changed(ground: Ground, part: tuple[slice, slice], by_m: NDArray[np.float64]) -> Ground:
    heights = ground.heights.copy()
    heights[part] += by_m
    return replace(ground, heights=heights)


def _with_terrace(ground: Ground, shape: shapely.Polygon, *, edge_m: float, fade_m: float) -> Ground:
    part, points = _near(ground, shape, FINE_M)
    height_m = float(ground.heights[part][shapely.distance(shape, points) < FINE_M / 2].mean())
    return _levelled(ground, shape, height_m, edge_m=edge_m, fade_m=fade_m)


def _with_stream(ground: Ground, stream: Stream) -> Ground:
    """The bed of a stream that runs open in every era; a walled one lies in a cut between level lanes."""
    if len(stream.open) < 2 or stream.open_xy is not None:
        return ground
    line, half = shapely.linestrings(stream.bed.xy), float(stream.width_m.max()) / 2
    part, points = _near(ground, line, half + stream.banks_m + LANE_M + LANE_FADE_M)
    far = shapely.distance(line, points)
    if not stream.walled:
        return _changed(ground, part, -BED_M * np.exp(-((far / (2 * half)) ** 4)))
    at = shapely.line_locate_point(line, points)
    way = along(stream.bed.xy)
    beyond = far - np.interp(at, way, stream.width_m) / 2
    lanes = np.interp(at, way, stream.bed.height_m)
    own = 1.0 - np.clip((beyond - stream.banks_m - LANE_M) / LANE_FADE_M, 0.0, 1.0)
    cut = CUT_M * (1.0 - np.clip((beyond - CUT_EDGE_M) / CUT_SLOPE_M, 0.0, 1.0))
    return _changed(ground, part, own * (lanes - ground.heights[part]) - cut)
