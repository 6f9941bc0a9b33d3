"""The index of names in the database: written with what is shown, in the same transaction.

`sought` has a row for everything that can be found; its `place` is the rowid in the full-text tables, one for
what the public sees and one for the drafts. A place begins with the length of the shortest name, so that the
full-text table gives short names first without sorting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from smap.content.prepared import Prepared
from smap.content.record import Bbox, Properties
from smap.content.search.fold import compact, fold
from smap.content.search.grams import EDGE, cells, sequence, word_of
from smap.content.search.hangul import choseong, is_hangul, keystrokes
from smap.content.search.romanise import as_spelled, loose_key, romanised
from smap.content.search.typos import variants

__all__ = [
    "ADDRESSED",
    "SEARCHED",
    "SOUNDED",
    "TABLES",
    "Entry",
    "add",
    "audience_of",
    "rebuild",
    "remove",
]

SEARCHED = {
    "name_ko": "ko",
    "name_hanja": "ko",
    "name_en": "en",
    "name_ja": "ja",
    "name_zh": "zh",
    "name_romanised": "en",
}
"""The names that are searched and the language of their readers."""
ADDRESSED = {"address_ko": "ko", "address_en": "en"}
"""Where a thing stands, searched as text after the names."""
SOUNDED = ("name_ko", "name_ko", "name_en", "name_romanised")
"""The names behind the lines of `sounds`: Korean as heard and as spelled, and what is Latin already."""

_ALL = (*SEARCHED, *ADDRESSED)
_LENGTH_AT = 40
"""Bits of a place below the length: 10¹² things."""
_LONGEST = 255
TABLES = (
    """CREATE TABLE sought (
        place INTEGER PRIMARY KEY,
        key INTEGER NOT NULL UNIQUE,
        layer TEXT NOT NULL,
        id TEXT NOT NULL,
        names TEXT NOT NULL,
        addresses TEXT NOT NULL,
        sounds TEXT NOT NULL,
        west REAL NOT NULL,
        south REAL NOT NULL,
        east REAL NOT NULL,
        north REAL NOT NULL
    )""",
    *(
        f"""CREATE VIRTUAL TABLE {table} USING fts5(
        words, content = '', contentless_delete = 1, detail = full, tokenize = 'ascii')"""
        for table in ("sought_public", "sought_drafts")
    ),
)
"""The tables of the index, as the migration makes them."""

_ADD = Prepared(
    text(
        "INSERT INTO sought VALUES"
        " (:place, :key, :layer, :id, :names, :addresses, :sounds, :west, :south, :east, :north)"
    )
)
_ADD_WORDS = {
    drafts: Prepared(text(f"INSERT INTO {table} (rowid, words) VALUES (:place, :words)"))  # noqa: S608 - fixed
    for drafts, table in ((False, "sought_public"), (True, "sought_drafts"))
}
_SHOWN = text(
    "SELECT shown.key, shown.layer, shown.id, revisions.properties, west, south, east, north, draft"
    " FROM shown"
    " JOIN revisions ON revisions.record = shown.record AND revisions.revision = shown.revision"
)
_PLACE = Prepared(text("SELECT place FROM sought WHERE key = :key"))
_REMOVE = Prepared(text("DELETE FROM sought WHERE place = :place"))
_REMOVE_WORDS = {
    drafts: Prepared(text(f"DELETE FROM {table} WHERE rowid = :place"))  # noqa: S608 - fixed
    for drafts, table in ((False, "sought_public"), (True, "sought_drafts"))
}


class Entry(NamedTuple):
    """Something that can be found: its key, what it is, its names and addresses, its box in degrees."""

    key: int
    layer: str
    id: str
    properties: Properties
    box: Bbox


def audience_of(*, drafts: bool) -> str:
    """Give the full-text table of the editors or of the public."""
    return "sought_drafts" if drafts else "sought_public"


def add(connection: Connection, entry: Entry, *, drafts: bool) -> None:
    """Make something findable, inside the caller's transaction."""
    names, addresses, sounds, words = _written(tuple(_text(entry.properties, name) for name in _ALL))
    west, south, east, north = entry.box
    row: dict[str, Any] = {
        "place": _place(entry.key, names),
        "key": entry.key,
        "layer": entry.layer,
        "id": entry.id,
        "names": names,
        "addresses": addresses,
        "sounds": sounds,
    } | {"west": west, "south": south, "east": east, "north": north}
    _ADD.run(connection, row)
    where = " ".join([*cells((west + east) / 2.0, (south + north) / 2.0), word_of("l", entry.layer)])
    _ADD_WORDS[drafts].run(connection, {"place": row["place"], "words": f"{words} {where}"})


