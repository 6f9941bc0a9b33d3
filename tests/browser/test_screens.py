"""Names, cards and controls share a screen, a phone's too, and none lies over another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import READY_MS
from tests.browser.visits import a_label, open_city

#: Half of a phone's usual width of a finger, as WCAG 2.2 (2.5.5) asks of a target: 44 CSS pixels.
FINGER_PX = 44


@pytest.fixture(autouse=True)
def patience() -> None:
    """A software renderer on a busy machine takes its time: expectations wait as long as actions do."""
    expect.set_options(timeout=READY_MS)


def test_a_name_whose_place_a_house_hides_is_not_shown(page: Page, city_url: str) -> None:
    page.set_viewport_size({"width": 800, "height": 450})
    # along Cheonggyecheon, between towers: Deoksugung and the park at Seodaemun lie behind them
    open_city(page, city_url, "?lang=en&at=126.98405,37.56860,66,264,79")
    shown = page.locator(".label.on").evaluate_all("(labels) => labels.map((label) => label.dataset.place)")
    assert "tourism/cheonggyecheon" in shown
    assert not {"heritage/deoksugung", "tourism/seodaemun-independence-park"} & set(shown)


def test_the_name_of_a_gate_stands_over_its_roof(page: Page, city_url: str) -> None:
    page.set_viewport_size({"width": 800, "height": 450})
    open_city(page, city_url, "?lang=en&at=126.97692,37.57330,78,357.3,84")
    name = page.locator(".label.on[data-place='heritage/gwanghwamun']")
    expect(name).to_be_visible()
    box = name.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    # the stem is 26 pixels long; 14 below its foot the ray meets the gate, from the word on it does not
    under = page.evaluate("([x, y]) => window.smap.pick(x, y)", [x, box["y"] + box["height"] + 40])
    word = page.evaluate("([x, y]) => window.smap.pick(x, y)", [x, box["y"]])
    assert under["layer"] == "models"
    assert word is None or word["layer"] != "models"


def test_on_a_phone_the_card_is_a_sheet_at_the_bottom_and_targets_are_finger_sized(
    browser: Browser, city_url: str
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="ko-KR"
    )
    context.set_default_timeout(READY_MS)
    page = context.new_page()
    open_city(page, city_url, "")
    for button in page.locator(".controls button:visible, .card button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= FINGER_PX
    a_label(page).tap()
    sheet = page.locator("article.card").bounding_box()
    assert sheet is not None
    assert sheet["y"] > 844 * 0.4
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    context.close()


def covered(page: Page, selector: str, over: str) -> list[str]:
    """The texts of shown elements that a part of the page lies over."""
    told: list[str] = page.evaluate(
        """([selector, over]) => {
          const box = (element) => element.getBoundingClientRect();
          const parts = [...document.querySelectorAll(over)].map(box);
          const apart = (a, b) => a.right <= b.left || a.bottom <= b.top;
          const meets = (a, b) => !apart(a, b) && !apart(b, a);
          return [...document.querySelectorAll(selector)]
            .filter((element) => parts.some((part) => meets(box(element), part)))
            .map((element) => element.innerText || element.className);
        }""",
        [selector, over],
    )
    return told


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_a_place_from_the_address_stands_with_its_name_in_the_free_part_of_the_screen(
    page: Page, city_url: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_city(page, city_url)
    place = a_label(page).get_attribute("data-place")
    open_city(page, city_url, f"?lang=en&place={place}")
    expect(page.locator("article.card")).to_be_visible()
    name = page.locator(f".label.on[data-place='{place}']")
    expect(name).to_be_visible()
    assert covered(page, ".label.on", ".bar, .card, .controls") == []
    assert covered(page, ".controls", ".card") == []
    label, card = name.bounding_box(), page.locator("article.card").bounding_box()
    assert label is not None
    assert card is not None
    free = card["x"] / 2 if width > height else width / 2
    assert label["x"] + label["width"] / 2 == pytest.approx(free, abs=width * 0.06)
