"""A click means the building that stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Heard, wait_until_ready
from tests.browser.picking import footprints_of, misses, random_hits

# low over the old city, so that full-detail tiles are shown
VIEWS = {"desk": (1280, 720, "126.9905,37.5640,420,0,55"), "phone": (390, 844, "126.9905,37.5640,420,0,55")}


@pytest.mark.parametrize("device", VIEWS)
def test_the_footprint_of_the_picked_building_holds_the_point_under_the_hit(
    page: Page, city_url: str, city_workspace: Path, heard: Heard, device: str
) -> None:
    width, height, at = VIEWS[device]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{city_url}/?at={at}&lang=en&quality=low")
    wait_until_ready(page)
    footprints = footprints_of(city_workspace / "sample" / "buildings_today.geojsonl", "id")
    hits = random_hits(page, 20, seed=2026)
    assert len(hits) == 20
    # 0.3 m: the quantisation step, the ray's rounding and the simplification of full-detail tiles together
    assert misses(hits, footprints, 0.3) == []
    assert heard.lines == []
    assert heard.foreign == []
