"""The City Wall: six sections that close to a loop, drawn through named points, near the real walk."""

from __future__ import annotations

import json
import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.content_files.conftest import Content, Feature

WALK = ("baegak", "naksan", "heunginjimun", "namsan", "sungnyemun", "inwangsan")
METRES_PER_DEGREE = np.array([111_320.0 * np.cos(np.radians(37.57)), 110_990.0])
"""Along the parallel and the meridian at the old city (WGS84, flat over its 7 km: below 1 m)."""
STATES = ("standing", "restored", "lost")
WALL_M = 18_627.0
"""seoulcitywall.seoul.go.kr."""
RESTORED_BY_2013_M, LEFT_NOW_M, BEYOND_RESTORING_M = 12_771.0, 13_700.0, 5_127.0
"""a-ha.io (69 %); smfvnfmstks.tistory.com/15842352; ajunews.com 20110518000188."""
STEP_M = 10.0
MEDIAN_LIMIT_M = 120.0
"""What the drawn course may stray from the walk beside the wall, in the middle of all its steps."""


def sections(content: Content) -> list[Feature]:
    return [feature for feature in content["wall"] if feature["properties"]["category"] == "section"]


def of_category(content: Content, category: str) -> list[str]:
    return [f["properties"]["name_ko"] for f in content["wall"] if f["properties"]["category"] == category]


def test_the_six_sections_stand_in_the_order_of_the_walk(content: Content) -> None:
    assert [section["id"] for section in sections(content)] == [f"{name}-section" for name in WALK]


def test_each_section_begins_where_the_one_before_it_ends(content: Content) -> None:
    drawn = sections(content)
    for one, other in pairwise([*drawn, drawn[0]]):
        assert one["geometry"]["coordinates"][-1] == other["geometry"]["coordinates"][0]
        assert one["properties"]["vertices"][-1] == other["properties"]["vertices"][0]


def test_every_point_of_a_section_is_a_named_and_sourced_place(content: Content) -> None:
    for section in sections(content):
        vertices = section["properties"]["vertices"]
        assert len(vertices) == len(section["geometry"]["coordinates"])
        for vertex in vertices:
            assert set(vertex) == {"name_ko", "name_en", "source", "date", "position_accuracy_m"}
            assert all(vertex.values())


def test_the_course_runs_through_forty_named_places_and_more(content: Content) -> None:
    names = {
        vertex["name_ko"] for section in sections(content) for vertex in section["properties"]["vertices"]
    }
    assert len(names) >= 40


def test_a_section_is_as_sure_as_its_least_sure_point(content: Content) -> None:
    for section in sections(content):
        worst = max(vertex["position_accuracy_m"] for vertex in section["properties"]["vertices"])
        assert section["properties"]["position_accuracy_m"] == worst


def test_the_lengths_of_the_sections_sum_to_the_wall(content: Content) -> None:
    whole = next(f for f in content["wall"] if f["id"] == "hanyangdoseong")["properties"]["length_m"]
    total = sum(section["properties"]["length_m"] for section in sections(content))
    assert abs(total - whole) <= 6 * 50  # each of the six is rounded to 0.1 km


def test_the_eight_gates_two_water_gates_four_stamps_and_four_summits_are_there(content: Content) -> None:
    gates = of_category(content, "gate") + of_category(content, "gate_site")
    assert sorted(gates) == sorted(
        ["흥인지문", "돈의문 터", "숭례문", "숙정문", "혜화문", "소의문 터", "광희문", "창의문"]
    )
    assert sorted(of_category(content, "water_gate")) == ["오간수문 터", "이간수문"]
    assert len(of_category(content, "stamp")) == 4
    assert len(of_category(content, "summit")) == 4


@pytest.mark.parametrize(
    ("identity", "height"),
    [("baegak-summit", 342), ("naksan-summit", 124), ("namsan-summit", 265), ("inwangsan-summit", 338)],
)
def test_the_summits_tell_their_height(content: Content, identity: str, height: int) -> None:
    summit = next(f for f in content["wall"] if f["id"] == identity)["properties"]
    assert f"{height}미터" in summit["text_ko"]
    assert f"{height} m" in summit["text_en"]


def segments(content: Content) -> list[Feature]:
    return [feature for feature in content["wall"] if feature["properties"]["category"] == "segment"]


def of_section(content: Content, section: Feature) -> list[Feature]:
    return [one for one in segments(content) if one["properties"]["section"] == section["id"]]


def metres(told: list[Feature], *states: str) -> float:
    return float(sum(one["properties"]["length_m"] for one in told if one["properties"]["state"] in states))


def test_the_segments_of_a_section_follow_each_other_from_its_first_point_to_its_last(
    content: Content,
) -> None:
    for section in sections(content):
        lines = [one["geometry"]["coordinates"] for one in of_section(content, section)]
        ends = section["geometry"]["coordinates"]
        assert (lines[0][0], lines[-1][-1]) == (ends[0], ends[-1]), section["id"]
        assert all(one[-1] == other[0] for one, other in pairwise(lines)), section["id"]


def test_a_segment_runs_through_every_point_of_its_section_that_lies_on_it(content: Content) -> None:
    for section in sections(content):
        joined = [point for one in of_section(content, section) for point in one["geometry"]["coordinates"]]
        assert [point for point in section["geometry"]["coordinates"] if point not in joined] == []


