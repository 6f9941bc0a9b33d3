"""What every record in content/ keeps: its form, its place, its sources."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterator

from smap.content.validation import check_feature
from tests.content_files.conftest import LAYERS, ROOT, Content, Feature

SEOUL = (126.76, 37.42, 127.19, 37.70)
"""Degrees: west, south, east, north, the sanity box of the city."""
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LAST_READ = "2026-11-27"
OSM = "openstreetmap"
MOST_OSM_POINTS = 99
"""Single facts are no extract of a database; a hundred points and more begin to look like one."""


def records(content: Content) -> Iterator[tuple[str, Feature]]:
    for layer, features in content.items():
        for feature in features:
            yield layer, feature


def points(feature: Feature) -> list[list[float]]:
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "Point" else geometry["coordinates"]


def test_every_record_passes_the_door_of_the_store(content: Content) -> None:
    faults = {
        f"{layer}/{feature['id']}": found
        for layer, feature in records(content)
        if (found := check_feature(feature, layer)[1])
    }
    assert faults == {}


def test_ids_are_slugs_and_unique_in_their_layer(content: Content) -> None:
    for features in content.values():
        ids = [feature["id"] for feature in features]
        assert len(ids) == len(set(ids))
        assert all(SLUG.fullmatch(identity) for identity in ids)


def test_each_layer_holds_the_number_of_places_it_promises(content: Content) -> None:
    least = {"heritage": 123, "tourism": 68, "wall": 36, "alleys": 30}
    assert {layer: len(features) >= least[layer] for layer, features in content.items()} == dict.fromkeys(
        LAYERS, True
    )


def test_every_coordinate_lies_inside_seoul(content: Content) -> None:
    west, south, east, north = SEOUL
    for layer, feature in records(content):
        for lon, lat in points(feature):
            assert west < lon < east, (layer, feature["id"], lon)
            assert south < lat < north, (layer, feature["id"], lat)


def test_a_position_less_sure_than_100_m_is_called_approximate(content: Content) -> None:
    for layer, feature in records(content):
        properties = feature["properties"]
        assert properties.get("position_approximate", False) is (properties["position_accuracy_m"] > 100), (
            layer,
            feature["id"],
        )


def test_three_of_four_heritage_records_are_placed_within_30_m(content: Content) -> None:
    sure = [f for f in content["heritage"] if f["properties"]["position_accuracy_m"] <= 30]
    assert len(sure) / len(content["heritage"]) >= 3 / 4


def test_an_area_centre_stays_a_point_with_an_honest_accuracy(content: Content) -> None:
    areas = [f for _, f in records(content) if f["properties"]["position_means"] == "area_centre"]
    assert areas
    assert all(f["geometry"]["type"] == "Point" for f in areas)
    assert all(f["properties"]["position_accuracy_m"] >= 80 for f in areas)


def test_dates_are_real_days_not_after_the_last_reading(content: Content) -> None:
    for _, feature in records(content):
        properties = feature["properties"]
        days = [properties["source_date"], properties["position_date"]]
        days += [vertex["date"] for vertex in properties.get("vertices", [])]
        for day in days:
            assert dt.date.fromisoformat(day) <= dt.date.fromisoformat(LAST_READ), (feature["id"], day)


def test_the_files_are_in_composed_unicode() -> None:
    for layer in LAYERS:
        text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), layer


def test_no_source_is_vague_and_no_doubt_is_left_in_the_files() -> None:
    for layer in LAYERS:
        text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8").lower()
        for word in ("public file", "verify", "curated list", "todo"):
            assert word not in text, (layer, word)


def test_designation_numbers_are_never_shown_as_a_rank() -> None:
    rank = re.compile(r"(국보|보물|사적|기념물|유형문화재)\s*(제\s*)?\d+\s*호|구\s*제\s*\d+\s*호")
    for layer in LAYERS:
        text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8")
        assert rank.search(text) is None, layer


def test_fewer_than_a_hundred_points_come_from_openstreetmap(content: Content) -> None:
    sources: list[str] = []
    for _, feature in records(content):
        vertices = feature["properties"].get("vertices")
        if vertices is None:
            sources.append(feature["properties"]["position_source"])
        else:
            sources += [vertex["source"] for vertex in vertices]
    assert sum(OSM in source.lower() for source in sources) <= MOST_OSM_POINTS


def test_no_place_is_written_with_two_different_positions_from_one_source(content: Content) -> None:
    seen: dict[tuple[str, str], list[float]] = {}
    for feature in content["wall"]:
        for vertex, position in zip(feature["properties"].get("vertices", []), points(feature), strict=False):
            key = (vertex["name_ko"], vertex["source"])
            assert seen.setdefault(key, position) == position, key


def test_the_files_are_laid_out_so_that_a_change_reads_line_by_line() -> None:
    for layer in LAYERS:
        text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8")
        assert text.startswith('{\n  "type": "FeatureCollection"')
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) < 1000
        assert json.loads(text)["type"] == "FeatureCollection"
