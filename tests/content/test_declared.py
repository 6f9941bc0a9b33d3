"""Layers that an operator declares, from the file to the records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from smap.cli.main import main
from smap.content.database import open_database
from smap.content.declared import read_layers
from smap.content.exchange.importing import import_features
from smap.content.model import LAYERS
from smap.content.readings import last_reading
from smap.content.repository import get_record, layers, list_records
from smap.content.schema import json_schema
from smap.content.snapshot import take_snapshot
from smap.content.validation import check_feature, draft_of
from smap.errors import InputError, RecipeError
from tests.content.samples import ADMIN, NOW

SHIPPED = Path(__file__).resolve().parents[2] / "content" / "layers"
SOUND = """geometry = "Point"
[title]
ko = "벤치"
en = "Benches"
[style]
colour = "#2a628f"
letter = "B"
[[field]]
name = "seats"
type = "count"
label = { ko = "자리", en = "Seats" }
required = true
"""
READINGS = [
    {"time": "2026-05-01T12:00:00+09:00", "value": -3.5, "unit": "°C"},
    {"time": "2026-05-01T02:30:00Z", "value": 4.0, "unit": "°C"},
]


def declare(workspace: Path, name: str = "benches", text: str = SOUND) -> Path:
    """Write a declaration into a workspace."""
    (workspace / "layers").mkdir(exist_ok=True)
    path = workspace / "layers" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with the two layers that we ship."""
    shutil.copytree(SHIPPED, tmp_path / "layers")
    return tmp_path


def sensor(id: str = "s-1", **fields: Any) -> dict[str, Any]:
    """A sound sensor with two readings, the later one first."""
    properties = {
        "name_ko": "센서",
        "name_en": "Sensor",
        "category": "air",
        "source": "own readings",
        "source_date": "2026-05-01",
        "position_accuracy_m": 5.0,
        "readings": READINGS,
    } | fields
    point = {"type": "Point", "coordinates": [126.98, 37.57]}
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"type": "Feature", "id": id, "geometry": point, "properties": kept}


def test_declared_layers_stand_after_our_own(workspace: Path) -> None:
    assert list(read_layers(workspace)) == [*LAYERS, "sensors", "wifi"]
    assert read_layers(workspace / "nowhere") == LAYERS


def test_a_declared_layer_wants_what_every_record_says_and_its_own(tmp_path: Path) -> None:
    declare(tmp_path)
    found = read_layers(tmp_path)
    bench = sensor(seats=3, readings=None, category=None)
    assert draft_of(bench, "benches", found).properties["seats"] == 3
    told = [fault.line for fault in check_feature(sensor(category="air"), "benches", found)[1]]
    assert told[0].startswith("unknown field 'category', 'readings'; the fields of benches are name_ko")
    assert told[1:] == ["seats is missing"]


def test_a_record_is_drawn_as_its_layer_says(workspace: Path) -> None:
    line = sensor() | {"geometry": {"type": "LineString", "coordinates": [[126.9, 37.5], [127.0, 37.6]]}}
    told = [fault.line for fault in check_feature(line, "sensors", read_layers(workspace))[1]]
    assert told == ["a record of sensors is drawn as a Point, not as a LineString"]


@pytest.mark.parametrize(
    ("readings", "line"),
    [
        (
            [{"time": "2026-05-01 12:00", "value": 1.0}],
            "readings: reading 1: time is '2026-05-01 12:00': give",
        ),
        (
            [{"time": "2026-05-01T12:00:00", "value": 1.0}],
            "reading 1: time is '2026-05-01T12:00:00': give a time",
        ),
        ([{"time": "2026-05-01T25:00:00Z", "value": 1.0}], "reading 1: time is '2026-05-01T25:00:00Z'"),
        ([{"value": 1.0}], "reading 1: time is missing"),
        ([READINGS[0], {"time": "2026-05-01T12:00:00Z"}], "reading 2: value is missing"),
        ([{"time": "2026-05-01T12:00:00Z", "value": "warm"}], "reading 1: value is 'warm': give a number"),
    ],
)
def test_a_reading_has_a_time_with_its_zone_and_a_number(workspace: Path, readings: Any, line: str) -> None:
    told = [
        fault.line for fault in check_feature(sensor(readings=readings), "sensors", read_layers(workspace))[1]
    ]
    assert len(told) == 1
    assert line in told[0]


def test_the_last_reading_is_the_latest_whatever_its_zone() -> None:
    """12:00 in Seoul is 03:00 UTC: half an hour after the other one."""
    assert last_reading(READINGS)["value"] == -3.5
    assert last_reading(READINGS[::-1])["value"] == -3.5


def test_declared_records_go_in_and_out_and_into_the_snapshot(workspace: Path) -> None:
    engine = open_database(workspace / "content.db", create=True, layers=read_layers(workspace))
    report = import_features(engine, ADMIN, "sensors", [sensor()], now=NOW)
    assert (report.written, report.refusals) == (1, [])
    assert get_record(engine, "sensors", "s-1").properties["readings"] == READINGS
    assert [info.id for info in layers(engine)] == [*LAYERS, "sensors", "wifi"]
    snapshot = take_snapshot(engine, workspace)
    assert snapshot.counts["sensors"] == 1
    again = json.loads((snapshot.folder / "sensors.geojson").read_text("utf-8"))["features"]
    assert import_features(engine, ADMIN, "sensors", again, now=NOW).skipped == 1
    engine.dispose()


