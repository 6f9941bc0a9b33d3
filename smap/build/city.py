"""The city: the stock, settled. Who is a double, who is masked, how tall is each, what is it called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.form import PLAIN, Form
from smap.build.parts import MERGED, Units, gather_parts
from smap.build.recipe import HeightRule, Recipe
from smap.build.report_city import CityReport, Problem, Spots, histogram
from smap.build.report_problems import problems_in
from smap.build.roofing import DRAWN_ONLY, bases_of, roofs_of
from smap.build.stock import Stock, read_areas, take_from
from smap.build.surveyed import surface_figures, surveyed_of
from smap.build.work import give_back_memory
from smap.errors import InputError
from smap.formats.utf8 import Utf8
from smap.scene.footprint import Footprints
from smap.scene.heights import Evidence, Heights, estimate_misses, faults_of, settle_heights
from smap.scene.identity import as_texts, blank_or_double, exact_duplicates, ids_by_place
from smap.scene.mask import inside_areas
from smap.scene.measure import Measures, bounding_rectangles, local_plane, measured
from smap.scene.roof_form import SettledRoofs

__all__ = ["City", "evidence_of", "misses_of", "origin_of", "places_in_plane", "settle_city"]

_AT_ONCE = 65_536
"""Ids put together at once: some megabytes of texts as objects."""
_HIDDEN = 0.2
_SQUARE_M = 1000.0
"""To tell how far estimates are off, a fifth of the known heights is hidden: at random, and by whole squares
of 1 km, as where a whole quarter was never measured."""
_SPREAD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""The odd numbers of SplitMix64 (Steele, Lea, Flood 2014), whose steps spread any bits over all 64."""
_ASKED = 2000
"""Of more than so many hidden heights so many are estimated: the median miss is then told to 3 in 100."""


@dataclass(frozen=True)
class City:
    """n buildings that will be built.

    centroid: float64 (n, 2), radians. height: float64 (n,), metres above the ground. properties: the columns
    of the property table by name, texts as bytes. named: bool (n,), false for what may only be drawn.
    heights: as settled. unclear: bool (n,), whose own id names nobody alone. ordinal: int64 (n,), the place
    of each among all rows of the sources. space: float64 (n, 6), where estimates look for neighbours. form:
    what they are beyond prisms on the ground.
    """

    footprints: Footprints
    centroid: NDArray[np.float64]
    height: NDArray[np.float64]
    properties: Mapping[str, NDArray[Any] | Utf8]
    named: NDArray[np.bool_]
    read: int
    dropped: Mapping[str, int]
    figures: Mapping[str, Any]
    report: CityReport
    heights: Heights
    unclear: NDArray[np.bool_]
    ordinal: NDArray[np.int64]
    space: NDArray[np.float64] | None = None
    form: Form = PLAIN

    @property
    def shown(self) -> NDArray[np.int64]:
        """One of each building: those that hold its row, int64."""
        return self.form.shown(len(self.footprints))

    def texts(self, name: str) -> Utf8 | None:
        """A column of texts, if there is one of this name."""
        column = self.properties.get(name)
        return column if isinstance(column, Utf8) else None

    def numbers(self, name: str) -> NDArray[Any]:
        """A column of numbers; KeyError when there is none of this name."""
        column = self.properties[name]
        if isinstance(column, Utf8):
            raise KeyError(name)
        return column


@dataclass(frozen=True)
class _Sifted:
    """What is left of a stock without doubles and what masks drop. gone: the places of unmasked doubles."""

    stock: Stock
    measures: Measures
    centroid: NDArray[np.float64]
    ids: Utf8
    unclear: NDArray[np.bool_]
    named: NDArray[np.bool_]
    gone: Spots
    units: Units | None


