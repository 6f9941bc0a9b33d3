"""Estimated heights of the real city: a fifth of the known ones hidden, at random and by whole dong.

Limit: the median of the misses is at most a third of the constant default's, both ways. Known: by measure or
floors. Each way is tried with several seeds, and the worst is told.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.__main__ import ROOT
from smap.build.city import evidence_of
from smap.build.executors import SerialExecutor
from smap.build.progress import SilentProgress
from smap.build.recipe import read_recipe
from smap.build.stock import Stock, read_stock
from smap.build.work import Clock, Work
from smap.scene.heights import estimate_misses, settle_heights
from smap.scene.measure import centroids, local_plane

__all__ = ["measure"]

HIDDEN = 0.2
SEEDS = range(4)
DONG = "admin/hangjeongdong_seoul_425.geojson.gz"


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Misses by each way of hiding, of the recipe of the real city."""
    recipe = read_recipe(ROOT / "tiles" / "seoul-osm.toml")
    tools = Work(work, work, SerialExecutor(), SilentProgress(), Clock(), lambda other: other.path)
    stock = read_stock(recipe, tools)
    evidence, rule = evidence_of(stock), recipe.heights
    heights = settle_heights(evidence, ladder=rule.ladder, storey_m=rule.storey_m, default_m=rule.default_m)
    known = np.isin(heights.source.astype(str), ["height", "floors"])
    dong = _dong_of(stock, data / DONG)
    ways = {"at_random": np.arange(len(stock)), "by_dong": dong}
    found = {
        name: [
            estimate_misses(evidence, heights, _hidden(groups, known, seed), rule.default_m) for seed in SEEDS
        ]
        for name, groups in ways.items()
    }
    return {
        "limit": {"share_of_default": 0.333},
        "known": int(known.sum()),
        **{
            name: {"worst_share_of_default": max(map(_share, tries)), "tries": tries}
            for name, tries in found.items()
        },
    }


def _hidden(groups: NDArray[np.int64], known: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Whole groups (int64 (n,), below 0: in none) that together hold a fifth of the known buildings."""
    members = np.bincount(groups[known & (groups >= 0)], minlength=int(groups.max()) + 1)
    order = np.random.default_rng(seed).permutation(len(members))
    chosen = order[: int(np.searchsorted(np.cumsum(members[order]), HIDDEN * members.sum())) + 1]
    return known & np.isin(groups, chosen)


def _share(misses: Mapping[str, Any]) -> float:
    return round(float(misses["median_error_m"] / misses["default_median_error_m"]), 3)


def _dong_of(stock: Stock, path: Path) -> NDArray[np.int64]:
    """The dong of each building's centroid, -1 where it lies in none."""
    features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    areas = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    places = np.degrees(centroids(stock.footprints, local_plane(stock.footprints)))
    building, area = shapely.STRtree(areas).query(shapely.points(places), predicate="within")
    dong = np.full(len(stock), -1)
    dong[building] = area
    return dong
