"""[heights] and [roofs] of a recipe: how tall buildings are where their source does not say it all."""

from __future__ import annotations

from dataclasses import dataclass

from smap.build.table import Table
from smap.errors import RecipeError

__all__ = ["RUNGS", "HeightRule", "read_heights", "read_parapet"]

RUNGS = ("height", "floors", "estimate", "default")
_TALLEST_M = 600.0
"""Heights above are faults of the source (`scene.heights`)."""


@dataclass(frozen=True)
class HeightRule:
    """[heights]: the rungs in the order they are tried, and the metres of a storey and of the last resort."""

    ladder: tuple[str, ...] = RUNGS
    storey_m: float = 3.0
    default_m: float = 6.0


def read_heights(table: Table) -> HeightRule:
    """The rule of a recipe; RecipeError for the first key that cannot be built."""
    ladder = table.texts("ladder", RUNGS)
    for rung in ladder:
        if rung not in RUNGS:
            raise RecipeError(f"{table.where('ladder')}: unknown rung {rung!r}; known: {', '.join(RUNGS)}")
    if not ladder or ladder[-1] != "default" or len(set(ladder)) < len(ladder):
        raise RecipeError(
            f"{table.where('ladder')}: {list(ladder)} must name each rung once and end with 'default', "
            "which settles what no other rung can"
        )
    rule = HeightRule(ladder, table.positive("storey_m", 3.0), table.positive("default_m", 6.0))
    if rule.default_m > _TALLEST_M:
        raise RecipeError(
            f"{table.where('default_m')}: {rule.default_m:g} m: no building is above {_TALLEST_M:g} m"
        )
    table.finish()
    return rule


def read_parapet(table: Table) -> float:
    """Metres of a rim around flat roofs, 0: none; RecipeError as above."""
    parapet_m = table.number_within("parapet_m", 0.0, 3.0)
    table.finish()
    return parapet_m or 0.0
