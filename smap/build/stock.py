"""The stock: all buildings that the sources of a recipe give, as columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.garbled import count_garbled
from smap.build.given import Keeper
from smap.build.joining import fill, read_table
from smap.build.modelstock import model_areas
from smap.build.recipe import PUBLISHED, Join, Recipe, Source, read_recipe
from smap.build.work import Work
from smap.errors import InputError, RecipeError
from smap.scene.footprint import Footprints
from smap.scene.identity import as_texts
from smap.scene.surfaces import Surfaces
from smap.sources.vector import FeatureChunk, VectorSpec, read_features

__all__ = ["Stock", "joined", "read_areas", "read_stock", "spec_of", "stock_of", "take_from"]

Column = NDArray[Any]


@dataclass(frozen=True)
class Stock:
    """n buildings. source: object (n,), the name of each one's source. rank: int64 (n,), high goes first.

    ordinal: int64 (n,), the place of each among all rows of all sources.
    id, name: object (n,) of str or None. height, floors: float64 (n,), NaN where unsaid. further: the other
    columns by name, object (str or None), float64 or int64. read, dropped, repaired, unreadable: counts of
    all that the sources hold. warnings: what is doubtful about them, one line each. figures: of
    the joins, and of garbled texts. surfaces: where a source has them. faults: of these, counted by kind.
    """

    footprints: Footprints
    source: Column
    rank: Column
    ordinal: Column
    id: Column
    name: Column
    height: Column
    floors: Column
    further: Mapping[str, Column]
    read: int
    dropped: Mapping[str, int]
    repaired: int
    unreadable: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    surfaces: Surfaces | None = None
    faults: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.footprints)

    def take(self, chosen: NDArray[np.int64], dropped: Mapping[str, int]) -> Stock:
        """The chosen buildings; the others are dropped for the reasons given."""
        return take_from([self], chosen, dropped)


def take_from(held: list[Stock], chosen: NDArray[np.int64], dropped: Mapping[str, int]) -> Stock:
    """As `Stock.take` of the one stock of a list, which is let go column by column.

    Where nobody else holds it, a large city is never in memory twice.
    """
    columns = dict(vars(held.pop()))
    fresh: dict[str, Any] = {"dropped": Counter(columns.pop("dropped")) + Counter(dropped)}
    for name in ("footprints", "surfaces"):
        whole = columns.pop(name)
        fresh[name] = None if whole is None else whole.take(chosen)
        del whole
    further = dict(columns.pop("further"))
    fresh["further"] = {name: further.pop(name)[chosen] for name in list(further)}
    for name in ("source", "rank", "ordinal", "id", "name", "height", "floors"):
        fresh[name] = columns.pop(name)[chosen]
    return Stock(**columns, **fresh)


def read_stock(recipe: Recipe, work: Work, keeper: Keeper | None = None) -> Stock:
    """Read every source of the recipe; InputError when none of them holds a building that can be built.

    keeper: who is shown all rows.
    """
    work.progress.start("reading", None)
    parts = []
    # the paths of one list are sources that stand together and have the same joins
    for _, group in groupby(recipe.sources, key=lambda source: repr(source.joins)):
        sources = list(group)
        own = []
        for one in sources:
            start = 0 if keeper is None else keeper.rows
            for chunk in read_features(spec_of(one), given=keeper):
                work.progress.step(chunk.read)
                own.append(stock_of(replace(chunk, ordinal=chunk.ordinal + start), one, recipe))
        parts += [_filled(joined(own), sources[0].joins, recipe)] if sources[0].joins else own
    work.progress.finish()
    stock = joined(parts)
    if not len(stock):
        reasons = ", ".join(f"{reason} {n}" for reason, n in stock.dropped.items()) or "it is empty"
        raise InputError(f"{recipe.path}: no building can be built of {stock.read} features read: {reasons}")
    texts = {"texts_garbled": count_garbled({"name": stock.name, **stock.further})}
    return replace(stock, figures={**texts, **stock.figures})


def _filled(stock: Stock, joins: tuple[Join, ...], recipe: Recipe) -> Stock:
    """The stock of one [[source]], with what its joins know."""
    for join in joins:
        keys = stock.id if join.on == "id" else stock.further.get("pnu")
        if keys is None:
            raise RecipeError(
                f"{recipe.path}: [source.join] on = 'pnu': the source has no 'pnu'; name its field in "
                "[source.fields]"
            )
        known = {"name": stock.name, "height": stock.height, "floors": stock.floors, **stock.further}
        columns, figures, warning = fill(known, keys, read_table(join), join)
        stock = replace(
            stock,
            name=as_texts(columns.pop("name")),
            height=columns.pop("height").astype(np.float64),
            floors=columns.pop("floors").astype(np.float64),
            further=columns,
            warnings=(*stock.warnings, *([warning] if warning else [])),
            figures={"joins": [*stock.figures.get("joins", []), figures]},
        )
    return stock


def read_areas(path: str) -> Footprints:
    """The polygons of a file, or the outlines of the models of a recipe (.toml), as areas."""
    if path.endswith(".toml"):
        return model_areas(read_recipe(Path(path)))
    areas = Footprints.concatenate([chunk.footprints for chunk in read_features(VectorSpec(path))])
    if not len(areas):
        raise InputError(f"{path}: a mask needs areas (polygons), and this file holds none")
    return areas


def spec_of(source: Source) -> VectorSpec:
    """How the files of a source are read."""
    return VectorSpec(
        path=source.path,
        layer=source.layer,
        encoding=source.encoding,
        crs=source.crs,
        where=source.where,
        fields=source.fields or {},
        keep=source.keep,
        clip=source.clip,
        preset=source.preset,
    )


def stock_of(chunk: FeatureChunk, source: Source, recipe: Recipe) -> Stock:
    """The stock of some features of a source."""
    n = len(chunk.footprints)
    name = source.name or source.preset or recipe.name
    return Stock(
        footprints=chunk.footprints,
        source=_all(name, n),
        rank=np.full(n, source.priority, np.int64),
        ordinal=chunk.ordinal,
        id=_texts(chunk.columns.get("id"), n),
        name=_texts(chunk.columns.get("name"), n),
        height=_numbers(chunk.columns.get("height"), n),
        floors=_numbers(chunk.columns.get("floors"), n),
        further={name: _plain(c) for name, c in chunk.columns.items() if name not in PUBLISHED},
        read=chunk.read,
        dropped=chunk.dropped,
        repaired=chunk.repaired,
        unreadable=chunk.unreadable,
        warnings=chunk.warnings,
        surfaces=chunk.surfaces,
        faults=chunk.faults,
    )


def _all(text: str | None, n: int) -> Column:
    """One text n times: one object; numpy's own `full` would make n of them."""
    column = np.empty(n, object)
    column.fill(text)
    return column


