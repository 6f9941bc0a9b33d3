from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.audit import audit_log, first_broken
from smap.content.exchange.importing import import_features
from smap.content.exchange.undoing import UndoReport, undo_import
from smap.content.repository import get_record, history, list_records
from smap.content.service import create_record, delete_record, publish_record, save_record, unpublish_record
from smap.errors import ConflictError, NotFoundError
from tests.content.rounds import rounds
from tests.content.samples import ADMIN, EDITOR, NOW, content, place


def take(engine: Engine, *features: dict[str, Any]) -> int | None:
    return import_features(engine, ADMIN, "heritage", features, now=NOW).number


def undo(engine: Engine, number: int | None) -> UndoReport:
    assert number is not None
    return undo_import(engine, ADMIN, number, now=NOW)


def shown(engine: Engine, *, drafts: bool) -> list[tuple[str, Any, Any]]:
    records = list_records(engine, "heritage", limit=None, drafts=drafts).records
    return [(record.id, record.geometry, record.properties) for record in records]


def test_what_an_import_made_is_gone_and_what_it_changed_is_as_it_was(engine: Engine) -> None:
    take(engine, place("a"), place("b"))
    before = shown(engine, drafts=False)
    number = take(engine, place("a", built="1395"), place("b"), place("c"))
    report = undo(engine, number)
    assert (report.restored, report.removed, report.changed_since) == (1, 1, [])
    assert shown(engine, drafts=False) == shown(engine, drafts=True) == before
    assert [step.action for step in history(engine, "heritage", "a")] == ["restored", "imported", "imported"]
    assert [step.action for step in history(engine, "heritage", "c")] == ["deleted", "imported"]


def test_an_undone_import_can_be_imported_again_and_undone_again(engine: Engine) -> None:
    take(engine, place("a"))
    for built in ("1395", "1396"):
        number = take(engine, place("a", built=built), place("c"))
        assert number is not None
        report = import_features(engine, ADMIN, "heritage", [place("a", built=built)], now=NOW)
        assert (report.skipped, report.number) == (1, None)
        assert (undo(engine, number).restored, len(shown(engine, drafts=True))) == (1, 1)
        report = import_features(engine, ADMIN, "heritage", [place("a")], now=NOW, dry_run=True)
        assert report.skipped == 1


def test_what_was_changed_since_stays_and_is_listed(engine: Engine) -> None:
    number = take(engine, place("a"), place("b"), place("c"), place("d"))
    save_record(engine, EDITOR, "heritage", "a", place("a", built="1395"), expected_revision=1, now=NOW)
    delete_record(engine, ADMIN, "heritage", "b", expected_revision=1, now=NOW)
    unpublish_record(engine, EDITOR, "heritage", "c", expected_revision=1, now=NOW)
    report = undo(engine, number)
    assert report.as_json() == {
        "import": number,
        "layer": "heritage",
        "restored": 0,
        "removed": 1,
        "changed_since": ["a", "b", "c"],
    }
    assert [id for id, _, _ in shown(engine, drafts=True)] == ["a", "c"]
    assert audit_log(engine)[-1].detail == "import 1: 0 restored, 1 removed, 3 changed since"


def test_an_older_import_waits_for_the_younger_one(engine: Engine) -> None:
    first, second = take(engine, place("a")), take(engine, place("a", built="1395"))
    assert undo(engine, first).changed_since == ["a"]
    assert undo(engine, second).restored == 1
    assert undo(engine, first).removed == 1
    assert [step.action for step in history(engine, "heritage", "a")] == [
        "deleted",
        "restored",
        "imported",
        "imported",
    ]


def test_a_draft_beside_what_is_published_comes_back_as_both(engine: Engine) -> None:
    take(engine, place("a"))
    save_record(engine, EDITOR, "heritage", "a", place("a", built="1395"), expected_revision=1, now=NOW)
    public, drafts = shown(engine, drafts=False), shown(engine, drafts=True)
    number = take(engine, place("a", built="1400") | {"revision": 2})
    assert shown(engine, drafts=False) not in (public, drafts)
    undo(engine, number)
    assert (shown(engine, drafts=False), shown(engine, drafts=True)) == (public, drafts)
    assert get_record(engine, "heritage", "a").revision == 1


def test_a_draft_that_an_import_published_is_a_draft_again(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place("a"), now=NOW)
    number = take(engine, place("a"))
    assert undo(engine, number).restored == 1
    assert shown(engine, drafts=False) == []
    assert get_record(engine, "heritage", "a", drafts=True).revision == 1
    publish_record(engine, EDITOR, "heritage", "a", expected_revision=1, now=NOW)
    assert take(engine, place("a")) is None
    unpublish_record(engine, EDITOR, "heritage", "a", expected_revision=1, now=NOW)
    undo(engine, take(engine, place("a")))
    assert shown(engine, drafts=False) == []


def test_an_undo_is_one_line_and_cannot_be_done_twice(engine: Engine) -> None:
    number = take(engine, place("a"))
    undo(engine, number)
    with pytest.raises(ConflictError, match="import 1 was undone already"):
        undo(engine, number)
    lines = audit_log(engine)
    assert [(line.action, line.detail) for line in lines] == [
        ("import", "1 written, 0 updated"),
        ("undo", "import 1: 0 restored, 1 removed"),
    ]
    assert first_broken(lines) is None


def test_what_is_no_import_is_named(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place("a"), now=NOW)
    for number in (0, 1, 7):
        with pytest.raises(NotFoundError, match=f"there is no import {number}"):
            undo(engine, number)


ids = st.sampled_from(["a", "b", "c"])
batches = st.lists(
    st.lists(st.builds(place, ids, built=st.sampled_from([None, "1395", "1396"])), max_size=3), max_size=5
)


@pytest.mark.long
@given(batches)
@settings(max_examples=rounds(200), deadline=None)
def test_undoing_in_reverse_gives_each_state_again(given_batches: list[list[dict[str, Any]]]) -> None:
    with content() as engine:
        states = []
        for batch in given_batches:
            before = shown(engine, drafts=False), shown(engine, drafts=True)
            number = take(engine, *batch)
            if number is not None:
                states.append((number, before))
        while states:
            number, before = states.pop()
            undo(engine, number)
            assert (shown(engine, drafts=False), shown(engine, drafts=True)) == before
