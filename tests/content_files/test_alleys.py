"""The alleys: lines of a few named points, and areas that stay points."""

from __future__ import annotations

import math

from tests.content_files.conftest import Content

EAST_M, NORTH_M = 88_260.0, 110_990.0
"""Metres of a degree of longitude and of latitude in Seoul."""
FARTHEST_M = 300.0


def test_at_least_six_alleys_are_lines_of_three_to_ten_named_points(content: Content) -> None:
    lines = [f for f in content["alleys"] if f["geometry"]["type"] == "LineString"]
    assert len(lines) >= 6
    for line in lines:
        vertices = line["properties"]["vertices"]
        assert 3 <= len(vertices) == len(line["geometry"]["coordinates"]) <= 10
        assert all(vertex["source"] and vertex["position_accuracy_m"] > 0 for vertex in vertices)


def test_an_alley_whose_course_is_not_known_stays_an_approximate_area(content: Content) -> None:
    for feature in content["alleys"]:
        is_line = feature["geometry"]["type"] == "LineString"
        assert feature["properties"]["category"] == ("alley" if is_line else "alley_area")
        assert is_line or feature["properties"]["position_approximate"] is True


def test_every_alley_tells_a_story_with_its_source(content: Content) -> None:
    for feature in content["alleys"]:
        stories = feature["properties"]["stories"]
        assert stories, feature["id"]
        for story in stories:
            for field in ("title_ko", "title_en", "source", "source_url", "date"):
                assert story[field], (feature["id"], field)
            for language in ("ko", "en"):
                assert story[language].endswith("."), feature["id"]


def test_a_story_is_told_at_its_alley(content: Content) -> None:
    for feature in content["alleys"]:
        geometry = feature["geometry"]
        line = [geometry["coordinates"]] if geometry["type"] == "Point" else geometry["coordinates"]
        for story in feature["properties"]["stories"]:
            metres = min(
                math.hypot((story["lon"] - lon) * EAST_M, (story["lat"] - lat) * NORTH_M) for lon, lat in line
            )
            # of an area its accuracy says how far it reaches
            reach = feature["properties"]["position_accuracy_m"] if len(line) == 1 else FARTHEST_M
            assert metres <= max(reach, FARTHEST_M), (feature["id"], story["title_en"], metres)
