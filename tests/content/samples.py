"""Records to write in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from smap.content.access import User
from smap.content.database import open_database

__all__ = ["ADMIN", "EDITOR", "NOW", "alley", "content", "place"]

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
EDITOR = User("kim", "editor")
ADMIN = User("lee", "admin")


def place(
    id: str | None = "jongmyo", lon: float = 126.9941, lat: float = 37.5748, **fields: Any
) -> dict[str, Any]:
    """A sound heritage feature; a field given as None is left out."""
    properties = {
        "name_ko": "종묘",
        "name_en": "Jongmyo Shrine",
        "text_ko": "조선 왕실의 사당이다.",
        "text_en": "The royal ancestral shrine of Joseon.",
        "category": "shrine",
        "source": "own words",
        "source_date": "2026-02-01",
        "position_source": "own survey",
        "position_date": "2026-02-01",
        "position_accuracy_m": 20,
        "position_means": "building_centre",
    } | fields
    kept = {name: value for name, value in properties.items() if value is not None}
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": kept,
    }
    return feature if id is None else feature | {"id": id}


def alley(id: str = "ikseon", coordinates: list[list[float]] | None = None, **fields: Any) -> dict[str, Any]:
    """A sound alley: a line with a control point for each position."""
    line = coordinates or [[126.989, 37.573], [126.990, 37.574], [126.991, 37.5745]]
    point = {"name_ko": "점", "name_en": "Point", "source": "own survey", "date": "2026-02-01"}
    vertices = [point | {"position_accuracy_m": 5} for _ in line]
    names = {"name_ko": "익선동 골목", "name_en": "Ikseon-dong Alley", "category": "alley"}
    feature = place(id, **{"position_means": "line", "vertices": vertices} | names | fields)
    return feature | {"geometry": {"type": "LineString", "coordinates": line}}


@contextmanager
def content() -> Iterator[Engine]:
    """An empty content database of its own."""
    with TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "content.db", create=True)
        yield engine
        engine.dispose()
