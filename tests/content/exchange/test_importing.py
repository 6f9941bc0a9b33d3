from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.audit import audit_log
from smap.content.exchange.geojson import geojson_of, parse_features
from smap.content.exchange.importing import import_features
from smap.content.repository import get_record, history, list_records
from smap.content.service import create_record, delete_record, publish_record, save_record
from smap.errors import NotFoundError
from tests.content.rounds import rounds
from tests.content.samples import ADMIN, EDITOR, NOW, content, place


def counts(
    engine: Engine, features: list[Any], *, dry_run: bool = False
) -> tuple[int, int, int, dict[str, int]]:
    report = import_features(engine, ADMIN, "heritage", features, now=NOW, dry_run=dry_run)
    assert report.read == report.written + report.updated + report.skipped + sum(report.refused.values())
    return report.written, report.updated, report.skipped, report.refused


def test_what_is_imported_is_published_at_once(engine: Engine) -> None:
    assert counts(engine, [place()]) == (1, 0, 0, {})
    assert get_record(engine, "heritage", "jongmyo").status == "published"


def test_a_change_is_the_next_revision(engine: Engine) -> None:
    counts(engine, [place(), place("other")])
    assert counts(engine, [place(built="1395"), place("other")]) == (0, 1, 1, {})
    assert counts(engine, [place()]) == (0, 1, 0, {})
    record = get_record(engine, "heritage", "jongmyo")
    assert (record.revision, record.properties.get("built")) == (3, None)


features = st.lists(
    st.builds(
        place,
        st.sampled_from(["a", "b", "c", "d", "Not A Slug"]),
        st.sampled_from([126.9, 127.0, 0.0]),
        name_ko=st.sampled_from(["종묘", "남산", "", None]),
        built=st.none() | st.text(max_size=5),
    ),
    max_size=8,
)


@pytest.mark.long
@given(features)
@settings(max_examples=rounds(300), deadline=None)
def test_importing_twice_is_importing_once(given_features: list[dict[str, Any]]) -> None:
    with content() as engine:
        foretold = counts(engine, given_features, dry_run=True)
        assert list_records(engine, "heritage", drafts=True).matched == 0
        first = counts(engine, given_features)
        assert first == foretold
        before = list_records(engine, "heritage", limit=None)
        assert counts(engine, given_features) == (0, 0, first[0], first[3])
        assert list_records(engine, "heritage", limit=None) == before


def test_the_refused_are_listed_with_their_place_and_the_rest_is_written(engine: Engine) -> None:
    given_features = [place("a"), place("b", lon=0, lat=0), place("c", 37.57, 126.99), place("a"), 7]
    report = import_features(engine, ADMIN, "heritage", given_features, now=NOW)
    assert report.written == 1
    assert report.refused == {
        "duplicate_id": 1,
        "not_a_feature": 1,
        "swapped_coordinates": 1,
        "zero_coordinates": 1,
    }
    assert [(refusal.ordinal, refusal.id) for refusal in report.refusals] == [
        (2, "b"),
        (3, "c"),
        (4, "a"),
        (5, ""),
    ]
    assert str(report.refusals[2]) == "feature 4 (a): feature 1 has the same id"


def test_a_refusal_is_one_line_also_when_the_id_is_not(engine: Engine) -> None:
    report = import_features(engine, ADMIN, "heritage", [place("경복궁\n")], now=NOW)
    assert str(report.refusals[0]).startswith("feature 1 (경복궁\\n): id ")
    assert "\n" not in str(report.refusals[0])


def test_a_dry_run_without_a_database_tells_the_same(engine: Engine) -> None:
    given_features = [place("a"), place("b", lon=0, lat=0)]
    report = import_features(None, ADMIN, "heritage", given_features, now=NOW, dry_run=True)
    assert report.as_json() == {
        "read": 2,
        "written": 1,
        "updated": 0,
        "skipped": 0,
        "refused": {"zero_coordinates": 1},
    }


def test_an_editors_work_is_not_undone_by_the_same_file(engine: Engine) -> None:
    counts(engine, [place(), place("gone")])
    save_record(engine, EDITOR, "heritage", "jongmyo", place(built="1395"), expected_revision=1, now=NOW)
    delete_record(engine, ADMIN, "heritage", "gone", expected_revision=1, now=NOW)
    assert counts(engine, [place(), place("gone")]) == (0, 0, 2, {})
    assert get_record(engine, "heritage", "jongmyo", drafts=True).properties["built"] == "1395"
    assert list_records(engine, "heritage", drafts=True).matched == 1


def test_what_changed_on_both_sides_is_refused_until_it_begins_from_the_newest(engine: Engine) -> None:
    counts(engine, [place()])
    save_record(engine, EDITOR, "heritage", "jongmyo", place(built="1395"), expected_revision=1, now=NOW)
    assert counts(engine, [place(built="1400")]) == (0, 0, 0, {"edited_here": 1})
    exported = list_records(engine, "heritage", drafts=True).records
    merged = parse_features(geojson_of(exported, revisions=True).decode(), "export")
    merged[0]["properties"]["built"] = "1394–1395"
    assert counts(engine, merged) == (0, 1, 0, {})
    assert [step.action for step in history(engine, "heritage", "jongmyo")] == [
        "imported",
        "saved",
        "imported",
    ]


def test_a_draft_that_is_just_what_the_file_says_is_published(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    assert counts(engine, [place()]) == (0, 1, 0, {})
    record = get_record(engine, "heritage", "jongmyo")
    assert (record.revision, record.status) == (1, "published")


def test_an_export_that_is_imported_again_is_skipped(engine: Engine) -> None:
    counts(engine, [place(), place("other", 127.1)])
    save_record(engine, EDITOR, "heritage", "other", place(built="1395"), expected_revision=1, now=NOW)
    publish_record(engine, EDITOR, "heritage", "other", expected_revision=2, now=NOW)
    exported = geojson_of(list_records(engine, "heritage").records, revisions=True).decode()
    assert counts(engine, parse_features(exported, "export")) == (0, 0, 2, {})


def test_an_import_is_one_line_of_the_audit_log_and_one_without_news_is_none(engine: Engine) -> None:
    counts(engine, [place(), place("other")])
    counts(engine, [place(), place("other")])
    assert [(line.action, line.detail) for line in audit_log(engine)] == [("import", "2 written, 0 updated")]


def test_an_unknown_layer_is_named(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no layer 'shops'"):
        import_features(engine, ADMIN, "shops", [], now=NOW)
