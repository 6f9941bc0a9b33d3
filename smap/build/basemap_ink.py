"""Ink: how much of each pixel a line or an area covers, by AGG (aggdraw). Only this file knows who draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import aggdraw
import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

__all__ = ["areas", "lines"]

# AGG's own pen joins with mitres and ends bluntly; a line so thin shows neither
_HAIR = 2.0
# aggdraw widens what it fills by so much on every side, so that neighbours close; of areas it does not show
_GROWTH_PX = 0.25
_ROUND = 5  # segments of a quarter circle: 0.3 px off at a width of 25
# AGG looks through a whole path for each of its spans: 11,551 rings take 6.7 s in one path, 0.06 s in tens
_RINGS = 16


def areas(size: tuple[int, int], rings: Iterable[NDArray[np.floating[Any]]]) -> Image.Image:
    """Cover (mode L, 255: all) of areas, in pixels of an image of this size.

    rings: (n, 2) each, closed, outer ones all one way round, each followed by its holes the other way:
    AGG fills what a path winds round.
    """
    image = Image.new("L", size)
    draw = aggdraw.Draw(image)
    brush = aggdraw.Brush(255)
    for some in _paths(rings):
        draw.path(some, brush)
    draw.flush()
    return image


def _paths(rings: Iterable[NDArray[np.floating[Any]]]) -> Iterator[Any]:
    """Paths of a few areas each; holes are with what they are cut from."""
    path, count = aggdraw.Path(), 0
    for ring in rings:
        if count >= _RINGS and _turns(ring) > 0.0:
            yield path
            path, count = aggdraw.Path(), 0
        start, *rest = ring.tolist()
        path.moveto(*start)
        for point in rest:
            path.lineto(*point)
        path.close()
        count += 1
    if count:
        yield path


def _turns(ring: NDArray[np.floating[Any]]) -> float:
    """Twice the area of a closed ring, above 0 where it runs as `shapely.orient_polygons` has outer ones."""
    x, y = ring[:, 0].astype(np.float64), ring[:, 1].astype(np.float64)
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def lines(size: tuple[int, int], parts: Sequence[NDArray[np.floating[Any]]], width: float) -> Image.Image:
    """Cover of the union of lines (n, 2) of a width, with round ends and joins."""
    if width > _HAIR:
        return areas(size, _outlines(parts, width))
    image = Image.new("L", size)
    draw = aggdraw.Draw(image)
    pen = aggdraw.Pen(255, width)
    for part in parts:
        draw.line(part.ravel().tolist(), pen)
    draw.flush()
    return image


def _outlines(parts: Sequence[NDArray[np.floating[Any]]], width: float) -> list[NDArray[np.float64]]:
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    shapes = shapely.linestrings(np.concatenate(parts).astype(np.float64), indices=owner)
    polygons = shapely.orient_polygons(shapely.buffer(shapes, width / 2.0 - _GROWTH_PX, quad_segs=_ROUND))
    xy, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    return np.split(xy, np.flatnonzero(np.diff(ring)) + 1)
