"""Amending: a plan of the last build, changed where a few rows of its sources say something else.

What a row says beyond shape and id may change, and rows may change places. Everything else, and whatever
could reach a building that is not looked at here, is left to `planning`: then there is no amended plan. What
comes out is to the last bit what planning would have made of the changed sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.amended_parts import After, amended_part
from smap.build.cache import Cache
from smap.build.changes import BeyondError, Change, Rows, beyond_if, change_of, refuse_what_is_told
from smap.build.city import misses_of, origin_of, places_in_plane
from smap.build.ledger import Ledger, ledger_name
from smap.build.plan import Plan
from smap.build.planning import tree_of
from smap.build.recipe import HeightRule, Recipe
from smap.build.report_city import CityReport, histogram
from smap.build.stock import Stock
from smap.build.work import Work
from smap.scene.heights import Evidence, Heights, settle_heights
from smap.scene.heights_estimate import REACH, estimate_heights

__all__ = ["amended_plan"]

_BESIDE_M, _METRES = 1.0, 5e6
"""Metres per radian, in Korea at least. A building whose middle lies so near another's may be its double."""


def amended_plan(recipe: Recipe, cache: Cache, work: Work, name: str) -> Plan | None:
    """The plan of changed sources, which will be kept under this name, from that of the last build.

    None where there is none, or it takes more than amending. Its partitions and ledger lie in the cache.
    """
    found = cache.get(ledger_name(recipe))
    ledger = None if found is None else Ledger.unpack(found)
    kept = None if ledger is None else cache.get(ledger.plan)
    if ledger is None or kept is None:
        return None
    try:
        with work.clock.stage("read"):
            files, change = change_of(recipe, ledger, cache)
        with work.clock.stage("settle"):
            plan, fresh = Plan.unpack(kept), replace(ledger, plan=name, files=files)
            if change is not None:
                plan, fresh = _amended(plan, fresh, change, recipe.heights, cache)
            cache.put(ledger_name(recipe), *fresh.parts())
    except BeyondError:
        return None
    return replace(plan, beside=(ledger_name(recipe), *fresh.batches))


def _amended(
    plan: Plan, ledger: Ledger, change: Change, rule: HeightRule, cache: Cache
) -> tuple[Plan, Ledger]:
    refuse_what_is_told(change, rule.storey_m)
    fresh = ledger.as_now(change.was)
    moved = _settle(fresh, change, plan, rule)
    misses = _misses(fresh, rule)
    is_other = np.zeros(len(change.was), bool)
    is_other[change.edited] = is_other[moved] = True
    is_in_place = (change.was == np.arange(len(change.was))).all()
    tree = plan.tree if is_in_place else tree_of(fresh.centroid, fresh.weight.astype(float))
    beyond_if(tree.nodes != plan.tree.nodes)
    names, after = list(plan.names), After(change, fresh.heights, is_other, fresh.centroid)
    parts = tuple(amended_part(part, (plan.tree, tree), after, names, cache) for part in plan.parts)
    blank = int(np.isnan(change.after.height).sum()) - int(np.isnan(change.before.height).sum())
    figures, report = _figures(plan, fresh.heights, blank, misses), _report(plan, fresh, blank, misses)
    return replace(plan, tree=tree, parts=parts, figures=figures, report=report, names=tuple(names)), fresh


def _settle(ledger: Ledger, change: Change, plan: Plan, rule: HeightRule) -> Rows:
    """Settle the ledger's heights anew, in place; gives whose estimate is another."""
    rungs = [rung for rung in rule.ladder if rung not in ("estimate", "default")]
    beyond_if(tuple(rule.ladder) not in ((*rungs, "default"), (*rungs, "estimate", "default")))
    before = _stated(change.before, change.earlier, rungs, rule)
    after = _stated(change.after, change.said, rungs, rule)
    is_stated = ~np.isnan(after.height)
    beyond_if((np.isnan(before.height) == is_stated).any())
    _refuse_doubles(ledger.centroid, change.edited, plan)
    ledger.heights.height[change.edited[is_stated]] = after.height[is_stated]
    ledger.heights.source[change.edited[is_stated]] = after.source[is_stated]
    if ledger.space is None:
        return np.empty(0, np.int64)
    once = np.empty_like(ledger.centroid)
    once[change.was] = ledger.centroid
    beyond_if((origin_of(once) != origin_of(ledger.centroid)).any())  # the next round number
    taller = change.edited[is_stated & (before.height != after.height)]
    return _estimate_anew(ledger.space, ledger.heights, taller, ledger.use)


