"""The wall's course over the sample's ground: as long as the wall, through its named places, on the ridge."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.content.validation import check_feature
from smap.sample.course import layer_of
from smap.sample.stubs import read_stubs
from smap.sample.write import City
from tests.sample.conftest import CONTENT, FACTS

LOOP_M, STANDING_M = 18_627.0, 12_800.0
"""seoulcitywall.seoul.go.kr; what stood or was restored in 2014."""


def test_the_loop_is_as_long_as_the_wall(city: City) -> None:
    assert city.course.length_m() == pytest.approx(LOOP_M, rel=0.03)


def test_what_stands_or_is_restored_is_as_long_as_counted_in_2014(city: City) -> None:
    assert city.course.length_m(standing=True) == pytest.approx(STANDING_M, rel=0.05)


def test_what_the_segments_call_lost_is_lost_on_the_course(city: City) -> None:
    records = json.loads((CONTENT / "wall.geojson").read_text(encoding="utf-8"))["features"]
    told = {r["properties"]["source"] for r in records if r["properties"].get("state") == "lost"}
    named = {r["id"] for r in records if r["properties"].get("section")}
    assert {str(source) for s in city.course.sections for source in s.lost} - {""} == told
    assert {id for s in city.course.sections for id in s.spans} == named


def test_the_segments_of_a_section_follow_one_another_along_it(city: City) -> None:
    """From its beginning to its end; what two of them share is shorter than a piece of the course."""
    for section in city.course.sections:
        spans = sorted(section.spans.values())
        whole = np.linalg.norm(np.diff(section.xy, axis=0), axis=1).sum()
        assert spans[0][0] == pytest.approx(0.0, abs=20.0)
        assert spans[-1][1] == pytest.approx(whole, abs=20.0)
        for (_, end), (start, _) in pairwise(spans):
            assert start == pytest.approx(end, abs=20.0), section.record["id"]


def test_a_segment_is_drawn_where_its_section_runs(city: City) -> None:
    drawn = {f["id"]: f for f in json.loads(layer_of(city.course, city.facts.plane))["features"]}
    for section in city.course.sections:
        line = shapely.LineString(drawn[section.record["id"]]["geometry"]["coordinates"])
        for id in section.spans:
            points = drawn[id]["geometry"]["coordinates"]
            assert len(points) > 2
            # a millionth of a degree is what both are rounded to
            assert shapely.distance(line, shapely.points(points)).max() < 2e-6


def test_the_layer_passes_the_door_of_the_store_with_the_same_records(city: City) -> None:
    drawn = json.loads(layer_of(city.course, city.facts.plane))["features"]
    given = json.loads((CONTENT / "wall.geojson").read_text(encoding="utf-8"))["features"]
    assert [f["id"] for f in drawn] == [f["id"] for f in given]
    assert {f["id"]: found for f in drawn if (found := check_feature(f, "wall")[1])} == {}
    for one, other in zip(drawn, given, strict=True):
        for field in ("name_ko", "text_ko", "text_en", "source", "length_m"):
            assert one["properties"].get(field) == other["properties"].get(field)


def test_the_course_runs_through_every_control_point_under_its_own_name(city: City) -> None:
    drawn = {f["id"]: f for f in json.loads(layer_of(city.course, city.facts.plane))["features"]}
    for record in json.loads((CONTENT / "wall.geojson").read_text(encoding="utf-8"))["features"]:
        if record["properties"]["category"] != "section":
            continue
        section = drawn[record["id"]]
        vertices = section["properties"]["vertices"]
        named = zip(section["geometry"]["coordinates"], vertices, strict=True)
        here = {(v["name_ko"], tuple(p)) for p, v in named}
        given = zip(record["geometry"]["coordinates"], record["properties"]["vertices"], strict=True)
        assert {(v["name_ko"], tuple(p)) for p, v in given} <= here
        assert all(v["position_accuracy_m"] >= 100 for v in vertices if "사이 (" in v["name_ko"])


def test_the_sections_join_to_a_loop_that_crosses_itself_nowhere(city: City) -> None:
    for one, other in pairwise([*city.course.sections, city.course.sections[0]]):
        assert np.allclose(one.xy[-1], other.xy[0])
    assert shapely.is_simple(shapely.linearrings(city.course.loop()))


def test_the_course_turns_gently_also_at_its_control_points(city: City) -> None:
    """A wall of stone makes bends; 70 degrees over 16 m are the sharpest of the shelters' hairpins."""
    loop = city.course.loop()
    way = np.diff(np.concatenate([loop, loop[:2]]), axis=0)
    turn = np.angle(np.exp(1j * np.diff(np.arctan2(way[:, 1], way[:, 0]))))
    assert np.degrees(np.abs(turn)).max() < 70.0
    assert (np.degrees(np.abs(turn)) > 40.0).sum() <= 6


