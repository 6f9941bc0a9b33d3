"""Palaces and their like carry a hand-made outline; models and eras are those of the sample city."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import numpy as np
import pytest
import shapely

from tests.content_files.conftest import ROOT, Content, Feature
from tests.content_files.test_records import LAST_READ

METRES = np.array([111_320.0 * np.cos(np.radians(37.57)), 110_990.0])
FARTHEST_M = 300.0
FROM_MODEL_M = 60.0
"""Beyond what record and model say of their own accuracy: half the depth of the largest hall."""
PALACES = ("gyeongbokgung", "changdeokgung", "changgyeonggung", "deoksugung", "gyeonghuigung", "unhyeongung")
SHRINES = ("jongmyo", "sajikdan", "seonggyungwan", "donggwanwangmyo")


def sample(name: str, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((ROOT / "tiles/sample" / name).read_text("utf-8"))[table]
    return rows


def outlined(content: Content) -> list[Feature]:
    return [feature for feature in content["heritage"] if "outline" in feature["properties"]]


def in_metres(lonlat: object) -> Any:
    return (np.asarray(lonlat, dtype=np.float64) - [126.98, 37.57]) * METRES


def test_the_palaces_and_the_great_shrines_have_an_outline(content: Content) -> None:
    assert {*PALACES, *SHRINES} <= {feature["id"] for feature in outlined(content)}


def test_an_outline_is_one_simple_ring_around_its_record(content: Content) -> None:
    for feature in outlined(content):
        ring = feature["properties"]["outline"]
        assert ring[0] == ring[-1], feature["id"]
        area = shapely.Polygon(in_metres(ring))
        assert area.is_valid, feature["id"]
        assert 2_000 < area.area < 1_000_000, (feature["id"], area.area)
        point = shapely.Point(in_metres(feature["geometry"]["coordinates"]))
        assert area.distance(point) <= FARTHEST_M, feature["id"]


def test_an_outline_says_how_sure_it_is_and_by_whom_it_was_drawn(content: Content) -> None:
    for feature in outlined(content):
        told = feature["properties"]
        assert 30 <= told["outline_accuracy_m"] <= 100, feature["id"]
        assert told["outline_source"].startswith("editors"), feature["id"]
        assert dt.date.fromisoformat(told["outline_date"]) <= dt.date.fromisoformat(LAST_READ), feature["id"]


def test_an_outline_that_the_sample_draws_too_is_the_same(content: Content) -> None:
    """One truth: the court of the sample city that lies around the record, where there is one."""
    courts = sample("facts/courts.toml", "court")
    for feature in outlined(content):
        name = feature["properties"]["name_ko"].removeprefix("서울 ").removesuffix("지")
        mine = [
            c for c in courts if c["name"].split()[0] in name and c["kind"] in ("palace", "shrine", "park")
        ]
        rings = [c["outline"] for c in mine]
        if rings:
            assert feature["properties"]["outline"][:-1] in rings, feature["id"]


def test_a_model_is_a_landmark_of_the_sample_at_the_records_place(content: Content) -> None:
    landmarks = {row["id"]: row for row in sample("landmarks.toml", "landmark")}
    named = [feature for feature in content["heritage"] if "model" in feature["properties"]]
    assert len(named) >= 34
    for feature in named:
        told = feature["properties"]
        model = landmarks[told["model"]]
        apart = np.hypot(
            *(in_metres(feature["geometry"]["coordinates"]) - in_metres([model["lon"], model["lat"]]))
        )
        assert apart <= told["position_accuracy_m"] + model["position_accuracy_m"] + FROM_MODEL_M, feature[
            "id"
        ]
        assert told["eras"] == model["eras"], feature["id"]


def test_no_model_is_named_by_two_records(content: Content) -> None:
    models = [f["properties"]["model"] for f in content["heritage"] if "model" in f["properties"]]
    assert len(models) == len(set(models))


@pytest.mark.parametrize("layer", ["heritage", "tourism"])
def test_what_stands_since_this_age_is_not_shown_in_hanyang(content: Content, layer: str) -> None:
    for feature in content[layer]:
        told = feature["properties"]
        since = told.get("valid_from", "")
        if "hanyang" in told.get("eras", ()) and since and "model" not in told and since[:4] > "1905":
            assert told["category"] == "gate", feature["id"]
