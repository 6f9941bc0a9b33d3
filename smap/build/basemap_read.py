"""Reading what a base map is drawn from: elevation, and shapes by what they draw."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.basemap_ground import Ground
from smap.build.basemap_relief import relief_of
from smap.build.basemap_style import AREAS, STROKES
from smap.build.basemaprule import BasemapRule, Degrees, MapLayer
from smap.errors import CrsError
from smap.sources.mapfile import MapSpec, Shape, read_shapes
from smap.sources.raster import Elevation, RasterSpec, open_raster
from smap.tiling.basemap import MapPyramid, unit_of

__all__ = ["MapSources", "ground_of", "read_sources"]


@dataclass
class MapSources:
    """What the sources hold. drawn: shapes by what they draw, in Web Mercator from 0 to 1.

    count: rasters and features; dropped: why some features are not drawn.
    """

    pyramid: MapPyramid
    elevation: Elevation
    count: int
    warnings: list[str]
    drawn: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


def read_sources(rule: BasemapRule) -> MapSources:
    """All sources of a base map; InputError, CrsError or RecipeError for whatever is wrong with one."""
    rasters = tuple(open_raster(spec) for layer in rule.of("relief") for spec in _rasters(layer))
    elevation = Elevation(rasters)
    west, south, east, north = (math.degrees(value) for value in elevation.bounds)
    area = rule.area or (west, south, east, north)
    if not shapely.box(west, south, east, north).intersects(shapely.box(*area)):
        raise CrsError(
            f"{rasters[0].path}: the relief spans {west:.3f} {south:.3f} to {east:.3f} {north:.3f} and "
            f"does not reach the map's area {list(area)}"
        )
    pyramid = MapPyramid(area, rule.least, rule.most, rule.finer)
    notes = [note for raster in rasters for note in raster.warnings]
    found = MapSources(pyramid, elevation, len(rasters), notes)
    _read_drawn(rule, found)
    return found


def ground_of(sources: MapSources) -> Ground:
    """What is cut into sheets."""
    pyramid = sources.pyramid
    return Ground(relief_of(sources.elevation, pyramid.area, pyramid.finest), sources.drawn)


def _rasters(layer: MapLayer) -> Iterator[RasterSpec]:
    paths = sorted(glob(layer.path)) or [layer.path]  # noqa: PTH207 - the recipe's path is absolute
    yield from (RasterSpec(Path(path), layer.crs, layer.nodata) for path in paths)


def _read_drawn(rule: BasemapRule, found: MapSources) -> None:
    area = found.pyramid.area
    for name in (*AREAS, *STROKES):
        parts = [_read_one(layer, area, found) for layer in rule.of(name)]
        if parts:
            whole = np.concatenate(parts)
            if name in AREAS:  # neighbours would show a seam
                whole = shapely.get_parts(shapely.union_all(whole))
            xy = unit_of(shapely.get_coordinates(whole))
            found.drawn[name] = shapely.set_coordinates(whole, xy)


def _read_one(layer: MapLayer, area: Degrees, found: MapSources) -> NDArray[np.object_]:
    spec = MapSpec(layer.path, layer.member, layer.layer, layer.encoding, layer.crs, layer.where)
    shape: Shape = "water" if layer.draws == "water" else "areas" if layer.draws in AREAS else "lines"
    shapes = read_shapes(spec, shape)
    inside = shapely.intersects(shapes.shapes, shapely.box(*area))
    if not inside.any():
        west, south, east, north = shapely.total_bounds(shapes.shapes).tolist()
        raise CrsError(
            f"{layer.path}: none of {len(inside):,} features lies in the map's area {list(area)}: "
            f"they span {west:.3f} {south:.3f} to {east:.3f} {north:.3f}"
        )
    found.count += shapes.read
    found.warnings += shapes.warnings
    for reason, n in shapes.dropped.items():
        found.dropped[reason] = found.dropped.get(reason, 0) + n
    return np.asarray(shapes.shapes[inside], object)
