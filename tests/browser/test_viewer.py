"""The viewer as a citizen meets it: in a real browser, on the sample city."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import READY_MS, Heard, wait_until_ready
from tests.browser.visits import a_label, open_city, put_greeting_away, some_building, view


@pytest.fixture(autouse=True)
def patience() -> None:
    """A software renderer on a busy machine takes its time: expectations wait as long as actions do."""
    expect.set_options(timeout=READY_MS)


def test_the_first_picture_comes_without_a_word_on_the_console_or_to_another_host(
    page: Page, city_url: str, heard: Heard
) -> None:
    open_city(page, city_url)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    # sky, haze, hills, walls in light and shade: a map that was not drawn has a few dozen colours
    assert len(set(picture.get_flattened_data())) > 2000
    assert heard.lines == []
    assert heard.foreign == []


def test_a_complete_picture_loads_nothing_more_and_draws_no_more_frames(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    page.wait_for_timeout(500)  # the address of the page follows the view after a pause
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.screenshot()
    page.wait_for_timeout(3000)
    assert asked == []
    assert page.screenshot() == before
    assert page.locator("html").get_attribute("data-ready") == "1"


def test_the_keys_move_turn_tilt_and_bring_back(page: Page, city_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_city(page, city_url)
    page.locator("#map").focus()
    home = view(page)
    page.keyboard.press("ArrowUp")
    assert view(page)["lat"] > home["lat"]
    page.keyboard.press("ArrowRight")
    assert view(page)["lon"] > home["lon"]
    before = view(page)
    page.keyboard.press("+")
    assert view(page)["height"] < before["height"]
    before = view(page)
    page.keyboard.press("e")
    turned = (view(page)["heading"] - before["heading"]) % 360
    assert 0 < turned < 90
    before = view(page)
    page.keyboard.press("PageDown")
    assert view(page)["tilt"] < before["tilt"]
    page.keyboard.press("Home")
    assert view(page)["lat"] == pytest.approx(home["lat"], abs=1e-7)
    assert view(page)["tilt"] == pytest.approx(home["tilt"], abs=1e-6)


def test_with_reduced_motion_nothing_flies_and_no_name_fades(page: Page, city_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_city(page, city_url)
    label = a_label(page)
    assert label.evaluate("(label) => getComputedStyle(label).transitionDuration") == "0s"
    label.click()
    # the way is known when the whole record has come; then the eye is there with the next frame
    expect(page.locator(".card dl:not([aria-busy])")).to_be_visible()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    there = view(page)
    page.wait_for_timeout(700)
    assert view(page) == there
    wait_until_ready(page)
    before = page.locator("#map").screenshot()
    page.wait_for_timeout(1500)
    assert page.locator("#map").screenshot() == before


def test_the_tab_key_reaches_the_map_the_places_and_every_control(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    reached = []
    for _ in range(24):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
            )
        )
    told = " ".join(filter(None, reached))
    for name in (
        "Map of Seoul",
        "Open places",
        "한국어",
        "English",
        "North up",
        "Zoom in",
        "Back to the first view",
    ):
        assert name in told


def test_a_label_opens_its_card_and_escape_closes_it(page: Page, city_url: str, heard: Heard) -> None:
    open_city(page, city_url)
    label = a_label(page)
    place = label.get_attribute("data-place")
    label.click()
    card = page.locator("article.card")
    expect(card).to_have_attribute("data-card", str(place))
    expect(card.locator("dt")).to_contain_text(["Position", "Source"])
    assert parse_qs(urlsplit(page.url).query)["place"] == [place]
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    assert "place" not in parse_qs(urlsplit(page.url).query)
    assert heard.lines == []


def test_a_click_on_a_building_opens_its_card_with_how_its_height_is_known(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    x, y, smap_id = some_building(page)
    page.mouse.click(x, y)
    card = page.locator("article.card")
    expect(card).to_have_attribute("data-card", smap_id)
    expect(card).to_contain_text("Height")
    expect(card).to_contain_text("Identity")


def test_the_search_finds_a_place_and_opens_it(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    page.get_by_role("button", name="Open places and layers").click()
    first = page.locator(".panel .place .name").first.inner_text()
    page.get_by_role("combobox").fill(first)
    found = page.locator(".panel .place .name", has_text=first)
    expect(page.locator(".panel .layers")).to_have_count(0)
    found.first.click()
    expect(page.locator("article.card h2")).to_have_text(first)


def test_a_switch_hides_a_layer_and_shows_it_again(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    page.get_by_role("button", name="Open places and layers").click()
    switch = page.locator("input[data-layer=heritage]")
    shown = page.locator(".label.kind-heritage")
    switch.uncheck(force=True)
    expect(shown).to_have_count(0)
    switch.check(force=True)
    expect(shown).not_to_have_count(0)


def test_the_page_speaks_four_languages(page: Page, city_url: str, heard: Heard) -> None:
    page.set_viewport_size({"width": 1000, "height": 560})
    open_city(page, city_url, "?place=heritage/geunjeongjeon&quality=plain")
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "ko")
    expect(page.get_by_role("button", name="확대")).to_be_visible()
    told = {
        "English": ("en", "Zoom in", "Geunjeongjeon Hall"),
        "日本語": ("ja", "拡大", "勤政殿"),
        "简体中文": ("zh", "放大", "勤政殿"),
    }
    for language, (lang, closer, name) in told.items():
        page.get_by_role("button", name=language).click()
        expect(html).to_have_attribute("lang", "zh-Hans" if lang == "zh" else lang)
        expect(page.get_by_role("button", name=closer)).to_be_visible()
        title = page.locator(".card h2")
        expect(title).to_contain_text(name)
        expect(title).to_have_attribute("lang", "zh-Hans" if lang == "zh" else lang)
        assert parse_qs(urlsplit(page.url).query)["lang"] == [lang]
    expect(page.locator(".card .text")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator(".card .other")).to_contain_text("근정전")
    assert heard.lines == []


def test_a_lost_graphics_device_is_told_and_the_map_is_drawn_again(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    page.evaluate(
        """() => {
          const gl = document.getElementById('map').getContext('webgl2');
          window.device = gl.getExtension('WEBGL_lose_context');
          window.device.loseContext();
        }"""
    )
    expect(page.locator(".notice-context_lost")).to_be_visible()
    expect(page.locator("html[data-ready='1']")).to_have_count(0)
    page.evaluate("() => window.device.restoreContext()")
    expect(page.locator(".notice")).to_have_count(0)
    wait_until_ready(page)
    assert some_building(page)


def test_without_webgl_2_the_list_of_places_and_their_cards_work(browser: Browser, city_url: str) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 360}, locale="en-GB")
    context.set_default_timeout(READY_MS)
    context.add_init_script(
        """const ask = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
          return kind.startsWith('webgl') ? null : ask.call(this, kind, ...more);
        };"""
    )
    page, heard = context.new_page(), Heard()
    heard.listen(page, city_url)
    open_city(page, city_url)
    expect(page.get_by_role("alert")).to_contain_text("cannot draw the 3D map")
    page.locator(".place").first.click()
    expect(page.locator("article.card p.text")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.locator("article.card")).to_have_count(0)
    assert heard.lines == []
    context.close()


def test_the_hour_is_set_by_the_keyboard_and_stands_in_the_address(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    morning = page.screenshot()
    page.get_by_role("button", name="Date and time").focus()
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name="Time of day")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", "10:00")
    page.keyboard.press("End")
    page.wait_for_url("**time=2026-04-22T23:55**")
    page.keyboard.press("Escape")
    expect(slider).to_have_count(0)
    wait_until_ready(page)
    assert brightness(page.screenshot()) < brightness(morning) * 0.7
    page.reload()
    put_greeting_away(page)
    page.get_by_role("button", name="Date and time").click()
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-04-22")
    page.get_by_role("button", name="Usual light").click()
    page.wait_for_url(lambda url: "time=" not in url)


def brightness(picture: bytes) -> float:
    """The mean grey of a picture, 0 to 255."""
    return float(ImageStat.Stat(Image.open(io.BytesIO(picture)).convert("L")).mean[0])


def test_a_catalog_that_does_not_come_is_told_in_plain_words(page: Page, city_url: str) -> None:
    page.route("**/catalog.json", lambda route: route.abort())
    page.goto(f"{city_url}/?lang=en")
    expect(page.get_by_role("alert")).to_contain_text("could not be read")
    page.unroute("**/catalog.json")
    page.get_by_role("button", name="Try again").click()
    wait_until_ready(page)


def test_the_address_brings_view_language_and_card_back(page: Page, city_url: str) -> None:
    open_city(page, city_url)
    place = a_label(page).get_attribute("data-place")
    now = view(page)
    at = f"{now['lon']:.6f},{now['lat']:.6f},{now['height'] + 80:.1f},30,45"
    open_city(page, city_url, f"?lang=ko&at={at}&place={place}")
    expect(page.locator("article.card")).to_have_attribute("data-card", str(place))
    back = view(page)
    assert back["heading"] == pytest.approx(30, abs=1e-6)
    assert back["tilt"] == pytest.approx(45, abs=1e-6)
    assert back["height"] == pytest.approx(now["height"] + 80, abs=0.1)
    expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_nothing_of_the_first_page_is_larger_than_its_budget(page: Page, city_url: str) -> None:
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length", 0))})
    )
    open_city(page, city_url)
    scripts = {url: size for url, size in sizes.items() if url.endswith(".js")}
    assert scripts
    # 300 KB of gzip: about the 250 KB of brotli that the first view may weigh
    assert sum(scripts.values()) < 300_000
