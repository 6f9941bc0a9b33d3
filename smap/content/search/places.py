"""Searching the records: the best of the index, with the records behind them and what is to be marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, bindparam

from smap.content.database import layers_of, reading
from smap.content.model import layer_model
from smap.content.record import Hit, Match, Record
from smap.content.repository import record_of, select_shown
from smap.content.search.find import Asked, Found, find
from smap.content.search.fold import fold, spans_in
from smap.content.tables import shown
from smap.errors import UsageError

__all__ = ["MOST_SUGGESTED", "SearchPage", "search", "search_page", "suggest"]

LONGEST_QUERY = 100
MOST_SUGGESTED = 8
_RECORDS = {
    drafts: select_shown(drafts=drafts)
    .add_columns(shown.c.key)
    .where(shown.c.key.in_(bindparam("keys", expanding=True)))
    for drafts in (False, True)
}


@dataclass(frozen=True)
class SearchPage:
    """Some hits of a search, and how many there are in all (`numberMatched`)."""

    hits: Sequence[Hit]
    matched: int


def search(
    engine: Engine, q: str, *, lang: str | None = None, limit: int = 20, drafts: bool = False
) -> list[Hit]:
    """Give the records that `q` finds, best first; as `search_page` does."""
    return list(search_page(engine, Asked(q, lang=lang, drafts=drafts), limit=limit).hits)


def search_page(engine: Engine, asked: Asked, *, limit: int = 20, offset: int = 0) -> SearchPage:
    """Give a page of the records whose names or addresses hold every word of the text, best first.

    Exact names before names that begin with the text, before words that begin with it, before the rest; then
    what is half typed, typed on the other keyboard or romanised otherwise; case, width and the form of a
    Chinese character do not matter. Where all that finds nothing, particles are taken off, and then one or
    two wrong letters are allowed. An empty text finds nothing. `lang` puts names in that language first,
    `near` what is closer among equals. Errors: UsageError where the text is longer than 100 characters;
    NotFoundError for an unknown layer.
    """
    asked = _checked(engine, asked)
    if not fold(asked.text):
        return SearchPage((), 0)
    with reading(engine) as connection:
        found, matched = find(connection, asked, most=max(limit, 0) + offset)
        return SearchPage(_hits(connection, found[offset:], asked.drafts), matched)


def suggest(engine: Engine, asked: Asked, *, limit: int = MOST_SUGGESTED) -> SearchPage:
    """Give the best hits for a text that is being typed, at most 8; `matched` is what was looked at.

    Errors: as `search_page`.
    """
    asked = _checked(engine, asked)
    if not fold(asked.text):
        return SearchPage((), 0)
    with reading(engine) as connection:
        most = min(max(limit, 0), MOST_SUGGESTED)
        found, matched = find(connection, replace(asked, begun=True), most=most)
        return SearchPage(_hits(connection, found, asked.drafts), matched)


def _checked(engine: Engine, asked: Asked) -> Asked:
    """NFC first: decomposed Hangul has up to three code points for a syllable."""
    length = len(unicodedata.normalize("NFC", asked.text[: LONGEST_QUERY * 4]))
    if length > LONGEST_QUERY:
        raise UsageError(
            f"the search text has {max(length, len(asked.text))} characters: {LONGEST_QUERY} is the most"
        )
    if asked.layer is not None:
        layer_model(asked.layer, layers_of(engine))
    return asked


def _hits(connection: Connection, found: Sequence[Found], drafts: bool) -> list[Hit]:
    rows = connection.execute(_RECORDS[drafts], {"keys": [one.key for one in found]}) if found else ()
    records = {row.key: record_of(row) for row in rows}
    return [_hit(one, records[one.key]) for one in found if one.key in records]


def _hit(found: Found, record: Record) -> Hit:
    field, spans, spaces = found.reading.spans(found.fit, found.lines)
    ranges = spans_in(str(record.properties.get(field, "")), spans, spaces=spaces)
    distance = None if found.distance_m is None else round(found.distance_m, 1)
    return Hit(record, found.score, Match(field, tuple((a, b) for a, b in ranges)), found.place, distance)
