"""The courses: their stops are records or names, and they are drawn through the records' places."""

from __future__ import annotations

from tests.content_files.conftest import Content, Feature

LEAST = 8


def courses(content: Content) -> list[Feature]:
    return [feature for feature in content["tourism"] if feature["properties"]["category"] == "course"]


def place(content: Content, layer: str, identity: str) -> list[float]:
    """Give where a record stands: its point, or the vertex in the middle of its line."""
    geometry = next(f for f in content[layer] if f["id"] == identity)["geometry"]
    coordinates: list[list[float]] = geometry["coordinates"]
    return coordinates if geometry["type"] == "Point" else coordinates[len(coordinates) // 2]  # type: ignore[return-value]


def test_there_are_eight_courses_of_three_stops_and_more(content: Content) -> None:
    found = courses(content)
    assert len(found) >= LEAST
    assert all(len(course["properties"]["stops"]) >= 3 for course in found)


def test_a_stop_is_a_record_of_ours_or_has_a_name_in_both_languages(content: Content) -> None:
    ids = {layer: {feature["id"] for feature in features} for layer, features in content.items()}
    for course in courses(content):
        for stop in course["properties"]["stops"]:
            if "layer" in stop:
                assert stop["id"] in ids[stop["layer"]], (course["id"], stop)
            else:
                assert all(stop[f"name_{language}"] for language in ("ko", "en")), (course["id"], stop)


def test_a_course_is_drawn_at_the_places_of_its_records(content: Content) -> None:
    for course in courses(content):
        stops = [stop for stop in course["properties"]["stops"] if "layer" in stop]
        assert course["geometry"]["type"] == "MultiPoint"
        assert course["geometry"]["coordinates"] == [
            place(content, stop["layer"], stop["id"]) for stop in stops
        ], course["id"]
