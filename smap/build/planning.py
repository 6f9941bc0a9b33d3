"""Planning: a recipe's sources are read and settled, and laid down as partitions in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smap.build.cache import Cache
from smap.build.city import City, settle_city
from smap.build.given import GivenFile, Keeper
from smap.build.ledger import Ledger, ledger_name
from smap.build.names import name_lines
from smap.build.partition import MOST_BUILDINGS, Partition, cut_tree, subtree
from smap.build.piece import triangles_of
from smap.build.plan import Part, Plan
from smap.build.recipe import Recipe
from smap.build.roofing import DRAWN_ONLY
from smap.build.sealed import digest_of_sealed
from smap.build.standing import Base, base_of, named_terrain
from smap.build.stock import read_stock
from smap.build.work import Work, give_back_memory
from smap.formats.utf8 import Utf8
from smap.tiling.tree import Tree, grow_tree

__all__ = ["LEAF_TRIANGLES", "make_plan", "tree_of"]

LEAF_TRIANGLES = 28_000
"""About 1,700 houses of Seoul, at most 200 kB as stored; 81 % of the leaves have 20 kB or more."""


def make_plan(recipe: Recipe, cache: Cache, work: Work, name: str) -> tuple[Plan, Base]:
    """The plan of a recipe of buildings, which will be kept under this name, and what they stand on.

    Its partitions lie in the cache, and its ledger where one can be kept.
    """
    keeper = Keeper(cache) if _is_of_sources_alone(recipe) else None
    is_told = False
    try:
        plan, base = _make_plan(recipe, cache, work, name, keeper)
        is_told = bool(plan.beside)
    finally:
        if keeper is not None:
            keeper.close(forget=not is_told)
    return plan, base


def _make_plan(
    recipe: Recipe, cache: Cache, work: Work, name: str, keeper: Keeper | None
) -> tuple[Plan, Base]:
    with work.clock.stage("read"):
        held = [read_stock(recipe, work, keeper)]
        files = keeper.files() if keeper is not None and keeper.is_whole else ()
    warnings, figures = held[0].warnings, held[0].figures
    drawn = {*DRAWN_ONLY, "roof_shape"} & {*held[0].further}
    give_back_memory()
    with work.clock.stage("settle"):
        city = settle_city(held.pop(), recipe)  # nobody holds on to the whole stock while it is settled
    give_back_memory()
    west, south = np.degrees(city.footprints.lonlat.min(axis=0)).tolist()
    east, north = np.degrees(city.footprints.lonlat.max(axis=0)).tolist()
    with work.clock.stage("assign"):
        weight = city.form.triangles(triangles_of(city.footprints)).astype(float)
        tree = tree_of(city.centroid, weight)
    plan = Plan(
        tree=tree,
        parts=(),
        read=city.read,
        dropped=city.dropped,
        bbox=(west, south, east, north),
        warnings=(*warnings, *_warnings(city)),
        figures={**figures, **city.figures},
        report=city.report,
        names=tuple(name_lines(city)),
    )
    base = base_of(plan.places(), named_terrain(recipe, work), work.workspace)
    with work.clock.stage("assign"):
        parts = tuple(_lay_down(city, tree, cache, force=work.force))
        if files and not drawn and city.form.is_plain:
            ledger = _ledger(city, name, files, weight)
            cache.put(ledger_name(recipe), *ledger.parts())
            plan = replace(plan, beside=(ledger_name(recipe), *ledger.batches))
    return replace(plan, parts=parts), base


def tree_of(centroid: NDArray[np.float64], weight: NDArray[np.float64]) -> Tree:
    """The tree of tiles of buildings: float64 (n, 2), radians, and (n,), triangles."""
    return grow_tree(centroid, weight, capacity=LEAF_TRIANGLES)


def _is_of_sources_alone(recipe: Recipe) -> bool:
    """Whether no other file has a say in what a building is."""
    return not recipe.masks and not any(source.joins for source in recipe.sources)


def _lay_down(city: City, tree: Tree, cache: Cache, *, force: bool) -> Iterator[Part]:
    for root in cut_tree(tree, most=MOST_BUILDINGS):
        data = _partition(city, tree, root).pack()
        digest = digest_of_sealed(data)
        if force or cache.get(digest) is None:  # read, for what lies there may be damaged
            cache.put(digest, data)
        yield Part(root, digest)


def _ledger(city: City, plan: str, files: tuple[GivenFile, ...], weight: NDArray[np.float64]) -> Ledger:
    row = np.full(sum(file.rows for file in files), -1, np.int32)
    row[city.ordinal] = np.arange(len(city.ordinal))
    use = city.texts("use") if city.space is not None else None
    return Ledger(
        plan=plan,
        files=files,
        row=row,
        unclear=city.unclear,
        centroid=city.centroid,
        weight=weight.astype(np.int32),
        heights=city.heights,
        space=city.space,
        use=None if use is None else use.objects(),
    )


def _partition(city: City, tree: Tree, root: int) -> Partition:
    members = tree.members(tree.nodes[root])
    return Partition(
        tree=Tree(np.arange(len(members)), subtree(tree, root)[1]),
        footprints=city.footprints.take(members),
        height=city.height[members],
        named=city.named[members],
        properties={
            name: column.take(members) if isinstance(column, Utf8) else column[members]
            for name, column in city.properties.items()
        },
        form=city.form.take(members),
    )


def _warnings(city: City) -> Iterator[str]:
    own = city.form.surveyed
    if own is not None and own.unresolved:
        yield (
            f"vertical_datum_unresolved: the heights of {own.unresolved:,} buildings with surfaces are above "
            "a datum that is not named or not known here: they stand on the drawn ground"
        )
    unclear = city.figures["ids_blank_or_double"]
    if unclear:
        yield (
            f"{unclear:,} of {city.read:,} features have a blank or double id; they are named by place "
            "and lose that name when they move; choose another field as id in [source.fields]"
        )
