"""The one SQLite file that holds the content: opening, reading, writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

__all__ = ["open_database", "reading", "writing"]


def open_database(path: Path, *, create: bool = False) -> Engine:
    """Open WORKSPACE/content.db, bring it to this code's migration and give its engine.

    Safe for several threads and processes. Errors: NotFoundError where it is missing and `create` is not
    given; StorageError for an unsound SQLite, a damaged file, or a database newer than this code.
    """
    raise NotImplementedError


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    raise NotImplementedError
    yield


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction, alone among all processes; durable on disk when the block has ended."""
    raise NotImplementedError
    yield
