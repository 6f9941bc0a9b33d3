"""The rows behind a record: its head, its revisions, and what is shown of them; inside a caller's write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from smap.content.geometry import extent_of
from smap.content.record import Draft, Geometry, Properties
from smap.content.search import index
from smap.content.tables import records, revisions, shown

__all__ = ["Head", "append", "find_head", "put_aside", "set_published", "stamp", "text_of"]


# Statements built once: building one anew costs more than running it (an import runs 14 for each record)
_FIND = select(records.c.key, records.c.revision, records.c.published, records.c.deleted).where(
    records.c.layer == bindparam("layer"), records.c.id == bindparam("id")
)
_FIND_SHOWN = select(shown.c.key).where(
    shown.c.record == bindparam("record"), shown.c.draft == bindparam("draft")
)
_ADD_RECORD = insert(records).returning(records.c.key)
_ADD_REVISION = insert(revisions)
_ADD_SHOWN = insert(shown).returning(shown.c.key)
_ADD_PLACE = text(
    "INSERT INTO shown_place (key, west, east, south, north) VALUES (:key, :west, :east, :south, :north)"
)
_HIDE = (
    text("DELETE FROM shown_place WHERE key = :key"),
    text("DELETE FROM shown WHERE key = :key"),
)


@dataclass(frozen=True)
class Head:
    """Where a record stands: its newest revision, the published one, and whether it is deleted."""

    key: int
    revision: int
    published: int | None
    deleted: bool


def stamp(now: datetime) -> str:
    """Write an aware time as UTC text that sorts."""
    assert now.tzinfo is not None, "times are aware"
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def text_of(value: Geometry | Properties) -> str:
    """Write JSON as it is kept and compared."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def find_head(connection: Connection, layer: str, id: str) -> Head | None:
    """Give where a record stands, or None where there never was one."""
    row = connection.execute(_FIND, {"layer": layer, "id": id}).first()
    return None if row is None else Head(*row)


def append(
    connection: Connection, head: Head | None, draft: Draft, *, action: str, author: str, now: datetime
) -> Head:
    """Write the next revision of a record (the first without a head) and show it to the editors."""
    next_head = _advance(connection, head, draft, deleted=action == "deleted")
    row = {
        "record": next_head.key,
        "revision": next_head.revision,
        "action": action,
        "author": author,
        "at": stamp(now),
        "geometry": text_of(draft.geometry),
        "properties": text_of(draft.properties),
    }
    connection.execute(_ADD_REVISION, row)
    _show(connection, next_head, draft, is_draft=True)
    return next_head


def set_published(connection: Connection, head: Head, draft: Draft | None) -> Head:
    """Show a record's newest revision (given as `draft`) to the public, or nothing of it (None)."""
    published = None if draft is None else head.revision
    connection.execute(update(records).where(records.c.key == head.key).values(published=published))
    if draft is None:
        _hide(connection, head.key, is_draft=False)
    else:
        _show(connection, head, draft, is_draft=False)
    return Head(head.key, head.revision, published, head.deleted)


def put_aside(connection: Connection, head: Head) -> None:
    """Show nothing of a record any more, neither to the public nor to the editors."""
    set_published(connection, head, None)
    _hide(connection, head.key, is_draft=True)


def _advance(connection: Connection, head: Head | None, draft: Draft, *, deleted: bool) -> Head:
    if head is None:
        new = {"layer": draft.layer, "id": draft.id, "revision": 1, "deleted": False}
        key = connection.execute(_ADD_RECORD, new).scalar_one()
        return Head(key, 1, published=None, deleted=False)
    revision = head.revision + 1
    values = {"revision": revision, "deleted": deleted}
    connection.execute(update(records).where(records.c.key == head.key).values(values))
    return Head(head.key, revision, head.published, deleted)


def _hide(connection: Connection, record: int, *, is_draft: bool) -> None:
    key = connection.execute(_FIND_SHOWN, {"record": record, "draft": is_draft}).scalar()
    if key is None:
        return
    index.remove(connection, key, drafts=is_draft)
    for statement in _HIDE:
        connection.execute(statement, {"key": key})


def _show(connection: Connection, head: Head, draft: Draft, *, is_draft: bool) -> None:
    _hide(connection, head.key, is_draft=is_draft)
    west, south, east, north = extent_of(draft.geometry)
    box = {"west": west, "south": south, "east": east, "north": north}
    row: dict[str, Any] = {
        "record": head.key,
        "draft": is_draft,
        "revision": head.revision,
        "layer": draft.layer,
        "id": draft.id,
        "point": draft.geometry["type"] == "Point",
    }
    key = connection.execute(_ADD_SHOWN, row | box).scalar_one()
    connection.execute(_ADD_PLACE, {"key": key} | box)
    entry = index.Entry(key, draft.layer, draft.id, draft.properties, (west, south, east, north))
    index.add(connection, entry, drafts=is_draft)
