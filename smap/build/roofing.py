"""Roofs of a stock: its columns about them, settled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smap.build.stock import Stock
from smap.scene.heights import Heights
from smap.scene.measure import LocalPlane, Rectangles
from smap.scene.roof_form import RoofWords, SettledRoofs, settle_roofs

__all__ = ["DRAWN_ONLY", "roofs_of"]

DRAWN_ONLY = frozenset(
    {
        *("roof_height", "roof_levels", "roof_direction", "roof_orientation"),
        *("min_height", "min_level", "part_of"),
    }
)
"""Columns of the stock that say how to draw a building and are no properties of it."""


def roofs_of(
    stock: Stock,
    plane: LocalPlane,
    rectangles: Rectangles,
    heights: Heights,
    named: NDArray[np.bool_],
    storey_m: float,
) -> SettledRoofs | None:
    """The roofs, None where no source says any; what may not be named is flat."""
    shape = stock.further.get("roof_shape")
    if shape is None or not (shape != None).any():  # noqa: E711 (element by element)
        return None
    return settle_roofs(
        stock.footprints,
        plane,
        rectangles,
        RoofWords(
            shape=_if_named(shape, named),
            height=_numbers(stock, "roof_height"),
            levels=_numbers(stock, "roof_levels"),
            direction=_texts(stock, "roof_direction"),
            orientation=_texts(stock, "roof_orientation"),
        ),
        heights.height,
        by_floors=heights.source == "floors",
        storey_m=storey_m,
    )


def _if_named(column: NDArray[np.object_], named: NDArray[np.bool_]) -> NDArray[np.object_]:
    shown = column.copy()
    shown[~named] = None
    return shown


def _numbers(stock: Stock, name: str) -> NDArray[np.float64]:
    column = stock.further.get(name)
    return np.full(len(stock), np.nan) if column is None else column.astype(np.float64)


def _texts(stock: Stock, name: str) -> NDArray[np.object_]:
    column = stock.further.get(name)
    return np.full(len(stock), None, object) if column is None else column
