"""The names of a city's buildings, for a search: one JSON object a line. What is masked has none."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from smap.build.city import City
from smap.formats.utf8 import Utf8

__all__ = ["lines_of", "name_lines"]


def name_lines(city: City) -> list[str]:
    """smap_id, name, name_en where it is known, lon and lat in degrees and height in metres, by smap_id."""
    ids, names, english = (city.texts(field) for field in ("smap_id", "name", "name_en"))
    assert ids is not None
    assert names is not None
    shown = city.shown
    rows = shown[city.named[shown] & names.known[shown]]
    found = lines_of(
        ids.take(rows),
        names.take(rows),
        None if english is None else english.take(rows),
        city.centroid[rows],
        city.numbers("height")[rows],
    )
    return [line for _, line in sorted(zip(ids.take(rows).tolist(), found, strict=True))]


def lines_of(
    ids: Utf8,
    names: Utf8,
    english: Utf8 | None,
    centroid: NDArray[np.float64],
    height: NDArray[np.float32],
) -> list[str]:
    """A line for each of n buildings that has a name. centroid: float64 (n, 2), radians. height: metres."""
    columns = [
        ids.tolist(),
        names.tolist(),
        [None] * len(ids) if english is None else english.tolist(),
        np.round(np.degrees(centroid), 6).tolist(),
        np.round(height.astype(np.float64), 1).tolist(),
    ]
    return [_line(*row) for row in zip(*columns, strict=True)]


def _line(smap_id: str, name: str, english: str | None, place: list[float], height: float) -> str:
    lon, lat = place
    in_english = {} if english is None else {"name_en": english}
    told = {"smap_id": smap_id, "name": name, **in_english, "lon": lon, "lat": lat, "height": height}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
