"""What each layer's own fields take, and what they refuse in one clear line."""

from __future__ import annotations

from typing import Any

import pytest

from smap.content.model import FIELDS, LAYERS, Field
from smap.content.validation import check_feature, draft_of
from tests.content.samples import alley, place

FACT = {
    "about": "rebuilt",
    "ko": "2013년에 다시 지었다.",
    "en": "Rebuilt in 2013.",
    "source": "Korea Heritage Service",
    "source_url": "https://www.heritage.go.kr/",
    "date": "2026-03-01",
}
MEDIUM = {
    "kind": "picture",
    "path": "gates/sungnyemun.jpg",
    "licence": "KOGL",
    "credit": "Korea Heritage Service",
    "kogl": "type-1",
    "alt_ko": "성문",
    "alt_en": "A gate",
}
STORY = {
    "along_m": 0.0,
    "title_ko": "우물",
    "title_en": "The well",
    "ko": "우물이 있었다.",
    "en": "There was a well.",
    "source": "a plaque",
    "date": "2026-03-01",
}
RING = [[126.97, 37.57], [126.98, 37.57], [126.98, 37.58], [126.97, 37.57]]
OUTLINE = {"outline": RING, "outline_source": "own", "outline_date": "2026-03-01", "outline_accuracy_m": 9}
LINE = {"type": "LineString", "coordinates": [[126.98, 37.57], [126.99, 37.58]]}


def feature(layer: str, **fields: Any) -> dict[str, Any]:
    """A sound record of a layer with some fields more."""
    if layer == "alleys":
        return alley(**fields)
    first = {"heritage": "shrine", "tourism": "landmark", "wall": "gate"}[layer]
    return place(**{"category": first} | fields)


def lines(feature: object, layer: str) -> list[str]:
    return [fault.line for fault in check_feature(feature, layer)[1]]