def _stated(stock: Stock, rows: Rows, rungs: Sequence[str], rule: HeightRule) -> Heights:
    """Heights by what the rows say themselves; NaN where they say none."""
    nowhere, nothing = np.zeros((len(rows), 2)), np.ones(len(rows))
    evidence = Evidence(stock.height[rows], stock.floors[rows], nowhere, nothing, nothing)
    return settle_heights(evidence, ladder=rungs, storey_m=rule.storey_m, default_m=rule.default_m)


def _refuse_doubles(centroid: NDArray[np.float64], edited: Rows, plan: Plan) -> None:
    """Beyond: a building that says something else now where another stands or was left out."""
    for row in edited.tolist():
        near = [_beside(places, centroid[row]) for places in (centroid, np.radians(plan.report.gone))]
        beyond_if(sum(near) > 1)  # itself


def _beside(places: NDArray[np.float64], place: NDArray[np.float64]) -> int:
    """How many of the places, radians (n, 2), are near one."""
    reach = _BESIDE_M / _METRES
    near = np.flatnonzero(np.abs(places[:, 0] - place[0]) < reach)
    return int((np.abs(places[near, 1] - place[1]) < reach).sum())


def _estimate_anew(
    space: NDArray[np.float64], heights: Heights, taller: Rows, use: NDArray[np.object_] | None
) -> Rows:
    """Estimate anew who may have one of the `taller` among the neighbours; gives those that are others."""
    is_told = (heights.source != "estimate") & (heights.source != "default")
    asked = np.zeros(len(space), bool)
    for row in taller.tolist():
        near = np.flatnonzero(~is_told & (np.abs(space[:, 0] - space[row, 0]) <= REACH))
        apart = ((space[near] - space[row]) ** 2).sum(axis=1)
        asked[near[apart < REACH**2 * (1.0 + 1e-9)]] = True
    if not asked.any():
        return np.empty(0, np.int64)
    told = estimate_heights(space, np.where(is_told, heights.height, np.nan), use, asked=asked)
    is_other = (told.height != heights.height) | (told.error != heights.error)
    rows = np.flatnonzero(asked & ~np.isnan(told.height) & is_other)
    heights.height[rows], heights.error[rows] = told.height[rows], told.error[rows]
    return rows


def _figures(
    plan: Plan, heights: Heights, blank: int, misses: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    return {
        **plan.figures,
        "heights": dict(Counter(heights.source.tolist()).most_common()),
        "heights_blank": plan.figures["heights_blank"] + blank,
        "estimate_misses_m": {name: told.get("median_error_m") for name, told in misses.items()},
    }


def _report(plan: Plan, ledger: Ledger, blank: int, misses: Mapping[str, Mapping[str, Any]]) -> CityReport:
    problems = [
        replace(problem, count=problem.count + blank) if problem.code == "height_blank" else problem
        for problem in plan.report.problems
    ]
    return replace(
        plan.report,
        heights=histogram(ledger.heights.height, ledger.heights.source),
        estimate=misses,
        problems=tuple(problems),
        places=np.degrees(ledger.centroid),
    )


def _misses(ledger: Ledger, rule: HeightRule) -> Mapping[str, Mapping[str, Any]]:
    if ledger.space is None:
        return {}
    nothing = np.empty(0)
    places = places_in_plane(ledger.centroid)
    evidence = Evidence(nothing, nothing, places, nothing, nothing, ledger.use, ledger.space)
    return misses_of(evidence, ledger.heights, rule)
