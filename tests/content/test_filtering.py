from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.access import User
from smap.content.cql2 import parse_json, parse_text
from smap.content.database import open_database
from smap.content.filtering import DEEPEST, LONGEST, MOST_NODES, condition, during, equals, ordering
from smap.content.instants import span_of
from smap.content.model import LAYERS
from smap.content.repository import list_records
from smap.content.service import create_record, publish_record
from smap.content.systems import system_of
from smap.errors import UsageError
from tests.server.city import place

WALL = LAYERS["wall"]
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ADMIN = User("admin", "admin")
LINE = {"type": "LineString", "coordinates": [[126.98, 37.58], [127.0, 37.6]]}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Four things of the wall: years of validity, heights, a line, a name in small letters."""
    opened = open_database(tmp_path_factory.mktemp("filters") / "content.db", create=True)
    given: list[dict[str, Any]] = [
        place("a", "가", "alpha", 126.98, 37.57, height_m=3.5, valid_from="1396", valid_to="1907-10-01"),
        place("b", "나", "Beta", 126.99, 37.58, valid_from="-0100", valid_to="0660"),
        place("c", "다", "Gamma*", 127.0, 37.57, height_m=10.0, valid_from="2008-02-10"),
        {**place("d", "라", "100%", 0, 0, length_m=12.0), "geometry": LINE},
    ]
    given[3]["properties"]["category"] = "segment"
    for feature in given:
        record = create_record(opened, ADMIN, "wall", feature, now=NOW)
        publish_record(opened, ADMIN, "wall", record.id, expected_revision=record.revision, now=NOW)
    yield opened
    opened.dispose()


def found(engine: Engine, text: str) -> str:
    where = [condition(parse_text(text), WALL)]
    return "".join(record.id for record in list_records(engine, "wall", where=where).records)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("height_m > 3", "ac"),
        ("NOT height_m > 3", ""),
        ("height_m IS NULL OR height_m < 4", "abd"),
        ("name_en LIKE '%*'", "c"),
        (r"name_en LIKE '100\%'", "d"),
        ("casei(name_en) < casei('BETB')", "abd"),
        ("valid_from < DATE('0001-01-01')", "b"),
        ("valid_from = '1396'", "a"),
        ("T_BEFORE(valid_to, DATE('1907-10-02'))", "ab"),
        ("T_AFTER(valid_from, TIMESTAMP('2008-02-09T23:59:59Z'))", "c"),
        ("T_DURING(valid_from, INTERVAL('1396-01-01', '..'))", "c"),
        ("T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('0600-01-01', '1400-01-01'))", "ab"),
        ("S_INTERSECTS(geometry, BBOX(126.985, 37.584, 126.986, 37.586))", "d"),
        ("S_INTERSECTS(geometry, BBOX(126.981, 37.59, 126.985, 37.6))", ""),
        ("S_INTERSECTS(geometry, POINT(126.98 37.58))", "d"),
    ],
)
def test_a_filter_finds_what_cql2_says(engine: Engine, text: str, ids: str) -> None:
    assert found(engine, text) == ids


def test_a_box_of_a_grid_is_asked_of_the_geometry_itself(engine: Engine) -> None:
    """North-west of the diagonal line, inside the box around it; then across the line."""
    grid = system_of("http://www.opengis.net/def/crs/EPSG/0/5186")
    for south, west, ids in ((555_000, 198_300, ""), (554_200, 198_900, "d")):
        text = f"S_INTERSECTS(geometry, BBOX({south}, {west}, {south + 400}, {west + 400}))"
        where = [condition(parse_text(text), WALL, grid)]
        assert "".join(record.id for record in list_records(engine, "wall", where=where).records) == ids


@pytest.mark.parametrize(
    ("moment", "ids"),
    [
        (("1396-12-31", "1396-12-31"), "ad"),
        (("1907-10-01T23:00:00Z", "1950-01-01"), "ad"),
        (("1907-10-02", "1950-01-01"), "d"),
        ((None, "0001-01-01"), "bd"),
        (("2020-01-01", None), "cd"),
    ],
)
def test_a_time_meets_what_was_valid_then_and_what_says_nothing_of_it(
    engine: Engine, moment: tuple[str | None, str | None], ids: str
) -> None:
    first, last = ((span_of(text) or (0, 0)) if text else None for text in moment)
    where = during(WALL, (first[0] if first else None, last[1] if last else None))
    assert "".join(record.id for record in list_records(engine, "wall", where=where).records) == ids


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ([("height_m", False)], "acbd"),
        ([("height_m", True)], "cabd"),
        ([("category", True), ("name_en", False)], "dbca"),
        ([("valid_from", False)], "bacd"),
    ],
)
def test_records_come_in_order_and_those_without_a_value_last(
    engine: Engine, keys: list[tuple[str, bool]], ids: str
) -> None:
    page = list_records(engine, "wall", order=ordering(WALL, keys))
    assert "".join(record.id for record in page.records) == ids
    paged = [list_records(engine, "wall", order=ordering(WALL, keys), limit=1, offset=n) for n in range(4)]
    assert "".join(page.records[0].id for page in paged) == ids


def _meets(shape: object) -> dict[str, object]:
    return {"op": "s_intersects", "args": [{"property": "geometry"}, shape]}


def nested(levels: int) -> str:
    return "NOT (" * levels + "id='a'" + ")" * levels


def test_a_filter_has_limits_that_can_be_reached(engine: Engine) -> None:
    assert found(engine, nested(DEEPEST - 2)) == "a"
    assert found(engine, " OR ".join(["id='a'"] * (MOST_NODES // 3))) == "a"
    assert found(engine, "id IN (" + ",".join(["'a'"] * 100) + ")") == "a"
    for text in (nested(DEEPEST), " OR ".join(["id='a'"] * (MOST_NODES // 3 + 1)), "x" * (LONGEST + 1)):
        with pytest.raises(UsageError):
            condition(parse_text(text), WALL)


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"op": "=", "args": [{"property": "height_m"}, "high"]}, "height_m is a number, 'high' is a text"),
        ({"op": "=", "args": [{"property": "facts"}, 1]}, "no field 'facts'"),
        ({"op": "=", "args": [{"property": "id') --"}, "a"]}, "no field"),
        ({"op": "=", "args": [{"property": ["id"]}, "a"]}, "no field"),
        ({"op": "=", "args": [{"property": "id"}, "\ud800"]}, "no text"),
        ({"op": "=", "args": [{"property": "height_m"}, 10**400]}, "too large"),
        ({"op": "like", "args": [{"property": "id"}, "%a" * 11]}, "11 wildcards"),
        ({"op": "in", "args": [{"property": "id"}, ["a"] * 101]}, "1 to 100 values"),
        ({"op": "=", "args": [{"property": "geometry"}, {"property": "geometry"}]}, "s_intersects"),
        ({"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [1, 2, None, 4]}]}, "no BBOX"),
        (
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [999, 0, 1, 1]}]},
            "leaves the earth",
        ),
        (
            _meets({"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}),
            "Self-intersection",
        ),
        (_meets({"type": "Polygon", "coordinates": [[[0, 0], [2, 2]]]}), "no geometry"),
        (_meets({"type": "LineString", "coordinates": [[0, "x"], [2, 2]]}), "no geometry"),
        (_meets({"type": "LineString", "coordinates": [[0, 95], [2, 2]]}), "leaves the earth"),
        (_meets({"type": "LineString"}), "no geometry"),
        ({"op": "+", "args": [1, 2]}, "cannot be asked"),
        ({"op": "=", "args": [{"op": "accenti", "args": ["a"]}, "a"]}, "only casei"),
        ({"op": "and", "args": []}, "cannot be asked"),
        ({"op": "=", "args": "ab"}, "no op with args"),
        ({"op": "=", "args": [{"property": "valid_from"}, "soon"]}, "valid_from is a date"),
        ({"property": "name_en"}, "not a condition"),
        ([], "no text"),
        (None, "no text"),
    ],
)
def test_a_senseless_filter_is_told_what_is_wrong(tree: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        condition(json.loads(json.dumps(tree)), WALL)


def test_a_value_is_bound_and_never_a_part_of_the_query() -> None:
    for made in (condition(parse_text("id = 'x'' OR 1=1'"), WALL), equals(WALL, "name_en", "x' OR 1=1")):
        assert "1=1" not in str(made)


_WORDS = (
    "id name_en height_m = <> < NOT AND OR LIKE IN BETWEEN IS NULL ( ) , 'a' 1 -2 BBOX POINT CASEI DATE ."
)
_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just({"property": "id"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"op": st.sampled_from(["and", "or", "not", "=", "like", "in", "isNull", "between", "casei"])},
            optional={"args": st.lists(inner, max_size=3)},
        )
        | st.dictionaries(
            st.sampled_from(["bbox", "date", "interval", "property", "type"]), inner, max_size=2
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=30).map(" ".join) | st.text(max_size=60))
def test_no_text_does_more_than_find_or_be_refused(engine: Engine, text: str) -> None:
    with suppress(UsageError):
        list_records(engine, "wall", where=[condition(parse_text(text), WALL)])


@given(_TREES)
def test_no_tree_does_more_than_find_or_be_refused(engine: Engine, tree: object) -> None:
    with suppress(UsageError):
        list_records(engine, "wall", where=[condition(tree, WALL)])


CHILD = """
import sys, threading
from smap.content.cql2 import parse_json, parse_text
from smap.content.filtering import condition
from smap.content.model import LAYERS
from smap.errors import UsageError

