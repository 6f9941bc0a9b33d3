"""What a terrain is made of: elevation, datum, water; and the surface that all of it gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.geoid import Geoid, undulation, undulation_grid
from smap.geo.grid import Tile
from smap.scene.footprint import Footprints
from smap.sources.banks import water_areas
from smap.sources.elevation import Elevation
from smap.sources.horizon import Horizon, horizon_of
from smap.sources.raster import burn_polygons
from smap.sources.vector import VectorSpec, read_features
from smap.sources.waterlevels import WaterLevel, flattened, level_of
from smap.tiling.terrain import Pyramid, finest_level, spans_of

__all__ = ["TerrainPlan", "Water", "read_water"]

# Beyond the data the ground holds its nearest height for so far (houses stand there), then gives way to the
# horizon, and from so far on sinks to sea level
_HOLD_M, _CALM_M = 1_000.0, 2_000.0
_FADE_FROM_M, _FADE_TO_M = 4_000.0, 40_000.0
_MASK_SIDE = 256
_STRIP = 64  # rows of a grid that are looked at together
# The Incheon datum lies so far above the geoid of EGM2008 (National Geographic Information Institute). EGM96
# differs from that by as much, so it is told and not applied
_INCHEON, _INCHEON_ABOVE_GEOID_M = "EPSG:5193", 0.265
# EGM96 over land where gravity is measured (NASA/TP-1998-206861, commission error)
_GEOID_ACCURACY_M = 0.5


@dataclass(frozen=True)
class Water:
    """Areas of water. shapes: GeoJSON polygons in degrees; bounds: float64 (n, 4) of each; warnings: what
    the source made us do. levels: how high each stands, as far as that is known.
    """

    shapes: tuple[dict[str, Any], ...] = ()
    bounds: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()
    levels: tuple[WaterLevel | None, ...] = ()

    def levelled(self, elevation: Elevation) -> Water:
        """With the levels of all areas."""
        found = (level_of(shapely.geometry.shape(shape), elevation) for shape in self.shapes)
        return replace(self, levels=tuple(found))

    def near(self, region: tuple[float, float, float, float]) -> Water:
        """What meets a region (west, south, east, north in degrees)."""
        if self.bounds is None:
            return self
        west, south, east, north = region
        box = self.bounds
        meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        chosen = np.flatnonzero(meets)
        levels = tuple(self.levels[i] for i in chosen) if self.levels else ()
        return Water(tuple(self.shapes[i] for i in chosen), box[chosen], self.warnings, levels)

    def mask(self, tile: Tile) -> NDArray[np.uint8]:
        """The water mask of a tile: one byte where it is all land or all water, else 256 x 256."""
        if not self.shapes:
            return np.zeros((1, 1), np.uint8)
        west, south, east, north = (math.degrees(value) for value in tile.region_rad)
        near = self.near((west, south, east, north)).shapes
        if not near:
            return np.zeros((1, 1), np.uint8)
        burnt = burn_polygons(near, (west, south, east, north), _MASK_SIDE)
        return burnt[:1, :1] if (burnt == burnt[0, 0]).all() else burnt


@dataclass(frozen=True)
class TerrainPlan:
    """What to write. geoid: the model that makes heights ellipsoidal; None: they are, or none covers them.

    grid: of that model, where it is the user's own.
    beyond: the horizon, where it has been worked out. accuracy_m: of the source's heights, where it says so.
    """

    name: str
    attribution: str
    elevation: Elevation
    vertical_datum: str
    geoid: str | None
    max_level: int | None = None
    error_m: float | None = None
    water: Water = Water()
    beyond: Horizon | None = None
    accuracy_m: float | None = None
    grid: Geoid | None = None

    def pyramid(self) -> Pyramid:
        """The tiles it takes."""
        low, high = self.elevation.span_m
        cell_m = self.elevation.cell_m
        level = finest_level(cell_m) if self.max_level is None else self.max_level
        west, south, east, north = self.elevation.bounds
        lift = float(np.max(self.undulation(np.array([west, east]), np.array([south, north])))) + 2.0
        relief = max(high + max(lift, 0.0), 0.0) - min(low, 0.0)
        areas = tuple(raster.bounds for raster in self.elevation.rasters)
        return Pyramid(areas, cell_m, relief, level, self.error_m)

    def held_pyramid(self) -> Pyramid:
        """The same, without the tiles that lie in holes of the sources."""
        pyramid, rasters = self.pyramid(), self.elevation.rasters
        whole = [number for number, raster in enumerate(rasters) if not raster.has_gaps]
        if len(whole) == len(rasters):
            return pyramid
        half_m = math.pi * SEMI_MAJOR_M / (1 << pyramid.max_level) / 2.0
        places = np.concatenate([raster.known_places(half_m) for raster in rasters if raster.has_gaps])
        inside = np.clip(places, *np.array(self.elevation.bounds).reshape(2, 2))
        return replace(pyramid, spans=spans_of(pyramid, whole, inside))

    def undulation(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """N at positions in radians, 0 where no geoid is used."""
        return undulation(lon, lat, geoid=self.grid) if self.geoid else np.zeros(np.broadcast(lon, lat).shape)

    def _with_water(
        self, heights: NDArray[np.float64], lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        west, south, east, north = (math.degrees(v) for v in (lon[0], lat[0], lon[-1], lat[-1]))
        if not self.water.levels or min(heights.shape) < 2:
            return heights
        near = self.water.near((west, south, east, north))
        return flattened(heights, lon, lat, near.shapes, near.levels) if near.shapes else heights

    def _undulation_grid(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        return undulation_grid(lon, lat, geoid=self.grid) if self.geoid else np.zeros((1, 1))

    @cached_property
    def horizon(self) -> Horizon:
        """The ground beyond the data, as far as it shows."""
        return self.beyond or horizon_of(self.elevation, _FADE_TO_M)

    def surface(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ellipsoidal heights (r, c) where columns at lon cross rows at lat; far from the data 0."""
        west, south, east, north = self.elevation.bounds
        far = _FADE_TO_M / SEMI_MAJOR_M
        columns = _within(lon, west - far / math.cos(north), east + far / math.cos(north))
        rows = _within(lat, south - far, north + far)
        shape, lon, lat = (len(lat), len(lon)), lon[columns], lat[rows]
        heights = np.zeros(shape if (len(lat), len(lon)) != shape else (0, 0))
        if lon.size and lat.size:
            samples = self.elevation.sample_grid(lon, lat)
            n = self._undulation_grid(np.clip(lon, west, east), np.clip(lat, south, north))
            known = self._with_water(samples.height, lon, lat)
            farthest = float(samples.beyond.max())
            if farthest > _HOLD_M:
                self._calm(known, samples.beyond, lon, lat)
            known += n
            if farthest > _FADE_FROM_M:
                known = known * (1.0 - _rise(samples.beyond, _FADE_FROM_M, _FADE_TO_M))
            if not heights.size:
                return known
            heights[rows, columns] = known
        return heights

    def _calm(
        self,
        heights: NDArray[np.float64],
        beyond: NDArray[np.float64],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
    ) -> None:
        """Let heights far beyond the data give way to the horizon, in place."""
        far = beyond > _HOLD_M
        for begin in range(0, len(lat), _STRIP):
            at = np.flatnonzero(far[begin : begin + _STRIP].any(axis=0))
            if len(at):
                some = slice(begin, begin + _STRIP), slice(at[0], at[-1] + 1)
                calm = _rise(beyond[some], _HOLD_M, _CALM_M)
                heights[some] += calm * (self.horizon.heights(lon[some[1]], lat[some[0]]) - heights[some])

    def part(self, region: tuple[float, float, float, float]) -> TerrainPlan:
        """The plan with the water of a region only (degrees), its horizon worked out: for other processes."""
        return replace(self, water=self.water.near(region), beyond=self.horizon)

    def facts(self) -> dict[str, Any]:
        """What clients should know about the heights.

        vertical_accuracy_m: of the source, where that is stated, with the geoid and the finest level: the
        root of the sum of their squares.
        """
        known: dict[str, Any] = {"vertical_datum": self.vertical_datum, "heights": "ellipsoidal"}
        parts = [self.accuracy_m or 0.0, self.pyramid().tolerance(self.pyramid().max_level)]
        if self.geoid:
            known["geoid"] = self.geoid
            if self.grid is None:
                parts.append(_GEOID_ACCURACY_M)
            if self.vertical_datum == _INCHEON and self.grid is None:
                known["datum_above_geoid_m"] = _INCHEON_ABOVE_GEOID_M
                known["datum_offset_applied"] = False
        return known | {
            "vertical_accuracy_m": round(math.hypot(*parts), 2),
            "source_accuracy_m": self.accuracy_m,
        }


def _within(axis: NDArray[np.float64], low: float, high: float) -> slice:
    begin, end = np.searchsorted(axis, (low, high))
    return slice(int(begin), int(end))


def _rise(at: NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
    """0 up to begin, 1 from end on, smooth in between."""
    t = np.clip((at - begin) / (end - begin), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def read_water(spec: VectorSpec) -> Water:
    """The areas of water in a vector source, banks joined to rivers; errors as in `read_features`."""
    outlines = [outline for chunk in read_features(spec) for outline in _outlines(chunk.footprints)]
    areas = water_areas(np.array(outlines, object))
    shapes = tuple(shapely.geometry.mapping(polygon) for polygon in areas.polygons)
    return Water(shapes, shapely.bounds(areas.polygons).reshape(-1, 4), areas.warnings())


def _outlines(footprints: Footprints) -> Iterator[Any]:
    """The polygons of footprints as shapely polygons in degrees."""
    degrees = np.degrees(footprints.lonlat)
    for first, last in pairwise(footprints.polygons.tolist()):
        rings = [degrees[a:b] for a, b in pairwise(footprints.rings[first : last + 1].tolist())]
        yield shapely.Polygon(rings[0], rings[1:])
