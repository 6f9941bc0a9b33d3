"""The earlier piece: what a partition became before some of its buildings changed, taken where it holds.

Nothing is taken on trust: the ground where all outlines are the same, a leaf where all that is known of its
buildings is, a tile above where the very prisms are and all that is known of the buildings below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.partition import Partition, footprint_arrays
from smap.build.seating import Seated
from smap.build.tile import MadeTile
from smap.formats.utf8 import Utf8
from smap.scene.footprint import Footprints
from smap.tiling.lod import Content
from smap.tiling.tree import Node

__all__ = ["Earlier", "PieceTile", "prisms_of"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class PieceTile:
    """A tile, its error in metres as measured, and the m³ that it draws. prisms: as `prisms_of` has it."""

    made: MadeTile
    error: float
    volume: float
    prisms: str = ""


def prisms_of(content: Content) -> str:
    """Hex digits that change with the prisms of a tile and with whom they stand for."""
    arrays = [
        *footprint_arrays(content.footprints).values(),
        *(content.top, content.ground, content.lowest, content.building, content.count),
    ]
    digest = sha256(f"{content.error!r} {[len(array) for array in arrays]}".encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Earlier:
    """A partition as it was, how it was seated, and its tiles."""

    partition: Partition
    seated: Seated
    tiles: tuple[PieceTile, ...]

    def seating_of(self, footprints: Footprints) -> Seated | None:
        """How these are seated, if they are the same."""
        before = footprint_arrays(self.partition.footprints)
        is_same = all(
            np.array_equal(array, before[name]) for name, array in footprint_arrays(footprints).items()
        )
        return self.seated if is_same else None

    def same_rows(self, now: Partition, seated: Seated) -> Flags | None:
        """Of which buildings all is as it was: bool (n,); None where the partitions are not alike."""
        before = self.partition
        if before.tree.nodes != now.tree.nodes or not (before.form.is_plain and now.form.is_plain):
            return None
        if _kinds(before.properties) != _kinds(now.properties):
            return None
        same = _same_outlines(before.footprints, now.footprints)
        pairs = [(before.height, now.height), (before.named, now.named)]
        pairs += [(one, vars(seated)[name]) for name, one in vars(self.seated).items()]
        for one, other in [*pairs, *((before.properties[n], c) for n, c in now.properties.items())]:
            same &= _same_values(one, other)
        return same

    def tile(self, number: int, node: Node, prisms: str, same: Flags) -> PieceTile | None:
        """The tile of a node, if it is what it was."""
        found = self.tiles[number]
        return found if found.prisms == prisms and same[node.start : node.end].all() else None


def _kinds(properties: Mapping[str, NDArray[Any] | Utf8]) -> list[tuple[str, object]]:
    return [(name, None if isinstance(c, Utf8) else c.dtype) for name, c in properties.items()]


def _same_outlines(one: Footprints, other: Footprints) -> Flags:
    """Which have the same rings at the same place among all."""
    same = np.ones(len(one), bool)
    for name in ("features", "polygons", "rings"):
        if not np.array_equal(getattr(one, name), getattr(other, name)):
            return _one_by_one(one, other)
    apart = (one.lonlat != other.lonlat).any(axis=1)
    same[one.vertex_feature[apart]] = False
    return same


def _one_by_one(one: Footprints, other: Footprints) -> Flags:
    def told(footprints: Footprints, i: int) -> list[bytes]:
        return [array.tobytes() for array in vars(footprints.between(i, i + 1)).values()]

    return np.array([told(one, i) == told(other, i) for i in range(len(one))], bool)


def _same_values(one: NDArray[Any] | Utf8, other: NDArray[Any] | Utf8) -> Flags:
    if isinstance(one, Utf8) and isinstance(other, Utf8):
        if all(np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values(), strict=True)):
            return np.ones(len(one), bool)
        one, other = one.objects(), other.objects()
    assert not isinstance(one, Utf8)
    assert not isinstance(other, Utf8)
    is_same = one == other
    if one.dtype.kind == "f":
        is_same |= np.isnan(one) & np.isnan(other)
    return np.asarray(is_same, bool)