def joined(parts: list[Stock]) -> Stock:
    """Several stocks as one, in order."""
    names = dict.fromkeys(name for part in parts for name in part.further)
    return Stock(
        footprints=Footprints.concatenate([part.footprints for part in parts]),
        source=_concatenated([part.source for part in parts]),
        rank=_concatenated([part.rank for part in parts]),
        ordinal=_concatenated([part.ordinal for part in parts]),
        id=_concatenated([part.id for part in parts]),
        name=_concatenated([part.name for part in parts]),
        height=_concatenated([part.height for part in parts]),
        floors=_concatenated([part.floors for part in parts]),
        further={name: _further(parts, name) for name in names},
        read=sum(part.read for part in parts),
        dropped=sum((Counter(part.dropped) for part in parts), Counter()),
        repaired=sum(part.repaired for part in parts),
        unreadable=sum((Counter(part.unreadable) for part in parts), Counter()),
        warnings=tuple(line for part in parts for line in part.warnings),
        surfaces=_surfaces(parts),
        faults=sum((Counter(part.faults) for part in parts), Counter()),
        figures={"joins": joins} if (joins := [j for p in parts for j in p.figures.get("joins", [])]) else {},
    )


def _surfaces(parts: list[Stock]) -> Surfaces | None:
    if all(part.surfaces is None for part in parts):
        return None
    return Surfaces.concatenate(
        [Surfaces.none(len(part)) if part.surfaces is None else part.surfaces for part in parts]
    )


def _concatenated(columns: list[Column]) -> Column:
    return np.concatenate(columns) if columns else np.empty(0)


def _further(parts: list[Stock], name: str) -> Column:
    """A column over all parts: numbers where all have numbers, else texts; unknown where a part lacks it."""
    columns = [part.further.get(name) for part in parts]
    kinds = {column.dtype.kind for column in columns if column is not None}
    if kinds <= {"f"} or (kinds <= {"i"} and all(column is not None for column in columns)):
        return _concatenated([_or_unknown(c, len(p), np.nan) for c, p in zip(columns, parts, strict=True)])
    texts = [None if column is None else as_texts(column) for column in columns]
    return _concatenated([_or_unknown(c, len(p), None) for c, p in zip(texts, parts, strict=True)])


def _or_unknown(column: Column | None, n: int, unknown: float | None) -> Column:
    return np.full(n, unknown, float if unknown is not None else object) if column is None else column


def _plain(column: Column) -> Column:
    return column if column.dtype.kind in "if" else as_texts(column)


def _texts(column: Column | None, n: int) -> Column:
    return np.full(n, None, object) if column is None else as_texts(column)


def _numbers(column: Column | None, n: int) -> Column:
    return np.full(n, np.nan) if column is None else column.astype(np.float64)
