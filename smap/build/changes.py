"""Changes: which rows of the sources say something else than they did, and of which buildings.

Whatever is more than that is refused: more or fewer rows, other shapes or ids, faults that a report tells of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.build.cache import Cache
from smap.build.garbled import count_garbled
from smap.build.given import GivenFile, GivenRows, changed_rows
from smap.build.ledger import Ledger
from smap.build.recipe import Recipe, Source
from smap.build.report_problems import problems_in
from smap.build.stock import Stock, joined, spec_of, stock_of
from smap.scene.measure import measured
from smap.sources.vector import given_layers

__all__ = ["BeyondError", "Change", "Rows", "beyond_if", "change_of", "refuse_what_is_told"]

Rows = NDArray[np.int64]

_MOST_ROWS = 1000
"""More rows that differ are read with all others."""
_MOST_CHANGED = 50
"""More buildings that change are settled with all others."""
_FIRST = 1000
"""Rows that a reader judges a whole file by."""


class BeyondError(Exception):
    """More has changed than is amended."""


def beyond_if(is_so: object) -> None:
    """BeyondError if it is so."""
    if is_so:
        raise BeyondError


@dataclass(frozen=True)
class Change:
    """m rows that differ. before, after: what they said and say.

    was: int64 (n,), which building of before each of the city is. edited: int64 (k,), those of which the rows
    `said` (of after) say something else than the rows `earlier` (of before) said.
    """

    before: Stock
    after: Stock
    was: Rows
    edited: Rows
    said: Rows
    earlier: Rows


def change_of(recipe: Recipe, ledger: Ledger, cache: Cache) -> tuple[tuple[GivenFile, ...], Change | None]:
    """What the files hold now, and what is another; None where nothing is. BeyondError: too much is."""
    layers = [(one, source) for source in recipe.sources for one in given_layers(spec_of(source))]
    beyond_if(len(layers) != len(ledger.files))
    files: list[GivenFile] = []
    found: list[tuple[int, GivenRows, Source]] = []
    start = 0
    for (one, source), known in zip(layers, ledger.files, strict=True):
        file, rows = changed_rows(one, known, cache, most=_MOST_ROWS) or (None, ())
        if file is None:
            raise BeyondError
        files.append(file)
        found += [(start, part, source) for part in rows]
        start += known.rows
    return tuple(files), _change(recipe, ledger, found) if found else None


def _change(recipe: Recipe, ledger: Ledger, found: Sequence[tuple[int, GivenRows, Source]]) -> Change:
    beyond_if(any(_judges(part) for _, part, _ in found))
    row = ledger.row[np.concatenate([start + part.at for start, part, _ in found])].astype(np.int64)
    beyond_if(len(row) > _MOST_ROWS or (row < 0).any() or ledger.unclear[row].any())
    stocks: tuple[list[Stock], list[Stock]] = [], []
    numbers: set[str] = set()
    for _, part, source in found:
        numbers.update(ours for ours, kind in part.layer.kinds.items() if kind != "text")
        for stock, rows in zip(stocks, (part.before, part.after), strict=True):
            chunk, astray = part.layer.features(rows)
            beyond_if(astray or len(chunk.footprints) != len(part.at))
            stock.append(stock_of(chunk, source, recipe))
    return _matched(ledger, row, joined(stocks[0]), joined(stocks[1]), numbers)


def _judges(part: GivenRows) -> bool:
    """Whether outlines have changed among those that the whole file is judged by."""
    first = int(np.searchsorted(part.at, _FIRST))
    outlines = [rows.column(rows.num_columns - 1).slice(0, first) for rows in (part.before, part.after)]
    return not outlines[0].equals(outlines[1])


def refuse_what_is_told(change: Change, storey_m: float) -> None:
    """BeyondError: rows with any fault that a report would tell of with an example or by a count."""
    for stock in (change.before, change.after):
        centroid = measured(stock.footprints).centroid
        none = np.zeros(len(stock), bool)
        told = problems_in(stock, centroid, ~none, none, storey_m, {})
        beyond_if(any(problem.count for problem in told if problem.code != "height_blank"))
        beyond_if(count_garbled({"name": stock.name, **stock.further}))


def _matched(ledger: Ledger, row: Rows, before: Stock, after: Stock, numbers: set[str]) -> Change:
    """Each row by what it was, wherever that stood. numbers: columns of these; where one value comes or goes,
    the whole column may be of another type.
    """
    beyond_if({*before.further} != {*after.further})
    known = {_who(before, j): j for j in range(len(row))}
    beyond_if(len(known) < len(row))
    was = np.arange(len(ledger.centroid))
    edited: list[tuple[int, int, int]] = []
    for i, building in enumerate(row.tolist()):
        j = known.pop(_who(after, i), None)
        if j is None:
            raise BeyondError
        was[building] = row[j]
        now, then = _facts(after, i), _facts(before, j)
        gaps = [[facts[name] is None for name in numbers & after.further.keys()] for facts in (now, then)]
        beyond_if(gaps[0] != gaps[1])
        if now != then:
            edited.append((building, i, j))
    beyond_if(len(edited) > _MOST_CHANGED)
    rows, said, earlier = np.array(edited, np.int64).reshape(-1, 3).T
    if ledger.use is not None:
        beyond_if((after.further["use"][said] != before.further["use"][earlier]).any())
    return Change(before, after, was, rows, said, earlier)


def _who(stock: Stock, i: int) -> tuple[object, ...]:
    """What nothing else of a source has: its shape and its id."""
    outline = stock.footprints.between(i, i + 1)
    return (*(array.tobytes() for array in vars(outline).values()), stock.source[i], stock.id[i])


def _facts(stock: Stock, i: int) -> dict[str, object]:
    columns = {"name": stock.name, "height": stock.height, "floors": stock.floors, **stock.further}
    values = {name: column[i] for name, column in columns.items()}
    return {name: None if value != value else value for name, value in values.items()}