def settle_city(stock: Stock, recipe: Recipe) -> City:
    """Leave out doubles and what is masked, settle heights and names."""
    stock, units = gather_parts(stock)
    held = [stock]
    del stock  # so that it can be let go while it is sifted
    found = _sift(held, units, recipe)
    held.clear()
    give_back_memory()
    stock, named = found.stock, found.named
    evidence = _evidence(stock, found.measures, found.centroid)
    rule = recipe.heights
    heights = settle_heights(evidence, ladder=rule.ladder, storey_m=rule.storey_m, default_m=rule.default_m)
    misses = misses_of(evidence, heights, rule)
    base, faults = bases_of(stock, heights.height, rule.storey_m)
    roofs = roofs_of(stock, heights, base, named, recipe)
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
        footprints=_with_blocks(stock.footprints, named),
        centroid=found.centroid,
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
        heights=heights,
        unclear=found.unclear,
        ordinal=stock.ordinal,
        space=evidence.space if "estimate" in rule.ladder else None,
        form=Form(roofs, base, holder, surveyed_of(stock, found.measures.scale, named)),
    )


def _of_whole(heights: Heights, units: Units, holder: NDArray[np.int64]) -> dict[str, NDArray[Any] | Utf8]:
    """Properties of a building of several parts: its floors, and the height of the tallest."""
    height = np.full(len(holder), -np.inf)
    np.maximum.at(height, holder, heights.height)
    tallest = np.lexsort((heights.height, holder))
    source = heights.source.copy()
    source[holder[tallest]] = heights.source[tallest]  # the last that is written is the tallest
    return {
        "height": np.round(height[holder], 2).astype(np.float32),
        "floors": units.floors.astype(np.float32),
        "height_source": Utf8.of(source[holder]),
    }


def evidence_of(stock: Stock) -> Evidence:
    """What a stock tells of heights, as it is."""
    found = measured(stock.footprints)
    return _evidence(stock, found, found.centroid)


def _evidence(stock: Stock, measures: Measures, centroid: NDArray[np.float64]) -> Evidence:
    return Evidence(
        height=stock.height,
        floors=stock.floors,
        place=places_in_plane(centroid),
        area=measures.area,
        elongation=measures.elongation,
        use=stock.further.get("use"),
    )


def origin_of(centroid: NDArray[np.float64]) -> NDArray[np.float64]:
    """A round number near the middle of places, float64 (2,), radians.

    Were it the middle itself, each building that comes or moves would move all others.
    """
    return np.array([np.round(np.ascontiguousarray(column).mean(), 3) for column in centroid.T])


