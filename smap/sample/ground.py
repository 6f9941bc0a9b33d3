"""The sample's ground: the relief on a fine grid, with rock on the mountains and beds under the streams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from smap.sample.facts import Facts
from smap.sample.relief import solve_relief

__all__ = ["Ground", "make_ground"]

SEED = 1394  # the year in which the capital moved here
COARSE_M = 40.0
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

SHORE_M, BANK_M = 30.0, 60.0
"""So far around a water the ground lies as level as the water, and so far again it takes to be as it was: a
pond's stone edge is level, and the ground is known every 20 m only."""


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


def make_ground(facts: Facts) -> Ground:
    """Make the ground of the whole area; the same facts give the same ground."""
    west, south, east, north = facts.extent()
    x = _steps(west, east)
    y = _steps(south, north)
    relief = solve_relief(facts, x, y)
    fine = COARSE_M / 2
    rows, columns = (np.arange(2 * n - 1) / 2 for n in relief.shape)
    nodes = np.stack(np.meshgrid(rows, columns, indexing="ij"))
    swayed = nodes + _sway(nodes.shape[1:]) / COARSE_M
    smooth = map_coordinates(relief, swayed, order=3, mode="nearest")
    xy = np.stack(np.meshgrid(x[0] + fine * 2 * columns, y[0] + fine * 2 * rows), axis=-1)
    rough = _with_streams(facts, _with_rock(facts, smooth, xy), xy)
    return Ground(float(x[0]), float(y[0]), fine, _with_waters(facts, _with_summits(facts, rough, xy), xy))


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


def _with_streams(facts: Facts, heights: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beds under the streams that run open in every era."""
    carved = heights.copy()
    points = shapely.points(xy.reshape(-1, 2))
    for stream in facts.streams:
        if len(stream.open) < 2 or stream.open_xy is not None:
            continue
        far = shapely.distance(shapely.linestrings(stream.bed.xy), points).reshape(heights.shape)
        carved -= BED_M * np.exp(-((far / stream.width_m) ** 4))
    return carved


def _with_summits(facts: Facts, heights: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every summit at its written height: a small dome over what the rest left of it."""
    raised = heights.copy()
    for summit in facts.summits:
        squared = ((xy - summit.xy[0]) ** 2).sum(axis=-1)
        near = squared < 45.0**2
        dome = np.exp(-squared / (2 * DOME_M**2))
        raised += (summit.height_m[0] - raised[near].max()) * dome
    return raised


def _with_waters(facts: Facts, heights: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Waters and their shores are level."""
    levelled = heights.copy()
    points = shapely.points(xy.reshape(-1, 2))
    for water in facts.waters:
        far = shapely.distance(shapely.polygons(water.outline), points).reshape(heights.shape)
        own = 1.0 - np.clip((far - SHORE_M) / BANK_M, 0.0, 1.0)
        levelled += own * (water.height_m - levelled)
    return levelled
