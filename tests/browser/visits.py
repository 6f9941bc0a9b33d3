"""What a visitor does first, and what the page tells of itself: for every test of the viewer."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import wait_until_ready

__all__ = ["a_label", "open_city", "put_greeting_away", "some_building", "view"]


def open_city(page: Page, url: str, query: str = "?lang=en") -> None:
    """The city with its greeting put away: on a small screen that lies over much of the picture."""
    page.goto(f"{url}/{query}")
    put_greeting_away(page)


def put_greeting_away(page: Page) -> None:
    wait_until_ready(page)
    greeting = page.locator(".greeting")
    if greeting.count():
        greeting.locator("button").last.click()
        expect(greeting).to_have_count(0)
        wait_until_ready(page)


def view(page: Page) -> dict[str, float]:
    """The view as the page tells it: degrees and metres."""
    told: dict[str, float] = page.evaluate("() => window.smap.view()")
    return told


def some_building(page: Page) -> tuple[int, int, str]:
    """A pixel on a building near the middle of the picture, and the building's smap_id."""
    for x in range(160, 480, 24):
        for y in range(120, 300, 24):
            found = page.evaluate("([x, y]) => window.smap.pick(x, y)", [x, y])
            covered = page.evaluate("([x, y]) => document.elementFromPoint(x, y).id !== 'map'", [x, y])
            if found and found["smap_id"] and not covered:
                return x, y, found["smap_id"]
    raise AssertionError("no building in the middle of the picture")


def a_label(page: Page) -> Locator:
    label = page.locator(".label.on").first
    expect(label).to_be_visible()
    return label