def places_in_plane(centroid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres in one plane for a city, float64 (n, 2), of radians (n, 2)."""
    origin = origin_of(centroid)
    one = np.arange(2, dtype=np.int64)
    scale = local_plane(Footprints(origin[None], one, one, one)).scale[0]
    return np.asarray((centroid - origin) * scale)


def _sift(held: list[Stock], units: Units | None, recipe: Recipe) -> _Sifted:
    stock = held[0]
    measures = measured(stock.footprints)
    centroid = measures.centroid if units is None else units.centroid
    dropped, blocked = _masked(recipe, centroid)
    columns = [stock.name, stock.height, stock.floors, *stock.further.values()]
    doubles = exact_duplicates(stock.footprints, columns, stock.rank, stock.id)
    is_double = np.zeros(len(stock), bool)
    is_double[doubles] = True
    unique = np.flatnonzero(~is_double)
    ids, unclear = _identities(stock, unique, units, centroid, measures.area)
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
        del stock, columns
        stock = take_from(held, shown, left_out)
        units = None if units is None else units.take(shown)
    return _Sifted(
        stock=stock,
        measures=measures.take(shown),
        centroid=centroid[shown],
        ids=ids.take(np.flatnonzero(is_shown)),
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
) -> tuple[Utf8, NDArray[np.bool_]]:
    """The smap_id of each that is no double, masked or not, and whether its own id could not be used.

    It is "source:id" where that names it alone. Parts of a building have that of the first of them.
    """
    if units is not None:
        holder = units.take(unique).holder
        first, of = np.unique(holder, return_inverse=True)
        ids, unclear = _identities(stock, unique[first], None, centroid, area)
        return ids.take(of), unclear[of] & (holder == np.arange(len(holder)))
    source, own = stock.source[unique], stock.id[unique]
    unclear = blank_or_double(source, own)
    rows = unique[unclear]
    pnu = stock.further.get("pnu")
    numbers = np.full(len(rows), None, object) if pnu is None else as_texts(pnu[rows])
    by_place = ids_by_place(source[unclear], own[unclear], numbers, centroid[rows], area[rows])
    return _joined_ids(source, own, unclear, by_place), unclear


def _joined_ids(
    source: NDArray[np.object_],
    own: NDArray[np.object_],
    unclear: NDArray[np.bool_],
    by_place: NDArray[np.object_],
) -> Utf8:
    """source and own id of each, those by place where they are unclear; a part at a time, for the memory."""
    parts, used = [Utf8.of(source[:0])], 0
    for start in range(0, len(own), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        ids = np.array([f"{s}:{o}" for s, o in zip(source[part], own[part], strict=True)], object)
        few = int(unclear[part].sum())
        ids[unclear[part]] = by_place[used : used + few]
        parts.append(Utf8.of(ids))
        used += few
    return Utf8.concatenate(parts)


def _properties(
    stock: Stock, ids: Utf8, heights: Heights, roofs: SettledRoofs | None
) -> dict[str, NDArray[Any] | Utf8]:
    unpublished = DRAWN_ONLY if roofs is not None else DRAWN_ONLY | {"roof_shape"}
    columns: dict[str, NDArray[Any] | Utf8] = {
        "smap_id": ids,
        "id": Utf8.of(stock.id),
        "name": Utf8.of(stock.name),
        "height": np.round(heights.height, 2).astype(np.float32),
        "floors": stock.floors.astype(np.float32),
        "height_source": Utf8.of(heights.source),
        **{name: _bytes_of(column) for name, column in stock.further.items() if name not in unpublished},
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
        **surface_figures(stock),
    }


def _drops(dropped: Mapping[str, int], doubles: Spots) -> list[Problem]:
    """Why features were left out; what a mask covers is counted and shown nowhere."""
    return [
        Problem.of(f"dropped_{reason}", n, doubles if reason == "duplicate" else None)
        for reason, n in dropped.items()
        if n and reason != MERGED
    ]


def misses_of(evidence: Evidence, heights: Heights, rule: HeightRule) -> dict[str, Any]:
    """What estimates of this city miss by: medians of hidden heights, by how they were hidden."""
    if "estimate" not in rule.ladder:
        return {}
    at_random = _chance(evidence.place.view(np.uint64)) < _HIDDEN
    by_square = _chance(np.floor(evidence.place / _SQUARE_M).astype(np.int64).view(np.uint64)) < _HIDDEN
    return {
        name: estimate_misses(evidence, heights, hidden, rule.default_m, most=_ASKED)
        for name, hidden in (("at_random", at_random), ("by_square_km", by_square))
    }


def _chance(pairs: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A number from 0 to 1 for each pair of numbers (n, 2), as if drawn, and the same whenever asked."""
    first, second, third = (np.uint64(number) for number in _SPREAD)
    mixed = np.zeros(len(pairs), np.uint64)
    for column in pairs.T:
        mixed = (mixed ^ column) + first  # wraps round
        mixed = (mixed ^ (mixed >> np.uint64(30))) * second
        mixed = (mixed ^ (mixed >> np.uint64(27))) * third
        mixed ^= mixed >> np.uint64(31)
    return mixed / np.float64(2**64)


def _bytes_of(column: NDArray[Any]) -> NDArray[Any] | Utf8:
    return Utf8.of(column) if column.dtype.kind == "O" else column


def _masked(recipe: Recipe, centroid: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    inside = {"drop": np.zeros(len(centroid), bool), "block": np.zeros(len(centroid), bool)}
    for mask in recipe.masks:
        inside[mask.action] |= inside_areas(centroid, read_areas(mask.path))
    return inside["drop"], inside["block"]


def _with_blocks(footprints: Footprints, named: NDArray[np.bool_]) -> Footprints:
    """Outlines with a plain rectangle in the stead of what may not be named."""
    hidden = np.flatnonzero(~named)
    if not len(hidden):
        return footprints
    few = footprints.take(hidden)
    corners = bounding_rectangles(few, local_plane(few)).corners
    each = np.arange(len(hidden) + 1, dtype=np.int64)
    plain = Footprints(corners.reshape(-1, 2), 4 * each, each, each)
    chosen = np.arange(len(named))
    chosen[hidden] = len(named) + np.arange(len(hidden))
    return Footprints.concatenate([footprints, plain]).take(chosen)
