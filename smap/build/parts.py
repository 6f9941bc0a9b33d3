"""Buildings of several parts: who belongs to whom, and what is left of an outline that its parts stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.roofing import DRAWN_ONLY
from smap.build.stock import Stock
from smap.scene.footprint import Footprints
from smap.scene.measure import centroids, local_plane
from smap.scene.shapes import as_footprints, as_shapes

__all__ = ["MERGED", "Units", "gather_parts"]

Column = NDArray[Any]

MERGED = "part_of_a_building"
"""Why features are counted as dropped that are drawn, under the id of another."""
_THIN = 1.5e-8
"""Radians, about 10 cm: what is left of an outline beside its parts and is no wider is no building."""
_COVERED = 0.95
"""Parts that cover so much of their building's outline stand for all of it."""


@dataclass(frozen=True)
class Units:
    """Of n features of a stock the buildings that they are of.

    label: int64 (n,), alike for those of one building. orphan: bool (n,), parts whose building nobody has.
    centroid, floors: float64 (n, 2), radians, and float64 (n,), those of the whole building.
    """

    label: NDArray[np.int64]
    orphan: NDArray[np.bool_]
    centroid: NDArray[np.float64]
    floors: NDArray[np.float64]

    def take(self, chosen: NDArray[np.int64]) -> Units:
        """The chosen features."""
        return Units(self.label[chosen], self.orphan[chosen], self.centroid[chosen], self.floors[chosen])

    @property
    def holder(self) -> NDArray[np.int64]:
        """The feature that stands for the building of each: int64 (n,), the first of its label."""
        _, first, inverse = np.unique(self.label, return_index=True, return_inverse=True)
        return np.asarray(first[inverse], np.int64)


def gather_parts(stock: Stock) -> tuple[Stock, Units | None]:
    """Parts take the id, name and properties of their building, and height and floors where they say none.

    A building whose parts cover it is drawn as they alone; else as they and the rest of its outline. Which
    building a part belongs to is what it says, or the smallest one that it lies in.
    """
    is_part = _is_part(stock.further)
    if not is_part.any():
        return stock, None
    parent = _parents(stock, is_part)
    parts = np.flatnonzero(parent >= 0)
    footprints, gone = _without_parts(stock.footprints, parts, parent[parts])
    label = np.where(parent >= 0, parent, np.arange(len(stock)))
    plane = local_plane(stock.footprints)
    units = Units(
        label, is_part & (parent < 0), centroids(stock.footprints, plane)[label], stock.floors[label]
    )
    kept = np.setdiff1d(np.arange(len(stock)), gone)
    whole = replace(_of_their_building(stock, parts, label), footprints=footprints)
    return whole.take(kept, {MERGED: len(gone)}), units.take(kept)


_OWN = frozenset({*DRAWN_ONLY, "roof_shape"})


def _is_part(further: Mapping[str, Column]) -> NDArray[np.bool_]:
    said, of = further.get("part"), further.get("part_of")
    if said is None and of is None:
        return np.zeros(1, bool)
    named = [c != None for c in (said, of) if c is not None]  # noqa: E711 (element by element)
    found = np.logical_or.reduce(named)
    if said is not None:
        found &= (said != "no") | (named[-1] if of is not None else False)
    return np.asarray(found, bool)


def _parents(stock: Stock, is_part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The building of each part: int64 (n,), -1 for all others and for parts without one."""
    parent = np.full(len(stock), -1, np.int64)
    wholes, parts = np.flatnonzero(~is_part), np.flatnonzero(is_part)
    of = stock.further.get("part_of")
    by_id = {
        (s, i): k
        for k, s, i in zip(wholes[::-1], stock.source[wholes][::-1], stock.id[wholes][::-1], strict=True)
    }
    if of is not None:
        parent[parts] = [by_id.get((stock.source[k], of[k]), -1) for k in parts.tolist()]
    silent = parts if of is None else parts[of[parts] == None]  # noqa: E711 (element by element)
    if len(silent) and len(wholes):
        parent[silent] = _around(stock.footprints, silent, wholes)
    return parent


def _around(footprints: Footprints, parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest of the wholes that a point on each part lies in, -1 where there is none."""
    shapes = as_shapes(footprints.take(wholes))
    spots = shapely.point_on_surface(as_shapes(footprints.take(parts)))
    part, whole = shapely.STRtree(shapes).query(spots, predicate="intersects")
    area = shapely.area(shapes)
    order = np.lexsort((-area[whole], part))
    found = np.full(len(parts), -1, np.int64)
    found[part[order]] = wholes[whole[order]]  # the last that is written is the smallest
    return found


def _without_parts(
    footprints: Footprints, parts: NDArray[np.int64], parent: NDArray[np.int64]
) -> tuple[Footprints, NDArray[np.int64]]:
    """Outlines without the parts that stand on them, and those of which nothing is left."""
    if not len(parts):
        return footprints, parts
    wholes, of = np.unique(parent, return_inverse=True)
    shapes, pieces = as_shapes(footprints.take(wholes)), as_shapes(footprints.take(parts))
    order = np.argsort(of, kind="stable")
    groups = np.split(pieces[order], np.searchsorted(of[order], np.arange(1, len(wholes))))
    rest = [_rest(shape, list(group)) for shape, group in zip(shapes.tolist(), groups, strict=True)]
    gone = np.array([one is None for one in rest], bool)
    left = np.array([one for one in rest if one is not None], object)
    if not len(left):
        return footprints, wholes
    both = Footprints.concatenate([footprints, as_footprints(left)])
    chosen = np.arange(len(footprints))
    chosen[wholes[~gone]] = len(footprints) + np.arange(len(left))
    return both.take(chosen), wholes[gone]


def _rest(whole: shapely.Geometry, parts: list[shapely.Geometry]) -> shapely.Geometry | None:
    sound = [part if part.is_valid else shapely.make_valid(part) for part in parts]
    rest = shapely.difference(whole, shapely.union_all(sound))
    if shapely.area(rest) < (1.0 - _COVERED) * shapely.area(whole):
        return None
    pieces = shapely.get_parts(rest)
    wide = [p for p in pieces if p.geom_type == "Polygon" and not shapely.buffer(p, -_THIN / 2.0).is_empty]
    return shapely.multipolygons(wide) if wide else None


def _of_their_building(stock: Stock, parts: NDArray[np.int64], label: NDArray[np.int64]) -> Stock:
    """Parts with what their building says, but for how they are drawn."""
    said = {name: column if name in _OWN else column[label] for name, column in stock.further.items()}
    own_height = ~np.isnan(stock.height) | ~np.isnan(stock.floors)
    of = np.where(own_height, np.arange(len(stock)), label)
    return replace(
        stock,
        id=stock.id[label],
        name=stock.name[label],
        height=stock.height[of],
        floors=stock.floors[of],
        further=said,
    )
