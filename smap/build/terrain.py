"""Terrain recipes: elevation rasters become a quantized-mesh pyramid in one archive."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from glob import glob
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.build.progress import Progress
from smap.build.recipe import Recipe, Source, WaterRule
from smap.build.report import Product
from smap.build.work import Work
from smap.errors import GeoidError, RecipeError
from smap.formats import layer, quantized_mesh
from smap.formats.layer import Layer
from smap.geo.crs import KOREA
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.geoid import undulation
from smap.geo.grid import Tile
from smap.scene.footprint import Footprints
from smap.sources.banks import water_areas
from smap.sources.horizon import Horizon, horizon_of
from smap.sources.raster import Elevation, RasterSpec, burn_polygons, open_raster
from smap.sources.vector import VectorSpec, read_features
from smap.store.archive import write_archive
from smap.tiling.terrain import LEVEL_0_ERROR_M, Pyramid, TerrainTile, finest_level, make_level

__all__ = ["TerrainPlan", "Water", "build_terrain", "read_water", "write_terrain_archive"]

_ELLIPSOID = "ellipsoid"
# Orthometric datums that EGM96 stands in for: Incheon (KGD) and EGM96 itself; the Incheon datum lies 0.27 m
# above the geoid, which only a user's own KNGeoid would resolve
_GEOID_DATUMS = ("EPSG:5193", "EPSG:5773")
# Beyond the data the ground holds its nearest height for so far (houses stand there), then gives way to the
# horizon, and from so far on sinks to sea level
_HOLD_M, _CALM_M = 1_000.0, 2_000.0
_FADE_FROM_M, _FADE_TO_M = 4_000.0, 40_000.0
_COVERAGE = "coverage.png"
_COVERAGE_MOST = 8192  # pixels a side
_STRIP = 256  # rows of the coverage picture sampled at once
_MASK_SIDE = 256


@dataclass(frozen=True)
class Water:
    """Areas of water. shapes: GeoJSON polygons in degrees; bounds: float64 (n, 4) of each; warnings: what
    the source made us do.
    """

    shapes: tuple[dict[str, Any], ...] = ()
    bounds: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()

    def mask(self, tile: Tile) -> NDArray[np.uint8]:
        """The water mask of a tile: one byte where it is all land or all water, else 256 x 256."""
        west, south, east, north = (math.degrees(value) for value in tile.region_rad)
        if self.bounds is None:
            return np.zeros((1, 1), np.uint8)
        box = self.bounds
        meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        near = [self.shapes[i] for i in np.flatnonzero(meets)]
        burnt = burn_polygons(near, (west, south, east, north), _MASK_SIDE)
        return burnt[:1, :1] if (burnt == burnt[0, 0]).all() else burnt


@dataclass(frozen=True)
class TerrainPlan:
    """What to write. geoid: the model that makes heights ellipsoidal; None: they are, or none covers them."""

    name: str
    attribution: str
    elevation: Elevation
    vertical_datum: str
    geoid: str | None
    max_level: int | None = None
    error_m: float | None = None
    water: Water = Water()

    def pyramid(self) -> Pyramid:
        """The tiles it takes."""
        low, high = self.elevation.span_m
        cell_m = self.elevation.cell_m
        level = finest_level(cell_m) if self.max_level is None else self.max_level
        west, south, east, north = self.elevation.bounds
        lift = float(np.max(self.undulation(np.array([west, east]), np.array([south, north])))) + 2.0
        relief = max(high + max(lift, 0.0), 0.0) - min(low, 0.0)
        return Pyramid(self.elevation.bounds, cell_m, relief, level, self.error_m)

    def undulation(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """N at positions in radians, 0 where no geoid is used."""
        return undulation(lon, lat) if self.geoid else np.zeros(np.broadcast(lon, lat).shape)

    @cached_property
    def horizon(self) -> Horizon:
        """The ground beyond the data, as far as it shows."""
        return horizon_of(self.elevation, _FADE_TO_M)

    def surface(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ellipsoidal heights (r, c) where columns at lon cross rows at lat; far from the data 0."""
        west, south, east, north = self.elevation.bounds
        far = _FADE_TO_M / SEMI_MAJOR_M
        columns = _within(lon, west - far / math.cos(north), east + far / math.cos(north))
        rows = _within(lat, south - far, north + far)
        heights = np.zeros((len(lat), len(lon)))
        lon, lat = lon[columns], lat[rows]
        if lon.size and lat.size:
            samples = self.elevation.sample_grid(lon, lat)
            n = self.undulation(np.clip(lon, west, east)[None, :], np.clip(lat, south, north)[:, None])
            known = samples.height
            calm = _rise(samples.beyond, _HOLD_M, _CALM_M)
            if calm.any():
                known = known + calm * (self.horizon.heights(lon, lat) - known)
            fade = 1.0 - _rise(samples.beyond, _FADE_FROM_M, _FADE_TO_M)
            heights[rows, columns] = (known + n) * fade
        return heights

    def facts(self) -> dict[str, Any]:
        """What clients should know about the heights."""
        known: dict[str, Any] = {"vertical_datum": self.vertical_datum, "heights": "ellipsoidal"}
        return known | ({"geoid": self.geoid} if self.geoid else {})


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


