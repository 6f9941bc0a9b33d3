"""The city: the stock, settled. Who is a double, who is masked, how tall is each, what is it called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.parts import MERGED, Units, gather_parts
from smap.build.recipe import HeightRule, Recipe
from smap.build.report_city import CityReport, Problem, Spots, histogram
from smap.build.report_problems import problems_in
from smap.build.roofing import DRAWN_ONLY, bases_of, roofs_of
from smap.build.stock import Stock, read_areas
from smap.errors import InputError
from smap.scene.footprint import Footprints
from smap.scene.heights import Evidence, Heights, estimate_misses, faults_of, settle_heights
from smap.scene.identity import as_texts, exact_duplicates, smap_ids
from smap.scene.mask import inside_areas
from smap.scene.measure import LocalPlane, Rectangles, areas, bounding_rectangles, centroids, local_plane
from smap.scene.roof_form import SettledRoofs

__all__ = ["City", "evidence_of", "settle_city"]

_HIDDEN = 0.2
_SQUARE_M = 1000.0
"""To tell how far estimates are off, a fifth of the known heights is hidden: at random, and by whole squares
of 1 km, as where a whole quarter was never measured."""


@dataclass(frozen=True)
class City:
    """n buildings that will be built.

    centroid: float64 (n, 2), radians. area: float64 (n,), m². height: float64 (n,), metres above the ground.
    properties: the columns of the property table by name. named: bool (n,), false for what may only be drawn.
    roofs: those that are not flat; None where no source speaks of any.
    roofs: those that are not flat; None where no source speaks of any. base: float64 (n,), metres above the
    ground where each begins; None: all stand on it. holder: int64 (n,), for parts of a building the one of
    them whose properties are those of all; None: each is a building of its own.
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
    report: CityReport
    roofs: SettledRoofs | None = None
    base: NDArray[np.float64] | None = None
    holder: NDArray[np.int64] | None = None

    @property
    def shown(self) -> NDArray[np.int64]:
        """One of each building: those that hold its row, int64."""
        n = len(self.footprints)
        return np.arange(n) if self.holder is None else np.flatnonzero(self.holder == np.arange(n))

    def of_whole(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of each, float64 (n,); parts of a building have the mean of all of them, weighed by area."""
        if self.holder is None:
            return values
        total = np.bincount(self.holder, self.area * values, len(values))
        return np.asarray(
            (total / np.maximum(np.bincount(self.holder, self.area, len(values)), 1e-9))[self.holder]
        )


@dataclass(frozen=True)
class _Sifted:
    """What is left of a stock without doubles and what masks drop. gone: the places of unmasked doubles."""

    stock: Stock
    plane: LocalPlane
    centroid: NDArray[np.float64]
    area: NDArray[np.float64]
    ids: NDArray[np.object_]
    unclear: NDArray[np.bool_]
    named: NDArray[np.bool_]
    gone: Spots
    units: Units | None


def settle_city(stock: Stock, recipe: Recipe) -> City:
    """Leave out doubles and what is masked, settle heights and names."""
    found = _sift(*gather_parts(stock), recipe)
    stock, named = found.stock, found.named
    rectangles = bounding_rectangles(stock.footprints, found.plane)
    evidence = _evidence(stock, found.plane, found.centroid, found.area, rectangles)
    rule = recipe.heights
    heights = settle_heights(evidence, ladder=rule.ladder, storey_m=rule.storey_m, default_m=rule.default_m)
    misses = _misses(evidence, heights, rule)
    base, faults = bases_of(stock, heights.height, rule.storey_m)
    roofs = roofs_of(stock, found.plane, rectangles, heights, base, named, rule.storey_m)
    if roofs is not None:
        heights, faults = replace(heights, height=roofs.height), {**faults, **roofs.faults}
    if found.units is not None and (orphans := np.flatnonzero(found.units.orphan)).size:
        faults = {**faults, "part_without_building": (orphans, stock.id[orphans])}
    problems = problems_in(stock, found.centroid, named, found.unclear, rule.storey_m, faults)
    properties = _properties(stock, found.ids, heights, roofs)
    holder = None if found.units is None else found.units.holder
    if found.units is not None and holder is not None:
        properties.update(_of_whole(heights, found.units, holder))
    merged = 0 if holder is None else int((holder != np.arange(len(holder))).sum())
    return City(
        footprints=_with_blocks(stock.footprints, rectangles, named),
        plane=found.plane,
        centroid=found.centroid,
        area=found.area,
        rectangles=rectangles,
        height=heights.height,
        properties=properties,
        named=named,
        read=stock.read,
        dropped=Counter(stock.dropped) + Counter({MERGED: merged}),
        figures=_figures(found, heights, misses),
        report=CityReport(
            heights=histogram(heights.height, heights.source),
            estimate=misses,
            problems=(*_drops(stock.dropped, found.gone), *problems),
            places=np.degrees(found.centroid[named]),
            gone=np.degrees(found.gone.lonlat),
        ),
        roofs=roofs,
        base=base,
        holder=holder,
    )


def _of_whole(heights: Heights, units: Units, holder: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Properties of a building of several parts: its floors, and the height of the tallest."""
    height = np.full(len(holder), -np.inf)
    np.maximum.at(height, holder, heights.height)
    tallest = np.lexsort((heights.height, holder))
    source = heights.source.copy()
    source[holder[tallest]] = heights.source[tallest]  # the last that is written is the tallest
    return {
        "height": np.round(height[holder], 2).astype(np.float32),
        "floors": units.floors.astype(np.float32),
        "height_source": source[holder],
    }


def evidence_of(stock: Stock) -> Evidence:
    """What a stock tells of heights, as it is."""
    plane = local_plane(stock.footprints)
    centroid, area = centroids(stock.footprints, plane), areas(stock.footprints, plane)
    return _evidence(stock, plane, centroid, area, bounding_rectangles(stock.footprints, plane))


def _evidence(
    stock: Stock,
    plane: LocalPlane,
    centroid: NDArray[np.float64],
    area: NDArray[np.float64],
    rectangles: Rectangles,
) -> Evidence:
    return Evidence(
        height=stock.height,
        floors=stock.floors,
        place=_places(centroid, plane),
        area=area,
        elongation=_elongation(rectangles, plane),
        use=stock.further.get("use"),
    )


def _sift(stock: Stock, units: Units | None, recipe: Recipe) -> _Sifted:
    plane = local_plane(stock.footprints)
    area = areas(stock.footprints, plane)
    centroid = centroids(stock.footprints, plane) if units is None else units.centroid
    dropped, blocked = _masked(recipe, centroid)
    columns = [stock.name, stock.height, stock.floors, *stock.further.values()]
    doubles = exact_duplicates(stock.footprints, columns, stock.rank, stock.id)
    is_double = np.zeros(len(stock), bool)
    is_double[doubles] = True
    unique = np.flatnonzero(~is_double)
    ids, unclear = _identities(stock, unique, units, centroid, area)
    is_shown = ~dropped[unique]
    shown = unique[is_shown]
    if not len(shown):
        raise InputError(
            f"{recipe.path}: all {len(unique)} buildings lie in masks that drop: none is left to build"
        )
    open_doubles = doubles[~(dropped | blocked)[doubles]]
    gone = Spots(stock.id[open_doubles], centroid[open_doubles], stock.name[open_doubles])
    left_out = {"duplicate": len(doubles), "masked": len(unique) - len(shown)}
    if len(shown) < len(stock):
        stock = stock.take(shown, left_out)
        units = None if units is None else units.take(shown)
        plane = local_plane(stock.footprints)
    return _Sifted(
        stock=stock,
        plane=plane,
        centroid=centroid[shown],
        area=area[shown],
        ids=ids[is_shown],
        unclear=unclear[is_shown],
        named=~blocked[shown],
        gone=gone,
        units=units,
    )


def _identities(
    stock: Stock,
    unique: NDArray[np.int64],
    units: Units | None,
    centroid: NDArray[np.float64],
    area: NDArray[np.float64],
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The smap_id of each that is no double, masked or not, and whether its own id could not be used.

    Parts of a building have that of the first of them.
    """
    if units is not None:
        holder = units.take(unique).holder
        first, of = np.unique(holder, return_inverse=True)
        ids, unclear = _identities(stock, unique[first], None, centroid, area)
        return ids[of], unclear[of] & (holder == np.arange(len(holder)))
    source, own = stock.source[unique], stock.id[unique]
    pnu = stock.further.get("pnu", np.full(len(stock), None, object))[unique]
    ids = smap_ids(source, own, as_texts(pnu), centroid[unique], area[unique])
    is_clear = [i == f"{s}:{o}" for i, s, o in zip(ids.tolist(), source.tolist(), own.tolist(), strict=True)]
    return ids, ~np.array(is_clear, bool)


def _properties(
    stock: Stock, ids: NDArray[np.object_], heights: Heights, roofs: SettledRoofs | None
) -> dict[str, NDArray[Any]]:
    unpublished = DRAWN_ONLY if roofs is not None else DRAWN_ONLY | {"roof_shape"}
    columns = {
        "smap_id": ids,
        "id": stock.id,
        "name": stock.name,
        "height": np.round(heights.height, 2).astype(np.float32),
        "floors": stock.floors.astype(np.float32),
        "height_source": heights.source,
        **{name: column for name, column in stock.further.items() if name not in unpublished},
    }
    if (heights.source == "estimate").any():
        columns["height_error_m"] = heights.error.astype(np.float32)
    return columns


def _figures(found: _Sifted, heights: Heights, misses: Mapping[str, Any]) -> dict[str, Any]:
    stock = found.stock
    return {
        "heights": dict(Counter(heights.source.tolist()).most_common()),
        "heights_blank": int(np.isnan(stock.height).sum()),
        "heights_not_usable": {fault: len(rows) for fault, rows in faults_of(stock.height).items()},
        "estimate_misses_m": {name: told.get("median_error_m") for name, told in misses.items()},
        "texts_that_are_no_numbers": dict(stock.unreadable),
        "rings_repaired": stock.repaired,
        "ids_blank_or_double": int(found.unclear.sum()),
        "blocked": int((~found.named).sum()),
    }


def _drops(dropped: Mapping[str, int], doubles: Spots) -> list[Problem]:
    """Why features were left out; what a mask covers is counted and shown nowhere."""
    return [
        Problem.of(f"dropped_{reason}", n, doubles if reason == "duplicate" else None)
        for reason, n in dropped.items()
        if n and reason != MERGED
    ]


def _misses(evidence: Evidence, heights: Heights, rule: HeightRule) -> dict[str, Any]:
    """What estimates of this city miss by: medians of hidden heights, by how they were hidden."""
    if "estimate" not in rule.ladder:
        return {}
    rng = np.random.default_rng(0)
    squares = np.floor(evidence.place / _SQUARE_M).astype(np.int64)
    _, square = np.unique(squares, axis=0, return_inverse=True)
    at_random = rng.random(len(square)) < _HIDDEN
    by_square = rng.random(int(square.max()) + 1)[square] < _HIDDEN
    return {
        name: estimate_misses(evidence, heights, hidden, rule.default_m)
        for name, hidden in (("at_random", at_random), ("by_square_km", by_square))
    }


def _elongation(rectangles: Rectangles, plane: LocalPlane) -> NDArray[np.float64]:
    """How many times longer than wide each is: float64 (n,)."""
    sides = np.diff(rectangles.corners[:, :3], axis=1) * plane.scale[:, None, :]
    length = np.hypot(sides[..., 0], sides[..., 1])
    return np.asarray(length.max(axis=1) / np.maximum(length.min(axis=1), 0.01))


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
