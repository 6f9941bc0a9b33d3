"""The city: the stock, settled. Who is a double, who is masked, how tall is each, what is it called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.recipe import Recipe
from smap.build.stock import Stock, read_areas
from smap.errors import InputError
from smap.scene.footprint import Footprints
from smap.scene.heights import Evidence, settle_heights, unusable_heights
from smap.scene.identity import as_texts, exact_duplicates, smap_ids
from smap.scene.mask import inside_areas
from smap.scene.measure import LocalPlane, Rectangles, areas, bounding_rectangles, centroids, local_plane

__all__ = ["City", "settle_city"]

_FIRST = 1 << 62
_LAST = chr(0x10FFFF)
"""Of doubles the one of the highest rank stays, then the one with the smallest id, one without id last."""


@dataclass(frozen=True)
class City:
    """n buildings that will be built.

    centroid: float64 (n, 2), radians. area: float64 (n,), m². height: float64 (n,), metres above the ground.
    properties: the columns of the property table by name. named: bool (n,), false for what may only be drawn.
    """

    footprints: Footprints
    plane: LocalPlane
    centroid: NDArray[np.float64]
    area: NDArray[np.float64]
    rectangles: Rectangles
    height: NDArray[np.float64]
    properties: Mapping[str, NDArray[Any]]
    named: NDArray[np.bool_]
    read: int
    dropped: Mapping[str, int]
    figures: Mapping[str, Any]


def settle_city(stock: Stock, recipe: Recipe) -> City:
    """Leave out doubles and what is masked, settle heights and names."""
    stock = _without_duplicates(stock)
    plane = local_plane(stock.footprints)
    centroid = centroids(stock.footprints, plane)
    area = areas(stock.footprints, plane)
    heights = settle_heights(
        Evidence(stock.height, stock.floors, _places(centroid, plane), area),
        ladder=recipe.heights.ladder,
        storey_m=recipe.heights.storey_m,
        default_m=recipe.heights.default_m,
    )
    pnu = stock.further.get("pnu", np.full(len(stock), None, object))
    ids = smap_ids(stock.source, stock.id, as_texts(pnu), centroid, area)
    clear = sum(i == f"{s}:{own}" for i, s, own in zip(ids, stock.source, stock.id, strict=True))
    dropped, blocked = _masked(recipe, centroid)
    if dropped.all():
        raise InputError(
            f"{recipe.path}: all {len(stock)} buildings lie in masks that drop: none is left to build"
        )
    shown = np.flatnonzero(~dropped)
    stock = stock.take(shown, {"masked": int(dropped.sum())})
    footprints, named = stock.footprints, ~blocked[shown]
    plane = local_plane(footprints)
    rectangles = bounding_rectangles(footprints, plane)
    figures = {
        "heights": dict(Counter(heights.source[shown].tolist()).most_common()),
        "heights_not_usable": unusable_heights(stock.height),
        "texts_that_are_no_numbers": dict(stock.unreadable),
        "rings_repaired": stock.repaired,
        "ids_blank_or_double": len(ids) - clear,
        "blocked": int(blocked[shown].sum()),
    }
    properties = {
        "smap_id": ids[shown],
        "id": stock.id,
        "name": stock.name,
        "height": np.round(heights.height[shown], 2).astype(np.float32),
        "floors": stock.floors.astype(np.float32),
        "height_source": heights.source[shown],
        **stock.further,
    }
    return City(
        footprints=_with_blocks(footprints, rectangles, named),
        plane=plane,
        centroid=centroid[shown],
        area=area[shown],
        rectangles=rectangles,
        height=heights.height[shown],
        properties=properties,
        named=named,
        read=stock.read,
        dropped=stock.dropped,
        figures=figures,
    )


def _without_duplicates(stock: Stock) -> Stock:
    attributes = [stock.name, as_texts(stock.height), as_texts(stock.floors)]
    attributes += [as_texts(column) for column in stock.further.values()]
    order = zip(stock.rank, stock.id, strict=True)
    first = np.array([f"{_FIRST - rank:020d} {own or _LAST}" for rank, own in order], object)
    doubles = exact_duplicates(stock.footprints, attributes, first)
    kept = np.setdiff1d(np.arange(len(stock)), doubles)
    return stock.take(kept, {"duplicate": len(doubles)})


def _places(centroid: NDArray[np.float64], plane: LocalPlane) -> NDArray[np.float64]:
    """Metres about the middle of all, true enough to tell who is a neighbour."""
    return np.asarray((centroid - centroid.mean(axis=0)) * plane.scale.mean(axis=0))


def _masked(recipe: Recipe, centroid: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    inside = {"drop": np.zeros(len(centroid), bool), "block": np.zeros(len(centroid), bool)}
    for mask in recipe.masks:
        inside[mask.action] |= inside_areas(centroid, read_areas(mask.path))
    return inside["drop"], inside["block"]


def _with_blocks(footprints: Footprints, rectangles: Rectangles, named: NDArray[np.bool_]) -> Footprints:
    """Outlines with a plain rectangle in the stead of what may not be named."""
    if named.all():
        return footprints
    n = len(footprints)
    each = np.arange(n + 1, dtype=np.int64)
    plain = Footprints(rectangles.corners.reshape(-1, 2), 4 * each, each, each)
    both = Footprints.concatenate([footprints, plain])
    return both.take(np.where(named, np.arange(n), n + np.arange(n)))