def test_the_lengths_of_the_segments_add_up_to_their_section(content: Content) -> None:
    for section in sections(content):
        told = of_section(content, section)
        whole = section["properties"]["length_m"]
        assert metres(told, *STATES) == pytest.approx(whole, abs=1.0), section[
            "id"
        ]  # shares are whole metres


def test_what_stands_and_what_is_lost_add_up_to_what_the_city_counts(content: Content) -> None:
    """The city counts the wall in more than one way, and what it counts as lost lies between its counts.

    Of 18,627 m it had 12,771 m (69 %) restored by 2013, counted 13,500 m as restored or in work, 5,127 m as
    beyond it in 2011, and tells of 13.7 km that are left now. The lengths of the six sections are rounded to
    100 m each.
    """
    told = segments(content)
    stands, lost = metres(told, "standing", "restored"), metres(told, "lost")
    assert stands + lost == pytest.approx(WALL_M, abs=6 * 50)
    assert RESTORED_BY_2013_M <= stands <= LEFT_NOW_M
    assert BEYOND_RESTORING_M <= lost <= WALL_M - RESTORED_BY_2013_M


def test_every_length_of_a_segment_is_published_or_says_that_it_is_a_share(content: Content) -> None:
    for segment in segments(content):
        properties = segment["properties"]
        figures = [figure for fact in properties["facts"] for figure in lengths(fact["ko"])]
        sums = {round(one + other, 1) for one, other in combinations([0.0, *figures], 2)}
        published = float(properties["length_m"]) in sums
        assert published is not ("shared out" in properties["position_source"]), segment["id"]


def lengths(text: str) -> list[float]:
    """Metres that a Korean sentence tells of."""
    found = re.findall(r"(\d[\d,.]*)(미터|킬로미터)", text)
    return [
        float(number.replace(",", "")) * (1000.0 if unit == "킬로미터" else 1.0) for number, unit in found
    ]


def test_segments_of_each_state_and_of_four_periods_are_told(content: Content) -> None:
    assert {one["properties"]["state"] for one in segments(content)} == set(STATES)
    periods = {one["properties"].get("masonry") for one in segments(content)}
    assert {"taejo", "sejong", "sukjong", "modern"} <= periods


def test_a_segment_lies_along_its_section(content: Content) -> None:
    of = {section["id"]: section for section in sections(content)}
    for segment in segments(content):
        section = in_metres(np.array(of[segment["properties"]["section"]]["geometry"]["coordinates"]))
        line = in_metres(np.array(segment["geometry"]["coordinates"]))
        assert distances(line, section).max() <= segment["properties"]["position_accuracy_m"], segment["id"]


def test_what_stands_of_a_segment_shows_whose_masonry_it_is(content: Content) -> None:
    for segment in segments(content):
        assert ("masonry" in segment["properties"]) is (segment["properties"]["state"] != "lost"), segment[
            "id"
        ]


@pytest.mark.real
def test_the_drawn_course_keeps_near_the_walk_beside_the_wall(content: Content, seoul_data: Path) -> None:
    trail = in_metres(trail_of(seoul_data))
    course = in_metres(np.concatenate([np.array(s["geometry"]["coordinates"]) for s in sections(content)]))
    assert float(np.median(distances(steps(course), trail))) <= MEDIAN_LIMIT_M
    assert float(np.median(distances(steps(trail), course))) <= MEDIAN_LIMIT_M


@pytest.mark.real
def test_no_point_of_ours_is_a_point_of_the_routed_walk(content: Content, seoul_data: Path) -> None:
    walk = {(round(lon, 6), round(lat, 6)) for lon, lat in trail_of(seoul_data)}
    ours = {tuple(point) for section in sections(content) for point in section["geometry"]["coordinates"]}
    assert walk.isdisjoint(ours)


def trail_of(folder: Path) -> NDArray[np.float64]:
    """Give the routed loop, (n, 2) degrees lon, lat."""
    path = folder / "citywall" / "hanyangdoseong_trail_osm_routed.geojson"
    features: list[Any] = json.loads(path.read_text(encoding="utf-8"))["features"]
    loop = next(f for f in features if f["properties"]["kind"] == "trail_full_loop")
    return np.array(loop["geometry"]["coordinates"], dtype=np.float64)


def in_metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    metres: NDArray[np.float64] = (lonlat - np.array([126.98, 37.57])) * METRES_PER_DEGREE
    return metres


def steps(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give points along the line, at most STEP_M apart."""
    parts = []
    for start, end in pairwise(line):
        count = max(1, int(np.ceil(np.linalg.norm(end - start) / STEP_M)))
        parts.append(start + (end - start) * (np.arange(count) / count)[:, None])
    return np.concatenate(parts)


def distances(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the metres from each point (n, 2) to the nearest place on the line (m, 2)."""
    start, along = line[:-1], np.diff(line, axis=0)
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((points[:, None] - start) * along).sum(axis=2) / square, 0.0, 1.0)
    foot = start + share[..., None] * along
    nearest: NDArray[np.float64] = np.linalg.norm(points[:, None] - foot, axis=2).min(axis=1)
    return nearest