def test_the_course_coils_nowhere_and_least_in_the_low_city(city: City) -> None:
    """All turns of the loop, and the longest detour of a leg from one named place to the next."""
    loop = city.course.loop()
    way = np.diff(np.concatenate([loop, loop[:2]]), axis=0)
    turn = np.angle(np.exp(1j * np.diff(np.arctan2(way[:, 1], way[:, 0]))))
    assert np.degrees(np.abs(turn)).sum() < 7_800.0
    detours = {}
    for section in city.course.sections:
        ends = np.flatnonzero(section.control >= 0)
        for a, b in pairwise(ends.tolist()):
            long = np.linalg.norm(np.diff(section.xy[a : b + 1], axis=0), axis=1).sum()
            detours[section.record["id"], a] = long / np.linalg.norm(section.xy[b] - section.xy[a])
    assert max(detours.values()) < 1.65
    assert max(far for (name, _), far in detours.items() if name == "sungnyemun-section") < 1.25


def test_the_course_runs_straight_through_the_stubs_of_every_gate(city: City) -> None:
    """To 5 cm and 1 degree: the stone of the wall goes on where the model's ends."""
    stubs = read_stubs(FACTS, city.facts.plane)
    assert {s.id for s in stubs} >= {
        "sungnyemun",
        "heunginjimun",
        "hyehwamun",
        "changuimun",
        "sukjeongmun",
        "gwanghuimun",
    }
    loop = shapely.linearrings(city.course.loop())
    for stub in stubs:
        straight = shapely.linestrings([stub.arrives, stub.middle, stub.leaves])
        along = shapely.line_interpolate_point(straight, np.linspace(0.0, straight.length, 40))
        assert shapely.distance(loop, along).max() < 0.05, stub.id
        start, end = (shapely.line_locate_point(loop, shapely.points(p)) for p in (stub.arrives, stub.leaves))
        assert (end - start) % loop.length == pytest.approx(straight.length, abs=0.1), stub.id


def test_in_the_mountains_the_course_keeps_to_the_crest(city: City) -> None:
    above = []
    for section in city.course.sections:
        way = np.diff(section.xy, axis=0)
        across = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.linalg.norm(way, axis=1)[:, None]
        middle = section.xy[:-1] + way / 2
        sides = np.mean([city.ground.heights_at(middle + far * across) for far in (-50.0, 50.0)], axis=0)
        high = city.ground.heights_at(middle) > 90.0
        above.append((city.ground.heights_at(middle) - sides)[high])
    assert np.median(np.concatenate(above)) > 2.0
    assert (np.concatenate(above) > 0.0).mean() > 0.8


@pytest.mark.real
def test_the_course_keeps_near_the_walk_beside_the_wall(city: City, seoul_data: Path) -> None:
    path = seoul_data / "citywall" / "hanyangdoseong_trail_osm_routed.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    loop = next(f for f in features if f["properties"]["kind"] == "trail_full_loop")
    degrees = np.array(loop["geometry"]["coordinates"], np.float64)
    trail = shapely.linestrings(city.facts.plane.to_plane(degrees[:, 0], degrees[:, 1]))
    line = shapely.linearrings(city.course.loop())
    at = shapely.line_interpolate_point(line, np.arange(0.0, line.length, 10.0))
    far = shapely.distance(trail, at)
    assert np.median(far) <= 75.0
    assert np.percentile(far, 90) <= 200.0
