"""On a flight down to a hillside quarter, no house sinks into the ground that is drawn, and none floats."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from bench.city import newest
from bench.seating import terrain_of
from smap.ground import Ground
from smap.store import open_tiles
from tests.browser.conftest import Heard, wait_until_ready
from tests.browser.flight import BURIED_M, SIZE, Judge, Stand, fly, rest_at

HOUSES = "sample-buildings-today"
WAY: tuple[Stand, ...] = (
    (126.9600, 37.5450, 5000.0, 0.0, 30.0),
    (126.9560, 37.5620, 2600.0, 5.0, 45.0),
    (126.9575, 37.5805, 560.0, 60.0, 68.0),
    (126.9790, 37.5815, 190.0, 85.0, 76.0),
    (126.9848, 37.5823, 84.0, 60.0, 86.0),
)


def test_no_house_sinks_or_floats_at_any_moment_of_a_flight(
    page: Page, city_url: str, city_workspace: Path, heard: Heard
) -> None:
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    page.goto(f"{city_url}/?at={','.join(str(value) for value in WAY[0])}&quality=low")
    wait_until_ready(page)
    fly(page, WAY, 250)
    rest_at(page, WAY[-1])
    moments = page.evaluate("window.moments")
    archive = newest(city_workspace, HOUSES)
    terrain, level = terrain_of(str(archive.parent), city_workspace)
    with open_tiles(archive) as tiles, open_tiles(terrain) as ground:
        judge = Judge(HOUSES, tiles, Ground(ground), level)
        judged = [judge.of(moment) for moment in moments]
    assert len(judged) > len(WAY)
    assert max(moment.buildings for moment in judged) > 500
    assert max(moment.buried_m for moment in judged) <= BURIED_M
    assert max(moment.floating_m for moment in judged) <= 0.0
    assert heard.lines == []
