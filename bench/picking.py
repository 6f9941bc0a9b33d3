"""The picking proof on the whole real city, at a desk's and a phone's size, with its screenshots.

Limit: every one of 50 random hits lies within 0.3 m of the footprint whose OSM way the viewer names; no line
on the console, no request to another host.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, Heard, serve_with, wait_until_ready
from tests.browser.install import find_chromium
from tests.browser.picking import Hit, footprints_of, misses, random_hits

__all__ = ["measure"]

VIEWS = {"desk": (1280, 720), "phone": (390, 844)}
PLACES = {
    "jongno": "126.9905,37.5640,420,0,55",
    "inwangsan": "126.9640,37.5760,450,330,60",
    "gangnam": "127.0300,37.4920,450,20,55",
}
WANTED = 50
TOLERANCE_M = 0.3


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Picks and misses for each size; the city must be published in work/city (bench city does it)."""
    footprints = footprints_of(data / "buildings" / "seoul_osm_buildings.geojsonl.gz", "osm_way_id")
    shots = work / "shots"
    shots.mkdir(exist_ok=True)
    with (
        serve_with([sys.executable, "-m", "smap.cli.main"], work / "city") as url,
        sync_playwright() as driver,
    ):
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        figures = {
            device: _one(chromium, url, size, footprints, shots / device) for device, size in VIEWS.items()
        }
        chromium.close()
    return {"limit": {"misses": 0, "tolerance_m": TOLERANCE_M}, **figures}


def _one(
    chromium: Browser, url: str, size: tuple[int, int], footprints: dict[str, Any], shot: Path
) -> dict[str, Any]:
    heard = Heard()
    hits: list[Hit] = []
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    for number, (place, at) in enumerate(PLACES.items()):
        page = context.new_page()
        heard.listen(page, url)
        page.goto(f"{url}/?at={at}&lang=ko")
        wait_until_ready(page)
        page.screenshot(path=shot.with_name(f"{shot.name}-{place}.png"))
        share = (WANTED - len(hits)) // (
            len(PLACES) - number
        )  # what a bare hillside lacks, the next place gives
        hits += random_hits(page, share, seed=number)
        page.close()
    context.close()
    wrong = misses(hits, footprints, TOLERANCE_M)
    return {
        "hits": len(hits),
        "misses": wrong,
        "console": heard.lines,
        "foreign_requests": heard.foreign,
    }
