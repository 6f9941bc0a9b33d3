"""The rows behind a record: its head, its revisions, and what is shown of them; inside a caller's write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text

from smap.content.geometry import extent_of
from smap.content.prepared import Prepared
from smap.content.record import Draft, Geometry, Properties
from smap.content.search import index
from smap.content.tables import records, revisions, shown

__all__ = ["Head", "append", "find_head", "put_aside", "set_published", "stamp", "text_of"]


_FIND = Prepared(
    select(records.c.key, records.c.revision, records.c.published, records.c.deleted).where(
        records.c.layer == bindparam("layer"), records.c.id == bindparam("id")
    )
)
_FIND_SHOWN = Prepared(
    select(shown.c.key).where(shown.c.record == bindparam("record"), shown.c.draft == bindparam("draft"))
)
_ADD_RECORD = Prepared(
    text("INSERT INTO records (layer, id, revision, deleted) VALUES (:layer, :id, 1, 0) RETURNING key")
)
_ADVANCE = Prepared(text("UPDATE records SET revision = :revision, deleted = :deleted WHERE key = :key"))
_PUBLISH = Prepared(text("UPDATE records SET published = :published WHERE key = :key"))
_ADD_REVISION = Prepared(insert(revisions))
_ADD_SHOWN = Prepared(
    insert(shown)
    .values({name: bindparam(name) for name in shown.c.keys() if name != "key"})  # noqa: SIM118 - a collection
    .returning(shown.c.key)
)
_ADD_PLACE = Prepared(
    text(
        "INSERT INTO shown_place (key, west, east, south, north) VALUES (:key, :west, :east, :south, :north)"
    )
)
_HIDE = (
    Prepared(text("DELETE FROM shown_place WHERE key = :key")),
    Prepared(text("DELETE FROM shown WHERE key = :key")),
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
    row: Any = _FIND.run(connection, {"layer": layer, "id": id}).first()
    if row is None:
        return None
    key, revision, published, deleted = row
    return Head(key, revision, published, deleted=bool(deleted))


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
    _ADD_REVISION.run(connection, row)
    if head is not None:
        _hide(connection, head.key, is_draft=True)
    _show(connection, next_head, draft, is_draft=True)
    return next_head


def set_published(connection: Connection, head: Head, draft: Draft | None) -> Head:
    """Show a record's newest revision (given as `draft`) to the public, or nothing of it (None)."""
    published = None if draft is None else head.revision
    _PUBLISH.run(connection, {"key": head.key, "published": published})
    if head.published is not None:
        _hide(connection, head.key, is_draft=False)
    if draft is not None:
        _show(connection, head, draft, is_draft=False)
    return Head(head.key, head.revision, published, head.deleted)


def put_aside(connection: Connection, head: Head) -> None:
    """Show nothing of a record any more, neither to the public nor to the editors."""
    set_published(connection, head, None)
    _hide(connection, head.key, is_draft=True)


def _advance(connection: Connection, head: Head | None, draft: Draft, *, deleted: bool) -> Head:
    if head is None:
        key = _ADD_RECORD.run(connection, {"layer": draft.layer, "id": draft.id}).scalar_one()
        return Head(key, 1, published=None, deleted=False)
    revision = head.revision + 1
    _ADVANCE.run(connection, {"key": head.key, "revision": revision, "deleted": deleted})
    return Head(head.key, revision, head.published, deleted)


def _hide(connection: Connection, record: int, *, is_draft: bool) -> None:
    key = _FIND_SHOWN.run(connection, {"record": record, "draft": is_draft}).scalar()
    if key is None:
        return
    index.remove(connection, key, drafts=is_draft)
    for statement in _HIDE:
        statement.run(connection, {"key": key})


def _show(connection: Connection, head: Head, draft: Draft, *, is_draft: bool) -> None:
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
    key = _ADD_SHOWN.run(connection, row | box).scalar_one()
    _ADD_PLACE.run(connection, {"key": key} | box)
    entry = index.Entry(key, draft.layer, draft.id, draft.properties, (west, south, east, north))
    index.add(connection, entry, drafts=is_draft)
