"""Roofs of a stock: its columns about them, settled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smap.build.recipe import Recipe
from smap.build.stock import Stock
from smap.scene.heights import Heights
from smap.scene.measure import bounding_rectangles, local_plane
from smap.scene.roof_form import RoofWords, SettledRoofs, settle_roofs

__all__ = ["DRAWN_ONLY", "Faults", "bases_of", "roofs_of"]

DRAWN_ONLY = frozenset(
    {
        *("roof_height", "roof_levels", "roof_direction", "roof_orientation"),
        *("min_height", "min_level", "part", "part_of"),
    }
)
"""Columns of the stock that say how to draw a building and are no properties of it."""


Faults = Mapping[str, tuple[NDArray[np.int64], NDArray[np.object_]]]


def roofs_of(
    stock: Stock,
    heights: Heights,
    base: NDArray[np.float64] | None,
    named: NDArray[np.bool_],
    recipe: Recipe,
) -> SettledRoofs | None:
    """The roofs, None where neither source nor recipe says any; what may not be named is flat.

    base: as `bases_of` has it.
    """
    shape = stock.further.get("roof_shape")
    if shape is None:
        shape = np.full(len(stock), None, object)
    if recipe.parapet_m == 0.0 and not (shape != None).any():  # noqa: E711 (element by element)
        return None
    plane = local_plane(stock.footprints)
    return settle_roofs(
        stock.footprints,
        plane,
        bounding_rectangles(stock.footprints, plane),
        RoofWords(
            shape=_if_named(shape, named),
            height=_numbers(stock, "roof_height"),
            levels=_numbers(stock, "roof_levels"),
            direction=_texts(stock, "roof_direction"),
            orientation=_texts(stock, "roof_orientation"),
        ),
        heights.height,
        base=np.zeros(len(stock)) if base is None else base,
        by_floors=heights.source == "floors",
        storey_m=recipe.heights.storey_m,
        parapet_m=recipe.parapet_m,
    )


def bases_of(
    stock: Stock, height: NDArray[np.float64], storey_m: float
) -> tuple[NDArray[np.float64] | None, Faults]:
    """Metres above the ground where each begins, float64 (n,), None where all stand on it; and faults."""
    said, levels = _numbers(stock, "min_height"), _numbers(stock, "min_level")
    base = np.where(np.isnan(said), levels * storey_m, said)
    with np.errstate(invalid="ignore"):
        wrong = {
            "min_height_negative": base < 0.0,
            "min_height_not_below_height": base >= height,
        }
        base = np.where((base > 0.0) & (base < height), base, 0.0)
    told = np.where(np.isnan(said), levels, said)
    faults = {
        code: (rows, told[rows].astype(object))
        for code, is_so in wrong.items()
        if len(rows := np.flatnonzero(is_so))
    }
    return (base if base.any() else None), faults


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