def build_terrain(recipe: Recipe, archive: Path, work: Work) -> Product:
    """Build what a terrain recipe says into the file `archive`."""
    with work.clock.stage("read"):
        rasters = [open_raster(spec) for source in recipe.sources for spec in _specs(source)]
        elevation = Elevation(tuple(rasters))
        geoid, notes = _geoid(recipe, elevation)
    plan = TerrainPlan(
        name=recipe.name,
        attribution=recipe.attribution,
        elevation=elevation,
        vertical_datum=recipe.ground.vertical_datum,
        geoid=geoid,
        max_level=recipe.max_level,
        error_m=recipe.error_m,
        water=_water(recipe.water),
    )
    with work.clock.stage("tiles"):
        figures, rough = write_terrain_archive(plan, archive, progress=work.progress)
    west, south, east, north = (math.degrees(value) for value in elevation.bounds)
    return Product(
        features_read=len(rasters),
        features_built=len(rasters),
        tiles=figures["tiles"],
        bbox=(west, south, east, north),
        vertical_datum=recipe.ground.vertical_datum,
        warnings=(
            *(note for raster in rasters for note in raster.warnings),
            *notes,
            *plan.water.warnings,
            *rough,
        ),
        figures=figures,
    )


def _water(rule: WaterRule | None) -> Water:
    if rule is None:
        return Water()
    return read_water(VectorSpec(rule.path, layer=rule.layer, where=rule.where, crs=rule.crs))


def _specs(source: Source) -> Iterator[RasterSpec]:
    paths = sorted(glob(source.path)) or [source.path]  # noqa: PTH207 - the recipe's path is absolute
    for path in paths:
        yield RasterSpec(Path(path), source.crs, source.nodata)


def _geoid(recipe: Recipe, elevation: Elevation) -> tuple[str | None, tuple[str, ...]]:
    """The geoid model that the recipe's vertical datum asks for, and what has to be said about it."""
    datum = recipe.ground.vertical_datum
    if datum == _ELLIPSOID:
        return None, ()
    if datum not in _GEOID_DATUMS:
        known = ", ".join((*_GEOID_DATUMS, _ELLIPSOID))
        raise RecipeError(f"{recipe.path}: [ground] vertical_datum: unknown '{datum}'; known: {known}")
    west, south, east, north = elevation.bounds
    try:
        undulation(np.array([west, east]), np.array([south, north]))
    except GeoidError:
        if _in_korea(elevation):
            raise
        note = f"vertical_datum_unresolved: no geoid grid covers {recipe.name}; heights are kept as given"
        return None, (note,)
    if recipe.ground.datum_given:
        return "EGM96", ()
    return "EGM96", (f"{recipe.path.name}: [ground] vertical_datum is missing: {datum} is taken",)


def _in_korea(elevation: Elevation) -> bool:
    west, south, east, north = np.degrees(elevation.bounds)
    return bool(west < KOREA[2] and east > KOREA[0] and south < KOREA[3] and north > KOREA[1])


