"""The first picture's doors, and the switch of eras."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY_MS, Heard, wait_until_ready


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
