from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.audit import audit_log
from smap.content.exchange.geojson import geojson_of, parse_features
from smap.content.exchange.importing import MOST_FAULTY, import_features
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
    counted = {"read": 2, "written": 1, "updated": 0, "skipped": 0, "refused": {"zero_coordinates": 1}}
    assert report.as_json() == counted | {"records": 1, "completed": 0, "mended": {}, "import": None}


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


def test_ten_thousand_faults_are_the_first_of_each_kind_and_nothing_is_written(engine: Engine) -> None:
    wrong = [place(f"w{number}", name_ko=None) for number in range(6_000)]
    html = [place(f"h{number}", name_ko="<b>종묘</b>") for number in range(4_000)]
    sound = [place("sound"), place("sound-too", 127.1)]
    report = import_features(engine, ADMIN, "heritage", [*wrong, *sound, *html], now=NOW)
    assert report.as_json()["refused"] == {"html": 4_000, "missing": 6_000, "not_written": 2}
    assert (report.read, report.written, report.number) == (10_002, 0, None)
    assert [refusal.ordinal for refusal in report.refusals] == [1, 2, 3, 6003, 6004, 6005]
    assert list_records(engine, "heritage", drafts=True).matched == 0
    assert audit_log(engine) == []
    dry = import_features(engine, ADMIN, "heritage", [*wrong, *sound, *html], now=NOW, dry_run=True)
    assert dry.as_json() == report.as_json()


def test_what_is_sound_is_written_all_the_same_when_that_is_asked_for(engine: Engine) -> None:
    wrong = [place(f"w{number}", name_ko=None) for number in range(MOST_FAULTY + 1)]
    report = import_features(engine, ADMIN, "heritage", [*wrong, place()], now=NOW, most_faulty=None)
    assert (report.written, report.refused) == (1, {"missing": MOST_FAULTY + 1})


def test_positions_that_the_source_has_not_are_no_reason_to_give_up(engine: Engine) -> None:
    nowhere = [place(f"w{number}", 0, 0) for number in range(MOST_FAULTY + 1)]
    report = import_features(engine, ADMIN, "heritage", [*nowhere, place()], now=NOW)
    assert (report.written, report.refused) == (1, {"zero_coordinates": MOST_FAULTY + 1})


def matched(
    engine: Engine, *features: dict[str, Any], key: tuple[str, ...] = ("khs_id",), match_m: float | None = 100
) -> tuple[int, int, int, int]:
    report = import_features(engine, ADMIN, "heritage", features, now=NOW, key=key, match_m=match_m)
    return report.written, report.updated, report.skipped, report.completed


def test_a_record_with_the_same_key_is_completed_and_says_what_it_said(engine: Engine) -> None:
    counts(engine, [place(khs_id="1111100010000", name_en="Our own")])
    given = place(
        "khs-1", 127.1, name_ko="다른 이름", khs_id="1111100010000", khs_kind="11", name_en="Theirs"
    )
    assert matched(engine, given) == (0, 1, 0, 1)
    record = get_record(engine, "heritage", "jongmyo")
    assert (record.properties["khs_kind"], record.properties["name_en"]) == ("11", "Our own")
    assert record.geometry["coordinates"] == [126.9941, 37.5748]
    assert matched(engine, given) == (0, 0, 1, 1)
    assert list_records(engine, "heritage").matched == 1


@pytest.mark.parametrize(
    ("name", "lon", "same"),
    [
        ("종묘", 126.9941, True),
        ("서울 종묘", 126.9951, True),  # 88 m
        ("서울  종 묘", 126.9941, True),
        ("종묘", 126.9953, False),  # 106 m
        ("종묘 정전", 126.9941, False),
    ],
)
def test_a_record_of_the_same_name_close_by_is_the_same(
    engine: Engine, name: str, lon: float, same: bool
) -> None:
    counts(engine, [place()])
    assert matched(engine, place("khs-1", lon, name_ko=name, built="1395")) == (
        (0, 1, 0, 1) if same else (1, 0, 0, 0)
    )


def test_of_several_the_nearest_is_taken_and_only_once(engine: Engine) -> None:
    counts(engine, [place("near"), place("far", 126.9945)])
    features = [place("a", 126.9942, built="1395"), place("b", 126.9942, built="1396")]
    report = import_features(engine, ADMIN, "heritage", features, now=NOW, match_m=100)
    assert (report.updated, report.refused) == (1, {"duplicate_id": 1})
    assert get_record(engine, "heritage", "near").properties["built"] == "1395"


def test_without_a_key_and_a_distance_nothing_is_matched(engine: Engine) -> None:
    counts(engine, [place(khs_id="1")])
    assert matched(engine, place("b", khs_id="1"), key=(), match_m=None) == (1, 0, 0, 0)


def test_a_record_that_editors_saved_is_completed_and_a_draft_is_not_published_by_it(engine: Engine) -> None:
    counts(engine, [place()])
    save_record(engine, EDITOR, "heritage", "jongmyo", place(text_en="New."), expected_revision=1, now=NOW)
    report = import_features(engine, ADMIN, "heritage", [place("khs-1", built="1395")], now=NOW, match_m=100)
    assert report.refused == {"draft_here": 1}
    assert matched(engine, place("khs-1")) == (0, 0, 1, 1)
    assert get_record(engine, "heritage", "jongmyo").properties["text_en"] != "New."
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=2, now=NOW)
    assert matched(engine, place("khs-1", built="1395")) == (0, 1, 0, 1)
    record = get_record(engine, "heritage", "jongmyo")
    assert (record.properties["text_en"], record.properties["built"]) == ("New.", "1395")
