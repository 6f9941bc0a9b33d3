"""The audit log: who did what and when. Append-only; each line's digest covers all lines before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from smap.content.database import reading
from smap.content.ledger import stamp
from smap.content.tables import audit

__all__ = ["AuditLine", "audit_log", "first_broken", "log"]


@dataclass(frozen=True)
class AuditLine:
    """One line of the log; `subject` is layer/id or an account, `detail` says what changed."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    digest: str


def log(
    connection: Connection, *, actor: str, action: str, subject: str, detail: str = "", now: datetime
) -> None:
    """Append a line inside the transaction of the change that it tells of."""
    newest = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    number, before = connection.execute(newest).first() or (0, "")
    line = (number + 1, stamp(now), actor, action, subject, detail)
    columns = ("number", "at", "actor", "action", "subject", "detail", "digest")
    row = dict(zip(columns, (*line, _digest(before, line)), strict=True))
    connection.execute(insert(audit).values(row))


def audit_log(engine: Engine) -> list[AuditLine]:
    """Give the whole log, oldest first."""
    with reading(engine) as connection:
        return [AuditLine(*row) for row in connection.execute(select(audit).order_by(audit.c.number))]


def first_broken(lines: Sequence[AuditLine]) -> AuditLine | None:
    """Give the first line that was changed, or that follows a missing one; None where the chain holds."""
    before = ""
    for number, line in enumerate(lines, 1):
        content = (line.number, line.at, line.actor, line.action, line.subject, line.detail)
        if line.number != number or line.digest != _digest(before, content):
            return line
        before = line.digest
    return None


def _digest(before: str, line: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps([before, *line], ensure_ascii=False).encode()).hexdigest()
