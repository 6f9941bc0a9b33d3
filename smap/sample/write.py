"""Write the sample city as ordinary source files with their recipes beside them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.course import Course, draw_course, layer_of, stretches_of
from smap.sample.facts import ERAS, Facts
from smap.sample.geotiff import write_geotiff
from smap.sample.ground import Ground, make_ground
from smap.sample.houses import Houses, make_houses
from smap.sample.landmarks.facts import court, outline, read_landmarks
from smap.sample.mapped import write_mapped
from smap.sample.precinct import read_precincts, with_floors
from smap.sample.reading import read_facts
from smap.sample.streams import reach
from smap.sample.stubs import read_stubs
from smap.sample.waterways import write_waterways

__all__ = [
    "City",
    "Outlines",
    "Site",
    "houses_of",
    "make_city",
    "make_site",
    "no_landmarks",
    "treeless",
    "write_city",
    "write_houses",
    "write_sample",
    "write_site",
]

METRES_PER_DEGREE = 111_320.0  # of latitude, near enough to choose a grid step
NO_DATA = -9999.0
WALL_HALF_M = 7.0
"""Kept free to both sides of the wall's line: its thickness and the path beside it."""
WALLED, FROM_WALLS_M = ("palace", "shrine"), 3.0
"""Courts of these kinds have a wall along their outline, from which trees keep away."""
ALLEY_HALF_M = 2.2
"""Half of an alley's width: Bukchon-ro 11-gil is 3 to 5 m wide."""
LANDMARK_M = 4.0
"""Kept free around a landmark's outline."""


Outlines = Callable[[Path, str], list[NDArray[np.float64]]]
"""Of the facts' folder and an era: the landmarks' outlines, rings (k, 2) in degrees."""


def no_landmarks(facts_folder: Path, era: str) -> list[NDArray[np.float64]]:
    """No outlines: a sample of ordinary houses alone."""
    return []


@dataclass(frozen=True)
class Site:
    """What houses stand on: the ground and the wall's course.

    drawn: the ground as it is written into the terrain, lower under the floors of precincts.
    """

    facts: Facts
    ground: Ground
    drawn: Ground
    course: Course


@dataclass(frozen=True)
class City(Site):
    """What the generator makes of the facts: the site, and the houses of each era."""

    houses: Mapping[str, Houses]


def write_sample(
    facts_folder: Path, out: Path, *, content: Path, outlines: Outlines = no_landmarks
) -> list[Path]:
    """Make the sources of the sample in `out`; the recipes to build, in order.

    content: the folder of the curated records; out/wall.geojson is its wall, drawn over the sample's ground.
    outlines: the outlines of the landmarks, on which no ordinary house stands.
    """
    return write_city(make_city(facts_folder, content, outlines), facts_folder, out)


def make_city(facts_folder: Path, content: Path, outlines: Outlines = no_landmarks) -> City:
    """Make the city; the same facts and the same control points give the same city."""
    site = make_site(facts_folder, content, outlines)
    houses = {era: houses_of(site, era, facts_folder, content, outlines) for era in ERAS}
    return City(site.facts, site.ground, site.drawn, site.course, houses)


def make_site(facts_folder: Path, content: Path, outlines: Outlines = no_landmarks) -> Site:
    """Make what lies there before any house; content and outlines as `write_sample` has them."""
    facts = read_facts(facts_folder)
    rings = [ring for era in ERAS for ring in outlines(facts_folder, era)]
    ground = make_ground(facts, [facts.plane.to_plane(ring[:, 0], ring[:, 1]) for ring in rings])
    stubs = read_stubs(facts_folder, facts.plane)
    course = draw_course(facts.plane, ground, content / "wall.geojson", stubs)
    standing = [
        shapely.polygons(facts.plane.to_plane(*outline(one).T))
        for one in read_landmarks(facts_folder / "landmarks.toml")
    ]
    drawn = with_floors(ground, read_precincts(facts_folder), standing, facts.plane)
    return Site(facts, ground, drawn, course)


def houses_of(
    site: Site, era: str, facts_folder: Path, content: Path, outlines: Outlines = no_landmarks
) -> Houses:
    """The ordinary houses of an era; content and outlines as `write_sample` has them."""
    facts = site.facts
    wall = shapely.buffer(site.course.lines(standing=era == "today"), WALL_HALF_M, quad_segs=2)
    lanes = _alleys(content / "alleys.geojson", facts) if era == "today" else []
    others = [wall, _landmarks(facts, outlines(facts_folder, era)), np.array(lanes, object)]
    inside = shapely.polygons(site.course.loop())
    return make_houses(facts, site.ground, era, inside, np.concatenate(others))


def treeless(site: Site, facts_folder: Path) -> shapely.Geometry:
    """Where no tree of a precinct stands in any era: landmarks, the city wall, palace walls, streams.

    The level ground about a hall is its court; that about a gate may be a lawn with pines.
    """
    facts = site.facts
    rings = [
        outline(one) if one.form == "gate" else court(one)
        for one in read_landmarks(facts_folder / "landmarks.toml")
    ]
    edges = [shapely.LinearRing(one.outline) for one in facts.courts if one.kind in WALLED]
    streams = [reach(stream, era, 0.0) for stream in facts.streams for era in stream.open]
    walls = [*site.course.lines(standing=False), *site.course.lines(standing=True)]
    shapes = [
        *_landmarks(facts, rings),
        *shapely.buffer(np.array(walls, object), WALL_HALF_M, quad_segs=2),
        *shapely.buffer(np.array(edges, object), FROM_WALLS_M, quad_segs=2),
        *streams,
    ]
    return shapely.union_all(np.array(shapes, object))


