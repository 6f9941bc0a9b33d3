"""A little town that tests make: ordinary source files and the recipe that builds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from smap.sample.geotiff import write_geotiff

__all__ = ["RECIPE", "houses", "write_recipe", "write_town"]

LON, LAT = 126.977, 37.575
STEP = 0.0004  # degrees between houses, about 35 to 44 m
SIDE = 0.0002

RECIPE = """
[tileset]
name = "town"
kind = "buildings"
attribution = "made by a test"

[[source]]
path = "{path}"
{source}

[source.fields]
id = "id"
height = "{height}"
name = "name"

[ground]
terrain = "ground.tif"
vertical_datum = "EPSG:5193"
{more}
"""


def houses(count: int) -> dict[str, Any]:
    """So many square houses in rows: a GeoJSON collection."""
    side = int(np.ceil(np.sqrt(count)))
    return {"type": "FeatureCollection", "features": [_house(n, side) for n in range(count)]}


def _house(number: int, side: int) -> dict[str, Any]:
    west, south = LON + STEP * (number % side), LAT + STEP * (number // side)
    ring = [
        [west, south],
        [west + SIDE, south],
        [west + SIDE, south + SIDE],
        [west, south + SIDE],
        [west, south],
    ]
    return {
        "type": "Feature",
        "properties": {"id": f"h{number}", "height_m": 5.0 + number % 20, "name": f"집 {number}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def write_ground(path: Path, *, nodata_only: bool = False) -> None:
    """A gentle slope around the town as a GeoTIFF."""
    step = 0.0005
    rows, columns = 160, 160
    heights = 30 + 0.2 * np.add.outer(np.arange(rows), np.arange(columns)).astype(np.float32)
    if nodata_only:
        heights[:] = -9999
    write_geotiff(
        path, heights.astype(np.float32), west=LON - 0.03, north=LAT + 0.05, step=step, nodata=-9999.0
    )


def write_recipe(
    folder: Path,
    path: str = "houses.geojson",
    *,
    source: str = "",
    height: str = "height_m",
    more: str = "",
) -> Path:
    """A recipe for the town's houses."""
    recipe = folder / "town.toml"
    recipe.write_text(RECIPE.format(path=path, source=source, height=height, more=more), encoding="utf-8")
    return recipe


def write_town(folder: Path, count: int = 40) -> Path:
    """Houses, ground and recipe in a folder: the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "houses.geojson").write_text(json.dumps(houses(count), ensure_ascii=False), encoding="utf-8")
    write_ground(folder / "ground.tif")
    return write_recipe(folder)
