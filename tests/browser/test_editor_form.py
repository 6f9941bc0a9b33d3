"""The form of a record in a browser: its sections, its lists by keyboard, nothing lost on save."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from smap.content.database import open_database
from smap.content.declared import read_layers
from smap.content.exchange.importing import import_features
from smap.content.repository import get_record
from tests.browser.conftest import serve_with
from tests.content.samples import ADMIN, alley, place

PASSWORD = "eighteen-kilometres-of-wall"  # secret-scan: allow (of a throw-away workspace)
SMAP = [sys.executable, "-m", "smap.cli.main"]
FACT = {
    "about": "built",
    "ko": "1395년에 지었다.",
    "en": "Built in 1395.",
    "source": "Korea Heritage Service",
    "source_url": "https://www.heritage.go.kr/",
    "date": "2026-03-01",
}
RING = [[126.99, 37.57], [127.0, 37.57], [127.0, 37.58], [126.99, 37.57]]
RICH = place(
    facts=[FACT, {**FACT, "about": "lost", "en": "Lost in 1592.", "ko": "1592년에 불탔다."}],
    name_ja="宗廟",
    eras=["today", "hanyang"],
    movable=False,
    outline=RING,
    outline_source="drawn by hand",
    outline_date="2026-03-01",
    outline_accuracy_m=20.0,
    valid_from="1395",
    khs_id="1111101250000",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two records, two layers of the operator's, an editor and no map."""
    folder = tmp_path_factory.mktemp("records")
    shutil.copytree(Path(__file__).parents[2] / "content" / "layers", folder / "layers")
    engine = open_database(folder / "content.db", create=True)
    now = datetime.now(UTC)
    import_features(engine, ADMIN, "heritage", [RICH], now=now)
    import_features(engine, ADMIN, "alleys", [alley(steps=12)], now=now)
    engine.dispose()
    who = ["user", "add", "mira", "--role", "editor", "--password-stdin", "--workspace", str(folder)]
    subprocess.run([*SMAP, *who], input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def url(workspace: Path) -> Iterator[str]:
    with serve_with(SMAP, workspace) as address:
        yield address


@pytest.fixture
def desk(browser: Browser, url: str) -> Iterator[Page]:
    """The editor's page, signed in, on the rich record."""
    expect.set_options(timeout=15_000)
    context = browser.new_context(viewport={"width": 900, "height": 700}, locale="en-GB")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{url}/edit?lang=en&quality=plain&place=heritage/jongmyo")
    page.fill("[name=name]", "mira")
    page.fill("[name=password]", PASSWORD)
    page.click("[name=sign-in]")
    expect(page.locator("[name=name_en]")).to_have_value("Jongmyo Shrine")
    yield page
    context.close()


def saved(workspace: Path, layer: str, id: str) -> dict[str, Any]:
    engine = open_database(workspace / "content.db", layers=read_layers(workspace))
    properties = get_record(engine, layer, id, drafts=True).properties
    engine.dispose()
    return properties


def unfold(page: Page, name: str) -> None:
    page.locator(f"[data-fold={name}] > summary").click()


def save(page: Page) -> None:
    page.click("[name=save]")
    expect(page.locator(".message-saved")).to_be_visible()


def test_a_save_loses_nothing_that_was_not_touched(desk: Page, workspace: Path) -> None:
    before = saved(workspace, "heritage", "jongmyo")
    desk.fill("[name=text_en]", "The shrine of the kings of Joseon.")
    save(desk)
    assert saved(workspace, "heritage", "jongmyo") == before | {
        "text_en": "The shrine of the kings of Joseon."
    }


def test_a_line_keeps_its_course_and_its_control_points(desk: Page, workspace: Path, url: str) -> None:
    before = saved(workspace, "alleys", "ikseon")
    desk.goto(f"{url}/edit?lang=en&quality=plain&place=alleys/ikseon")
    unfold(desk, "section_layer")
    expect(desk.locator("[name=steps]")).to_have_value("12")
    desk.fill("[name=steps]", "0")
    desk.fill("[name=width_m]", "1.5")
    expect(desk.locator("[data-fold=vertices]")).to_have_count(0)  # they come with the positions
    save(desk)
    after = saved(workspace, "alleys", "ikseon")
    assert after == before | {"steps": 0, "width_m": 1.5}
    assert len(after["vertices"]) == 3


def test_a_fact_is_added_moved_and_taken_out_by_keyboard(desk: Page, workspace: Path) -> None:
    desk.locator("[data-fold=facts] > summary").focus()
    desk.keyboard.press("Enter")
    add = desk.locator("[name=add-facts]")
    add.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("[name='facts.2.about']")).to_be_focused()
    desk.keyboard.type("visit")
    for words in ("관람한다.", "Open to visitors.", "Korea Heritage Service"):
        desk.keyboard.press("Tab")
        desk.keyboard.type(words)
    up = desk.locator("[data-entry='2'] [name=move_up]")
    up.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-entry='1'] [name=move_up]")).to_be_focused()
    expect(desk.locator("[name='facts.1.en']")).to_have_value("Open to visitors.")
    desk.locator("[data-entry='0'] [name=remove]").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-entry='0'] [name=remove]")).to_be_focused()
    save(desk)
    facts = saved(workspace, "heritage", "jongmyo")["facts"]
    assert [fact["en"] for fact in facts] == ["Open to visitors.", "Lost in 1592."]
    assert facts[0]["about"] == "visit"


