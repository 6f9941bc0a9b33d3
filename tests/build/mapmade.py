"""A small made base map for tests: hills near City Hall, a park, a pond, roads, and their recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.geo.crs import parse_crs, to_lonlat
from tests.sources.rasters import CITY_HALL, hills, write_raster

__all__ = ["AREA", "build_map", "write_map"]

_X, _Y = (
    np.degrees(v)
    for v in to_lonlat(
        parse_crs("EPSG:5186"), CITY_HALL[0] + np.array([0, 1500]), CITY_HALL[1] - np.array([1200, 0])
    )
)
AREA = (float(_X[0]), float(_Y[0]), float(_X[1]), float(_Y[1]))
"""West, south, east, north of the made map, degrees."""

_HEAD = """
[tileset]
name = "made"
kind = "basemap"
attribution = "made for tests"
"""
_SOURCES = """
[[source]]
path = "hills.tif"
draws = "relief"
[[source]]
path = "nature.geojson"
where = "k = 'green'"
draws = "green"
[[source]]
path = "nature.geojson"
where = "k = 'water'"
draws = "water"
[[source]]
path = "roads.json"
member = "arterial"
draws = "arterial"
[[source]]
path = "roads.json"
member = "mid"
draws = "street"
"""


def write_map(
    folder: Path, *, levels: str = "min = 12\nmax = 14", sources: str = _SOURCES, roads: Any = None
) -> Path:
    """The sources and their recipe in a folder."""
    write_raster(folder / "hills.tif", 40.0 + (hills(40, 50) - 40.0) / 8.0)
    nature = [_area("green", 0.1, 0.2, 0.5, 0.8), _area("water", 0.6, 0.3, 0.8, 0.5)]
    collection = {"type": "FeatureCollection", "features": nature}
    (folder / "nature.geojson").write_text(json.dumps(collection), encoding="utf-8")
    plain = {
        "arterial": [_line((0.0, 0.5), (1.0, 0.55))],
        "mid": [_line((0.3, 0.0), (0.3, 1.0)), _line((0.3, 0.9), (0.9, 0.1))],
    }
    (folder / "roads.json").write_text(json.dumps(plain if roads is None else roads), encoding="utf-8")
    recipe = folder / "made.toml"
    recipe.write_text(f"{_HEAD}\n[levels]\n{levels}\n{sources}", encoding="utf-8")
    return recipe


def build_map(recipe: Path, workspace: Path, **more: Any) -> BuildReport:
    """The recipe built, in this process unless more is said."""
    return build(recipe, workspace=workspace, progress=SilentProgress(), **{"jobs": 1, **more})


def at(x: float, y: float) -> list[float]:
    """The place at shares of the area, from the west and from the north."""
    west, south, east, north = AREA
    return [west + x * (east - west), north - y * (north - south)]


def _line(*points: tuple[float, float]) -> list[list[float]]:
    return [at(*point) for point in points]


def _area(kind: str, left: float, top: float, right: float, bottom: float) -> Mapping[str, Any]:
    corners = [(left, top), (left, bottom), (right, bottom), (right, top), (left, top)]
    geometry = {"type": "Polygon", "coordinates": [_line(*corners)]}
    return {"type": "Feature", "properties": {"k": kind}, "geometry": geometry}
