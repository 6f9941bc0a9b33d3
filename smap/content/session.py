"""Sessions of signed-in users, kept in the database as hashes of their tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from smap.content.access import User

__all__ = ["Session", "end_session", "read_session", "start_session"]


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
    raise NotImplementedError


def read_session(engine: Engine, token: str, now: datetime) -> Session | None:
    """Give the session of a token, or None where it is unknown, idle for too long, too old or ended."""
    raise NotImplementedError


def end_session(engine: Engine, token: str) -> None:
    """End a session; an unknown token is no error."""
    raise NotImplementedError
