"""Ways into a record: the first picture's doors, a click on what it tells of; and the switch of eras."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY_MS, Heard, serve_with, wait_until_ready

#: Low over the court before the throne hall, and over the houses of Bukchon.
HALL = "126.9770,37.5776,110,0,60"
HOUSES = "126.9835,37.5815,150,0,45"
SMAP = [sys.executable, "-m", "smap.cli.main"]


@pytest.fixture(autouse=True)
def still(page: Page) -> None:
    """No flights: what is clicked is there at once, and that is a promise of reduced motion too."""
    expect.set_options(timeout=READY_MS)
    page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize(
    ("door", "card"),
    [
        ("wall", "wall/inwangsan-section"),
        ("heritage", "heritage/geunjeongjeon"),
        ("alleys", "alleys/bukchon"),
    ],
)
def test_a_door_leads_to_its_place_and_opens_its_card(
    page: Page, city_url: str, heard: Heard, door: str, card: str
) -> None:
    page.goto(f"{city_url}/?lang=en")
    wait_until_ready(page)
    page.locator(f"[data-door={door}]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("article.card")).to_have_attribute("data-card", card)
    expect(page.locator(".greeting")).to_have_count(0)
    page.wait_for_url("**at=**")
    page.keyboard.press("Escape")  # the card has a small screen to itself
    page.get_by_role("button", name="Back to the first view").click()
    expect(page.locator("[data-door]")).to_have_count(3)
    assert heard.lines == []
    assert heard.foreign == []


def test_the_doors_leave_with_the_first_move_and_are_not_where_the_address_says_what_to_see(
    page: Page, city_url: str
) -> None:
    page.goto(f"{city_url}/?lang=en")
    expect(page.locator("[data-door]")).to_have_count(3)
    wait_until_ready(page)
    page.locator("#map").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".greeting")).to_have_count(0)
    for query in ("embed", "place=heritage/sungnyemun", "at=126.977,37.57,300,0,60"):
        page.goto(f"{city_url}/?lang=en&{query}")
        wait_until_ready(page)
        expect(page.locator(".greeting")).to_have_count(0)


def test_the_switch_of_eras_keeps_the_view_and_stands_in_the_address(
    page: Page, city_url: str, heard: Heard
) -> None:
    page.goto(f"{city_url}/?lang=en")
    wait_until_ready(page)
    expect(page.locator("[data-era=today]")).to_have_attribute("aria-pressed", "true")
    before = page.evaluate("() => window.smap.view()")
    page.locator("[data-era=hanyang]").click()
    expect(page.locator("[data-era=hanyang]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".sketch")).to_contain_text("reconstruction")
    wait_until_ready(page)
    assert page.evaluate("() => window.smap.view()") == before
    assert parse_qs(urlsplit(page.url).query)["era"] == ["hanyang"]
    assert heard.lines == []


def pixel_of(page: Page, layer: str, id: str | None = None) -> tuple[int, int, dict[str, str]]:
    """A free pixel of the picture on something of a layer, and what stands there."""
    for y in range(60, 340, 20):
        for x in range(20, 640, 20):
            if page.evaluate("([x, y]) => document.elementFromPoint(x, y).id !== 'map'", [x, y]):
                continue
            found = page.evaluate("([x, y]) => window.smap.pick(x, y)", [x, y])
            if found and found["layer"] == layer and found["smap_id"] and id in (None, found["id"]):
                return x, y, found
    raise AssertionError(f"nothing of {layer} in the picture")


def test_a_click_on_a_landmarks_model_opens_its_record(page: Page, city_url: str, heard: Heard) -> None:
    page.goto(f"{city_url}/?lang=en&quality=low&at={HALL}")
    wait_until_ready(page)
    x, y, _ = pixel_of(page, "models", "geunjeongjeon")
    page.mouse.click(x, y)
    expect(page.locator("article.card")).to_have_attribute("data-card", "heritage/geunjeongjeon")
    assert heard.lines == []


def test_a_click_on_a_building_that_a_record_names_opens_the_record(
    page: Page, city_workspace: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "city"
    shutil.copytree(city_workspace, workspace, ignore=shutil.ignore_patterns("cache", "sample"))
    with serve_with(SMAP, workspace) as url:
        page.goto(f"{url}/?lang=en&quality=low&at={HOUSES}")
        wait_until_ready(page)
        x, y, house = pixel_of(page, "buildings")
        name_a_building(workspace, tmp_path / "house.geojson", house)
        page.reload()
        wait_until_ready(page)
        page.mouse.click(x, y)
        expect(page.locator("article.card")).to_have_attribute("data-card", "heritage/a-house")


def name_a_building(workspace: Path, file: Path, house: dict[str, str]) -> None:
    """Import a record that names a building as its own, 200 m from it: its label is not what is clicked."""
    told = {"name_ko": "어느 집", "name_en": "A house", "category": "residence", "building": house["smap_id"]}
    told |= {"text_ko": "사람이 사는 집이다.", "text_en": "A house that people live in."}
    origin = {"source": "test", "source_date": "2026-11-27", "position_accuracy_m": 5}
    origin |= {"position_source": "test", "position_date": "2026-11-27", "position_means": "building_centre"}
    point = {"type": "Point", "coordinates": [float(house["lon"]), float(house["lat"]) - 0.002]}
    record = {"type": "Feature", "id": "a-house", "geometry": point, "properties": {**told, **origin}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [record]}), encoding="utf-8")
    command = [*SMAP, "content", "import", str(file), "--layer", "heritage", "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
