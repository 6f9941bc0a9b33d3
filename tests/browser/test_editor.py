"""One edit from end to end: sign in, point at the ground, write, save, publish; two editors at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import READY_MS, wait_until_ready

PASSWORD = "eighteen-kilometres-of-wall"  # secret-scan: allow (of a throw-away city)
WORDS = {
    "name_en": "Trial Gate",
    "text_ko": "시험으로 적은 글.",
    "text_en": "Written as a trial.",
    "source": "our own reading",
}


@pytest.fixture(autouse=True)
def patience() -> None:
    """A software renderer on a busy machine takes its time."""
    expect.set_options(timeout=READY_MS)


@pytest.fixture(scope="module")
def editor_name(city_workspace: Path) -> str:
    """The name of an editor of the sample city."""
    smap = [sys.executable, "-m", "smap.cli.main"]
    who = ["user", "add", "mira", "--role", "editor", "--password-stdin"]
    done = subprocess.run(
        [*smap, *who, "--workspace", str(city_workspace)],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return "mira"


@pytest.fixture
def desk(browser: Browser, city_url: str, editor_name: str) -> Iterator[Page]:
    """The editor's page, signed in and with its map complete."""
    context = browser.new_context(viewport={"width": 900, "height": 600}, locale="en-GB")
    context.set_default_timeout(READY_MS)
    page = context.new_page()
    page.goto(f"{city_url}/edit?lang=en&quality=plain&at=126.9769,37.5690,420,0,40")
    page.fill("[name=name]", editor_name)
    page.fill("[name=password]", PASSWORD)
    page.click("[name=sign-in]")
    expect(page.locator("[name=publish]")).to_be_visible()
    wait_until_ready(page)
    yield page
    context.close()


def write(page: Page, name: str) -> None:
    """Fill in a new record for the point in the middle of the map."""
    page.mouse.click(660, 300)
    expect(page.locator("[name=lon]")).not_to_have_value("")
    page.fill("[name=name_ko]", name)
    for field, words in WORDS.items():
        page.fill(f"[name={field}]", words)
    page.select_option("[name=category]", "gate")
    page.select_option("[name=position_means]", "gate_centre")


def test_what_is_published_is_read_by_another(desk: Page, browser: Browser, city_url: str) -> None:
    write(desk, "시험문")
    desk.click("[name=save]")
    expect(desk.locator(".message-saved")).to_be_visible()
    desk.click("[name=publish]")
    expect(desk.locator(".message-published")).to_be_visible()
    place = f"heritage/{desk.locator('.state code').inner_text()}"
    reader = browser.new_context(locale="ko-KR")
    page = reader.new_page()
    page.goto(f"{city_url}/?lang=ko&place={place}")
    expect(page.locator("article.card h2")).to_have_text("시험문")
    expect(page.locator("article.card p.text")).to_have_text(WORDS["text_ko"])
    reader.close()


def test_empty_fields_are_named_beside_themselves(desk: Page) -> None:
    desk.click("[name=save]")
    expect(desk.locator("#fault-name_ko")).to_be_visible()
    expect(desk.locator("#fault-geometry")).to_be_visible()
    desk.fill("[name=name_ko]", "문")
    expect(desk.locator("#fault-name_ko")).to_have_count(0)


def test_the_servers_own_fault_stands_beside_its_field(desk: Page) -> None:
    write(desk, "<b>굵은 문</b>")
    desk.click("[name=save]")
    expect(desk.locator("#fault-name_ko")).to_contain_text("HTML")


def test_unsaved_words_survive_a_reload(desk: Page) -> None:
    desk.fill("[name=text_ko]", "아직 저장하지 않은 글")
    desk.reload()
    expect(desk.locator("[name=text_ko]")).to_have_value("아직 저장하지 않은 글")
    expect(desk.locator(".message-restored")).to_be_visible()


def test_two_editors_see_both_texts_and_no_word_is_lost(desk: Page, city_url: str) -> None:
    write(desk, "두 사람의 문")
    desk.click("[name=save]")
    expect(desk.locator(".message-saved")).to_be_visible()
    identity = desk.locator(".state code").inner_text()
    other = desk.context.new_page()
    other.goto(f"{city_url}/edit?lang=en&quality=plain&place=heritage/{identity}")
    other.fill("[name=text_en]", "The other one's words.")
    other.click("[name=save]")
    expect(other.locator(".message-saved")).to_be_visible()
    desk.fill("[name=text_en]", "My own words.")
    desk.click("[name=save]")
    expect(desk.locator(".conflict .mine")).to_have_text("My own words.")
    expect(desk.locator(".conflict .theirs")).to_have_text("The other one's words.")
    desk.click("[name=take-theirs]")
    expect(desk.locator("[name=text_en]")).to_have_value("The other one's words.")
    expect(desk.locator(".aside")).to_contain_text("My own words.")


def test_the_point_that_is_clicked_is_marked_on_the_map(desk: Page) -> None:
    desk.mouse.click(660, 300)
    marker = desk.locator(".marker.on")
    expect(marker).to_be_visible()
    box = marker.bounding_box()
    assert box is not None
    # it hangs some metres above the ground, so it stands a little above the click
    assert abs(box["x"] + box["width"] / 2 - 660) < 15
    assert abs(box["y"] + box["height"] / 2 - 300) < 25
