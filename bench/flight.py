"""Does a building sink or float at any moment of a flight? From 5 km over Inwangsan to a street of Bukchon.

A real browser flies over the real city at its own pace, and at each frame tells which tiles of terrain and
of buildings are on the screen, also while finer ones are on their way. The feet of each building's walls are
then held against the terrain tile that is drawn under them, by what the archives hold.

Limits, for all buildings within 5 km of the eye: none buried by more than 1 m beyond what its own ground
level buries, no wall's foot in the air. Of those farther away it is told how many pixels they err.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.city import newest
from bench.seating import terrain_of
from smap.ground import Ground
from smap.store import open_tiles
from tests.browser.conftest import FLAGS, serve_with, wait_until_ready
from tests.browser.flight import BURIED_M, SIZE, Judge, Moment, Stand, fly, rest_at
from tests.browser.install import find_chromium

__all__ = ["measure"]

BUILDINGS = "seoul-buildings"
WAY: tuple[Stand, ...] = (
    (126.9600, 37.5450, 5000.0, 0.0, 30.0),
    (126.9560, 37.5620, 2600.0, 5.0, 45.0),
    (126.9540, 37.5740, 1100.0, 20.0, 60.0),
    (126.9575, 37.5805, 560.0, 60.0, 68.0),
    (126.9680, 37.5790, 330.0, 80.0, 72.0),
    (126.9790, 37.5815, 190.0, 85.0, 76.0),
    (126.9838, 37.5822, 110.0, 90.0, 84.0),
    (126.9848, 37.5823, 84.0, 60.0, 86.0),
)
STEPS = 24
"""Stands between two of these points; the frames of one second at 24 a second."""


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The worst of all moments; the city must be published in work/city (bench city does it)."""
    archive = newest(work / "city", BUILDINGS)
    terrain, level = terrain_of(str(archive.parent), work / "city")
    with open_tiles(archive) as tiles, open_tiles(terrain) as ground_tiles:
        judge = Judge(BUILDINGS, tiles, Ground(ground_tiles), level)
        moments = [judge.of(moment) for moment in _flown(work / "city")]
    return {"limit": {"buried_m": BURIED_M, "floating_m": 0.0}, **_told(moments)}


def _flown(city: Path) -> Iterator[dict[str, Any]]:
    with serve_with([sys.executable, "-m", "smap.cli.main"], city) as url, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = chromium.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto(f"{url}/?at={','.join(str(value) for value in WAY[0])}&quality=low")
        wait_until_ready(page)
        fly(page, _stands(), 1000 / STEPS)
        for stand in WAY:
            rest_at(page, stand)
        yield from page.evaluate("window.moments")
        chromium.close()


def _stands() -> Iterator[Stand]:
    """Along the way; heights fall by the same share each step."""
    for here, there in pairwise(WAY):
        for step in range(STEPS):
            share = step / STEPS
            lon, lat, _, heading, tilt = (a + (b - a) * share for a, b in zip(here, there, strict=True))
            yield lon, lat, here[2] * (there[2] / here[2]) ** share, heading, tilt


def _told(moments: list[Moment]) -> dict[str, Any]:
    bands = {
        "under 150 m": (0, 150),
        "150 to 500 m": (150, 500),
        "500 to 1500 m": (500, 1500),
        "above": (1500, 1e9),
    }
    by_height = {
        name: _worst([m for m in moments if low <= m.height < high]) for name, (low, high) in bands.items()
    }
    over = sum(m.buried_m > BURIED_M or m.floating_m > 0.0 for m in moments)
    return {**_worst(moments), "moments_over": over, "by_height_of_the_eye": by_height}


def _worst(moments: list[Moment]) -> dict[str, float]:
    return {
        "moments": len(moments),
        "buildings_within_5_km": max((m.buildings for m in moments), default=0),
        "buried_m": round(max((m.buried_m for m in moments), default=0.0), 2),
        "floating_m": round(max((m.floating_m for m in moments), default=0.0), 2),
        "farther_away_px": round(max((m.far_px for m in moments), default=0.0), 2),
    }
