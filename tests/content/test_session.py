from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from smap.content.access import User, add_user
from smap.content.database import reading
from smap.content.session import end_session, read_session, start_session
from tests.content.samples import ADMIN, NOW


@pytest.fixture
def kim(engine: Engine) -> User:
    return add_user(engine, ADMIN, "kim", "correct horse battery", "editor", now=NOW)


def test_a_token_finds_its_session(engine: Engine, kim: User) -> None:
    token, session = start_session(engine, kim, now=NOW)
    assert read_session(engine, token, NOW) == session
    assert session.user == kim
    assert read_session(engine, token + "x", NOW) is None


def test_the_database_holds_neither_the_token_nor_the_csrf_token(engine: Engine, kim: User) -> None:
    token, session = start_session(engine, kim, now=NOW, random_bytes=bytes)
    with reading(engine) as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM sessions").all())
    assert token not in kept
    assert session.csrf not in kept
    assert len({token, session.csrf, kept}) == 3


def test_a_session_ends_when_idle_and_reading_keeps_it_alive(engine: Engine, kim: User) -> None:
    token, session = start_session(engine, kim, now=NOW)
    assert session.expires == NOW + timedelta(minutes=30)
    assert read_session(engine, token, NOW + timedelta(minutes=30)) is None
    at = NOW
    for _ in range(4):
        at += timedelta(minutes=29)
        assert read_session(engine, token, at) is not None
    assert read_session(engine, token, at + timedelta(minutes=30)) is None


def test_a_session_ends_after_twelve_hours_whatever_is_read(engine: Engine, kim: User) -> None:
    token, _ = start_session(engine, kim, now=NOW)
    for minutes in range(20, 720, 20):
        assert read_session(engine, token, NOW + timedelta(minutes=minutes)) is not None
    assert read_session(engine, token, NOW + timedelta(hours=12)) is None


def test_a_login_ends_the_session_that_it_replaces_and_no_other(engine: Engine, kim: User) -> None:
    other, _ = start_session(engine, kim, now=NOW)
    old, old_session = start_session(engine, kim, now=NOW)
    new, new_session = start_session(engine, kim, now=NOW, replaces=old)
    assert read_session(engine, old, NOW) is None
    assert read_session(engine, new, NOW) == new_session
    assert read_session(engine, other, NOW) is not None
    assert old_session.csrf != new_session.csrf


def test_an_ended_session_is_gone(engine: Engine, kim: User) -> None:
    token, _ = start_session(engine, kim, now=NOW)
    end_session(engine, token)
    end_session(engine, token)
    assert read_session(engine, token, NOW) is None


def test_the_next_login_sweeps_away_what_has_ended(engine: Engine, kim: User) -> None:
    start_session(engine, kim, now=NOW)
    start_session(engine, kim, now=NOW + timedelta(hours=1))
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1