def write_city(city: City, facts_folder: Path, out: Path) -> list[Path]:
    """Write the sources of a city and copy the recipes beside them: the recipes, in order."""
    ground = write_site(city, facts_folder, out)
    houses = [write_houses(city.facts, city.houses[era], era, facts_folder, out) for era in ERAS]
    return [ground, *houses, *write_waterways(city.facts, city.ground, out)]


def write_site(site: Site, facts_folder: Path, out: Path) -> Path:
    """Write the ground, the water, the wall's course and what a map shows; the recipe of the ground."""
    out.mkdir(parents=True, exist_ok=True)
    _write_ground(site.facts, site.drawn, out / "ground.tif")
    _write_water(site.facts, out / "water.geojson")
    (out / "wall.geojson").write_text(layer_of(site.course, site.facts.plane), encoding="utf-8")
    stretches = stretches_of(site.course, site.facts.plane)
    (out / "wall_stretches.geojson").write_text(stretches, encoding="utf-8")
    write_mapped(site.facts, out / "map.geojson")
    _copied("basemap.toml", facts_folder, out)
    return _copied("ground.toml", facts_folder, out)


def write_houses(facts: Facts, houses: Houses, era: str, facts_folder: Path, out: Path) -> Path:
    """Write the houses of an era as a file of features; their recipe."""
    out.mkdir(parents=True, exist_ok=True)
    _write_buildings(facts, houses, era, out / f"buildings_{era}.geojsonl")
    return _copied(f"buildings_{era}.toml", facts_folder, out)


def _copied(recipe: str, facts_folder: Path, out: Path) -> Path:
    return Path(shutil.copyfile(facts_folder / recipe, out / recipe))


def _alleys(path: Path, facts: Facts) -> list[shapely.Geometry]:
    """The curated alleys as lanes, shapely Polygons on the plane: nobody walks through houses."""
    lines = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        if feature["geometry"]["type"] == "LineString":
            degrees = np.array(feature["geometry"]["coordinates"], np.float64)
            lines.append(shapely.linestrings(facts.plane.to_plane(degrees[:, 0], degrees[:, 1])))
    return list(shapely.buffer(np.array(lines, object), ALLEY_HALF_M, quad_segs=2))


def _landmarks(facts: Facts, rings: list[NDArray[np.float64]]) -> NDArray[np.object_]:
    """The outlines of landmarks on the plane, with some room around them."""
    outlines = [shapely.polygons(facts.plane.to_plane(ring[:, 0], ring[:, 1])) for ring in rings]
    return np.asarray(shapely.buffer(np.array(outlines, object), LANDMARK_M), object)


def _write_ground(facts: Facts, ground: Ground, path: Path) -> None:
    west, south, east, north = facts.bounds_deg
    step = facts.spacing_m / METRES_PER_DEGREE
    lon = np.arange(west, east, step) + step / 2
    lat = np.arange(north, south, -step) - step / 2
    grid_lon, grid_lat = np.meshgrid(lon, lat)
    heights = ground.heights_at(facts.plane.to_plane(grid_lon, grid_lat))
    write_geotiff(path, heights.astype(np.float32), west=west, north=north, step=step, nodata=NO_DATA)


def _write_water(facts: Facts, path: Path) -> None:
    """What is open water in every era and has no model: the terrain has one ground for all."""
    beds = [reach(s, "today", 0.0) for s in facts.streams if set(s.open) == set(ERAS) and not s.walled]
    still = [shapely.polygons(w.outline) for w in facts.waters if not w.modelled]
    areas = np.array([*beds, *still], object)
    features = []
    for rings in _outlines(facts, areas):
        geometry = {"type": "Polygon", "coordinates": rings}
        features.append({"type": "Feature", "properties": {}, "geometry": geometry})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def _write_buildings(facts: Facts, houses: Houses, era: str, path: Path) -> None:
    places = _outlines(facts, houses.polygons)
    columns = (houses.height_m, houses.floors, houses.fabric, houses.roof)
    rows = zip(places, *(column.tolist() for column in columns), strict=True)
    with path.open("w", encoding="utf-8") as file:
        for number, (rings, height, floors, fabric, roof) in enumerate(rows, start=1):
            properties = {"id": f"{era[0]}{number}", "height_m": height, "floors": floors, "fabric": fabric}
            properties |= {"roof_shape": roof} if roof else {}
            geometry = {"type": "Polygon", "coordinates": rings}
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            file.write(json.dumps(feature, ensure_ascii=False) + "\n")


def _outlines(facts: Facts, polygons: NDArray[np.object_]) -> list[list[list[list[float]]]]:
    """The rings of polygons in degrees, all converted at once."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    degrees = np.round(facts.plane.to_degrees(xy), 7).tolist()
    ends = np.searchsorted(ring, np.arange(len(rings) + 1)).tolist()
    outlines: list[list[list[list[float]]]] = [[] for _ in polygons]
    for k, polygon in enumerate(owner.tolist()):
        outlines[polygon].append(degrees[ends[k] : ends[k + 1]])
    return outlines
