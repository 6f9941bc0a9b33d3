"""Roads and water as lines and areas, for an eye on the ground: there edges are drawn, not pictured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from smap.build.basemap_ground import Level
from smap.build.basemap_sheet import Paths
from smap.build.basemap_style import LOOKS, WIDTHS_M, Look
from smap.formats import mvt
from smap.formats.tilejson import Near, NearLine, Rgb, Span, near_path
from smap.tiling.basemap import TILE, MapPyramid

__all__ = ["near_of", "near_tiles"]

LEVEL = 16
"""Tiles of 480 m in Seoul: an eye that sees 170 m far needs four at most, and a unit of theirs is 0.12 m."""
_AREAS = ("water",)
# The level whose pixels are a tile's units
_UNITS = LEVEL + (mvt.EXTENT // TILE).bit_length() - 1


def near_of(pyramid: MapPyramid, drawn: Mapping[str, NDArray[np.object_]]) -> Near:
    """What tile.json says of them: which there are, and how wide and in which colours lines are drawn."""
    columns, rows = MapPyramid(pyramid.area, LEVEL, LEVEL).rectangles(LEVEL)[0]
    lines = tuple(
        NearLine(name, width, {key: _colours(look, name) for key, look in LOOKS.items()})
        for name, width in WIDTHS_M.items()
    )
    return Near(
        Span(LEVEL, columns[0], rows[0], columns[-1], rows[-1]), lines, _AREAS if _AREAS[0] in drawn else ()
    )


def _colours(look: Look, name: str) -> tuple[Rgb, Rgb, Rgb]:
    return look.paving[name], look.kerb, look.fill[name]


def near_tiles(near: Near, drawn: Mapping[str, NDArray[np.object_]]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every tile, also of those that hold nothing.

    drawn: shapes by what they draw, in Web Mercator from 0 to 1.
    """
    names = [name for name in (*_AREAS, *WIDTHS_M) if name in drawn]
    levels = {name: Level(drawn[name], _UNITS, name) for name in names}
    for y in range(near.span.north, near.span.south + 1):
        for x in range(near.span.west, near.span.east + 1):
            yield near_path(LEVEL, x, y), mvt.encode({name: _cut(levels[name], name, x, y) for name in names})


def _cut(level: Level, name: str, x: int, y: int) -> mvt.Geometry:
    """What lies in a tile, cut at its sides: neighbours meet there, and draw the same edge together."""
    left, top = x * mvt.EXTENT, y * mvt.EXTENT
    xy, owner = _whole(level.cut((left, top, left + mvt.EXTENT, top + mvt.EXTENT), (left, top)))
    kind, least = ("areas", 3) if name in _AREAS else ("lines", 2)
    if kind == "areas":  # a ring closes itself
        last = np.append(np.diff(owner) != 0, True)[: len(owner)]
        xy, owner = xy[~last], owner[~last]
    enough = np.bincount(owner, minlength=1)[owner] >= least
    return mvt.Geometry("areas" if kind == "areas" else "lines", xy[enough], owner[enough])


def _whole(paths: Paths) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The same in whole units, without points that fall on the one before."""
    xy, owner = np.rint(paths[0]).astype(np.int32), paths[1]
    same = np.zeros(len(xy), bool)
    same[1:] = (xy[1:] == xy[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    return xy[~same], owner[~same]
