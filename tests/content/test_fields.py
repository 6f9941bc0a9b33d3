"""What each layer's own fields take, and what they refuse in one clear line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from smap.content.exchange.geojson import geojson_of
from smap.content.exchange.importing import import_features
from smap.content.exchange.table import csv_of
from smap.content.exchange.vector import vector_of
from smap.content.model import FIELDS, LAYERS, Field
from smap.content.repository import list_records
from smap.content.schema import json_schema
from smap.content.snapshot import take_snapshot
from smap.content.validation import check_feature, draft_of
from tests.content.samples import ADMIN, NOW, alley, place

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
        "vertices: there are 0 for 2 positions of the line: give one for each, in order"
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


FULL = [
    ("heritage", {"facts": [FACT], "media": [MEDIUM], "eras": ["today"], "movable": False, **OUTLINE}),
    (
        "tourism",
        {"stops": [{"layer": "wall", "id": "a", "minutes": 5.0}], "fee_ko": "무료\n모두", "climb_m": 0.0},
    ),
    ("wall", {"state": "lost", "lost_year": "1915", "height_m": 5.25}),
    ("alleys", {"steps": 72, "stories": [STORY], "slope_percent": 12.5, "slope_source": "own level"}),
]


@pytest.mark.parametrize(("layer", "fields"), FULL)
def test_every_kind_of_field_goes_through_the_store_the_snapshot_and_an_export(
    engine: Engine, tmp_path: Path, layer: str, fields: dict[str, Any]
) -> None:
    report = import_features(engine, ADMIN, layer, [feature(layer, **fields)], now=NOW)
    assert [str(refusal) for refusal in report.refusals] == []
    (record,) = list_records(engine, layer).records
    expected = draft_of(feature(layer, **fields), layer).properties
    assert record.properties == expected
    frozen = take_snapshot(engine, tmp_path).folder
    schema = json.loads((frozen / f"{layer}.schema.json").read_text("utf-8"))
    assert set(expected) <= set(schema["properties"])
    for again in (frozen / f"{layer}.geojson").read_bytes(), geojson_of([record]):
        assert import_features(engine, ADMIN, layer, json.loads(again)["features"], now=NOW).skipped == 1


@pytest.mark.parametrize(("layer", "fields"), FULL)
def test_every_kind_of_field_is_a_column_of_tables(
    engine: Engine, tmp_path: Path, layer: str, fields: dict[str, Any]
) -> None:
    from pyogrio import raw

    import_features(
        engine, ADMIN, layer, [feature(layer, **fields), feature(layer) | {"id": "bare"}], now=NOW
    )
    records = [r for r in list_records(engine, layer).records if r.id != "bare"]
    model = LAYERS[layer]
    (row,) = csv.DictReader(io.StringIO(csv_of(records, model.fields).decode("utf-8-sig"), newline=""))
    path = tmp_path / "all.gpkg"
    path.write_bytes(vector_of(list_records(engine, layer).records, layer, "gpkg", model.fields))
    meta, _, _, columns = raw.read(path)
    at = list(columns[list(meta["fields"]).index("id")]).index(records[0].id)
    for name, value in fields.items():
        told = columns[list(meta["fields"]).index(name)][at]
        if isinstance(value, list):
            assert json.loads(row[name]) == json.loads(told) == records[0].properties[name], name
        else:
            assert told == value, name
            stored = str(records[0].properties[name])
            assert row[name] in (stored, stored.lower()), name


@pytest.mark.parametrize("layer", LAYERS)
def test_a_schema_says_of_each_field_what_the_door_asks(layer: str) -> None:
    schema = json_schema(LAYERS[layer])
    assert schema["required"] == [name for name, field in LAYERS[layer].fields.items() if field.required]
    assert schema["properties"]["category"]["enum"] == list(LAYERS[layer].categories)
    fact = schema["properties"]["facts"]["items"]
    assert fact["required"] == ["about", "ko", "en", "source", "date"]
    assert fact["properties"]["source_url"]["format"] == "uri"
    media = schema["properties"]["media"]["items"]
    assert media["anyOf"] == [{"required": ["path"]}, {"required": ["url"]}]


def test_a_schema_tells_bounds_units_and_company() -> None:
    alleys, wall = (json_schema(LAYERS[layer]) for layer in ("alleys", "wall"))
    slope = alleys["properties"]["slope_percent"]
    assert (slope["minimum"], slope["x-ogc-unit"]) == (0, "%")
    assert alleys["dependentRequired"] == {"slope_percent": ["slope_source"]}
    assert alleys["properties"]["steps"] == {"type": "integer", "minimum": 0, "x-smap-kind": "count"}
    assert wall["properties"]["height_m"]["exclusiveMinimum"] == 0
    assert wall["x-smap-drawn"]["walk"] == ["LineString", "MultiLineString"]
