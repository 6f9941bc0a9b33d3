"""Buildings: footprints become an archive of tiles, coarse to fine, that stands on the drawn terrain.

The city is read, settled and cut into partitions; each becomes a piece, its tiles, in whatever process; tiles
above the partitions are drawn from what the pieces leave to them. All of it stays in the cache, from which
the next build takes what has not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np

from smap import __version__
from smap.build.amending import amended_plan
from smap.build.cache import Cache, open_cache
from smap.build.drawn import Drawn
from smap.build.engine import engine_digest
from smap.build.inputs import digest_of
from smap.build.piece import Edge
from smap.build.pieces import LostPartitionError, Pieces
from smap.build.plan import Plan
from smap.build.planning import make_plan
from smap.build.recipe import Recipe
from smap.build.report import Product
from smap.build.report_city import EXAMPLES, Problem, Spots
from smap.build.standing import base_of, edge_warnings, named_terrain
from smap.build.treefile import tileset_files
from smap.build.work import Work
from smap.formats.utf8 import Utf8
from smap.store.archive import PackedEntry, write_archive

__all__ = ["build_buildings"]


def build_buildings(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a recipe of buildings says into the file `archive`."""
    with open_cache(work.workspace / "cache" / recipe.name) as cache:
        name = _plan_name(recipe)
        for planned in () if work.force else (_kept, _amended):
            plan = planned(recipe, cache, work, name)
            if plan is not None:
                base = base_of(plan.places(), named_terrain(recipe, work), work.workspace)
                with suppress(LostPartitionError):
                    return _build(plan, name, Pieces(plan, base, cache, work), archive, work)
                work.progress.finish()
        plan, base = make_plan(recipe, cache, work, name)
        cache.put(name, plan.pack())
        return _build(plan, name, Pieces(plan, base, cache, work), archive, work)


def _kept(recipe: Recipe, cache: Cache, work: Work, name: str) -> Plan | None:
    """The plan of the last build, whose files have not changed."""
    data = cache.get(name)
    return None if data is None else Plan.unpack(data)


def _amended(recipe: Recipe, cache: Cache, work: Work, name: str) -> Plan | None:
    """The plan of the last build, of whose files a few rows have changed."""
    plan = amended_plan(recipe, cache, work, name)
    if plan is not None:
        cache.put(name, plan.pack())
    return plan


def _plan_name(recipe: Recipe) -> str:
    inputs = f"{digest_of(recipe, __version__)} {engine_digest()}"
    return f"plan-{sha256(inputs.encode()).hexdigest()[:32]}"


def _build(plan: Plan, name: str, pieces: Pieces, archive: Path, work: Work) -> Product:
    with work.clock.stage("tiles"):
        drawn = _write(archive, plan, pieces, work)
    kept = (part.digest for part in plan.parts) if plan.beside else ()
    pieces.cache.forget_all_but({name, *plan.beside, *kept, *pieces.names})
    base, beyond = pieces.base, _beyond_terrain(plan, pieces.edges)
    edge, n = beyond.count, len(plan.tree.order)
    on_edge = {} if base.terrain is None else {"on_the_edge_of_terrain": edge}
    return Product(
        features_read=plan.read,
        features_built=plan.read - sum(plan.dropped.values()),
        tiles=len(drawn.nodes),
        reused=pieces.reused,
        bbox=plan.bbox,
        vertical_datum=base.vertical_datum,
        dropped=plan.dropped,
        terrain=base.terrain,
        warnings=(*plan.warnings, *base.warnings, *edge_warnings(base, edge, n), *drawn.warnings()),
        figures={**plan.figures, **on_edge, **drawn.figures()},
        city=plan.report.drawn(drawn.told, beyond),
        names=plan.names,
    )


def _write(archive: Path, plan: Plan, pieces: Pieces, work: Work) -> Drawn:
    drawn = Drawn()

    def entries() -> Iterator[tuple[str, bytes | PackedEntry]]:
        work.progress.start("tiles", len(plan.tree.nodes))
        for node, tile in zip(plan.tree.nodes, pieces.tiles(), strict=True):
            drawn.note(node, tile.made, tile.error, tile.volume)
            work.progress.step()
            yield tile.made.path, tile.made.entry
        work.progress.finish()
        terrain = pieces.base.terrain
        extras = {"kind": "buildings", "terrain": None if terrain is None else dict(terrain)}
        yield from tileset_files(drawn.nodes, extras)

    write_archive(archive, entries())
    return drawn


def _beyond_terrain(plan: Plan, edges: Sequence[Edge]) -> Problem:
    """What stands where the terrain's source knew nothing, with examples of what may be named."""
    starts = [plan.tree.nodes[part.root].start for part in plan.parts]
    rows = np.concatenate([edge.rows + start for edge, start in zip(edges, starts, strict=True)])
    first = np.argsort(plan.tree.order[rows])[:EXAMPLES]
    names = Utf8.concatenate([edge.id for edge in edges]).take(first).objects()
    places = np.concatenate([edge.lonlat for edge in edges])[first]
    spots = Spots(names, places, np.full(len(first), "edge", object))
    return Problem.of("beyond_the_terrain", sum(edge.count for edge in edges), spots)
