"""The search box as a citizen meets it: suggestions while typing, by keys and by an input method."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READY_MS
from tests.browser.visits import open_city


@pytest.fixture(autouse=True)
def patience() -> None:
    """A software renderer on a busy machine takes its time."""
    expect.set_options(timeout=READY_MS)


@pytest.fixture
def box(page: Page, city_url: str) -> Locator:
    """The search box of the open panel, in English."""
    open_city(page, city_url)
    page.get_by_role("button", name="Open places and layers").click()
    return page.get_by_role("combobox")


def option(page: Page, name: str) -> Locator:
    return page.get_by_role("option").filter(has_text=name)


@pytest.mark.parametrize("words", ["ㄱㅂㄱ", "경ㅂ", "rudqhrrnd", "Kyongbokkung", "gyeongbukgung", "景福宫"])
def test_a_palace_is_suggested_however_it_is_typed(page: Page, box: Locator, words: str) -> None:
    box.fill(words)
    found = option(page, "Gyeongbokgung").first
    expect(found).to_be_visible()
    expect(found).to_contain_text("Heritage")
    expect(found.locator("mark").first).to_be_visible()
    # how far it is from the eye
    expect(found.locator(".sub")).to_have_text(re.compile(r"\d (m|km)$"))


def test_the_arrows_choose_and_enter_opens(page: Page, box: Locator) -> None:
    box.fill("sungnye")
    expect(option(page, "Sungnyemun").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "none")
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(chosen).to_have_count(0)
    box.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    box.press("Home")
    while page.get_by_role("option").first.get_attribute("aria-selected") != "true":
        box.press("ArrowUp")
    box.press("Enter")
    expect(page.locator("article.card h2")).to_contain_text("Sungnyemun")


def test_escape_empties_the_box_before_it_closes_the_panel(page: Page, box: Locator) -> None:
    box.fill("namsan")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(box).to_have_value("")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.locator(".panel")).to_be_visible()
    box.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)


def test_enter_finds_more_than_is_suggested(page: Page, box: Locator) -> None:
    box.fill("gung")
    expect(page.get_by_role("option")).to_have_count(8)
    box.press("Enter")
    expect(page.get_by_role("option").nth(8)).to_be_visible()


def test_keys_of_an_unfinished_syllable_belong_to_the_input_method(page: Page, box: Locator) -> None:
    box.fill("숭례")
    expect(option(page, "Sungnyemun").first).to_be_visible()
    chosen = page.locator("[role=option][aria-selected=true]")
    for composing, count in ((True, 0), (False, 1)):
        box.evaluate(
            "(box, isComposing) => box.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'ArrowDown', bubbles: true, cancelable: true, isComposing}))",
            composing,
        )
        expect(chosen).to_have_count(count)


def test_a_text_that_nothing_fits_is_told_so(page: Page, box: Locator) -> None:
    box.fill("쀍쀍쀍")
    expect(page.get_by_role("status").filter(has_text="No place found")).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "false")
