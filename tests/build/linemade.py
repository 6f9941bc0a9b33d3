"""Lines made for the tests of what is drawn along them, and what their tiles hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.formats.glb import GlbTile, decode_glb
from smap.geo.geoid import undulation
from smap.store import open_tiles
from tests.build.town import SOUTH, WEST

NORTHWARD = [[126.975, 37.561], [126.975, 37.563]]
"""222 m up the made slope."""
GROUND = '[ground]\nterrain = "ground.toml"\n'


def feature(id: str, line: Any, **properties: Any) -> dict[str, Any]:
    kind = "MultiLineString" if isinstance(line[0][0], list) else "LineString"
    return {
        "type": "Feature",
        "id": id,
        "properties": {"name_ko": "성벽", "name_en": "Wall", **properties},
        "geometry": {"type": kind, "coordinates": line},
    }


def point(id: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": NORTHWARD[0]}
    return {"type": "Feature", "id": id, "properties": {"category": "gate"}, "geometry": geometry}


def write(folder: Path, *features: dict[str, Any], name: str = "wall.geojson") -> None:
    body = {"type": "FeatureCollection", "features": features}
    (folder / name).write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


def build(folder: Path, kind: str = "wall", more: str = GROUND, path: str | None = None) -> BuildReport:
    text = f"""
[tileset]
name = "lines"
kind = "{kind}"
attribution = "made for tests"
[[source]]
path = "{path or f"{kind}.geojson"}"
{more}
"""
    recipe = folder / "lines.toml"
    recipe.write_text(text, encoding="utf-8")
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)


def leaves(report: BuildReport) -> list[GlbTile]:
    """The finest tiles."""
    found: list[GlbTile] = []
    with open_tiles(Path(report.out) / "lines.3tz") as tiles:

        def read(name: str) -> bytes:
            tile = tiles.get(name)
            assert tile is not None
            return tile.identity()

        def walk(node: dict[str, Any]) -> None:
            for child in node.get("children", []):
                walk(child)
            if not node.get("children"):
                found.append(decode_glb(read(node["content"]["uri"])))

        walk(json.loads(read("tileset.json"))["root"])
    return found


def above_ground(tile: GlbTile) -> np.ndarray:
    """Metres of a tile's corners above the made slope, and their degrees: (n, 3) of lon, lat, height."""
    to_geodetic = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    x, y, z = tile.ecef().T
    lon, lat, height = to_geodetic.transform(x, y, z)
    slope = 40.0 + 0.2 * 111_000.0 * (lat - (SOUTH - 0.006) - 0.00015)
    return np.column_stack([lon, lat, height - slope - undulation(np.radians(lon), np.radians(lat))])


def write_crest(folder: Path, *, bow: float) -> None:
    """A ridge to the north, 60 m high, that bows to the west by so many degrees at its middle."""
    import rasterio
    from rasterio.transform import Affine

    step, n = 0.0001, 120
    lon = WEST + step * (np.arange(n) + 0.5)
    lat = SOUTH + step * (np.arange(n)[::-1, None] + 0.5)
    share = (lat - (SOUTH + 0.002)) / 0.008
    crest = WEST + 0.006 - bow * np.sin(np.clip(share, 0, 1) * np.pi)
    heights = 100.0 + 60.0 * np.exp(-(((lon - crest) * 88_000 / 60.0) ** 2))
    profile = {"width": n, "height": n, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    transform = Affine(step, 0.0, WEST, 0.0, -step, SOUTH + n * step)
    with rasterio.open(folder / "ground.tif", "w", driver="GTiff", transform=transform, **profile) as raster:
        raster.write(heights.astype("float32"), 1)
    (folder / "ground.toml").write_text(
        '[tileset]\nname = "ground"\nkind = "terrain"\nattribution = "made"\n'
        '[[source]]\npath = "ground.tif"\n[ground]\nvertical_datum = "EPSG:5193"\n',
        encoding="utf-8",
    )