def remove(connection: Connection, key: int, *, drafts: bool) -> None:
    """Take something from the index, inside the caller's transaction."""
    place = _PLACE.run(connection, {"key": key}).scalar()
    if place is not None:
        _REMOVE_WORDS[drafts].run(connection, {"place": place})
        _REMOVE.run(connection, {"place": place})


def rebuild(connection: Connection) -> None:
    """Make the whole index anew from what is shown, inside the caller's transaction."""
    for table in ("sought", "sought_public", "sought_drafts"):
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - fixed
    for key, layer, id_, properties, *box, draft in connection.execute(_SHOWN).all():
        west, south, east, north = box
        entry = Entry(key, layer, id_, json.loads(properties), (west, south, east, north))
        add(connection, entry, drafts=bool(draft))


@lru_cache(maxsize=2)
def _written(texts: tuple[str, ...]) -> tuple[str, str, str, str]:
    """Names, addresses, sounds and words for the texts of _ALL; a draft is most often published as it is."""
    folded = [fold(text) for text in texts]
    names, addresses = folded[: len(SEARCHED)], folded[len(SEARCHED) :]
    sounds = _sounds(dict(zip(SEARCHED, texts, strict=False)))
    words = _words(names, addresses, sounds)
    return EDGE.join(names), EDGE.join(addresses), EDGE.join(sounds), " ".join(words)


def _sounds(names: dict[str, str]) -> list[str]:
    """The loose keys of the names in the order of SOUNDED, word by word, "" where there is none."""
    korean = fold(names["name_ko"])
    heard = [romanised(korean), as_spelled(korean)] if is_hangul(korean) else ["", ""]
    latin = [names[field].replace("-", "") for field in SOUNDED[2:]]
    return [" ".join(filter(None, map(loose_key, line.split()))) for line in [*heard, *latin]]


def _words(names: list[str], addresses: list[str], sounds: list[str]) -> list[str]:
    korean = names[0]
    words: list[str] = []
    for form in [*_forms(names), *filter(None, addresses)]:
        words += sequence("n", form)
    if is_hangul(korean):
        for form in _forms([korean]):
            words += [*sequence("k", keystrokes(form)), *sequence("c", choseong(form))]
    for form in _forms(sounds):
        words += sequence("r", form)
    near = {word for key in _typed_keys(korean, sounds) for end in variants(key) for word in end}
    letters = {word_of("i", word[0]) for line in names for word in line.split() if word.isascii()}
    return [*words, *sorted(near), *sorted(letters)]


def _typed_keys(korean: str, sounds: list[str]) -> Iterator[str]:
    """What a search with a typo is compared with: words, and Korean names without spaces."""
    if is_hangul(korean):
        yield from map(keystrokes, {*korean.split(), compact(korean)})
    for line in sounds:
        yield from line.split()
    yield from map(compact, sounds[:2])


def _forms(lines: list[str]) -> list[str]:
    """Each line as written and without spaces, each once."""
    return list(dict.fromkeys(form for line in lines if line for form in (line, compact(line))))


def _place(key: int, names: str) -> int:
    length = min((len(compact(name)) for name in names.split(EDGE) if name), default=_LONGEST)
    return (min(length, _LONGEST) << _LENGTH_AT) + key


def _text(properties: Properties, field: str) -> str:
    value = properties.get(field, "")
    return value if isinstance(value, str) else ""
