"""Taking an import back: each record becomes again what it was before, as a new revision."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from smap.content.access import User, demand
from smap.content.audit import log
from smap.content.database import writing
from smap.content.exchange.standing import standing
from smap.content.ledger import Head, append, put_aside, set_published
from smap.content.record import Draft
from smap.content.tables import audit, imported, records, revisions
from smap.errors import ConflictError, NotFoundError

__all__ = ["UndoReport", "undo_import"]

_ROWS = (
    select(imported, records.c.layer, records.c.id, records.c.revision.label("newest"))
    .add_columns(records.c.published, records.c.deleted)
    .join(records, records.c.key == imported.c.record)
    .where(imported.c.number == bindparam("wanted"), imported.c.undone.is_(None))
    .order_by(records.c.layer, records.c.id)
)
_REVISION = select(revisions.c.geometry, revisions.c.properties, revisions.c.action).where(
    revisions.c.record == bindparam("key"), revisions.c.revision == bindparam("number")
)
_UNDONE = (
    update(imported)
    .where(imported.c.number == bindparam("wanted"), imported.c.record == bindparam("key"))
    .values(undone=bindparam("by"))
)


@dataclass
class UndoReport:
    """What an undo did: records restored, those taken away again, and the ids of those changed since."""

    number: int
    layer: str
    restored: int = 0
    removed: int = 0
    changed_since: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the counts and the ids that were left as they are."""
        return {
            "import": self.number,
            "layer": self.layer,
            "restored": self.restored,
            "removed": self.removed,
            "changed_since": self.changed_since,
        }


def undo_import(engine: Engine, actor: User, number: int, *, now: datetime) -> UndoReport:
    """Take back what the import of that line of the audit log did, in one transaction.

    A record that was changed, published anew or taken from the public since is left as it is and listed; it
    can be undone later, once the later import is. Errors: NotFoundError where the line is no import;
    ConflictError where all of it was undone already; AccessError; StorageError.
    """
    demand(actor, "publish")
    with writing(engine) as connection:
        line = connection.execute(select(audit).where(audit.c.number == number)).first()
        if line is None or line.action != "import":
            raise NotFoundError(f"there is no import {number}: `smap content audit` lists them by number")
        rows = connection.execute(_ROWS, {"wanted": number}).all()
        if not rows:
            raise ConflictError(f"import {number} was undone already, or was written by an older S-Map")
        report = UndoReport(number, line.subject)
        for row in rows:
            _undo(connection, row, report, actor, now)
        _sign(connection, report, actor, now)
    return report


def _sign(connection: Connection, report: UndoReport, actor: User, now: datetime) -> None:
    done = report.restored + report.removed
    if done:
        left = f", {len(report.changed_since)} changed since" if report.changed_since else ""
        detail = f"import {report.number}: {report.restored} restored, {report.removed} removed{left}"
        log(connection, actor=actor.name, action="undo", subject=report.layer, detail=detail, now=now)


def _undo(
    connection: Connection, row: Row[*tuple[Any, ...]], report: UndoReport, actor: User, now: datetime
) -> None:
    stands = standing(connection, row.record, row.newest)  # what undoing a later import restored counts
    if stands != row.revision or row.published != row.newest or row.deleted:
        report.changed_since.append(row.id)
        return
    head = Head(row.record, row.newest, row.published, deleted=False)
    undone = _restored(connection, head, row, actor, now)
    connection.execute(_UNDONE, {"wanted": row.number, "key": row.record, "by": undone.revision})
    report.removed += undone.deleted
    report.restored += not undone.deleted


def _restored(
    connection: Connection, head: Head, row: Row[*tuple[Any, ...]], actor: User, now: datetime
) -> Head:
    """Write what was before as the newest revision, and show the public what it saw before."""
    draft, was_deleted = _draft(connection, row, row.before or row.revision)
    gone = row.before is None or was_deleted
    if row.before != row.revision:
        action = "deleted" if gone else "restored"
        head = append(connection, head, draft, action=action, author=actor.name, now=now)
    if gone:
        put_aside(connection, head)
    elif row.published_before is None:
        set_published(connection, head, None)
    elif row.published_before == row.before:
        set_published(connection, head, draft)
    else:
        older = Head(head.key, row.published_before, head.published, head.deleted)
        set_published(connection, older, _draft(connection, row, row.published_before)[0])
    return head


def _draft(connection: Connection, row: Row[*tuple[Any, ...]], revision: int) -> tuple[Draft, bool]:
    found = connection.execute(_REVISION, {"key": row.record, "number": revision}).one()
    draft = Draft(row.layer, row.id, json.loads(found.geometry), json.loads(found.properties))
    return draft, found.action == "deleted"
