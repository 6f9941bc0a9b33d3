"""The names of a city's buildings, for a search: one JSON object a line. What is masked has none."""

from __future__ import annotations

import json

import numpy as np

from smap.build.city import City

__all__ = ["name_lines"]


def name_lines(city: City) -> list[str]:
    """smap_id, name, name_en where it is known, lon and lat in degrees and height in metres, by smap_id."""
    ids, names, english = (city.texts(field) for field in ("smap_id", "name", "name_en"))
    assert ids is not None
    assert names is not None
    shown = city.shown
    rows = shown[city.named[shown] & names.known[shown]]
    columns = [
        ids.take(rows).tolist(),
        names.take(rows).tolist(),
        [None] * len(rows) if english is None else english.take(rows).tolist(),
        np.round(np.degrees(city.centroid[rows]), 6).tolist(),
        np.round(city.numbers("height")[rows].astype(np.float64), 1).tolist(),
    ]
    return [_line(*row) for row in sorted(zip(*columns, strict=True), key=lambda row: row[0])]


def _line(smap_id: str, name: str, english: str | None, place: list[float], height: float) -> str:
    lon, lat = place
    in_english = {} if english is None else {"name_en": english}
    told = {"smap_id": smap_id, "name": name, **in_english, "lon": lon, "lat": lat, "height": height}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
