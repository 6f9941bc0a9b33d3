"""The sample's ordinary houses: what stands on each lot, abstract on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.blocks import kept_free, make_blocks
from smap.sample.facts import ERAS, Facts, Kind
from smap.sample.ground import Ground
from smap.sample.lots import Lots, frames_of, make_lots, rectangles
from smap.sample.yards import yard_houses

__all__ = ["Houses", "make_houses"]

SEED = 1394  # the year in which the capital moved here
STOREY_M = 3.2
SMALLEST_M2 = 16.0
LOW_M = 8.0
"""Kinds no higher than this are timber houses: one storey, wings one room deep."""
SLAB_M, LONGEST_SLAB_M = 13.0, 72.0
"""An apartment slab is one flat deep; longer ones are rare since the 1980s."""
BROADEST_TOWER_M = 52.0
HERITAGE = ("palace", "shrine", "gate")
HERITAGE_M, HERITAGE_SLOPE = 100.0, 0.5095
"""So near a court of these kinds nothing rises above a plane of 27 degrees from its edge (courts.toml)."""
FILLED = 0.86
"""Of the rectangle about a footprint of four corners: one that fills less has no roof of one ridge."""
OLDER_M = 9.0
"""What is as low as this stands: three storeys, as the houses that are older than the rule."""


@dataclass(frozen=True)
class Houses:
    """n houses: shapely Polygons on the plane, apart from each other; height_m, floors (n,).

    fabric: the label of their kind (n,). roof: its shape in OpenStreetMap's words, or "" (n,).
    """

    polygons: NDArray[np.object_]
    height_m: NDArray[np.float64]
    floors: NDArray[np.int64]
    fabric: NDArray[np.str_]
    roof: NDArray[np.str_]


def make_houses(
    facts: Facts, ground: Ground, era: str, inside: shapely.Polygon, others: NDArray[np.object_]
) -> Houses:
    """The ordinary houses of an era; the same facts give the same houses.

    inside: the ground within the wall. others: shapely Polygons of what stands there already, as landmarks
    and the wall.
    """
    random = np.random.default_rng([SEED, ERAS.index(era)])
    kinds = dict(facts.kinds)
    blocks = make_blocks(facts, ground, era, kept_free(facts, era, others), inside)
    lots = make_lots(blocks, kinds, random)
    built = random.random(len(lots.polygons)) >= np.array([kinds[n].empty for n in lots.kinds])
    lots = Lots(lots.polygons[built], lots.kinds[built])
    footprint, kind = _footprints(lots, kinds, random)
    sound = (shapely.area(footprint) > SMALLEST_M2) & shapely.is_valid(footprint)
    names = kind[sound]
    height = _heights(names, kinds, shapely.area(footprint[sound]), random)
    if era == "today":
        height = _kept_low(facts, footprint[sound], height)
    low = np.array([kinds[n].height_m[1] <= LOW_M for n in names])
    floors = np.where(low, 1, np.maximum(1, (height / STOREY_M).astype(int)))
    labels = np.array([kinds[n].label for n in names])
    return Houses(footprint[sound], height, floors, labels, _roofs(footprint[sound], names, kinds))


def _roofs(
    footprint: NDArray[np.object_], names: NDArray[np.str_], kinds: Mapping[str, Kind]
) -> NDArray[np.str_]:
    """The roofs of kinds that have one, where the footprint is of few corners and wings."""
    wanted = np.array([kinds[n].roof for n in names])
    corners = shapely.get_num_coordinates(footprint) - 1
    whole = shapely.get_num_interior_rings(footprint) == 0
    filled = shapely.area(footprint) / shapely.area(shapely.minimum_rotated_rectangle(footprint))
    simple = whole & (((corners == 4) & (filled > FILLED)) | np.isin(corners, (6, 8)))
    return np.where(simple, wanted, "")


def _heights(
    names: NDArray[np.str_],
    kinds: Mapping[str, Kind],
    area: NDArray[np.float64],
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """Most houses near the lower end, few high ones; what is narrow stays low."""
    low, high = np.array([kinds[n].height_m for n in names]).reshape(-1, 2).T
    height = low + (high - low) * random.beta(1.1, 2.6, size=len(names))
    return np.asarray(np.round(np.minimum(height, np.maximum(low, 3.2 * np.sqrt(area))), 1))


def _kept_low(
    facts: Facts, footprint: NDArray[np.object_], height: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Heights (n,) as they may be beside palaces, shrines and gates."""
    grounds = [shapely.polygons(c.outline) for c in facts.courts if c.kind in HERITAGE and "today" in c.eras]
    far = shapely.distance(shapely.union_all(grounds), footprint)
    allowed = np.maximum(np.round(far * HERITAGE_SLOPE, 1), OLDER_M)
    return np.where(far < HERITAGE_M, np.minimum(height, allowed), height)


