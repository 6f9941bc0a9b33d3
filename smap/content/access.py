"""Who may do what: roles, accounts, login and its throttling."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import Literal, TypeAlias, cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from smap.content.audit import log
from smap.content.database import reading, writing
from smap.content.ledger import stamp
from smap.content.tables import attempts, users
from smap.errors import AccessError, ConflictError, TooManyAttemptsError, ValidationError

__all__ = [
    "Deed",
    "Role",
    "User",
    "add_user",
    "authenticate",
    "check_account",
    "demand",
]

Role: TypeAlias = Literal["editor", "reviewer", "admin"]
Deed: TypeAlias = Literal["write", "publish", "delete", "accounts"]

RIGHTS: dict[Role, frozenset[Deed]] = {
    "editor": frozenset({"write", "publish"}),
    "reviewer": frozenset({"write", "publish", "delete"}),
    "admin": frozenset({"write", "publish", "delete", "accounts"}),
}
"""What each role may do. Until there is a review, editors publish what they wrote."""

SHORTEST_PASSWORD, LONGEST_PASSWORD, FEWEST_CHARACTERS = 12, 256, 5
ATTEMPTS_PER_NAME, ATTEMPTS_PER_CLIENT, ATTEMPTS_WINDOW_S = 10, 50, 900.0
"""OWASP ASVS 5 §6.3.1 wants guessing stopped: 10 failures of a name, or 50 of an address, in 15 minutes."""

FEWEST_OWN_LETTERS = 4
_WELL_KNOWN = re.compile(
    "passw[o0]rd|qwerty(?:uiop)?|asdfgh(?:jkl)?|zxcvbnm?|1q2w3e4r|qazwsx|abcdefg?h?|letmein|welcome|iloveyou|"
    "admin(?:istrator)?|monkey|dragon|football|changeme|secret|비밀번호|암호|서울|seoul|s-?map|korea"
)
"""Stems of what leads every list of leaked passwords, and words of this house (ASVS 5 §6.2.4, §6.2.11)."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_REFUSED = "the name or the password is wrong"


@dataclass(frozen=True)
class User:
    """Somebody who acts on the content."""

    name: str
    role: Role


def demand(actor: User, deed: Deed) -> None:
    """Let those pass who may do it. Errors: AccessError."""
    if deed not in RIGHTS[actor.role]:
        able = ", ".join(role for role, deeds in RIGHTS.items() if deed in deeds)
        raise AccessError(f"{actor.name} is {actor.role} and may not {deed}: ask one of the role {able}")


def add_user(engine: Engine, actor: User, name: str, password: str, role: Role, *, now: datetime) -> User:
    """Make an account. Errors: ValidationError (name, weak password, role); ConflictError (name taken)."""
    demand(actor, "accounts")
    check_account(name, password, role)
    hashed = _hasher().hash(_plain(password))
    with writing(engine) as connection:
        if connection.execute(select(users.c.name).where(users.c.name == name)).first():
            raise ConflictError(f"there is already an account '{name}'")
        row = {"name": name, "role": role, "password": hashed, "created": stamp(now)}
        connection.execute(insert(users).values(row))
        log(connection, actor=actor.name, action="account", subject=name, detail=role, now=now)
    return User(name, role)


def check_account(name: str, password: str, role: str) -> None:
    """Check what an account would be made of. Errors: ValidationError with every fault."""
    faults = _password_faults(name, password)
    if not _NAME.fullmatch(name):
        shape = "give 2 to 40 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit"
        faults.append(f"the name {name[:60]!r} cannot be used: {shape}")
    if role not in get_args(Role):
        faults.append(f"the role {role[:40]!r} is not one of {', '.join(get_args(Role))}")
    if faults:
        raise ValidationError(faults)


