"""The search itself: candidates from the index, judged and put in order. Every call is blocking."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import Connection

from smap.content.record import Bbox
from smap.content.search.grams import CELL_SIZES_DEG, around, word_of
from smap.content.search.index import audience_of
from smap.content.search.meanings import begun_readings, readings, stem_readings, typo_readings
from smap.content.search.reading import MOST_SHARE, OTHER_LANGUAGE, PLAIN, Fit, Lines, Reading

__all__ = ["Asked", "Found", "distance_m", "find"]

MOST_JUDGED = 250
"""More candidates than these are not all judged: some 10 µs each. The best come from the best queries."""
MOST_BEGUN = 100
_POOL = 60
_MOST_AROUND = 1_000
_CITY_DEG2 = 0.12
"""The box of Seoul in square degrees: how dense things lie is guessed by it."""
_PLACES = "found.rowid"
_SPOT = "s.place, s.west, s.south, s.east, s.north"
_EARTH_M = 6_371_008.8
"""IUGG mean radius."""
_M_PER_DEG = math.radians(_EARTH_M)
_LEAST_M_PER_DEG = 87_000.0
"""Of longitude, the shorter one, at 38.5° N: the north of what records may lie in here."""


@dataclass(frozen=True)
class Asked:
    """What is searched for and where.

    near: lon, lat in degrees. box: west, south, east, north in degrees. begun: it is still being typed.
    """

    text: str
    lang: str | None = None
    layer: str | None = None
    near: tuple[float, float] | None = None
    box: Bbox | None = None
    drafts: bool = False
    begun: bool = False


class Found(NamedTuple):
    """A thing that fits: how well, what it is, by which reading, where (lon, lat in degrees) and how far."""

    score: float
    key: int
    layer: str
    id: str
    length: int
    reading: Reading
    fit: Fit
    lines: Lines
    place: tuple[float, float]
    distance_m: float | None


def find(connection: Connection, asked: Asked, *, most: int) -> tuple[list[Found], int]:
    """Give the best `most` things, and how many fit (of a text that is `begun`: how many were looked at).

    The plain readings come first; particles are taken off only where those find nothing, and typos are
    thought of only where that finds nothing either.
    """
    for ways in (begun_readings if asked.begun else readings, stem_readings, typo_readings):
        chosen = ways(asked.text)
        if chosen:
            found, matched = _find_by(connection, asked, chosen, most)
            if matched:
                return found, matched
    return [], 0


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Give the great-circle distance of two places (lon, lat in degrees): metres on the mean sphere."""
    (lon_a, lat_a), (lon_b, lat_b) = (map(math.radians, place) for place in (a, b))
    half = math.sin((lat_b - lat_a) / 2.0) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2.0) ** 2
    return 2.0 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def _find_by(connection: Connection, asked: Asked, ways: list[Reading], most: int) -> tuple[list[Found], int]:
    judged = MOST_BEGUN if asked.begun else MOST_JUDGED
    query = _or(way.quick for way in ways)
    places = _rows(connection, asked, query, judged + 1, columns=_PLACES)
    if len(places) <= judged:
        found = _in_order(_rows_at(connection, [place for (place,) in places]), asked, ways)
        return found[:most], len(found)
    ways, matched = _enough(connection, asked, ways, judged)
    found = _in_order(_best_rows(connection, asked, ways, most), asked, ways)
    return found[:most], matched


def _enough(
    connection: Connection, asked: Asked, ways: list[Reading], judged: int
) -> tuple[list[Reading], int]:
    """The readings that are worth asking, and how many fit: the plain one alone where it finds plenty."""
    plain = _count(connection, asked, ways[0].exact, judged + 1 if asked.begun else -1)
    if plain > judged or len(ways) == 1:
        return ways[:1], plain
    return ways, plain if asked.begun else _count(connection, asked, _or(way.exact for way in ways))


def _or(queries: Iterator[str]) -> str:
    return " OR ".join(queries)


def _best_rows(connection: Connection, asked: Asked, ways: list[Reading], most: int) -> list[Any]:
    """Candidates enough for the first `most`: from whole names to all, the nearest or shortest of each."""
    rows: dict[int, Any] = {}
    levels = zip_longest(*(way.first for way in ways))
    stages = [_or(query for query in level if query) for level in levels]
    # of one piece, the last stage before all candidates asks for all of them already
    for query in {_bare(query): query for query in (*stages, _or(way.quick for way in ways))}.values():
        rows |= {row[0]: row for row in _nearest_rows(connection, asked, query, most)}
        if len(rows) >= most + _POOL:
            break
    return list(rows.values())


def _bare(query: str) -> str:
    """Queries that differ only in quotes and brackets about one piece are the same."""
    bare = query.strip('()"')
    return query if " " in bare else bare


