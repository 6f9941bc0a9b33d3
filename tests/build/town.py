"""A small made town with hills, as files on disk: what the build's tests build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FEATURES", "recipe_text", "write_ground", "write_town"]

Feature = dict[str, Any]

WEST, SOUTH = 126.97, 37.56
STEP = 0.0004


def house(number: int, **properties: Any) -> Feature:
    """A house of a town of ten columns; odd ones have an L for a footprint."""
    west, south = WEST + STEP * (number % 10), SOUTH + STEP * (number // 10)
    w, h = 0.00015, 0.0001
    ring = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
    if number % 2:
        ring = [(0.0, 0.0), (w, 0.0), (w, h / 2), (w / 2, h / 2), (w / 2, h), (0.0, h)]
    corners = [[round(west + x, 7), round(south + y, 7)] for x, y in (*ring, ring[0])]
    return {
        "type": "Feature",
        "properties": {"key": f"h{number}", "tall": None, "levels": None, "use": "house"} | properties,
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }


FEATURES: list[Feature] = [
    house(i, tall=3.0 + i % 17 if i % 3 == 0 else None, levels=1 + i % 4 if i % 3 == 1 else None)
    for i in range(60)
]


def write_town(folder: Path, features: list[Feature] | None = None, name: str = "town.geojson") -> Path:
    """The features (default: 60 houses) as GeoJSON in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    collection = {"type": "FeatureCollection", "features": FEATURES if features is None else features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def recipe_text(more: str = "", source: str = 'path = "town.geojson"', name: str = "town") -> str:
    """A recipe of the town; `more`: further tables."""
    return f"""
[tileset]
name = "{name}"
kind = "buildings"
attribution = "made for tests"
[[source]]
{source}
[source.fields]
id = "key"
height = "tall"
floors = "levels"
{more}
"""


def write_ground(folder: Path, *, slope: float = 0.2) -> Path:
    """A plane that rises to the north, as GeoTIFF, with its recipe."""
    import rasterio
    from rasterio.transform import Affine

    step = 0.0003
    rows, columns = 60, 60
    north = SOUTH - 0.006 + rows * step
    rise = slope * step * 111_000.0
    heights = 40.0 + rise * np.arange(rows)[::-1, None] * np.ones(columns)
    path = folder / "ground.tif"
    transform = Affine(step, 0.0, WEST - 0.006, 0.0, -step, north)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=transform,
        nodata=-9999.0,
    ) as raster:
        raster.write(heights.astype("float32"), 1)
    recipe = folder / "ground.toml"
    recipe.write_text(
        """
[tileset]
name = "ground"
kind = "terrain"
attribution = "made for tests"
[[source]]
path = "ground.tif"
[ground]
vertical_datum = "EPSG:5193"
""",
        encoding="utf-8",
    )
    return recipe
