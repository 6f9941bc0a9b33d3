"""The picking proof: the footprint of the picked building holds the point under the ray's hit.

Used by the browser tests on a part of the city, and by bench/picking.py on the whole of it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from playwright.sync_api import Page

__all__ = ["Hit", "footprints_of", "misses", "random_hits"]

METRES_PER_DEGREE = (
    111_195.0  # on the mean sphere; over the few metres that are judged the ellipsoid changes < 0.5 %
)


@dataclass(frozen=True)
class Hit:
    """One pick: the building's source id and the hit's place in degrees."""

    pixel: tuple[int, int]
    id: str
    lon: float
    lat: float


def footprints_of(path: Path, id_field: str) -> dict[str, shapely.Geometry]:
    """Every footprint of a GeoJSON file (lines or a collection, .gz or not), by its source id."""
    return {
        str(f["properties"][id_field]): shapely.from_geojson(json.dumps(f["geometry"]))
        for f in _features(path)
    }


def _features(path: Path) -> Iterator[dict[str, Any]]:
    body = path.read_bytes()
    text = (gzip.decompress(body) if path.suffix == ".gz" else body).decode("utf-8")
    if "geojsonl" in path.name:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        yield from json.loads(text)["features"]


def random_hits(page: Page, wanted: int, seed: int) -> list[Hit]:
    """Pick at random pixels of a ready page until so many buildings are hit."""
    random = np.random.default_rng(seed)
    size = page.viewport_size
    assert size is not None
    hits: list[Hit] = []
    for _ in range(wanted * 20):
        x, y = int(random.integers(0, size["width"])), int(random.integers(0, size["height"]))
        found = page.evaluate("([x, y]) => window.smap.pick(x, y)", [x, y])
        if found and found["layer"] == "buildings" and found.get("id") is not None:
            hits.append(Hit((x, y), str(found["id"]), found["lon"], found["lat"]))
        if len(hits) == wanted:
            break
    return hits


def misses(hits: list[Hit], footprints: dict[str, shapely.Geometry], tolerance_m: float) -> list[str]:
    """One line for each hit that lies further than the tolerance from the footprint of its building."""
    told = []
    for hit in hits:
        outline = footprints.get(hit.id)
        off = float("inf") if outline is None else _distance_m(outline, hit)
        if off > tolerance_m:
            told.append(f"pixel {hit.pixel}: id {hit.id}, {off:.2f} m outside its footprint")
    return told


def _distance_m(outline: shapely.Geometry, hit: Hit) -> float:
    scale = np.array([np.cos(np.radians(hit.lat)), 1.0]) * METRES_PER_DEGREE
    local = shapely.transform(outline, lambda xy: (xy - [hit.lon, hit.lat]) * scale)
    return float(shapely.distance(shapely.make_valid(local), shapely.Point(0, 0)))
