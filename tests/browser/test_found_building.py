"""A building that the search finds by its name opens its card, and the card is filled by its tile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.content.database import open_database
from tests.browser.conftest import READY_MS, Heard, serve_with, wait_until_ready
from tests.build.town import FEATURES, recipe_text, write_town

SMAP = [sys.executable, "-m", "smap.cli.main"]
NAMED = {"title": "시험타워", "tall": 17.0}
AWAY = "126.99,37.55,300,0,30"


@pytest.fixture(scope="module")
def city_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a town in which one house has a name."""
    folder = tmp_path_factory.mktemp("named")
    first, *rest = FEATURES
    write_town(folder, [{**first, "properties": {**first["properties"], **NAMED}}, *rest])
    recipe = folder / "town.toml"
    recipe.write_text(recipe_text('name = "title"'), encoding="utf-8")
    workspace = folder / "var"
    build(recipe, workspace=workspace, progress=SilentProgress(), jobs=1)
    open_database(workspace / "content.db", create=True).dispose()
    subprocess.run([*SMAP, "publish", "--workspace", str(workspace)], check=True, capture_output=True)
    with serve_with(SMAP, workspace) as url:
        yield url


def test_a_building_found_by_its_name_opens_its_card(page: Page, city_url: str, heard: Heard) -> None:
    expect.set_options(timeout=READY_MS)
    page.goto(f"{city_url}/?lang=en&quality=plain&at={AWAY}")
    wait_until_ready(page)
    page.get_by_role("button", name="Open places and layers").click()
    page.get_by_role("combobox").fill("시험")
    page.get_by_role("option").filter(has_text="시험타워").click()
    card = page.locator("article.card")
    expect(card.locator("h2")).to_have_text("시험타워")
    # what the search does not know comes from the tile
    expect(card).to_contain_text("17 m")
    expect(card).to_contain_text("Identity")
    expect(card.locator("[aria-busy]")).to_have_count(0)
    assert heard.lines == []
