"""Courses and alleys show what is along them: numbers on the map; in the card stops and stories in order."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Heard, wait_until_ready


def test_a_course_shows_its_stops_in_order_and_each_opens_its_record(
    page: Page, city_url: str, heard: Heard
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{city_url}/?place=tourism/course-namsan-wall&lang=ko&quality=plain")
    wait_until_ready(page)
    stops = page.locator(".card ol.stops li")
    expect(stops).to_have_count(5)
    marks = page.locator('.label.on[data-place^="stop/"]')
    expect(marks.nth(3)).to_be_visible()  # framed as a whole: the beacon's mark yields to the tower's
    numbers = marks.locator("text.letter").all_text_contents()
    assert numbers == sorted(numbers)
    name = stops.nth(2).inner_text()
    stops.nth(2).get_by_role("button").click()
    expect(page.locator(".card")).to_have_attribute("data-card", "heritage/namsan-beacon")
    expect(page.locator(".card h2")).to_contain_text(name)
    expect(page.locator('.label[data-place^="stop/"]')).to_have_count(0)
    assert heard.lines == []


def test_an_alley_tells_its_stories_where_they_happened(page: Page, city_url: str, heard: Heard) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{city_url}/?place=alleys/gyedong-gil&lang=en&quality=plain")
    wait_until_ready(page)
    stories = page.locator(".card ol.stories li")
    expect(stories).to_have_count(2)
    mark = page.locator('.label.on[data-place^="story/"]').first
    number = int(mark.locator("text.letter").text_content() or "0")
    assert mark.locator("span").inner_text() == stories.nth(number - 1).locator("strong").inner_text()
    expect(stories.first.locator(".how")).not_to_be_empty()
    expect(page.locator(".card")).to_contain_text("Slope")
    page.keyboard.press("Escape")
    expect(page.locator('.label[data-place^="story/"]')).to_have_count(0)
    assert heard.lines == []


def test_an_outline_is_drawn_while_its_place_is_open(page: Page, city_url: str, heard: Heard) -> None:
    """The picture from above is another with the palace's outline than with the card of another place."""
    at = "126.9770,37.5795,900,0,0"
    page.goto(f"{city_url}/?at={at}&place=heritage/gyeongbokgung&lang=ko&quality=plain")
    wait_until_ready(page)
    expect(page.locator(".card")).to_have_attribute("data-card", "heritage/gyeongbokgung")
    with_outline = page.locator("#map").screenshot()
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    wait_until_ready(page)
    assert page.locator("#map").screenshot() != with_outline
    assert heard.lines == []