def run():
    for unit, end in (("(", ")"), ("NOT ", ""), ("NOT (", ")"), ("f(", ")"), ("-", ""), ("a=", ""), ("'", ""),
                      ("casei(", ")"), ("id in (", ")"), ("(id='a' and (", "))"), ("INTERVAL(", ")"),
                      ("[", "]"),
                      ('{"op":"not","args":[', "]}"), ('"', ""), ("a and ", ""), ("POINT(", ")")):
        for inner in ("id='a'", "id=", ""):
            many = 2000 // (len(unit) + len(end)) - 4
            for text in (unit * many + inner + end * many, unit * many):
                for parse in (parse_text, parse_json):
                    try:
                        condition(parse(text[:2000]), LAYERS["wall"])
                    except UsageError:
                        pass
    print("sound")

threading.stack_size(512 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_what_is_nested_as_deeply_as_it_can_be_ends_neither_the_process_nor_its_patience() -> None:
    """In a thread with the small stack of macOS; parsers that go back need 2ⁿ steps for these."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "sound\n"), done.stderr


def test_json_that_is_none_is_refused() -> None:
    for text in ("{", "NaN", "[" * 2000, "1" * (LONGEST + 1)):
        with pytest.raises(UsageError):
            parse_json(text)


def test_years_days_and_moments_stand_on_one_scale() -> None:
    assert span_of("1970") == (0, 365 * 86_400_000_000 - 1)
    assert span_of("0000") is not None
    order = ["-0999", "0000", "0001-01-01", "1396", "1969-12-31", "1970-01-01T00:00:00.000001Z", "2000"]
    firsts = [span[0] for text in order if (span := span_of(text))]
    assert len(firsts) == len(order)
    assert firsts == sorted(firsts)
    assert span_of("2000-02-29") is not None
    for text in (
        "2001-02-29",
        "2000-13-01",
        "soon",
        "",
        "20000",
        "2020-01-01T25:00:00Z",
        "2020-01-01T00:00:00",
    ):
        assert span_of(text) is None


@given(st.integers(1, 9998))
def test_a_year_begins_with_its_first_day_and_ends_with_its_last(year: int) -> None:
    whole, first, last = (span_of(text) for text in (f"{year:04}", f"{year:04}-01-01", f"{year:04}-12-31"))
    assert whole is not None
    assert first is not None
    assert last is not None
    assert whole == (first[0], last[1])
