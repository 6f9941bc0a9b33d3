from __future__ import annotations

import fcntl
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from smap.content.database import back_up, is_sound, open_database, reading, writing
from smap.content.service import create_record
from smap.errors import NotFoundError, StorageError, UsageError
from tests.content.samples import EDITOR, NOW, place


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_a_sqlite_with_the_wal_reset_bug_is_unsound(version: tuple[int, int, int], sound: bool) -> None:
    assert is_sound(version) is sound


def test_a_missing_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="smap content import"):
        open_database(tmp_path / "content.db")
    assert not list(tmp_path.iterdir())


def test_only_the_owner_reads_the_file_that_holds_the_accounts(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "content.db"
    open_database(path, create=True).dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_commit_is_synced_and_kept_in_a_log(engine: Engine) -> None:
    with reading(engine) as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 1]


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "content.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"content\.db") as caught:
        open_database(path)
    assert "\n" not in str(caught.value)


def test_a_database_of_a_newer_smap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "content.db"
    engine = open_database(path, create=True)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(StorageError, match="written by a newer S-Map"):
        open_database(path)


def test_a_failed_block_writes_nothing(engine: Engine) -> None:
    def fail_after_writing() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("INSERT INTO users VALUES ('a', 'admin', 'x', 'y')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM users").scalar() == 0


def test_a_writer_is_alone_from_its_first_moment(engine: Engine) -> None:
    path = str(engine.url.database)
    stranger = engine.dialect.loaded_dbapi.connect(path, timeout=0, isolation_level=None)
    with writing(engine), open(f"{path}.lock") as lock:  # noqa: PTH123 - a handle for flock
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(engine.dialect.loaded_dbapi.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
    stranger.execute("BEGIN IMMEDIATE")
    stranger.close()


def test_a_writer_that_waits_too_long_says_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smap.content.database.LOCK_PATIENCE_S", 0.05)
    with writing(engine), pytest.raises(StorageError, match="by another process"), writing(engine):
        pass


def test_readers_see_the_state_before_while_somebody_writes(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.exec_driver_sql("INSERT INTO users VALUES ('a', 'admin', 'x', 'y')")
        with reading(engine) as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM users").scalar() == 0


def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    path, faults = tmp_path / "content.db", list[BaseException]()

    def opener() -> None:
        try:
            open_database(path, create=True).dispose()
        except StorageError as error:
            faults.append(error)

    threads = [threading.Thread(target=opener) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.parametrize("table", ["revisions", "audit"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET at = ''"])
def test_what_was_written_down_stays(engine: Engine, table: str, statement: str) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    with pytest.raises(StorageError, match="never"), writing(engine) as connection:
        connection.exec_driver_sql(statement.format(table))


def test_a_backup_is_a_whole_database(engine: Engine, tmp_path: Path) -> None:
    record = create_record(engine, EDITOR, "heritage", place(), now=NOW)
    back_up(engine, tmp_path / "copy.db")
    copy = open_database(tmp_path / "copy.db")
    with reading(copy) as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("SELECT id FROM records").scalar() == record.id
    copy.dispose()
    with pytest.raises(UsageError, match="exists already"):
        back_up(engine, tmp_path / "copy.db")
