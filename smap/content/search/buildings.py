"""Buildings by name: the names that a build left, as an index beside its archive, read by the same search.

`names.ndjson` holds an object a line (smap_id, name, name_en, lon, lat, height); the index is made of it when
the build is published, and never changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from smap.content.database import plain_engine, reading
from smap.content.record import Match
from smap.content.search.find import Asked, Found, find
from smap.content.search.fold import fold, spans_in
from smap.content.search.index import TABLES, Entry, add
from smap.errors import StorageError

__all__ = [
    "BUILDINGS",
    "INDEX",
    "BuildingHit",
    "build_index",
    "index_beside",
    "open_index",
    "search_buildings",
]

BUILDINGS = "buildings"
"""What stands for a layer where a building is found."""
NAMES, INDEX = "names.ndjson", "names.1.db"
"""The files beside an archive; the number counts the forms of the index."""
_TABLE = """CREATE TABLE buildings (
    key INTEGER PRIMARY KEY, smap_id TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT, height REAL NOT NULL
)"""
_ADD = text("INSERT INTO buildings VALUES (:key, :smap_id, :name, :name_en, :height)")


@dataclass(frozen=True)
class BuildingHit:
    """A building that a search found; lon, lat in degrees, height in metres; the rest as of a record."""

    smap_id: str
    name: str
    name_en: str | None
    lon: float
    lat: float
    height: float
    score: float
    match: Match
    distance_m: float | None


def build_index(names: Path, index: Path) -> int:
    """Write the index of the names of a build; how many there are. What stands there is replaced whole.

    Errors: StorageError where the names cannot be read or the index cannot be written.
    """
    beside = index.with_name(f".{index.name}.unfinished")
    try:
        beside.unlink(missing_ok=True)
        engine = plain_engine(beside)
        with engine.begin() as connection:
            for statement in (*TABLES, _TABLE):
                connection.execute(text(statement))
            count = 0
            for count, told in enumerate(_told(names), 1):
                connection.execute(_ADD, {"name_en": None} | told | {"key": count})
                add(connection, _entry(count, told), drafts=False)
        engine.dispose()
        beside.replace(index)
    except (OSError, ValueError, KeyError) as error:
        raise StorageError(f"the names of {names} cannot be made an index: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def index_beside(archive: Path) -> Path | None:
    """Give the index beside an archive; one is made where only names lie there. None: there are no names."""
    names, index = archive.with_name(NAMES), archive.with_name(INDEX)
    if not index.is_file():
        if not names.is_file() or names.stat().st_size == 0:
            return None
        build_index(names, index)
    return index


def open_index(index: Path) -> Engine:
    """Open an index that never changes, for reading only. Errors: StorageError at the first read."""
    return plain_engine(index, only_read=True)


def search_buildings(engine: Engine, asked: Asked, *, most: int) -> tuple[list[BuildingHit], int]:
    """Give the best `most` buildings, and how many fit; as `search_page` for records."""
    if not fold(asked.text):
        return [], 0
    with reading(engine) as connection:
        found, matched = find(connection, replace(asked, layer=None, drafts=False), most=most)
        keys = json.dumps([one.key for one in found])
        told = "SELECT * FROM buildings WHERE key IN (SELECT value FROM json_each(?))"
        rows = {row.key: row for row in connection.exec_driver_sql(told, (keys,))}
    return [_hit(one, rows[one.key]) for one in found], matched


def _told(names: Path) -> Iterator[dict[str, Any]]:
    with names.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _entry(key: int, told: dict[str, Any]) -> Entry:
    properties = {"name_ko": told["name"], "name_en": told.get("name_en", "")}
    lon, lat = told["lon"], told["lat"]
    return Entry(key, BUILDINGS, told["smap_id"], properties, (lon, lat, lon, lat))


def _hit(found: Found, row: Any) -> BuildingHit:
    field, spans, spaces = found.reading.spans(found.fit, found.lines)
    ranges = spans_in(row.name if field == "name_ko" else row.name_en or "", spans, spaces=spaces)
    match = Match("name" if field == "name_ko" else field, tuple((a, b) for a, b in ranges))
    far = None if found.distance_m is None else round(found.distance_m, 1)
    lon, lat = found.place
    return BuildingHit(row.smap_id, row.name, row.name_en, lon, lat, row.height, found.score, match, far)
