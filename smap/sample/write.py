"""Write the sample city as ordinary source files with their recipes beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import shapely

from smap.sample.fabric import STOREY_M, make_houses
from smap.sample.facts import Facts, read_facts
from smap.sample.geotiff import write_geotiff
from smap.sample.ground import heights_at

__all__ = ["RECIPES", "write_sample"]

RECIPES = ("ground.toml", "buildings.toml")
METRES_PER_DEGREE = 111_320.0  # of latitude, near enough to choose a grid step
NO_DATA = -9999.0


def write_sample(facts_folder: Path, out: Path) -> list[Path]:
    """Make the sources of the sample in `out`; the recipes to build, in order."""
    facts = read_facts(facts_folder / "facts.toml")
    out.mkdir(parents=True, exist_ok=True)
    _write_ground(facts, out / "ground.tif")
    _write_water(facts, out / "water.geojson")
    _write_buildings(facts, out / "buildings.geojsonl")
    for recipe in RECIPES:
        shutil.copyfile(facts_folder / recipe, out / recipe)
    return [out / recipe for recipe in RECIPES]


def _write_ground(facts: Facts, path: Path) -> None:
    west, south, east, north = facts.bounds_deg
    step = facts.spacing_m / METRES_PER_DEGREE
    lon = np.arange(west, east, step) + step / 2
    lat = np.arange(north, south, -step) - step / 2
    grid_lon, grid_lat = np.meshgrid(lon, lat)
    heights = heights_at(facts, facts.plane.to_plane(grid_lon, grid_lat))
    write_geotiff(path, heights.astype(np.float32), west=west, north=north, step=step, nodata=NO_DATA)


def _write_water(facts: Facts, path: Path) -> None:
    features = []
    for stream in facts.streams:
        bank = shapely.buffer(shapely.linestrings(stream.xy), stream.width_m / 2, cap_style="flat")
        ring = np.round(facts.plane.to_degrees(shapely.get_coordinates(bank)), 7).tolist()
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {}, "geometry": geometry})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def _write_buildings(facts: Facts, path: Path) -> None:
    houses = make_houses(facts)
    degrees = np.round(facts.plane.to_degrees(houses.corners), 7).tolist()
    names = [fabric.name for fabric in facts.fabrics]
    with path.open("w", encoding="utf-8") as file:
        rows = zip(degrees, houses.height_m.tolist(), houses.fabric.tolist(), strict=True)
        for number, (ring, height, fabric) in enumerate(rows, start=1):
            feature = {
                "type": "Feature",
                "properties": {
                    "id": f"s{number}",
                    "height_m": height,
                    "floors": max(1, int(height / STOREY_M)),
                    "fabric": names[fabric],
                },
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
            file.write(json.dumps(feature, ensure_ascii=False) + "\n")
