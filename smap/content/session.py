"""Sessions of signed-in users, kept in the database as hashes of their tokens."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from smap.content.access import User
from smap.content.database import reading, writing
from smap.content.tables import sessions, users

__all__ = ["Session", "end_session", "read_session", "start_session"]

IDLE_S, ABSOLUTE_S = 1800.0, 43200.0
"""A session ends after 30 minutes without a request, and after 12 hours (NIST SP 800-63B §2.2.3)."""
REFRESH_S = 60.0
"""Reading writes down "seen" at most once a minute, so that reading does not become writing."""
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A signed-in user; every change must bring `csrf` along; without a further read it ends at `expires`."""

    user: User
    csrf: str
    expires: datetime


def start_session(
    engine: Engine,
    user: User,
    *,
    now: datetime,
    replaces: str | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[str, Session]:
    """Start a session after a login and give its secret token (for the cookie) and the session.

    `replaces`: the token that came with the login request; it ends here (rotation).
    """
    token = urlsafe_b64encode(random_bytes(TOKEN_BYTES)).rstrip(b"=").decode()
    at = now.timestamp()
    with writing(engine) as connection:
        ended = (sessions.c.seen <= at - IDLE_S) | (sessions.c.started <= at - ABSOLUTE_S)
        connection.execute(delete(sessions).where(ended))
        if replaces is not None:
            connection.execute(delete(sessions).where(sessions.c.token == _hash("token", replaces)))
        row = {"token": _hash("token", token), "user": user.name, "started": at, "seen": at}
        connection.execute(insert(sessions).values(row))
    return token, Session(user, _hash("csrf", token), _expires(at, at))


def read_session(engine: Engine, token: str, now: datetime) -> Session | None:
    """Give the session of a token, or None where it is unknown, idle for too long, too old or ended."""
    hashed, at = _hash("token", token), now.timestamp()
    query = (
        select(sessions.c.user, users.c.role, sessions.c.started, sessions.c.seen)
        .join(users, users.c.name == sessions.c.user)
        .where(sessions.c.token == hashed)
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    if row is None or not _lives(row, at):
        return None
    seen = row.seen
    if at - seen >= REFRESH_S:
        seen = at
        with writing(engine) as connection:
            connection.execute(update(sessions).where(sessions.c.token == hashed).values(seen=at))
    return Session(User(row.user, row.role), _hash("csrf", token), _expires(row.started, seen))


def end_session(engine: Engine, token: str) -> None:
    """End a session; an unknown token is no error."""
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.token == _hash("token", token)))


def _lives(row: Row[*tuple[Any, ...]], at: float) -> bool:
    return bool(at < row.seen + IDLE_S and at < row.started + ABSOLUTE_S)


def _expires(started: float, seen: float) -> datetime:
    return datetime.fromtimestamp(min(started + ABSOLUTE_S, seen + IDLE_S), UTC)


def _hash(purpose: str, token: str) -> str:
    """The token has 256 random bits, so a plain hash cannot be turned back; purposes keep hashes apart."""
    return hashlib.sha256(f"{purpose}:{token}".encode("utf-8", "replace")).hexdigest()