def test_a_fault_inside_a_folded_list_opens_it_and_stands_there(desk: Page) -> None:
    unfold(desk, "facts")
    desk.fill("[name='facts.0.ko']", "<b>굵은</b> 글")
    unfold(desk, "facts")
    desk.click("[name=save]")
    expect(desk.locator("#fault-facts")).to_contain_text("fact 1: ko holds HTML")
    expect(desk.locator("#fault-facts")).to_be_visible()


def test_languages_eras_and_truths_can_be_written(desk: Page, workspace: Path) -> None:
    unfold(desk, "section_languages")
    desk.fill("[name=name_zh]", "宗庙")
    desk.fill("[name=summary_ja]", "王家の祠堂。")
    unfold(desk, "section_layer")
    desk.uncheck("[name='eras.hanyang']")
    desk.select_option("[name=movable]", "")
    desk.fill("[name=era_en]", "Joseon")
    save(desk)
    after = saved(workspace, "heritage", "jongmyo")
    assert (after["name_zh"], after["summary_ja"], after["era_en"]) == ("宗庙", "王家の祠堂。", "Joseon")
    assert after["eras"] == ["today"]
    assert "movable" not in after


def test_unsaved_entries_survive_a_reload(desk: Page) -> None:
    unfold(desk, "media")
    desk.click("[name=add-media]")
    desk.fill("[name='media.0.credit']", "Kim")
    desk.reload()
    unfold(desk, "media")
    expect(desk.locator("[name='media.0.credit']")).to_have_value("Kim")
    desk.click("[name=discard]")


def test_the_form_of_another_layer_has_its_own_fields_in_both_languages(desk: Page) -> None:
    desk.click("[name=new]")
    desk.select_option("[name=layer]", "tourism")
    unfold(desk, "section_layer")
    expect(desk.locator("label[for=field-fee_en]")).to_have_text("Fee (English)")
    expect(desk.locator("[name=khs_kind]")).to_have_count(0)
    expect(desk.locator("[name=category] option[value=course]")).to_have_count(0)  # a point is no line
    desk.click("button[lang=ko]")
    expect(desk.locator("label[for=field-fee_en]")).to_have_text("요금 (영어)")


def test_a_record_of_a_declared_layer_is_written_and_shown(
    desk: Page, browser: Browser, workspace: Path, url: str
) -> None:
    desk.click("[name=new]")
    desk.select_option("[name=layer]", "sensors")
    expect(desk.locator("[name=text_ko]")).not_to_be_visible()  # folded away: nothing wants it here
    words = {"lon": "126.98", "lat": "37.57", "name_ko": "센서", "name_en": "Square Sensor", "source": "own"}
    for name, text in words.items():
        desk.fill(f"[name={name}]", text)
    desk.locator("[data-fold=readings] > summary").click()
    expect(desk.locator("[data-fold=readings] > summary")).to_have_text("Readings (0)")
    desk.click("[name=add-readings]")
    desk.fill("[name='readings.0.time']", "2026-05-01T12:00:00+09:00")
    desk.fill("[name='readings.0.value']", "-3.5")
    desk.click("[name=publish]")
    expect(desk.locator(".message-published")).to_be_visible()
    readings = saved(workspace, "sensors", "square-sensor")["readings"]
    assert readings == [{"time": "2026-05-01T12:00:00+09:00", "value": -3.5}]
    reader = browser.new_page(locale="en-GB")  # one that did not read the catalog before
    reader.goto(f"{url}/?lang=en&quality=plain&place=sensors/square-sensor")
    expect(reader.locator("article.card h2")).to_have_text("Square Sensor")
    reader.get_by_role("button", name="Open places and layers").click()
    expect(reader.locator(".switch.kind-sensors")).to_have_text("Sensors")
    colour = "getComputedStyle(document.querySelector('.switch.kind-sensors')).getPropertyValue('--kind')"
    assert reader.evaluate(colour).strip() == "#7a4f9a"
