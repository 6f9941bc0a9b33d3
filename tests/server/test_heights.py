"""Heights of many places and profiles along lines."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from smap.server.heights import MOST_PLACES
from tests.server.city import GROUND_M

LINE = {"type": "LineString", "coordinates": [[126.97, 37.56], [126.98, 37.56], [126.98, 37.57]]}


def test_many_heights_are_told_in_the_order_asked(client: TestClient) -> None:
    asked = {"positions": [[126.978, 37.5665], [129.07, 35.18], [126.99, 37.57, 12.0]]}
    here, abroad, there = client.post("/api/height", json=asked).json()["heights"]
    assert here == client.get("/api/height?lon=126.978&lat=37.5665").json()
    assert abroad is None
    assert (there["lon"], there["lat"], there["source"]) == (126.99, 37.57, "a level plain")


def test_a_profile_tells_way_height_and_its_source(client: TestClient) -> None:
    told = client.get("/api/profile?line=126.97,37.56,126.98,37.56,126.98,37.57&step=100").json()
    assert told["length_m"] == pytest.approx(883.5 + 1109.9, abs=1.0)
    assert told["points"][0]["distance_m"] == 0.0
    assert told["points"][-1]["distance_m"] == pytest.approx(told["length_m"], abs=0.1)
    heights = [point["height_ellipsoidal_m"] for point in told["points"]]
    assert heights == pytest.approx([GROUND_M] * len(heights), abs=0.02)
    assert told["sources"] == [{"source": "a level plain", "spacing_m": 90.0}]
    assert client.post("/api/profile?step=100", json=LINE).json() == told
    feature = {"type": "Feature", "geometry": LINE, "properties": {}}
    assert client.post("/api/profile?step=100", json=feature).json() == told


def test_no_slope_is_told_of_a_ground_of_90_m(client: TestClient) -> None:
    told = client.post("/api/profile", json=LINE).json()
    assert told["slope"] == "not known"
    assert {point["slope_percent"] for point in told["points"]} == {None}
    assert 200 <= len(told["points"]) <= 210


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "lon,lat"),
        ("line=127,37", "lon,lat"),
        ("line=127,37,128", "lon,lat"),
        ("line=127,37,x,38", "lon,lat"),
        ("line=37,127,38,128", "longitude first"),
        ("line=127,37,127.1,37.1&step=0", "step"),
        ("line=126.9,37.5,127.1,37.6&step=1", "step of 21 m"),
        ("line=127,37,128,38&nope=1", "nope"),
    ],
)
def test_a_senseless_profile_is_refused(client: TestClient, query: str, word: str) -> None:
    answer = client.get(f"/api/profile?{query}")
    assert answer.status_code == 400
    assert word in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "positions"),
        ({"positions": []}, "positions"),
        ({"positions": [[127.0]]}, "positions[0]"),
        ({"positions": [[127.0, 37.5], ["127", 37.5]]}, "positions[1]"),
        ({"positions": [[True, 37.5]]}, "positions[0]"),
        ({"positions": [[37.5, 127.0]]}, "longitude first"),
        ({"positions": [[127.0, 37.5]] * (MOST_PLACES + 1)}, "10000"),
    ],
)
def test_senseless_positions_are_refused(client: TestClient, body: Any, word: str) -> None:
    answer = client.post("/api/height", json=body)
    assert answer.status_code == 400
    assert word in answer.json()["message"]


@pytest.mark.parametrize("body", [{"type": "Point", "coordinates": [127.0, 37.5]}, {"type": "Feature"}, 7])
def test_only_a_line_has_a_profile(client: TestClient, body: Any) -> None:
    answer = client.post("/api/profile", json=body)
    assert answer.status_code == 400
    assert "LineString" in answer.json()["message"]


def test_where_nothing_is_known_there_is_no_profile(client: TestClient) -> None:
    assert client.get("/api/profile?line=129.0,35.1,129.1,35.2").status_code == 404
