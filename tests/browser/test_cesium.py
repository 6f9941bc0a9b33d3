"""CesiumJS, an independent reader, opens the same tiles: silence, and a pick tells the attributes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.cesium_page import first_pick, said_by_cesium, serve_cesium
from tests.browser.conftest import Heard

OVER_JONGNO = "126.9870,37.5610,700,0,-35"


@pytest.mark.conformance
def test_cesium_shows_the_city_without_a_word_and_picks_its_attributes(
    page: Page, city_url: str, heard: Heard
) -> None:
    with serve_cesium() as cesium_url:
        picked = first_pick(page, cesium_url, city_url, OVER_JONGNO)
    assert picked, "no building under any of the probed pixels"
    assert {"smap_id", "id", "height", "height_source", "ground_source"} <= picked.keys()
    assert picked["smap_id"].startswith("sample-buildings")
    assert said_by_cesium(heard) == []
