"""A layer of more records than a page can hold begins off, then shows those about what is looked at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.content.database import open_database
from smap.content.declared import read_layers
from smap.content.exchange.importing import import_features
from tests.browser.conftest import READY_MS, Heard, serve_with, wait_until_ready
from tests.build.town import recipe_text, write_town
from tests.content.samples import ADMIN

SMAP = [sys.executable, "-m", "smap.cli.main"]
DECLARED = Path(__file__).parents[2] / "content" / "layers" / "wifi.toml"
COLUMNS, ROWS, STEP = 60, 40, 0.002
WEST, SOUTH = 126.93, 37.52


def point(number: int) -> dict[str, Any]:
    """One of 2,400 points, 180 by 220 m apart, named by its column and row."""
    column, row = number % COLUMNS, number // COLUMNS
    told = {"name_ko": f"점 {column}-{row}", "name_en": f"Point {column}-{row}", "category": "outdoor"}
    origin = {"source": "made for tests", "source_date": "2026-11-27", "position_accuracy_m": 5.0}
    origin |= {"position_source": "made", "position_date": "2026-11-27", "position_means": "site_centre"}
    texts = {"text_ko": "시험으로 적은 점.", "text_en": "A point written as a trial."}
    place = {"type": "Point", "coordinates": [round(WEST + STEP * column, 6), round(SOUTH + STEP * row, 6)]}
    properties = {**told, **texts, **origin}
    return {"type": "Feature", "id": f"p-{column}-{row}", "geometry": place, "properties": properties}


@pytest.fixture(scope="module")
def city_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a small town and a large layer."""
    folder = tmp_path_factory.mktemp("large")
    workspace = folder / "var"
    (workspace / "layers").mkdir(parents=True)
    shutil.copy(DECLARED, workspace / "layers")
    write_town(folder)
    recipe = folder / "town.toml"
    recipe.write_text(recipe_text(), encoding="utf-8")
    build(recipe, workspace=workspace, progress=SilentProgress(), jobs=1)
    engine = open_database(workspace / "content.db", create=True, layers=read_layers(workspace))
    points = [point(k) for k in range(COLUMNS * ROWS)]
    report = import_features(engine, ADMIN, "wifi", points, now=datetime.now(UTC))
    assert report.written == COLUMNS * ROWS
    engine.dispose()
    subprocess.run([*SMAP, "publish", "--workspace", str(workspace)], check=True, capture_output=True)
    with serve_with(SMAP, workspace) as url:
        yield url


def test_a_large_layer_is_read_about_the_view_when_it_is_switched_on(
    page: Page, city_url: str, heard: Heard
) -> None:
    expect.set_options(timeout=READY_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city_url}/?lang=en&quality=plain&at=126.9720,37.5610,500,0,0")
    wait_until_ready(page)
    assert not [url for url in asked if "/collections/wifi/" in url]
    page.get_by_role("button", name="Open places and layers").click()
    switch = page.locator("input[data-layer=wifi]")
    expect(switch).not_to_be_checked()
    switch.check(force=True)
    # columns 18 to 24 and rows 18 to 24 lie within 700 m of what is looked at
    expect(page.locator(".label.kind-wifi[data-place='wifi/p-21-20']")).to_have_count(1)
    expect(page.locator(".label.kind-wifi[data-place='wifi/p-40-20']")).to_have_count(0)
    page.evaluate("() => window.smap.view(127.0100, 37.5600, 500, 0, 0)")
    expect(page.locator(".label.kind-wifi[data-place='wifi/p-40-20']")).to_have_count(1)
    expect(page.locator(".label.kind-wifi[data-place='wifi/p-21-20']")).to_have_count(0)
    switch.uncheck(force=True)
    expect(page.locator(".label.kind-wifi")).to_have_count(0)
    assert len([url for url in asked if "/collections/wifi/" in url]) == 2
    assert heard.lines == []


def test_a_place_of_a_large_layer_is_opened_by_its_address(page: Page, city_url: str) -> None:
    expect.set_options(timeout=READY_MS)
    page.goto(f"{city_url}/?lang=en&quality=plain&place=wifi/p-30-20")
    expect(page.locator("article.card h2")).to_have_text("Point 30-20")
    wait_until_ready(page)
    assert parse_qs(urlsplit(page.url).query)["place"] == ["wifi/p-30-20"]