def test_the_command_imports_wifi_with_a_mapping_and_writes_every_format(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (workspace / "w.csv").write_text("no,gu,X,Y\nA1,중구,126.98,37.57\nA2,종로구,126.99,37.58\n", "utf-8")
    (workspace / "w.toml").write_text(
        'format = "csv"\n[fields]\nname_ko = "no"\nname_en = "no"\nmanager_number = "no"\n'
        'district = "gu"\nlon = "X"\nlat = "Y"\n[values]\nsource = "Seoul Open Data"\n'
        'source_date = "2026-05-01"\nposition_accuracy_m = 30\ninstalled = 2021\n',
        "utf-8",
    )
    place = ["--layer", "wifi", "--workspace", str(workspace)]
    words = ["content", "import", str(workspace / "w.csv"), "--mapping", str(workspace / "w.toml"), *place]
    assert main([*words, "--dry-run", "--json"]) == 0
    assert not (workspace / "content.db").exists()
    assert main([*words, "--json"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["written"] == 2
    for form in ("geojson", "csv", "gpkg", "kml"):
        out = workspace / f"out.{form}"
        assert main(["content", "export", str(out), "--format", form, *place]) == 0
        assert out.stat().st_size > 0
    assert "종로구,,2021" in (workspace / "out.csv").read_text("utf-8-sig")
    engine = open_database(workspace / "content.db", layers=read_layers(workspace))
    assert list_records(engine, "wifi").matched == 2
    engine.dispose()


def test_the_schema_of_a_declared_layer_tells_its_labels(workspace: Path) -> None:
    schema = json_schema(read_layers(workspace)["sensors"])
    assert schema["properties"]["readings"]["x-smap-label"]["zh"] == "读数"
    assert schema["properties"]["height_above_ground"]["x-ogc-unit"] == "m"
    assert schema["x-smap-geometry"] == ["Point"]
    assert "text_ko" not in schema["required"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title = ", "is no TOML"),
        (SOUND.replace("[style]", "[stile]"), "unknown key 'stile'; known are title, geometry, categories"),
        (SOUND.replace('en = "Benches"\n', ""), "title: give a table of texts for ko and en"),
        (SOUND.replace('en = "Benches"', 'en = "Benches"\nfr = "Bancs"'), "title: give a table of texts"),
        (SOUND.replace('"Point"', '"Circle"'), "geometry 'Circle' is not one of Point, MultiPoint"),
        ('categories = ["a", "a"]\n' + SOUND, "categories: the same stands there twice"),
        ('categories = ["Two words"]\n' + SOUND, "categories: 'Two words' is no word of a-z"),
        (SOUND.replace("#2a628f", "blue"), "style: colour 'blue' is none: give six digits"),
        (SOUND.replace('"B"', '"BB"'), "style: letter 'BB' is none"),
        (SOUND.replace('"seats"', '"Seats"'), "field 1: name 'Seats' is no word of a-z"),
        (SOUND.replace('"seats"', '"name_ko"'), "field name_ko: the name is taken"),
        (SOUND.replace('"seats"', '"geometry"'), "field geometry: the name is taken"),
        (SOUND + SOUND[SOUND.index("[[field]]") :], "the field 'seats' stands there twice"),
        (SOUND.replace('"count"', '"integer"'), "field seats: type 'integer' is not one of line, text, date"),
        (
            SOUND.replace("required = true", 'required = "yes"'),
            "field seats: required is 'yes': give true or",
        ),
        (SOUND + "limit = 0\n", "field seats: limit 0 is not a length from 1 to 5000"),
        (SOUND + 'choices = ["a"]\n', "field seats: a choice needs its choices, and nothing else has any"),
        (SOUND.replace('"count"', '"choice"'), "field seats: a choice needs its choices"),
        (SOUND + "unit = 3\n", "field seats: unit is '3': give a text"),
        (SOUND + 'least = "0"\n', "field seats: least '0' is no number"),
        (SOUND + "colour = 1\n", "field seats: unknown key 'colour'; known are name, type, label"),
        (SOUND.replace('{ ko = "자리", en = "Seats" }', '"Seats"'), "field seats: label: give a table"),
        ("field = 3\n" + SOUND[: SOUND.index("[[field]]")], "give each field as a table under [[field]]"),
        ("#" * 100_001, "has 100001 bytes: 100000 is the most"),
    ],
)
def test_a_bad_declaration_is_told_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    path = declare(tmp_path, text=text)
    with pytest.raises(RecipeError) as caught:
        read_layers(tmp_path)
    assert str(caught.value).startswith(str(path))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "line"), [("heritage", "one of our own"), ("Wi Fi", "the file's name")])
def test_a_layers_name_is_its_files_and_new(tmp_path: Path, name: str, line: str) -> None:
    declare(tmp_path, name)
    with pytest.raises(RecipeError, match=line):
        read_layers(tmp_path)


def test_a_declaration_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "layers" / "odd.toml").mkdir(parents=True)
    with pytest.raises(InputError, match=r"cannot read .*odd\.toml"):
        read_layers(tmp_path)


def test_a_command_tells_of_a_bad_declaration_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    declare(tmp_path, text="x = 1")
    for words in (["content", "export", "--layer", "wall"], ["serve", "--port", "0"]):
        assert main([*words, "--workspace", str(tmp_path)]) == 2
        told = capfd.readouterr().err
        assert told.count("\n") == 1
        assert "unknown key 'x'" in told