def write_terrain_archive(
    plan: TerrainPlan, archive: Path, *, progress: Progress
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Write the pyramid as a 3tz; gives its counts and measures, and a warning for each rough level.

    Entries: tileset.json (a region without content), layer.json, coverage.png (white where the source knows
    the ground), then the tiles by level, block, column and row.
    """
    pyramid = plan.pyramid()
    errors: dict[int, float] = {}
    triangles = 0

    def note(made: TerrainTile) -> None:
        nonlocal triangles
        errors[made.tile.z] = max(errors.get(made.tile.z, 0.0), made.error_m)
        triangles += len(made.triangles)
        progress.step()

    progress.start("terrain", pyramid.count())
    write_archive(archive, _entries(plan, pyramid, note))
    progress.finish()
    figures = {
        "tiles": pyramid.count(),
        "level": pyramid.max_level,
        "spacing_m": round(plan.elevation.cell_m, 2),
        "triangles": triangles,
        "error_m": {str(z): round(error, 2) for z, error in errors.items()},
    }
    return figures, tuple(_too_rough(errors, pyramid))


def _too_rough(errors: dict[int, float], pyramid: Pyramid) -> Iterator[str]:
    for z, error in errors.items():
        promise = pyramid.promise(z)
        if error > promise:
            yield (
                f"level {z} leaves the ground by {error:.2f} m, more than {promise:.2f} m: the source is "
                "rougher than its cells can show"
            )


def _entries(
    plan: TerrainPlan, pyramid: Pyramid, note: Callable[[TerrainTile], None]
) -> Iterator[tuple[str, bytes]]:
    picture, bounds_deg = _coverage(plan.elevation)
    yield "tileset.json", _root(plan, pyramid, bounds_deg)
    described = _layer(plan, pyramid)
    yield "layer.json", layer.encode(described)
    yield _COVERAGE, picture
    for z in range(pyramid.max_level + 1):
        for made in make_level(pyramid, z, plan.surface):
            note(made)
            facts = plan.facts() | (layer.root_metadata(described) if z == 0 else {})
            yield f"{z}/{made.tile.x}/{made.tile.y}.terrain", _tile_bytes(plan, made, facts)


def _tile_bytes(plan: TerrainPlan, made: TerrainTile, facts: Mapping[str, Any]) -> bytes:
    mesh = quantized_mesh.mesh_of(
        made.tile.region_rad,
        made.u,
        made.v,
        made.height,
        made.triangles,
        min_height=made.min_height,
        max_height=made.max_height,
        normals=made.normals,
        watermask=plan.water.mask(made.tile),
        metadata={"geometricerror": round(made.error_m, 3), **facts},
    )
    return quantized_mesh.encode(mesh)


def _layer(plan: TerrainPlan, pyramid: Pyramid) -> Layer:
    west, south, east, north = (math.degrees(value) for value in plan.elevation.bounds)
    spans = [pyramid.tiles(z) for z in range(pyramid.max_level + 1)]
    return Layer(
        name=plan.name,
        attribution=plan.attribution,
        bounds=(west, south, east, north),
        available=tuple(
            (layer.Rectangle(columns.start, rows.start, columns.stop - 1, rows.stop - 1),)
            for columns, rows in spans
        ),
    )


def _root(plan: TerrainPlan, pyramid: Pyramid, coverage_deg: list[float]) -> bytes:
    low, high = plan.elevation.span_m
    region = [*plan.elevation.bounds, min(low, 0.0), low + pyramid.relief_m if high > low else high + 100.0]
    extras = {
        "kind": "terrain",
        "layer": "layer.json",
        "level": pyramid.max_level,
        "spacing_m": round(plan.elevation.cell_m, 2),
        "source": plan.attribution or plan.name,
        "coverage": {"path": _COVERAGE, "bounds_deg": coverage_deg},
        **plan.facts(),
    }
    root = {"boundingVolume": {"region": region}, "geometricError": 0.0, "refine": "REPLACE"}
    body = {"asset": {"version": "1.1"}, "geometricError": LEVEL_0_ERROR_M, "extras": extras, "root": root}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _coverage(elevation: Elevation) -> tuple[bytes, list[float]]:
    """A PNG of one bit a pixel, white where the source knows the ground, and its bounds in degrees."""
    from PIL import Image

    west, south, east, north = elevation.bounds
    pixel = elevation.cell_m / 3.0 / SEMI_MAJOR_M
    middle = math.cos((south + north) / 2)
    columns = max(1, min(_COVERAGE_MOST, math.ceil((east - west) * middle / pixel)))
    rows = max(1, min(_COVERAGE_MOST, math.ceil((north - south) / pixel)))
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    strips = [elevation.sample_grid(lon, lat[at : at + _STRIP]).valid for at in range(0, rows, _STRIP)]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(strips)).save(file, "PNG", optimize=True)
    return file.getvalue(), [math.degrees(value) for value in elevation.bounds]
