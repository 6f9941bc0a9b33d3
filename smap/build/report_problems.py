"""What was amiss in the sources of a city, gathered by kind with examples; never of what a mask covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.report_city import Problem, Spots
from smap.build.stock import Stock
from smap.scene.heights import faults_of

__all__ = ["problems_in"]

Rows = NDArray[np.int64]

_STOREY_M = (2.0, 10.0)
"""A storey lower than a person or taller than a hall's: height and floors cannot both be true."""


def problems_in(
    stock: Stock,
    centroid: NDArray[np.float64],
    named: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    storey_m: float,
    further: Mapping[str, tuple[Rows, NDArray[np.object_]]],
) -> Iterator[Problem]:
    """Of the buildings that are built: heights and floors that are none, unclear ids, what was mended.

    further: other faults that were found, their rows and the words of the source, by code.

    centroid: float64 (n, 2), radians. named: bool (n,), of the rest no example is given. unclear: bool (n,).
    """

    def problem(code: str, rows: Rows, values: NDArray[Any]) -> Problem:
        shown = rows[named[rows]]
        texts = np.array(
            [f"{value:g}" if isinstance(value, float) else value for value in values[shown].tolist()]
        )
        return Problem.of(code, len(rows), Spots(stock.id[shown], centroid[shown], texts.astype(object)))

    yield Problem("height_blank", int(np.isnan(stock.height).sum()))
    for field, metres, values in (
        ("height", stock.height, stock.height),
        ("floors", stock.floors * storey_m, stock.floors),
    ):
        for fault, rows in faults_of(metres).items():
            yield problem(f"{field}_{fault}", rows, values)
    for field, n in stock.unreadable.items():
        yield Problem(f"no_number_in_{field}", n)
    against = _floors_against_height(stock.height, stock.floors)
    told = [f"{h:g} m, {f:g}" for h, f in zip(stock.height[against], stock.floors[against], strict=True)]
    words = np.full(len(stock), "", object)
    words[against] = told
    yield problem("floors_against_height", against, words)
    yield problem("id_blank_or_double", np.flatnonzero(unclear), stock.id)
    for code, (rows, told_so) in further.items():
        words = np.full(len(stock), None, object)
        words[rows] = told_so
        yield problem(code, rows, words)
    yield Problem("ring_repaired", stock.repaired)
    for fault, n in stock.faults.items():
        yield Problem(fault, n)


def _floors_against_height(height: NDArray[np.float64], floors: NDArray[np.float64]) -> Rows:
    with np.errstate(invalid="ignore", divide="ignore"):
        storey = height / floors
        is_told = (height > 0.0) & (floors > 0.0)
        return np.flatnonzero(is_told & ((storey < _STOREY_M[0]) | (storey > _STOREY_M[1])))
