from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smap.content.record import Draft
from smap.content.validation import check_feature, draft_of, slug_of
from smap.errors import NotFoundError, ValidationError
from tests.content.rounds import rounds
from tests.content.samples import alley, place


def codes(feature: object, layer: str = "heritage") -> list[str]:
    return [fault.code for fault in check_feature(feature, layer)[1]]


def test_a_sound_record_passes_and_gets_its_licence() -> None:
    draft = draft_of(place(), "heritage")
    assert draft.properties["licence"] == "CC-BY-4.0"
    assert draft.geometry == {"type": "Point", "coordinates": [126.9941, 37.5748]}


def test_normalising_twice_changes_nothing() -> None:
    draft = draft_of(place(name_ko=" " + unicodedata.normalize("NFD", "종묘"), text_en="a\r\nb"), "heritage")
    again = {"type": "Feature", "id": draft.id, "geometry": draft.geometry, "properties": draft.properties}
    assert draft_of(again, "heritage") == draft
    assert draft.properties["name_ko"] == "종묘"
    assert draft.properties["text_en"] == "a\nb"


def test_a_position_less_sure_than_100_m_is_called_approximate() -> None:
    assert draft_of(place(position_accuracy_m=101), "heritage").properties["position_approximate"] is True
    assert "position_approximate" not in draft_of(place(position_accuracy_m=100), "heritage").properties


def test_all_faults_are_told_at_once() -> None:
    feature = place("Not A Slug", text_ko=None, category="park", source_date="2026-02-30")
    with pytest.raises(ValidationError) as caught:
        draft_of(feature, "heritage")
    lines = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 4
    for said in (
        "'Not A Slug' is no slug",
        "text_ko is missing",
        "belongs to the layer tourism",
        "2026-02-30",
    ):
        assert said in lines


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name_en": ""}, "missing"),
        ({"name_en": "  "}, "missing"),
        ({"name_en": "x" * 201}, "too_long"),
        ({"name_en": "two\nlines"}, "value"),
        ({"name_en": "lone \ud800 surrogate"}, "value"),
        ({"name_en": "gnol \u202e"}, "value"),
        ({"name_en": 5}, "value"),
        ({"text_en": "<script>alert(1)</script>"}, "html"),
        ({"text_en": "a <b>bold</b> word"}, "html"),
        ({"category": "skyscraper"}, "category"),
        ({"source_url": "javascript:alert(1)"}, "value"),
        ({"source_url": "https://"}, "value"),
        ({"position_accuracy_m": 0}, "value"),
        ({"position_accuracy_m": True}, "value"),
        ({"position_accuracy_m": float("nan")}, "value"),
        ({"position_accuracy_m": 10**400}, "value"),
        ({"position_means": "guess"}, "value"),
        ({"source_date": "1 May 2026"}, "value"),
        ({"colour": "red"}, "unknown_field"),
        ({"vertices": []}, "vertices"),
    ],
)
def test_a_fault_of_a_field_has_its_code(fields: dict[str, Any], code: str) -> None:
    assert codes(place(**fields)) == [code]


def test_an_unknown_field_names_the_known_ones() -> None:
    line = check_feature(place(colour="red"), "heritage")[1][0].line
    assert "'colour'" in line
    assert "name_ko, name_en" in line


def test_a_less_than_sign_is_no_markup() -> None:
    assert codes(place(text_en="1 < 2 & 3 > 2")) == []


@pytest.mark.parametrize("feature", [None, [], "x", {}, {"type": "FeatureCollection"}])
def test_what_is_no_feature_is_refused(feature: object) -> None:
    assert codes(feature) == ["not_a_feature"]


def test_an_unknown_layer_names_the_layers() -> None:
    with pytest.raises(NotFoundError, match="heritage, tourism, wall, alleys"):
        check_feature(place(), "shops")


def test_an_alley_has_a_control_point_for_each_position() -> None:
    assert codes(alley(), "alleys") == []
    short = alley()
    short["properties"]["vertices"].pop()
    assert codes(short, "alleys") == ["vertices"]
    unnamed = alley()
    del unnamed["properties"]["vertices"][1]["source"]
    assert "vertex 2: source is missing" in check_feature(unnamed, "alleys")[1][0].line


@pytest.mark.parametrize("field", ["name_en", "text_ko", "category"])
def test_marks_without_end_are_refused_before_they_are_sorted(field: str) -> None:
    """Normalising these 600,000 would take minutes."""
    marks = "\u0301\u0316" * 300_000
    record = place()
    record["properties"][field] = marks
    assert set(codes(record)) <= {"too_long", "value", "category"}
    assert slug_of(marks) == ""


def test_a_number_is_a_float_however_it_was_written() -> None:
    """A client that guesses a column's type by its first value would cut later ones down to integers."""
    draft = draft_of(place(position_accuracy_m=20), "heritage")
    assert isinstance(draft.properties["position_accuracy_m"], float)


def test_a_decomposed_text_counts_as_composed() -> None:
    assert codes(place(name_ko=unicodedata.normalize("NFD", "각" * 200))) == []


def test_a_record_tells_a_hundred_faults_and_counts_the_rest() -> None:
    draft, faults = check_feature(alley(vertices=[{}] * 1000), "alleys")
    assert draft is None
    assert len(faults) == 101
    assert faults[-1].line == "and 4901 more faults"
    assert codes(alley(vertices=[{}] * 340_000), "alleys") == ["vertices", "vertices"]


def test_an_alley_is_no_point() -> None:
    assert codes(place(category="alley"), "alleys") == ["geometry"]


def test_a_kind_of_geometry_with_a_line_break_is_told_in_one_line() -> None:
    _, faults = check_feature(place() | {"geometry": {"type": "Po\nint", "coordinates": []}}, "heritage")
    assert "geometry type 'Po\\nint' is not one of" in faults[0].line


@pytest.mark.long
@settings(max_examples=rounds(2000), deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=9)
)
def test_any_value_in_any_place_gives_faults_and_no_accident(value: object) -> None:
    for feature in (
        place(name_ko=value, vertices=value, position_accuracy_m=value, source_url=value, category=value),
        place() | {"geometry": {"type": "Polygon", "coordinates": value}},
        place() | {"geometry": {"type": value, "coordinates": value}},
        place() | {"properties": value},
        place() | {"id": value},
    ):
        draft, faults = check_feature(feature, "heritage")
        assert (draft is None) == bool(faults)
        assert all("\n" not in fault.line for fault in faults)


@given(st.text(max_size=300))
def test_every_slug_is_an_id_or_empty(name: str) -> None:
    slug = slug_of(name)
    assert slug == "" or isinstance(draft_of(place(slug), "heritage"), Draft)


@pytest.mark.parametrize(
    ("feature", "field"),
    [
        (place(lon=0, lat=0), "geometry"),
        (place(lon=37.5, lat=127.0), "geometry"),
        (place() | {"geometry": {"type": "Point", "coordinates": [127.0, 37.5, 3.0]}}, "geometry"),
        (place() | {"geometry": {"type": "Polygon", "coordinates": [[[127.0, 37.5]]]}}, "geometry"),
        (place() | {"geometry": None}, "geometry"),
        (alley(vertices=None), "vertices"),
    ],
)
def test_a_fault_of_the_shape_begins_with_its_field(feature: dict[str, Any], field: str) -> None:
    layer = "alleys" if feature["properties"]["category"] == "alley" else "heritage"
    _, faults = check_feature(feature, layer)
    assert [re.match(r"\w+", fault.line)[0] for fault in faults] == [field]  # type: ignore[index]
