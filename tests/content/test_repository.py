from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.record import Bbox
from smap.content.repository import get_record, layers, list_records
from smap.content.service import create_record, publish_record, save_record
from smap.errors import NotFoundError, UsageError
from tests.content.rounds import rounds
from tests.content.samples import ADMIN, EDITOR, NOW, alley, content, place


def published(engine: Engine, *features: dict[str, object], layer: str = "heritage") -> None:
    report = import_features(engine, ADMIN, layer, features, now=NOW)
    assert report.written == len(features)


def ids(engine: Engine, bbox: Bbox, layer: str = "heritage") -> list[str]:
    return [record.id for record in list_records(engine, layer, bbox=bbox, limit=None).records]


def test_the_public_sees_the_last_published_revision_and_editors_the_newest(engine: Engine) -> None:
    create_record(engine, EDITOR, "heritage", place(), now=NOW)
    with pytest.raises(NotFoundError):
        get_record(engine, "heritage", "jongmyo")
    publish_record(engine, EDITOR, "heritage", "jongmyo", expected_revision=1, now=NOW)
    changed = place(name_ko="종묘 정전")
    save_record(engine, EDITOR, "heritage", "jongmyo", changed, expected_revision=1, now=NOW)
    public = get_record(engine, "heritage", "jongmyo")
    newest = get_record(engine, "heritage", "jongmyo", drafts=True)
    assert (public.revision, public.status, public.properties["name_ko"]) == (1, "published", "종묘")
    assert (newest.revision, newest.status, newest.properties["name_ko"]) == (2, "draft", "종묘 정전")


def test_the_layers_tell_what_is_published_and_where(engine: Engine) -> None:
    published(engine, place("a", 126.9, 37.5), place("b", 127.1, 37.6))
    create_record(engine, EDITOR, "heritage", place("draft", 128.0, 38.0), now=NOW)
    found = {layer.id: layer for layer in layers(engine)}
    assert list(found) == ["heritage", "tourism", "wall", "alleys"]
    assert (found["heritage"].count, found["heritage"].extent) == (2, (126.9, 37.5, 127.1, 37.6))
    assert (found["alleys"].count, found["alleys"].extent) == (0, None)


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        ((126.98, 37.57, 126.98, 37.57), True),  # the box is the point
        ((126.98, 37.5, 127.0, 37.6), True),  # on the west edge
        ((126.9, 37.57, 127.0, 37.6), True),  # on the south edge
        ((126.980000001, 37.5, 127.0, 37.6), False),  # beyond by less than a float32 step
        ((126.9, 37.5, 126.979999999, 37.6), False),
        ((126.9, 37.5, 127.0, 37.569999999), False),
        ((170.0, 30.0, 127.0, 38.0), True),  # over the 180° meridian
        ((170.0, 30.0, -170.0, 38.0), False),
    ],
)
def test_the_edges_of_a_box_belong_to_it_and_nothing_beyond(engine: Engine, bbox: Bbox, found: bool) -> None:
    published(engine, place("a", 126.98, 37.57))
    assert ids(engine, bbox) == (["a"] if found else [])


def test_a_box_finds_lines_by_their_course_not_by_their_extent(engine: Engine) -> None:
    published(engine, alley("slanting", [[126.0, 37.0], [127.0, 38.0]]), layer="alleys")
    assert ids(engine, (126.0, 37.6, 126.4, 38.0), "alleys") == []
    assert ids(engine, (126.4, 37.4, 126.6, 37.6), "alleys") == ["slanting"]


@pytest.mark.parametrize("bbox", [(0, 1, 2, -1), (-181, 0, 0, 0), (0, float("nan"), 1, 1), (0, 0, 0, 91)])
def test_a_box_that_is_none_is_refused(engine: Engine, bbox: Bbox) -> None:
    with pytest.raises(UsageError, match="is no box"):
        list_records(engine, "heritage", bbox=bbox)


@pytest.mark.long
@given(st.integers(0, 12), st.integers(1, 5))
@settings(max_examples=rounds(200), deadline=None)
def test_paging_shows_every_record_once(count: int, limit: int) -> None:
    with content() as engine:
        published(engine, *(place(f"place-{number}", 126.9 + number / 100) for number in range(count)))
        seen = list[str]()
        for offset in range(0, count + limit, limit):
            page = list_records(engine, "heritage", bbox=(126, 37, 128, 38), limit=limit, offset=offset)
            assert page.matched == count
            seen += [record.id for record in page.records]
        assert sorted(seen) == sorted({f"place-{number}" for number in range(count)})


def test_a_list_is_in_the_order_of_the_ids(engine: Engine) -> None:
    published(engine, place("c"), place("a"), place("b"))
    page = list_records(engine, "heritage", bbox=(126, 37, 128, 38))
    assert [record.id for record in page.records] == ["a", "b", "c"]


def test_an_unknown_layer_is_named(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no layer 'shops'"):
        list_records(engine, "shops")
