"""What a base map shows, ready to be cut into sheets: relief, and lines and areas as each level has them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.basemap_relief import Relief
from smap.build.basemap_sheet import MARGIN, Paths, SheetTask
from smap.build.basemap_style import AREAS, STROKES
from smap.tiling.basemap import TILE, Sheet

__all__ = ["Ground", "Level"]

# A line loses the points that move it by no more, pixels
_SIMPLER_PX = 0.3
# No smaller area is drawn, square pixels
_SMALLEST_PX = 0.7
# A boundary is drawn in dashes with gaps, pixels: no road or stream is
_DASH_PX, _GAP_PX = 7.0, 4.5
# Shapes are cut so far around a sheet: beyond its margin, where no cut shows
_CUT_PX = MARGIN + 24


class Ground:
    """Relief and shapes of the whole map. drawn: by what they draw, in Web Mercator from 0 to 1."""

    def __init__(self, relief: Relief, drawn: Mapping[str, NDArray[np.object_]]) -> None:
        self._relief = relief
        self._drawn = drawn
        self._at: tuple[int, dict[str, Level]] = (-1, {})

    def task(self, sheet: Sheet) -> SheetTask:
        """All that a sheet is drawn from."""
        x, y = sheet.origin
        width, height = sheet.size
        corner = (x - MARGIN, y - MARGIN)
        patch = self._relief.patch(sheet.z, corner, (width + 2 * MARGIN, height + 2 * MARGIN))
        box = (x - _CUT_PX, y - _CUT_PX, x + width + _CUT_PX, y + height + _CUT_PX)
        shapes = {name: level.cut(box, corner) for name, level in self._levels(sheet.z).items()}
        shown = {name: paths for name, paths in shapes.items() if len(paths[0]) or name == "city"}
        return SheetTask(sheet, patch, shown)

    def _levels(self, z: int) -> Mapping[str, Level]:
        """The shapes of the level that sheets come from now."""
        if self._at[0] != z:
            shown = {name: shapes for name, shapes in self._drawn.items() if _is_drawn(name, z)}
            self._at = (
                z,
                {name: Level(shapes, z, name) for name, shapes in shown.items()},
            )
        return self._at[1]


class Level:
    """Shapes in the pixels of a level, simpler where that does not show."""

    def __init__(self, shapes: NDArray[np.object_], z: int, name: str) -> None:
        pixels = shapely.transform(shapes, lambda xy: xy * float(TILE << z))
        self._are_areas = name in AREAS
        if self._are_areas:
            pixels = pixels[shapely.area(pixels) >= _SMALLEST_PX]
        simpler = shapely.simplify(pixels, _SIMPLER_PX, preserve_topology=False)
        self._shapes = _dashed(simpler) if name == "boundary" else simpler
        self._tree = shapely.STRtree(self._shapes)

    def cut(self, box: tuple[int, int, int, int], corner: tuple[int, int]) -> Paths:
        """What of them lies in a box, in pixels from a corner."""
        found = np.sort(self._tree.query(shapely.box(*box)))
        parts = shapely.get_parts(shapely.clip_by_rect(self._shapes[found], *box))
        if self._are_areas:
            areas = shapely.orient_polygons(parts[shapely.get_type_id(parts) == 3])
            parts = shapely.get_rings(areas)
        else:
            parts = parts[shapely.get_type_id(parts) == 1]
        xy, owner = shapely.get_coordinates(parts, return_index=True)
        return (xy - corner).astype(np.float32), owner.astype(np.int32)


def _dashed(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """The dashes of lines, each bent in its middle; before they are cut, so that sheets have the same."""
    length = shapely.length(lines)
    count = np.ceil(length / (_DASH_PX + _GAP_PX)).astype(int)
    line = np.repeat(np.arange(len(lines)), count)
    first = (np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)) * (_DASH_PX + _GAP_PX)
    along = np.minimum(first[:, None] + np.array([0.0, 0.5, 1.0]) * _DASH_PX, length[line, None])
    points = shapely.line_interpolate_point(lines[line, None], along)
    return np.asarray(shapely.linestrings(shapely.get_coordinates(points).reshape(-1, 3, 2)), object)


def _is_drawn(name: str, z: int) -> bool:
    return name in AREAS or STROKES[name].at(z) is not None
