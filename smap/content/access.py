"""Who may do what: roles, accounts, login and its throttling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Engine

from smap.errors import AccessError

__all__ = ["Role", "TooManyAttemptsError", "User", "add_user", "authenticate"]

Role: TypeAlias = Literal["editor", "reviewer", "admin"]


@dataclass(frozen=True)
class User:
    """Somebody who acts on the content."""

    name: str
    role: Role


class TooManyAttemptsError(AccessError):
    """Too many failed logins of this account or this client; wait `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many failed attempts to sign in: try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


def add_user(engine: Engine, actor: User, name: str, password: str, role: Role, *, now: datetime) -> User:
    """Make an account. Errors: ValidationError (name, weak password, role); ConflictError (name taken)."""
    raise NotImplementedError


def authenticate(engine: Engine, name: str, password: str, *, client: str, now: datetime) -> User:
    """Check a password; an unknown name takes as long as a wrong password and says the same.

    `client` is the client's address. Errors: AccessError; TooManyAttemptsError.
    """
    raise NotImplementedError