@pytest.mark.parametrize(
    ("layer", "fields"),
    [
        ("heritage", {"name_ja": "宗廟", "name_zh": "宗庙", "name_romanised": "Jongmyo"}),
        (
            "heritage",
            {"summary_ja": "祠堂。", "text_zh": "宗庙。", "valid_from": "1395", "valid_to": "2026-01-01"},
        ),
        ("heritage", {"facts": [FACT], "media": [MEDIUM]}),
        ("heritage", {"khs_kind": "11", "khs_number": "0000010000000", "khs_city": "11", "movable": False}),
        (
            "heritage",
            {"era_ko": "조선", "materials_en": "wood", "eras": ["today", "hanyang"], "model": "gate"},
        ),
        ("heritage", OUTLINE),
        ("tourism", {"tour_type": "12", "tour_id": "126508", "hours_ko": "09:00\n18:00", "phone": "02-120"}),
        ("tourism", {"category": "course", "stops": [{"name_ko": "문", "name_en": "Gate"}], "climb_m": 0.0}),
        ("wall", {"state": "lost", "lost_year": "1915"}),
        ("wall", {"category": "segment", "masonry": "sejong", "height_m": 5.2, "section": "baegak"}),
        ("wall", {"category": "walk", "minutes": 90.0, "length_m": 4200.0}),
        ("alleys", {"steps": 0, "width_m": 1.5, "slope_percent": 12.0, "slope_source": "own level"}),
        ("alleys", {"stories": [STORY], "then_ko": "밭", "now_en": "houses"}),
    ],
)
def test_a_field_of_a_layer_is_kept_as_it_was_given(layer: str, fields: dict[str, Any]) -> None:
    drawn = fields.get("category") in ("course", "segment", "walk")
    given = feature(layer, **fields) | ({"geometry": LINE} if drawn else {})
    properties = draft_of(given, layer).properties
    assert {name: properties[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("layer", "fields", "line"),
    [
        (
            "heritage",
            {"facts": [FACT | {"about": "colour"}]},
            "facts: fact 1: about is 'colour': give one of",
        ),
        ("heritage", {"facts": [FACT, {**FACT, "en": ""}]}, "facts: fact 2: en is missing"),
        ("heritage", {"facts": [FACT | {"en": "x" * 301}]}, "facts: fact 1: en has 301 characters"),
        ("heritage", {"facts": ["1395"]}, "facts: fact 1 is no object"),
        (
            "heritage",
            {"facts": [FACT | {"fr": "x"}]},
            "facts: fact 1: unknown field 'fr'; the fields here are",
        ),
        ("heritage", {"facts": []}, "facts is an empty list: leave it out"),
        ("heritage", {"facts": FACT}, "facts is no list"),
        ("heritage", {"facts": [FACT] * 201}, "facts has 201 of them: 200 is the most"),
        ("heritage", {"media": [{**MEDIUM, "path": None}]}, "media: medium 1: give path, or url"),
        (
            "heritage",
            {"media": [MEDIUM | {"path": "../key"}]},
            "media: medium 1: path is '../key': give a path",
        ),
        ("heritage", {"media": [MEDIUM | {"kogl": "1"}]}, "media: medium 1: kogl is '1': give one of type-1"),
        ("heritage", {"summary_ja": "x" * 601}, "summary_ja has 601 characters: 600 is the most"),
        ("heritage", {"valid_from": "before 1900"}, "valid_from is 'before 1900': give a year as YYYY"),
        ("heritage", {"valid_from": "1900", "valid_to": "1899-12-31"}, "lies before valid_from 1900"),
        ("heritage", {"eras": ["today", "joseon"]}, "eras holds 'joseon': give some of today, hanyang"),
        ("heritage", {"eras": ["today", "today"]}, "eras says the same twice"),
        ("heritage", {"movable": "no"}, "movable is 'no': give true or false"),
        ("heritage", OUTLINE | {"outline_source": None}, "outline_source is missing: outline needs it"),
        ("heritage", OUTLINE | {"outline": RING[:3]}, "outline is no outline: a polygon's ring needs four"),
        ("heritage", OUTLINE | {"outline": [[0, 0]] * 4}, "outline is no outline"),
        (
            "heritage",
            {"hours_en": "9–18"},
            "unknown field 'hours_en'; the fields of heritage are name_ko, name_en",
        ),
        ("tourism", {"tour_type": 13}, "tour_type is '13': give one of 12, 14"),
        ("tourism", {"minutes": -5}, "minutes is -5.0: give a number of minutes, more than 0"),
        ("tourism", {"stops": [{"layer": "wall"}]}, "stops: stop 1: id is missing: layer needs it"),
        ("tourism", {"stops": [{"minutes": 5}]}, "stops: stop 1: give layer and id, or name_ko and name_en"),
        (
            "tourism",
            {"category": "course"},
            "the category course is drawn as a LineString or MultiLineString or",
        ),
        ("wall", {"state": "ruined"}, "state is 'ruined': give one of standing, restored, lost"),
        ("wall", {"lost_year": "in 1915"}, "lost_year is 'in 1915': give a year"),
        ("wall", {"category": "segment"}, "the category segment is drawn as a LineString"),
        ("alleys", {"steps": 7.5}, "steps is 7.5: give a whole number"),
        ("alleys", {"steps": -1}, "steps is -1: give a whole number, 0 or more"),
        ("alleys", {"slope_percent": 9}, "slope_source is missing: slope_percent needs it"),
        (
            "alleys",
            {"stories": [{**STORY, "along_m": None}]},
            "stories: story 1: give along_m, or lon and lat",
        ),
        ("alleys", {"stories": [STORY | {"lon": 127.0}]}, "stories: story 1: lat is missing: lon needs it"),
    ],
)
def test_a_field_that_cannot_stand_is_told_in_one_line(layer: str, fields: dict[str, Any], line: str) -> None:
    told = lines(feature(layer, **fields), layer)
    assert any(line in one for one in told), told
    assert all("\n" not in one for one in told)


def test_a_year_may_be_a_number_and_stays_a_text() -> None:
    assert draft_of(feature("wall", lost_year=1915), "wall").properties["lost_year"] == "1915"
    assert draft_of(feature("heritage", valid_from=-100), "heritage").properties["valid_from"] == "-0100"
    assert draft_of(feature("tourism", tour_type=12), "tourism").properties["tour_type"] == "12"


def test_an_open_outline_is_closed() -> None:
    four = [[126.97, 37.57], [126.98, 37.57], [126.98, 37.58], [126.97, 37.58]]
    draft = draft_of(feature("heritage", **OUTLINE | {"outline": four}), "heritage")
    assert draft.properties["outline"] == [*four, four[0]]


def test_a_day_of_a_year_lies_within_it() -> None:
    assert lines(feature("heritage", valid_from="1900-05-01", valid_to="1900"), "heritage") == []


def test_only_traced_lines_must_name_a_source_at_each_position() -> None:
    walk = feature("wall", category="walk") | {"geometry": LINE}
    assert lines(walk, "wall") == []
    walk["properties"]["category"] = "section"
    assert lines(walk, "wall") == [
        "there are 0 vertices for 2 positions of the line: give one for each, in order"
    ]


def test_a_course_may_be_the_points_of_its_stops() -> None:
    course = feature("tourism", category="course") | {"geometry": LINE | {"type": "MultiPoint"}}
    assert lines(course, "tourism") == []


@pytest.mark.parametrize("layer", LAYERS)
def test_every_field_that_another_needs_is_a_field_of_its_record(layer: str) -> None:
    model = LAYERS[layer]
    assert list(model.fields)[: len(FIELDS)] == list(FIELDS)
    assert set(model.drawn) | model.traced <= set(model.categories)
    check_company(model.fields)
    for field in model.fields.values():
        check_company(field.fields)
        assert {name for group in field.one_of for name in group} <= set(field.fields)
        assert bool(field.fields) == (field.kind == "items")


def check_company(fields: Any) -> None:
    needed = {name for field in fields.values() if isinstance(field, Field) for name in field.needs}
    assert needed <= set(fields)