def _footprints(
    lots: Lots, kinds: Mapping[str, Kind], random: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    """What stands on the lots, empty Polygons among it, and the kind of each: one or two on a lot."""
    least, most = np.array([kinds[n].gap_m for n in lots.kinds]).reshape(-1, 2).T
    gap = random.uniform(least, most)
    yard = shapely.buffer(lots.polygons, -gap, quad_segs=1, join_style="mitre", mitre_limit=2.0)
    footprint = np.array([_largest(p) for p in yard], object)
    plans = np.array([kinds[n].plan for n in lots.kinds])
    low = np.array([kinds[n].height_m[1] <= LOW_M for n in lots.kinds])
    for plan, shape in (("slab", _slab), ("tower", _tower)):
        mine = (plans == plan) & ~shapely.is_empty(footprint)
        if mine.any():
            footprint[mine] = shape(footprint[mine], random)
    about = (plans == "court") & ~shapely.is_empty(footprint)
    shares = np.array([kinds[n].courts for n in lots.kinds[about]]).reshape(-1, 4)
    footprint[about], ranges = yard_houses(footprint[about], low[about], shares, random)
    every = np.array([_largest(p) for p in np.concatenate([footprint, ranges])], object)
    return every, np.concatenate([lots.kinds, lots.kinds[about]])


def _slab(footprint: NDArray[np.object_], random: np.random.Generator) -> NDArray[np.object_]:
    """One long house across the lot that looks south, as Seoul's apartments do."""
    frame = frames_of(footprint)
    eastward = np.abs(frame.axis[:, 0]) >= np.abs(frame.axis[:, 1])
    size, middle = frame.high - frame.low, (frame.high + frame.low) / 2
    length = np.minimum(np.where(eastward, size[:, 0], size[:, 1]), LONGEST_SLAB_M) * random.uniform(
        0.8, 1.0, len(footprint)
    )
    half = np.where(eastward[:, None], [1.0, 0.0], [0.0, 1.0]) * length[:, None] / 2
    half += np.where(eastward[:, None], [0.0, 1.0], [1.0, 0.0]) * SLAB_M / 2
    return np.asarray(shapely.intersection(footprint, rectangles(frame.axis, middle - half, middle + half)))


def _tower(footprint: NDArray[np.object_], random: np.random.Generator) -> NDArray[np.object_]:
    """A block in the middle of its lot."""
    frame = frames_of(footprint)
    middle = (frame.high + frame.low) / 2
    half = np.minimum(
        (frame.high - frame.low) * random.uniform(0.40, 0.5, (len(footprint), 1)), BROADEST_TOWER_M / 2
    )
    return np.asarray(shapely.intersection(footprint, rectangles(frame.axis, middle - half, middle + half)))


def _largest(geometry: shapely.Geometry) -> shapely.Geometry:
    if geometry.geom_type == "Polygon":
        return geometry
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon"]
    return max(parts, key=shapely.area, default=shapely.Polygon())
