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
from smap.build.basemap_style import AREAS, LINES
from smap.build.basemap_tunnels import are_tunnels
from smap.build.basemaprule import BasemapRule, MapLayer
from smap.errors import CrsError
from smap.sources.elevation import Elevation
from smap.sources.mapfile import MapSpec, Shape, read_shapes
from smap.sources.raster import RasterSpec, open_raster
from smap.tiling.basemap import MapPyramid, unit_of

__all__ = ["MapSources", "ground_of", "read_sources"]

_ROADS = ("street", "arterial")


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
    parts = {name: [_read_one(layer, found) for layer in rule.of(name)] for name in (*AREAS, *LINES)}
    shapes = {name: np.concatenate(some) for name, some in parts.items() if some}
    for name, whole in _with_tunnels(shapes, found.elevation).items():
        if name in AREAS:  # neighbours would show a seam
            whole = shapely.get_parts(shapely.union_all(whole))
        elif name == "boundary":  # told by both neighbours: the dashes of one would fill the other's gaps
            whole = shapely.get_parts(shapely.line_merge(shapely.union_all(whole)))
        found.drawn[name] = shapely.set_coordinates(whole, unit_of(shapely.get_coordinates(whole)))


def _with_tunnels(
    shapes: dict[str, NDArray[np.object_]], elevation: Elevation
) -> dict[str, NDArray[np.object_]]:
    """The same with roads that run below the ground among the tunnels."""
    below = {name: are_tunnels(shapes[name], elevation) for name in _ROADS if name in shapes}
    tunnels = [shapes[name][where] for name, where in below.items()]
    roads = {name: shapes[name][~where] for name, where in below.items()}
    whole = np.concatenate([*tunnels, shapes.get("tunnel", np.empty(0, object))])
    drawn = {**shapes, **roads, "tunnel": whole}
    return {name: drawn[name] for name in (*AREAS, *LINES) if len(drawn.get(name, ()))}


def _read_one(layer: MapLayer, found: MapSources) -> NDArray[np.object_]:
    spec = MapSpec(layer.path, layer.member, layer.layer, layer.encoding, layer.crs, layer.where)
    shape: Shape = "water" if layer.draws == "water" else "areas" if layer.draws in AREAS else "lines"
    shapes, area = read_shapes(spec, shape), found.pyramid.area
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