def authenticate(engine: Engine, name: str, password: str, *, client: str, now: datetime) -> User:
    """Check a password; an unknown name takes as long as a wrong password and says the same.

    `client` is the client's address. Errors: AccessError; TooManyAttemptsError.
    """
    name = _writable(name[:80])
    attempt = _count_attempt(engine, name, _household(client), now.timestamp())
    with reading(engine) as connection:
        row = connection.execute(select(users.c.role, users.c.password).where(users.c.name == name)).first()
    hashed = _stranger() if row is None else row.password
    if not _verifies(hashed, password[: 4 * LONGEST_PASSWORD]) or row is None:
        _tell_failure(engine, attempt, None if row is None else name, now)
        raise AccessError(_REFUSED)
    with writing(engine) as connection:
        connection.execute(delete(attempts).where((attempts.c.name == name) | (attempts.c.key == attempt)))
        log(connection, actor=name, action="login", subject=name, now=now)
    return User(name, cast(Role, row.role))


def _password_faults(name: str, password: str) -> list[str]:
    plain = _plain(password)
    if len(plain) < SHORTEST_PASSWORD:
        return [f"the password has {len(plain)} characters: give at least {SHORTEST_PASSWORD}"]
    if len(plain) > LONGEST_PASSWORD:
        return [f"the password has {len(plain)} characters: {LONGEST_PASSWORD} is the most"]
    if len(set(plain)) < FEWEST_CHARACTERS:
        return [f"the password repeats too few characters: use at least {FEWEST_CHARACTERS} different ones"]
    if name and name.casefold() in plain.casefold():
        return ["the password holds the account's name: choose another"]
    if sum(character.isalpha() for character in _WELL_KNOWN.sub("", plain.casefold())) < FEWEST_OWN_LETTERS:
        return ["the password is one that everybody guesses first: add words of your own"]
    return []


def _plain(password: str) -> str:
    """NFC, so that Hangul typed on another system is the same password."""
    return unicodedata.normalize("NFC", _writable(password))


def _writable(text: str) -> str:
    """Lone surrogates, which no file and no hash can take, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _count_attempt(engine: Engine, name: str, client: str, at: float) -> int:
    """Count the login as failed before it is checked, so that many at once cannot slip through."""
    with writing(engine) as connection:
        connection.execute(delete(attempts).where(attempts.c.at <= at - ATTEMPTS_WINDOW_S))
        wait = max(
            _wait(connection, attempts.c.name == name, ATTEMPTS_PER_NAME, at),
            _wait(connection, attempts.c.client == client, ATTEMPTS_PER_CLIENT, at),
        )
        if wait:
            raise TooManyAttemptsError(wait)
        row = insert(attempts).values(name=name, client=client, at=at).returning(attempts.c.key)
        key: int = connection.execute(row).scalar_one()
        return key


def _tell_failure(engine: Engine, attempt: int, name: str | None, now: datetime) -> None:
    """Log a failed login of an account (ASVS 5 §16.3.1).

    A name that is none stays out of the log, because people type passwords there; something is written all
    the same, so that both take as long.
    """
    with writing(engine) as connection:
        connection.execute(update(attempts).where(attempts.c.key == attempt).values(at=now.timestamp()))
        if name is not None:
            log(connection, actor=name, action="login_failed", subject=name, now=now)


def _household(client: str) -> str:
    """Whom to count attempts by: an address; of IPv6 its /64, which one household gets whole (RFC 6177)."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:80]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or f"{IPv6Address(int(address) >> 64 << 64)}/64")
    return str(address)


def _wait(connection: Connection, whose: ColumnElement[bool], most: int, at: float) -> int:
    """Give the whole seconds until fewer than `most` attempts remain in the window; 0: go on."""
    count, oldest = connection.execute(select(func.count(), func.min(attempts.c.at)).where(whose)).one()
    return 0 if count < most else max(1, round(oldest + ATTEMPTS_WINDOW_S - at))


def _verifies(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, _plain(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    """Argon2id with the low-memory parameters of RFC 9106 §4: 64 MiB, 3 passes, 4 lanes."""
    return PasswordHasher()


@cache
def _stranger() -> str:
    """A hash that costs an unknown name the time of a known one."""
    return _hasher().hash("nobody has this password")
