"""Amended parts: kept partitions with what is new of some buildings, in the order these have now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.cache import Cache
from smap.build.changes import BeyondError, Change, Rows, beyond_if
from smap.build.names import lines_of
from smap.build.partition import Partition
from smap.build.plan import Part
from smap.build.sealed import digest_of_sealed
from smap.formats.utf8 import Utf8
from smap.scene.heights import Heights
from smap.scene.identity import as_texts
from smap.tiling.tree import Tree

__all__ = ["After", "amended_part"]


@dataclass(frozen=True)
class After:
    """A city after a change. heights: of all. is_other: bool (n,), of which something is new."""

    change: Change
    heights: Heights
    is_other: NDArray[np.bool_]
    centroid: NDArray[np.float64]

    @property
    def facts(self) -> Mapping[str, NDArray[Any]]:
        """What the rows of the change say, by property."""
        stock = self.change.after
        return {"name": stock.name, "floors": stock.floors, **stock.further}


def amended_part(part: Part, trees: tuple[Tree, Tree], after: After, names: list[str], cache: Cache) -> Part:
    """A part of the plan as it is after the change, whose partition is in the cache; BeyondError.

    trees: before and after. names: whose lines are changed in place.
    """
    old, tree = trees
    node = old.nodes[part.root]
    members, rows = old.members(node), tree.members(node)
    here = np.flatnonzero(after.is_other[rows])
    if not len(here) and np.array_equal(members, after.change.was[rows]):
        return part
    data = cache.get(part.digest)
    if data is None:
        raise BeyondError
    by_number = np.argsort(members)
    place = np.minimum(np.searchsorted(members[by_number], after.change.was[rows]), len(members) - 1)
    index = by_number[place]
    beyond_if((members[index] != after.change.was[rows]).any())
    before = _taken(Partition.unpack(data), index)
    fresh = _patched(before, here, rows[here], after)
    _rename(names, before, fresh, here, after.centroid[rows[here]])
    packed = fresh.pack()
    cache.put(digest_of_sealed(packed), packed)
    return Part(part.root, digest_of_sealed(packed), part.digest)


def _taken(partition: Partition, index: Rows) -> Partition:
    return replace(
        partition,
        footprints=partition.footprints.take(index),
        height=partition.height[index],
        named=partition.named[index],
        properties={name: _of(column, index) for name, column in partition.properties.items()},
    )


def _of(column: NDArray[Any] | Utf8, index: Rows) -> NDArray[Any] | Utf8:
    return column.take(index) if isinstance(column, Utf8) else column[index]


def _patched(partition: Partition, here: Rows, rows: Rows, after: After) -> Partition:
    """With what is new of the buildings `rows`, which stand at `here` in the partition."""
    heights, properties = after.heights, dict(partition.properties)
    height = partition.height.copy()
    height[here] = heights.height[rows]
    fresh: dict[str, NDArray[Any]] = {
        "height": np.round(heights.height[rows], 2),
        "height_source": heights.source[rows],
        "height_error_m": heights.error[rows],
    }
    for name in fresh.keys() & properties.keys():
        properties[name] = _with(properties[name], here, fresh[name])
    place = {row: at for at, row in zip(here.tolist(), rows.tolist(), strict=True)}
    edits = zip(after.change.edited.tolist(), after.change.said.tolist(), strict=True)
    own = [(place[row], i) for row, i in edits if row in place]
    at, said = np.array(own, np.int64).reshape(-1, 2).T
    for name, column in after.facts.items():
        if name in properties and len(at):
            properties[name] = _with(properties[name], at, column[said])
    return replace(partition, height=height, properties=properties)


def _with(column: NDArray[Any] | Utf8, at: Rows, values: NDArray[Any]) -> NDArray[Any] | Utf8:
    """A column with other values in some places."""
    if not isinstance(column, Utf8):
        fresh = column.copy()
        if values.dtype.kind == "O":  # where some files have whole numbers and others fractions
            fresh[at] = [column.dtype.type(np.nan if value is None else value) for value in values]
        else:
            fresh[at] = values
        return fresh
    index = np.arange(len(column))
    index[at] = len(column) + np.arange(len(at))
    return Utf8.concatenate([column, Utf8.of(as_texts(values))]).take(index)


def _rename(
    names: list[str], before: Partition, after: Partition, here: Rows, centroid: NDArray[np.float64]
) -> None:
    """Change the lines of what has a name in place, for they are in the order of ids."""
    told = [_lines(partition, here, centroid) for partition in (before, after)]
    beyond_if(told[0].keys() != told[1].keys())
    for own, line in told[0].items():
        if line != told[1][own]:
            names[names.index(line)] = told[1][own]


def _lines(partition: Partition, here: Rows, centroid: NDArray[np.float64]) -> dict[str | None, str]:
    ids, names, english = (partition.properties.get(field) for field in ("smap_id", "name", "name_en"))
    height = partition.properties["height"]
    assert isinstance(ids, Utf8)
    assert isinstance(names, Utf8)
    assert not isinstance(height, Utf8)
    is_named = names.known[here]
    rows = here[is_named]
    other = english.take(rows) if isinstance(english, Utf8) else None
    lines = lines_of(ids.take(rows), names.take(rows), other, centroid[is_named], height[rows])
    return dict(zip(ids.take(rows).tolist(), lines, strict=True))
