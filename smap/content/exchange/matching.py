"""Finding the record that a feature speaks of though its id is another: by key, then by name and distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from smap.content.geometry import check_geometry, extent_of
from smap.content.record import Record
from smap.content.repository import record_of, select_shown
from smap.content.search.fold import compact, fold
from smap.content.tables import shown

__all__ = ["Matcher", "completed"]

_METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km: good to 0.3 %, names tell the rest."""
_CITY = "서울"
"""The heritage agency writes 서울 before the names of what stands in Seoul: 서울 숭례문."""

_Place = tuple[float, float]


class Matcher:
    """The keys, names and places of a layer's newest revisions, read once."""

    def __init__(self, connection: Connection, layer: str, key: Sequence[str], match_m: float | None) -> None:
        self._key, self._match_m = key, match_m
        self._by_key: dict[tuple[str, ...], str] = {}
        self._by_name: dict[str, list[tuple[str, _Place]]] = {}
        if not key and match_m is None:
            return
        for row in connection.execute(select_shown(drafts=True).where(shown.c.layer == layer)):
            self._learn(record_of(row))

    def _learn(self, record: Record) -> None:
        key = _key_of(record.properties, self._key)
        if key is not None:
            self._by_key.setdefault(key, record.id)
        if self._match_m is not None:
            name = _name_of(record.properties)
            self._by_name.setdefault(name, []).append((record.id, _centre(record.geometry)))

    def find(self, feature: Mapping[str, Any]) -> str | None:
        """Give the id of the record that a feature speaks of, or None."""
        properties = feature.get("properties")
        if not isinstance(properties, Mapping):
            return None
        key = _key_of(properties, self._key)
        if key is not None and key in self._by_key:
            return self._by_key[key]
        geometry, _ = check_geometry(feature.get("geometry"))
        if self._match_m is None or geometry is None:
            return None
        centre = _centre(geometry)
        near = [(_metres(centre, at), id) for id, at in self._by_name.get(_name_of(properties), [])]
        distance, id = min(near, default=(math.inf, ""))
        return id if distance <= self._match_m else None


def completed(record: Record, feature: Any) -> dict[str, Any]:
    """Give a record with the fields that it lacks and the feature has; what it says stays as it is."""
    properties = {**feature["properties"], **record.properties}
    return {**record.as_feature(), "properties": properties, "revision": record.revision}


def _key_of(properties: Mapping[str, Any], key: Sequence[str]) -> tuple[str, ...] | None:
    values = tuple(str(properties.get(name) or "") for name in key)
    return values if values and all(values) else None


def _name_of(properties: Mapping[str, Any]) -> str:
    name = compact(fold(str(properties.get("name_ko") or "")))
    return name.removeprefix(_CITY) or name


def _centre(geometry: dict[str, Any]) -> _Place:
    west, south, east, north = extent_of(geometry)
    return (west + east) / 2, (south + north) / 2


def _metres(a: _Place, b: _Place) -> float:
    east = (a[0] - b[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, a[1] - b[1]) * _METRES_PER_DEGREE
