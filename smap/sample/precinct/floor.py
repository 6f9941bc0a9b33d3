"""Floors: paving, carriageways and lawns that lie on the ground as thin sheets with a kerb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.precinct.facts import Floor
from smap.sample.precinct.trees import joined
from smap.scene.pigments import pigment
from smap.scene.solids import Mesh, Quads

__all__ = ["KERB", "SKIRT_M", "Sheet", "floor_mesh", "laid", "sheets"]

Floats = NDArray[np.float64]
Heights = Callable[[Floats], Floats]

CELLS_M = (12.0, 24.0, 80.0)
"""Sides of the squares that a sheet is made of, by detail: it follows the ground between their corners."""
SKIRT_M = 2.4
KERB = "granite_light"
BAND = {"floorstone": "paving", "road": "line"}
"""Of which stone the bands are that cross a floor of another; else floorstone."""
SMALLEST_M2 = 1e-3
LAP_M = 0.02
"""So far a sheet lies under its neighbour: the heights along their seam differ by the cells of each."""
SEAM_M = 1e-3
"""Sheets that lie nearer to each other touch."""


@dataclass(frozen=True)
class Sheet:
    """A surface in a precinct's frame: shapely Polygon or MultiPolygon, pigment, and lift over the ground."""

    shape: shapely.Geometry
    pigment: str
    lift: float


def laid(floor: Floor) -> list[Sheet]:
    """A floor with its kerbstones and bands, from below."""
    shape = shapely.polygons(floor.outline)
    found = [Sheet(shape, floor.pigment, floor.lift)]
    if floor.kerb:
        around = shapely.buffer(shape, floor.kerb, quad_segs=2)
        found.insert(0, Sheet(around, KERB, floor.lift))
    bands = shapely.intersection(shape, _bands(shapely.bounds(shape).tolist(), *floor.bands))
    if not shapely.is_empty(bands):
        found.append(Sheet(bands, BAND.get(floor.pigment, "floorstone"), floor.lift))
    return found


def _bands(bounds: Sequence[float], apart_y: float, apart_x: float, wide: float) -> shapely.Geometry:
    """Level and upright strips through bounds, at multiples of how far they are apart in the frame."""
    west, south, east, north = bounds
    y = np.arange(np.ceil(south / apart_y), north / apart_y) * apart_y if apart_y else np.empty(0)
    x = np.arange(np.ceil(west / apart_x), east / apart_x) * apart_x if apart_x else np.empty(0)
    level = shapely.box(west, y - wide / 2, east, y + wide / 2)
    upright = shapely.box(x - wide / 2, south, x + wide / 2, north)
    return shapely.union_all(np.concatenate([level, upright]))


def sheets(layers: Sequence[Sheet]) -> list[Sheet]:
    """The layers without what later ones cover: no two lie over each other."""
    visible: list[Sheet] = []
    covered: shapely.Geometry = shapely.Polygon()
    for layer in reversed(layers):
        shape = shapely.difference(layer.shape, covered)
        covered = shapely.union(covered, layer.shape)
        if shapely.area(shape) > SMALLEST_M2:
            visible.append(Sheet(shape, layer.pigment, layer.lift))
    return visible[::-1]


def floor_mesh(layers: Sequence[Sheet], heights: Heights, detail: int) -> Mesh:
    """All sheets over a ground of heights (n,) at points (n, 2), with kerbs along their edges.

    Between sheets of the same lift there is no kerb: paving of two colours is one plane.
    """
    cell_m = CELLS_M[detail]
    parts = [_top(layer, heights, cell_m) for layer in layers]
    for lift in sorted({layer.lift for layer in layers}):
        level = np.array([layer.shape for layer in layers if layer.lift == lift], object)
        parts.append(_edge(shapely.union_all(level, grid_size=SEAM_M), lift, heights, cell_m))
    return joined(parts)


def _top(layer: Sheet, heights: Heights, cell_m: float) -> Mesh:
    lapped = shapely.buffer(layer.shape, LAP_M, join_style="mitre")
    pieces = [piece for piece in _cells(lapped, cell_m) if piece.area > SMALLEST_M2]
    corners = [ring for piece in pieces for ring in _triangles(piece)]
    xy = np.array(corners, np.float64).reshape(-1, 2)
    points = np.column_stack([xy, heights(xy) + layer.lift])
    normals = np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    colors = np.broadcast_to(pigment(layer.pigment), points.shape)
    return Mesh(points, normals, colors, np.arange(len(points)).reshape(-1, 3))


def _cells(shape: shapely.Geometry, cell_m: float) -> list[shapely.Polygon]:
    west, south, east, north = shapely.bounds(shape).tolist()
    x = np.arange(np.floor(west / cell_m) * cell_m, east, cell_m)
    y = np.arange(np.floor(south / cell_m) * cell_m, north, cell_m)
    grid_x, grid_y = (at.ravel() for at in np.meshgrid(x, y))
    squares = shapely.box(grid_x, grid_y, grid_x + cell_m, grid_y + cell_m)
    parts = shapely.get_parts(shapely.intersection(squares, shape))
    return [part for part in parts if part.geom_type == "Polygon"]


def _triangles(piece: shapely.Polygon) -> list[Floats]:
    """Counter-clockwise triangles (3, 2) of a polygon that may have holes."""
    found = shapely.get_parts(shapely.constrained_delaunay_triangles(piece))
    rings = [shapely.get_coordinates(one)[:3] for one in found if one.area > 1e-6]
    return [ring if _turn(ring) > 0 else ring[::-1] for ring in rings]


def _turn(ring: Floats) -> float:
    (ax, ay), (bx, by), (cx, cy) = ring.tolist()
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


def _edge(shape: shapely.Geometry, lift: float, heights: Heights, cell_m: float) -> Mesh:
    quads = Quads()
    for ring in shapely.get_rings(shapely.orient_polygons(shape)):
        xy = shapely.get_coordinates(shapely.segmentize(ring, cell_m))
        top = heights(xy) + lift
        for a, b, za, zb in zip(xy[:-1], xy[1:], top[:-1], top[1:], strict=True):
            quads.add(KERB, (*a, za - SKIRT_M), (*b, zb - SKIRT_M), (*b, zb), (*a, za))
    mesh = quads.mesh()
    # A kerb is a line of light stone, by day and by night: it is lit as what lies beside it.
    return replace(mesh, normals=np.broadcast_to([0.0, 0.0, 1.0], mesh.normals.shape))
