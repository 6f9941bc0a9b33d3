from __future__ import annotations

import unicodedata
from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from smap.content.access import User, add_user, authenticate, demand
from smap.content.audit import audit_log
from smap.content.database import reading
from smap.errors import AccessError, ConflictError, TooManyAttemptsError, ValidationError
from tests.content.samples import ADMIN, EDITOR, NOW

PASSWORD = "긴 비밀번호 열두 글자 이상"


@pytest.fixture
def with_kim(engine: Engine) -> Engine:
    add_user(engine, ADMIN, "kim", PASSWORD, "editor", now=NOW)
    return engine


def test_the_right_password_gives_the_user(with_kim: Engine) -> None:
    user = authenticate(with_kim, "kim", PASSWORD, client="10.0.0.1", now=NOW)
    assert user == User("kim", "editor")
    typed_elsewhere = unicodedata.normalize("NFD", PASSWORD)
    assert authenticate(with_kim, "kim", typed_elsewhere, client="10.0.0.1", now=NOW) == user


def test_the_password_is_kept_as_argon2id_only(with_kim: Engine) -> None:
    with reading(with_kim) as connection:
        kept = connection.exec_driver_sql("SELECT password FROM users").scalar_one()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not any(PASSWORD in str(line) for line in audit_log(with_kim))


@pytest.mark.parametrize(("name", "password"), [("kim", "wrong"), ("nobody", PASSWORD), ("\ud800", "\ud800")])
def test_a_wrong_name_and_a_wrong_password_say_the_same(with_kim: Engine, name: str, password: str) -> None:
    with pytest.raises(AccessError, match=r"^the name or the password is wrong$"):
        authenticate(with_kim, name, password, client="10.0.0.1", now=NOW)


def test_ten_failures_of_an_account_close_it_for_a_quarter_of_an_hour(
    with_kim: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.content.access._verifies", lambda _hashed, password: password == PASSWORD)
    for number in range(10):
        with pytest.raises(AccessError, match="wrong"):
            authenticate(with_kim, "kim", "wrong", client=f"10.0.0.{number}", now=NOW)
    with pytest.raises(TooManyAttemptsError) as caught:
        authenticate(with_kim, "kim", PASSWORD, client="10.0.1.1", now=NOW + timedelta(seconds=100))
    assert caught.value.retry_after_s == 800
    later = NOW + timedelta(seconds=901)
    assert authenticate(with_kim, "kim", PASSWORD, client="10.0.1.1", now=later).name == "kim"


def test_fifty_failures_of_a_client_close_it_for_every_account(
    with_kim: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.content.access._verifies", lambda _hashed, password: password == PASSWORD)
    for number in range(50):
        with pytest.raises(AccessError, match="wrong"):
            authenticate(with_kim, f"guess-{number}", "wrong", client="10.0.0.1", now=NOW)
    with pytest.raises(TooManyAttemptsError):
        authenticate(with_kim, "kim", PASSWORD, client="10.0.0.1", now=NOW)
    assert authenticate(with_kim, "kim", PASSWORD, client="10.0.0.2", now=NOW).name == "kim"


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_household_has_many_addresses_and_one_count(
    with_kim: Engine, monkeypatch: pytest.MonkeyPatch, first: str, second: str, one: bool
) -> None:
    monkeypatch.setattr("smap.content.access._verifies", lambda _hashed, password: password == PASSWORD)
    for number in range(50):
        with pytest.raises(AccessError, match="wrong"):
            authenticate(with_kim, f"guess-{number}", "wrong", client=first, now=NOW)
    with pytest.raises(TooManyAttemptsError) if one else nullcontext():
        authenticate(with_kim, "kim", PASSWORD, client=second, now=NOW)


def test_failed_logins_of_accounts_are_logged_and_other_names_are_not(with_kim: Engine) -> None:
    for name in ("kim", "a password typed here"):
        with pytest.raises(AccessError, match="wrong"):
            authenticate(with_kim, name, "wrong", client="10.0.0.1", now=NOW)
    assert [(line.action, line.subject) for line in audit_log(with_kim)] == [
        ("account", "kim"),
        ("login_failed", "kim"),
    ]


def test_a_login_forgets_the_failures_of_its_account(
    with_kim: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.content.access._verifies", lambda _hashed, password: password == PASSWORD)
    for password in ["wrong"] * 9 + [PASSWORD] + ["wrong"] * 9:
        if password == PASSWORD:
            authenticate(with_kim, "kim", password, client="10.0.0.1", now=NOW)
        else:
            with pytest.raises(AccessError, match="wrong"):
                authenticate(with_kim, "kim", password, client="10.0.0.1", now=NOW)


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("kim", "short", "5 characters: give at least 12"),
        ("kim", "a" * 257, "256 is the most"),
        ("kim", "abababababab", "repeats too few characters"),
        ("kim", "Passw0rd!Passw0rd!", "everybody guesses first"),
        ("kim", "123456789012", "everybody guesses first"),
        ("kim", "서울 비밀번호 2026 qwerty", "everybody guesses first"),
        ("kim.lee", "this is Kim.Lee here", "holds the account's name"),
        ("Kim", PASSWORD, "cannot be used"),
        ("김", PASSWORD, "cannot be used"),
        ("a\nb", PASSWORD, "cannot be used"),
    ],
)
def test_a_weak_password_or_an_odd_name_is_refused_with_its_reason(
    engine: Engine, name: str, password: str, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        add_user(engine, ADMIN, name, password, "editor", now=NOW)


def test_a_name_is_taken_once(with_kim: Engine) -> None:
    with pytest.raises(ConflictError, match="already an account 'kim'"):
        add_user(with_kim, ADMIN, "kim", PASSWORD, "admin", now=NOW)


def test_only_admins_make_accounts(engine: Engine) -> None:
    with pytest.raises(AccessError, match="ask one of the role admin"):
        add_user(engine, EDITOR, "lee", PASSWORD, "admin", now=NOW)


def test_every_role_writes_and_only_reviewers_and_admins_delete() -> None:
    for role in ("editor", "reviewer", "admin"):
        demand(User("x", role), "write")
    with pytest.raises(AccessError):
        demand(User("x", "editor"), "delete")
