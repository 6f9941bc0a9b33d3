"""Finding records by name: contains, in Korean, English and hanja, best first."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, select, text

from smap.content.database import reading
from smap.content.names import SEARCHED, bigram_query, compact, fold, trigram_query
from smap.content.record import Hit
from smap.content.repository import record_of, select_shown
from smap.content.tables import shown
from smap.errors import UsageError

__all__ = ["search"]

LONGEST_QUERY = 100
EXACT, PREFIX, WORD, INSIDE, SCATTERED = 0.9, 0.7, 0.5, 0.3, 0.1
"""The scores of a match by kind; how much of the name was asked for adds up to 0.1."""
OTHER_LANGUAGE = 0.05
"""What a match in another language's name loses: never as much as a kind is worth."""


def search(
    engine: Engine, q: str, *, lang: str | None = None, limit: int = 20, drafts: bool = False
) -> list[Hit]:
    """Give the records whose names contain every word of `q`, best first.

    Exact names before names that begin with `q`, before words that begin with it, before the rest; case does
    not matter; an empty `q` finds nothing. `lang` ("ko" or "en") puts hits in that language's names first.
    Errors: UsageError where `q` is longer than 100 characters.
    """
    if len(q) > LONGEST_QUERY:
        raise UsageError(f"the search text has {len(q)} characters: {LONGEST_QUERY} is the most")
    query = fold(q)
    if not query:
        return []
    rows = select(shown.c.key, shown.c.names, shown.c.layer, shown.c.id).where(shown.c.draft.is_(drafts))
    for number, word in enumerate(query.split()):
        rows = rows.where(_contains(word, f"word_{number}"))
    with reading(engine) as connection:
        scored = [(_score(row.names.split("\n"), query, lang), row) for row in connection.execute(rows)]
        scored.sort(key=lambda hit: (-hit[0], len(hit[1].names), hit[1].layer, hit[1].id))
        best = {row.key: score for score, row in scored[: max(limit, 0)]}
        found = select_shown(drafts=drafts).add_columns(shown.c.key).where(shown.c.key.in_(best))
        records = {row.key: record_of(row) for row in connection.execute(found)}
    return [Hit(records[key], score) for key, score in best.items()]


def _contains(word: str, parameter: str) -> ColumnElement[bool]:
    """Three characters and more by the trigram index, one or two by the pairs."""
    table, match = (
        ("name_trigrams", trigram_query(word)) if len(word) > 2 else ("name_bigrams", bigram_query(word))
    )
    condition = f"shown.key IN (SELECT rowid FROM {table} WHERE names MATCH :{parameter})"  # noqa: S608 - fixed
    return text(condition).bindparams(**{parameter: match})  # type: ignore[return-value]


def _score(names: list[str], query: str, lang: str | None) -> float:
    """Give the best score of a record's names (folded, in the order of SEARCHED)."""
    best = SCATTERED
    for name, language in zip(names, SEARCHED.values(), strict=True):
        kind = max(_kind(name, query), _kind(compact(name), compact(query)))
        if kind > SCATTERED:
            share = 0.1 * len(compact(query)) / len(compact(name))
            best = max(best, kind + share - (OTHER_LANGUAGE if lang not in (None, language) else 0.0))
    return round(best, 6)


def _kind(name: str, query: str) -> float:
    if name == query:
        return EXACT
    if name.startswith(query):
        return PREFIX
    if f" {query}" in name:
        return WORD
    return INSIDE if query in name else SCATTERED
