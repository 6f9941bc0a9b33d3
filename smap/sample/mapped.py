"""What a base map of the sample shows besides its ground: streets, water and green of today, as one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.facts import Facts
from smap.sample.streams import reach

__all__ = ["write_mapped"]

_ERA = "today"
_WIDE_M, _NARROW_M = 28.0, 12.0
"""From wall to wall: an arterial road is wider than the first, a lane narrower than the second."""
_GREEN = ("palace", "shrine", "park")


def write_mapped(facts: Facts, path: Path) -> None:
    """GeoJSON of lines and areas; `draws` says what each is on a map, `name` what it is called."""
    features = [_feature(facts, *shape) for shape in (*_streets(facts), *_areas(facts))]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(body, encoding="utf-8")


def _streets(facts: Facts) -> Iterator[tuple[str, str, shapely.Geometry]]:
    for street in facts.streets:
        if _ERA in street.eras and street.role != "rail":
            wide, narrow = street.width_m >= _WIDE_M, street.width_m < _NARROW_M
            draws = "arterial" if wide else "lane" if narrow else "street"
            yield draws, street.name, shapely.linestrings(street.xy)


def _areas(facts: Facts) -> Iterator[tuple[str, str, shapely.Geometry]]:
    for stream in facts.streams:
        if _ERA in stream.open:
            yield "water", stream.bed.name, reach(stream, _ERA, 0.0)
    for water in facts.waters:
        yield "water", water.name, shapely.polygons(water.outline)
    for court in facts.courts:
        if court.kind in _GREEN and _ERA in court.eras:
            yield "green", court.name, shapely.polygons(court.outline)


def _feature(facts: Facts, draws: str, name: str, shape: shapely.Geometry) -> dict[str, Any]:
    placed = shapely.transform(shape, lambda xy: _rounded(facts.plane.to_degrees(xy)))
    geometry = json.loads(shapely.to_geojson(placed))
    return {"type": "Feature", "properties": {"draws": draws, "name": name}, "geometry": geometry}


def _rounded(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.round(degrees, 7))
