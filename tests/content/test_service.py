from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.access import User
from smap.content.audit import audit_log, first_broken
from smap.content.database import open_database, reading
from smap.content.repository import get_record, history, list_records
from smap.content.service import (
    create_record,
    delete_record,
    publish_record,
    save_record,
    unpublish_record,
)
from smap.errors import AccessError, ConflictError, NotFoundError, ValidationError
from tests.content.rounds import rounds
from tests.content.samples import ADMIN, EDITOR, NOW, content, place

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from smap.content.access import User
from smap.content.database import open_database
from smap.content.service import create_record, publish_record
from tests.content.rounds import rounds
from tests.content.samples import place

engine, prefix = open_database(Path(sys.argv[1])), sys.argv[2]
actor, now = User("kim", "editor"), datetime.now(UTC)
for number in range(100000):
    id = f"{prefix}-{number}"
    create_record(engine, actor, "heritage", place(id), now=now)
    publish_record(engine, actor, "heritage", id, expected_revision=1, now=now)
    print(id, flush=True)
"""


def test_a_new_record_is_a_draft_of_revision_1(engine: Engine) -> None:
    record = create_record(engine, EDITOR, "heritage", place(), now=NOW)
    assert (record.revision, record.status, record.updated) == (1, "draft", NOW)


def test_a_record_without_an_id_gets_one_of_its_english_name(engine: Engine) -> None:
    created = [create_record(engine, EDITOR, "heritage", place(None), now=NOW).id for _ in range(3)]
    assert created == ["jongmyo-shrine", "jongmyo-shrine-2", "jongmyo-shrine-3"]
    korean = create_record(engine, EDITOR, "heritage", place(None, name_en="종묘"), now=NOW)
    assert korean.id == "record"


def test_an_id_is_taken_once(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    with pytest.raises(ConflictError, match="already has a record 'jongmyo'"):
        create_record(engine, EDITOR, "heritage", place(), now=NOW)


def test_a_save_from_an_old_revision_is_a_conflict_and_changes_nothing(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    save_record(engine, EDITOR, "heritage", "jongmyo", place(built="1395"), expected_revision=1, now=NOW)
    with pytest.raises(ConflictError, match="is at revision 2, yours began from 1"):
        save_record(engine, EDITOR, "heritage", "jongmyo", place(built="x"), expected_revision=1, now=NOW)
    assert get_record(engine, "heritage", "jongmyo", drafts=True).properties["built"] == "1395"


def test_a_faulty_record_is_not_written(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="text_ko is missing"):
        create_record(engine, EDITOR, "heritage", place(text_ko=None), now=NOW)
    assert list_records(engine, "heritage", drafts=True).matched == 0
    assert audit_log(engine) == []


def test_every_revision_stays_in_the_history(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(built="a"), now=NOW)
    save_record(engine, ADMIN, "heritage", "jongmyo", place(built="b"), expected_revision=1, now=NOW)
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=2, now=NOW)
    save_record(engine, EDITOR, "heritage", "jongmyo", place(built="c"), expected_revision=2, now=NOW)
    found = [
        (step.revision, step.action, step.author, step.published)
        for step in history(engine, "heritage", "jongmyo")
    ]
    assert found == [
        (3, "saved", "kim", False),
        (2, "saved", "lee", True),
        (1, "created", "kim", False),
    ]
    assert [step.properties["built"] for step in history(engine, "heritage", "jongmyo")] == ["c", "b", "a"]


def test_what_is_unpublished_is_seen_by_editors_only(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)
    unpublish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)
    assert list_records(engine, "heritage").matched == 0
    assert get_record(engine, "heritage", "jongmyo", drafts=True).status == "draft"


def test_a_deleted_record_leaves_every_list_and_keeps_its_history(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)
    delete_record(engine, ADMIN, "heritage", "jongmyo", expected_revision=1, now=NOW)
    for drafts in (False, True):
        assert list_records(engine, "heritage", drafts=drafts).matched == 0
    with pytest.raises(NotFoundError):
        save_record(engine, EDITOR, "heritage", "jongmyo", place(), expected_revision=2, now=NOW)
    assert [step.action for step in history(engine, "heritage", "jongmyo")] == ["deleted", "created"]
    again = create_record(engine, EDITOR, "heritage", place(), now=NOW)
    assert (again.revision, again.status) == (3, "draft")


def test_an_editor_may_not_delete(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    with pytest.raises(AccessError, match="kim is editor and may not delete"):
        delete_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)


def test_each_change_is_a_line_of_the_audit_log(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    publish_record(engine, ADMIN, "heritage", "jongmyo", expected_revision=1, now=NOW)
    lines = audit_log(engine)
    told = [(line.number, line.actor, line.action, line.subject, line.detail) for line in lines]
    assert told == [
        (1, "kim", "create", "heritage/jongmyo", "revision 1"),
        (2, "lee", "publish", "heritage/jongmyo", "revision 1"),
    ]
    assert first_broken(lines) is None
    assert first_broken(lines[1:]) == lines[1]
    changed = [lines[0], type(lines[1])(**{**vars(lines[1]), "actor": "kim"})]
    assert first_broken(changed) == changed[1]


@pytest.mark.long
@given(st.integers(2, 6))
@settings(max_examples=rounds(60), deadline=None)
def test_of_many_savers_at_once_exactly_one_wins(savers: int) -> None:
    with content() as engine:
        create_record(engine, EDITOR, "heritage", place(), now=NOW)
        path = Path(str(engine.url.database))

        def save(number: int) -> str | None:
            own = open_database(path)
            try:
                actor, feature = User(f"saver-{number}", "editor"), place(built=str(number))
                save_record(own, actor, "heritage", "jongmyo", feature, expected_revision=1, now=NOW)
            except ConflictError:
                return None
            finally:
                own.dispose()
            return str(number)

        with ThreadPoolExecutor(savers) as pool:
            winners = [winner for winner in pool.map(save, range(savers)) if winner]
        newest = get_record(engine, "heritage", "jongmyo", drafts=True)
        assert winners == [newest.properties["built"]]
        assert newest.revision == 2


@pytest.mark.long
@pytest.mark.parametrize("seed", range(rounds(40)))
def test_what_was_answered_survives_a_kill(engine: Engine, seed: int) -> None:
    """Two writers, both killed right after an answer: all that was answered is there, and whole."""
    answers = Random(seed).randint(1, 25)
    path = str(engine.url.database)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, name], stdout=subprocess.PIPE, text=True, env=environment
        )
        for name in ("one", "two")
    ]
    answered = set[str]()
    for writer in writers:
        assert writer.stdout is not None
        answered |= {writer.stdout.readline().strip() for _ in range(answers)}
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        answered |= set(rest.split("\n")[:-1])
    kept = {record.id for record in list_records(engine, "heritage", limit=None).records}
    assert len(answered) >= 2 * answers
    assert answered <= kept
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert first_broken(audit_log(engine)) is None
    create_record(engine, EDITOR, "heritage", place("after-the-kill"), now=NOW)
