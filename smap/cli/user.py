"""`smap user add`: the people who may edit."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import UsageError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sub-verb `add`."""
    add = parser.add_subparsers(dest="user_verb", metavar="VERB", required=True).add_parser(
        "add", help="make an account; asks for the password twice"
    )
    add.add_argument("name", metavar="NAME", help="2 to 40 of a-z, 0-9, '.', '_' and '-'")
    add.add_argument("--role", required=True, choices=("editor", "reviewer", "admin"))
    add.add_argument("--password-stdin", action="store_true", help="read the password from stdin, one line")
    add_workspace(add)


def run(options: argparse.Namespace) -> int:
    """Make the account, and the content database where there is none yet."""
    from smap.content.access import User, add_user, check_account
    from smap.content.database import content_path, open_database

    password = _read_line() if options.password_stdin else _ask_twice()
    check_account(options.name, password, options.role)
    engine = open_database(content_path(workspace_of(options)), create=True)
    operator = User("command-line", "admin")
    user = add_user(engine, operator, options.name, password, options.role, now=datetime.now(UTC))
    print(f"{user.name} may now sign in as {user.role}")
    return 0


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _ask_twice() -> str:
    try:
        password = getpass.getpass("Password (12 characters or more): ")
        again = getpass.getpass("Once more: ")
    except EOFError:
        raise UsageError("no password was given: type it, or pipe it in with --password-stdin") from None
    if password != again:
        raise UsageError("the two passwords differ: try again")
    return password
