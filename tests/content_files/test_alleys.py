"""The alleys: lines of a few named points, and areas that stay points."""

from __future__ import annotations

from tests.content_files.conftest import Content


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
