"""The one SQLite file that holds the content: opening, reading, writing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from smap.content.geometry import meets
from smap.content.instants import instant
from smap.content.migrations import is_current, migrate
from smap.content.model import LAYERS, Layers
from smap.content.shapes import meets_shape
from smap.content.systems import meets_in
from smap.errors import NotFoundError, StorageError, UsageError

__all__ = [
    "FileId",
    "back_up",
    "content_path",
    "file_id",
    "is_sound",
    "layers_of",
    "open_database",
    "plain_engine",
    "reading",
    "writing",
]

FileId: TypeAlias = tuple[int, int]
"""Device and inode: what tells a file from another one that was put in its place."""

LOCK_PATIENCE_S = 30.0
"""How long a writer waits for the others; a large import takes about 2 s."""
LOCK_POLL_S = 0.002
CACHE_KIB = 65_536
"""Of each open connection, as far as it is used; the index of 100,000 names has some 200 MB."""
FIRST_UNSOUND = (3, 7, 0)
FIRST_SOUND = (3, 51, 3)
BACKPORTS = {(3, 44): 6, (3, 50): 7}
"""SQLite's WAL-reset bug and the releases that mend it: sqlite.org/wal.html, "The WAL-Reset Bug"."""


def content_path(workspace: Path) -> Path:
    """Give the place of a workspace's content database."""
    return workspace / "content.db"


def file_id(path: Path) -> FileId | None:
    """Give what tells this file from others, or None where there is none. Errors: StorageError."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    return seen.st_dev, seen.st_ino


def is_sound(version: tuple[int, int, int]) -> bool:
    """Tell whether a version of SQLite is free of the WAL-reset bug (3.7.0 to 3.51.2 less the backports)."""
    patch = BACKPORTS.get(version[:2])
    return version < FIRST_UNSOUND or version >= FIRST_SOUND or (patch is not None and version[2] >= patch)


def open_database(path: Path, *, create: bool = False, layers: Layers = LAYERS) -> Engine:
    """Open WORKSPACE/content.db, bring it to this code's migration and give its engine.

    The engine carries the `layers` whose records it holds: whoever reads and writes through it knows them.
    Safe for several threads and processes; only with `create` is an empty file filled. Errors: NotFoundError
    where it is missing and `create` is not given; StorageError for an unsound SQLite, a damaged file, or a
    database newer than this code.
    """
    if not path.is_file():
        if not create:
            raise NotFoundError(
                f"there is no content in {path}: fill it with  smap content import FILE --layer LAYER"
            )
        _make_file(path)
    elif not create and path.stat().st_size == 0:
        raise StorageError(f"{path} is damaged: it is empty; put a backup in its place")
    engine = _engine(path, layers)
    with reading(engine) as connection:
        current = is_current(connection)
    if not current:
        with writing(engine) as connection:
            if not is_current(connection):
                migrate(connection)
    return engine


def layers_of(database: Engine | Connection) -> Layers:
    """Give the layers with which a database was opened."""
    layers: Layers = database.get_execution_options()["smap_layers"]
    return layers


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    with _named_errors(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction, alone among all processes; durable on disk when the block has ended.

    StorageError, and nothing is written, where another file took the place of the one that is open.
    """
    with _named_errors(engine), _only_writer(engine), engine.connect() as plain:
        connection = plain.execution_options(smap_writes=True)
        with connection.begin():
            yield connection
            _check_in_place(connection, Path(f"{engine.url.database}"))


def back_up(engine: Engine, path: Path) -> None:
    """Write a consistent copy to a new file. Errors: UsageError if it exists; StorageError."""
    if path.exists():
        raise UsageError(f"{path} exists already: name a new file for the backup")
    beside = path.with_name(f".{path.name}.unfinished")
    _make_file(beside)
    try:
        with _named_errors(engine), engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("VACUUM INTO ?", (str(beside),))
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def _check_in_place(connection: Connection, path: Path) -> None:
    if connection.info["file"] != file_id(path):
        raise StorageError(f"{path} was taken away or replaced while it was open: nothing was written to it")


def _make_file(path: Path) -> None:
    """Make an empty database that only its owner reads: it will hold accounts."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StorageError(f"cannot make {path}: {error.strerror}") from error


def _engine(path: Path, layers: Layers) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path.absolute())),
        module=_sound_sqlite(),
        connect_args={"check_same_thread": False, "timeout": LOCK_PATIENCE_S, "isolation_level": None},
        execution_options={"smap_layers": layers},
    )
    event.listen(engine, "connect", partial(_prepare, path))
    event.listen(engine, "begin", _begin)
    return engine


def plain_engine(path: Path, *, only_read: bool = False) -> Engine:
    """Give the engine of a file that is written once, by one process, and then only read."""
    place = f"file:{quote(str(path.absolute()))}"
    how = "mode=ro&immutable=1" if only_read else "mode=rwc"
    engine = create_engine(
        f"sqlite:///{place}?{how}&uri=true",
        module=_sound_sqlite(),
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _sound_sqlite() -> ModuleType:
    """Prefer the SQLite that pysqlite3 bundles; else Python's own, if it is sound."""
    module: ModuleType = sqlite3
    with contextlib.suppress(ImportError):
        module = import_module("pysqlite3.dbapi2")
    if not is_sound(module.sqlite_version_info):
        raise StorageError(
            f"SQLite {module.sqlite_version} can damage a database (WAL-reset bug): install pysqlite3, or a "
            "Python with SQLite 3.51.3 or newer"
        )
    return module


def _prepare(path: Path, dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["file"] = file_id(path)
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()
    for name, count, function in _FUNCTIONS:
        dbapi_connection.create_function(name, count, function, deterministic=True)


def _meets_box(geometry: str, west: float, south: float, east: float, north: float) -> bool:
    return meets(json.loads(geometry), (west, south, east, north))


def _meets_box_in(geometry: str, system: str, *box: float) -> bool:
    west, south, east, north = box
    return meets_in(system, json.loads(geometry), (west, south, east, north))


def _meets_shape(geometry: str, system: str, shape: str) -> bool:
    return meets_shape(json.loads(geometry), system, shape)


def _casefold(value: str | None) -> str | None:
    return None if value is None else value.casefold()


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("meets_box", 5, _meets_box),
    ("meets_box_in", 6, _meets_box_in),
    ("meets_shape", 3, _meets_shape),
    ("casefold", 1, _casefold),
    ("instant", 2, instant),
)
"""What queries may call beside SQLite's own functions."""


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("smap_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _only_writer(engine: Engine) -> Iterator[None]:
    """Hold the advisory lock beside the database; the kernel frees it when its process dies."""
    path = f"{engine.url.database}.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    try:
        _take(handle, f"{engine.url.database}")
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: str) -> None:
    until = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StorageError(
                    f"{path} was being written by another process for {LOCK_PATIENCE_S:g} s: try again"
                ) from None
            time.sleep(LOCK_POLL_S)
        else:
            return


@contextmanager
def _named_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"{engine.url.database}: {error.orig}; nothing was changed") from error