def _nearest_rows(connection: Connection, asked: Asked, query: str, most: int) -> Sequence[Any]:
    """Rows of one stage: the shortest names; where there are many and a place is given, those about it."""
    limit = most + _POOL
    if asked.near is None:
        return _rows(connection, asked, query, limit)
    count = _count(connection, asked, query)
    if count <= limit:
        return _rows(connection, asked, query, limit) if count else ()
    for ring, size in around(*asked.near):
        if 5.0 * size**2 * count < most * _CITY_DEG2 and size < CELL_SIZES_DEG[0]:
            continue  # too few to be expected so near
        spots = _rows(connection, asked, f"({query}) AND {ring}", _MOST_AROUND, columns=_SPOT)
        far = _by_distance(asked.near, spots)
        if sum(square <= (size * _LEAST_M_PER_DEG) ** 2 for square, _ in far) >= most:
            break
    rows = _rows_at(connection, [place for _, place in far[:limit]])
    return rows if len(rows) >= most else [*rows, *_rows(connection, asked, query, limit)]


def _by_distance(near: tuple[float, float], spots: Sequence[Any]) -> list[tuple[float, int]]:
    """Square metres and place of each spot, the nearest first; on a plane, whose errors are far below a metre
    a kilometre.
    """
    lon, lat = near
    across, along = _M_PER_DEG * math.cos(math.radians(lat)), _M_PER_DEG
    return sorted(
        (
            (((west + east) / 2.0 - lon) * across) ** 2 + (((south + north) / 2.0 - lat) * along) ** 2,
            place,
        )
        for place, west, south, east, north in spots
    )


def _rows(
    connection: Connection, asked: Asked, query: str, limit: int, columns: str = "s.*"
) -> Sequence[Any]:
    """Rows of `sought`, short names first; they may not fit."""
    condition, values = _where(asked, query, columns)
    told = f"SELECT {columns} {condition} ORDER BY found.rowid LIMIT ?"
    return connection.exec_driver_sql(told, (*values, limit)).fetchall()


def _rows_at(connection: Connection, places: list[int]) -> Sequence[Any]:
    told = "SELECT * FROM sought WHERE place IN (SELECT value FROM json_each(?))"
    return connection.exec_driver_sql(told, (json.dumps(places),)).fetchall()


def _count(connection: Connection, asked: Asked, query: str, most: int = -1) -> int:
    """How many candidates there are; no more than `most` are counted."""
    if asked.box is None:
        table = audience_of(drafts=asked.drafts)
        condition, values = f"FROM {table} WHERE {table} MATCH ?", (_in_layer(asked, query),)
    else:
        condition, values = _where(asked, query)
    told = f"SELECT count(*) FROM (SELECT 1 {condition} LIMIT ?)"  # noqa: S608 - fixed
    return int(connection.exec_driver_sql(told, (*values, most)).scalar() or 0)


def _in_layer(asked: Asked, query: str) -> str:
    return query if asked.layer is None else f"({query}) AND {word_of('l', asked.layer)}"


def _where(asked: Asked, query: str, columns: str = "") -> tuple[str, tuple[Any, ...]]:
    table = audience_of(drafts=asked.drafts)
    joined = "JOIN sought AS s ON s.place = found.rowid " if asked.box or columns != _PLACES else ""
    condition = f"FROM {table} AS found {joined}WHERE {table} MATCH ?"
    values: tuple[Any, ...] = (_in_layer(asked, query),)
    if asked.box is not None:
        west, south, east, north = asked.box
        across = "s.west <= ? AND s.east >= ?" if west <= east else "(s.west <= ? OR s.east >= ?)"
        condition += f" AND {across} AND s.south <= ? AND s.north >= ?"
        values += (east, west, north, south)
    return condition, values


def _in_order(rows: Sequence[Any], asked: Asked, ways: list[Reading]) -> list[Found]:
    found = [hit for row in rows if (hit := _judged(row, asked, ways)) is not None]
    found.sort(key=lambda hit: (-hit.score, hit.distance_m or 0.0, hit.length, hit.layer, hit.id))
    return found


def _judged(row: Any, asked: Asked, ways: list[Reading]) -> Found | None:
    place, key, layer, id_, names, addresses, sounds, *_ = row
    lines = Lines(names, addresses, sounds)
    fit, way = _best_fit(lines, ways)
    if not fit.worth:
        return None
    far = None
    if asked.near is not None:
        far = distance_m(asked.near, _middle(row))
    score = _score(fit, asked.lang, far)
    return Found(score, key, layer, id_, place >> 40, way, fit, lines, _middle(row), far)


def _best_fit(lines: Lines, ways: list[Reading]) -> tuple[Fit, Reading]:
    """The first reading that is plain, else the best one."""
    best, meant = ways[0].fit(lines), ways[0]
    for way in ways[1:] if best.scale < PLAIN else ():
        fit = way.fit(lines)
        if fit > best:
            best, meant = fit, way
    return best, meant


def _middle(row: Any) -> tuple[float, float]:
    west, south, east, north = row[-4:]
    return (west + east) / 2.0, (south + north) / 2.0


def _score(fit: Fit, lang: str | None, far: float | None) -> float:
    """Scale the small differences by the reading's own worth, so that they never leave its band."""
    added = MOST_SHARE * (fit.share if far is None else 1.0 / (1.0 + far / 1000.0))
    lost = OTHER_LANGUAGE if lang and fit.language not in ("", lang) else 0.0
    return round(fit.worth + fit.scale * (added - lost), 9)
