"""What is of today says when it was built, so that no era of the past names it."""

from __future__ import annotations

import json
import re

import pytest

from tests.sample.conftest import CONTENT

BEFORE = 1900
"""The first year that no longer belongs to Hanyang (web/src/state/era.ts)."""
OLD = {"봉은사", "남대문시장"}
"""Sights that stood before."""
OLD_QUARTERS = {"피맛골", "원서동 골목", "삼청동길", "부암동 골목"}
"""Quarters that were there in Joseon."""


def records(layer: str) -> list[dict[str, str]]:
    stored = json.loads((CONTENT / f"{layer}.geojson").read_text(encoding="utf-8"))["features"]
    return [feature["properties"] for feature in stored]


def year(record: dict[str, str]) -> int:
    found = re.match(r"\s*(\d{4})", record.get("built", ""))
    return int(found[1]) if found else 0


def test_every_sight_that_did_not_stand_in_hanyang_says_its_year() -> None:
    assert {r["name_ko"] for r in records("tourism") if year(r) < BEFORE} == OLD


@pytest.mark.parametrize(("layer", "category"), [("wall", "stamp"), ("alleys", "alley_area")])
def test_stamps_and_quarters_of_today_say_since_when_they_are_there(layer: str, category: str) -> None:
    found = [r for r in records(layer) if r["category"] == category]
    assert len(found) >= 4
    assert all((year(r) >= BEFORE) != (r["name_ko"] in OLD_QUARTERS) for r in found)
