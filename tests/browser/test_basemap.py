"""A made base map on made ground: what is seen of it by day, by night, near the eye, and in CesiumJS."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from tests.browser.cesium_page import said_by_cesium, serve_cesium
from tests.browser.conftest import Heard, serve_with, wait_until_ready
from tests.build.mapmade import at, build_map, write_map

POND, AVENUE = (0.7, 0.4), (0.2, 0.51)
"""Shares of the made area from the west and the north: the middle of the pond, and a place on the avenue."""
TERRAIN = """
[tileset]
name = "ground"
kind = "terrain"
attribution = "made for tests"
[[source]]
path = "hills.tif"
[ground]
vertical_datum = "EPSG:5193"
"""


SMAP = [sys.executable, "-m", "smap.cli.main"]
NOON, NIGHT = "&time=2026-05-01T12:30", "&time=2026-05-01T23:00"


@pytest.fixture(scope="module")
def city_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the made base map and the ground below it, published."""
    folder = tmp_path_factory.mktemp("map")
    build_map(write_map(folder, levels="min = 12\nmax = 14"), folder / "var")
    (folder / "ground.toml").write_text(TERRAIN, encoding="utf-8")
    build(folder / "ground.toml", workspace=folder / "var", progress=SilentProgress(), jobs=1)
    done = subprocess.run([*SMAP, "publish", "--workspace", str(folder / "var")], check=False)
    assert done.returncode == 0
    return folder / "var"


@pytest.fixture(scope="module")
def city_url(city_workspace: Path) -> Iterator[str]:
    """The address of a server with them."""
    with serve_with(SMAP, city_workspace) as url:
        yield url


def above(page: Page, url: str, place: tuple[float, float], metres: float) -> str:
    """The view straight down on a place of the made area from so many metres above its ground."""
    lon, lat = at(*place)
    ground = page.request.get(f"{url}/api/height?lon={lon}&lat={lat}").json()["height_ellipsoidal_m"]
    return f"{lon},{lat},{ground + metres:.1f},0,0"


def look(page: Page) -> NDArray[np.int_]:
    """The complete picture, int (rows, columns, 3)."""
    wait_until_ready(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return np.asarray(picture).astype(int)


def middle(picture: NDArray[np.int_], *, right: int = 0, down: int = 0) -> NDArray[np.float64]:
    """The colour of 5 x 5 pixels about the middle, or beside it."""
    row, column = picture.shape[0] // 2 + down, picture.shape[1] // 2 + right
    return np.asarray(picture[row - 2 : row + 3, column - 2 : column + 3].mean(axis=(0, 1)))


def test_by_day_the_pond_is_blue_and_the_avenue_is_as_it_is_printed(
    page: Page, city_url: str, heard: Heard
) -> None:
    page.goto(f"{city_url}/?embed=1&quality=plain&at={above(page, city_url, POND, 500)}{NOON}")
    water = middle(look(page))
    assert water[2] > water[0] + 25
    page.goto(f"{city_url}/?embed=1&quality=plain&at={above(page, city_url, AVENUE, 500)}{NOON}")
    picture = look(page)
    avenue, park = middle(picture), middle(picture, down=-60)
    assert avenue[0] > avenue[2] + 50
    assert park[1] > max(park[0], park[2]) + 3
    assert heard.lines == []
    assert heard.foreign == []


def test_by_night_the_avenue_is_lit_and_the_land_beside_it_is_dark(
    page: Page, city_url: str, heard: Heard
) -> None:
    page.goto(f"{city_url}/?embed=1&quality=plain&at={above(page, city_url, AVENUE, 500)}{NIGHT}")
    picture = look(page)
    avenue, land = middle(picture), middle(picture, down=60)
    assert avenue[0] > land[0] + 40
    assert avenue[0] > avenue[2] + 30
    assert land.max() < 110
    assert heard.lines == []


def test_near_the_eye_the_avenue_has_edges_where_the_picture_has_given_way(
    page: Page, city_url: str, heard: Heard
) -> None:
    page.goto(f"{city_url}/?embed=1&quality=plain&at={above(page, city_url, AVENUE, 30)}{NOON}")
    picture = look(page)
    avenue, land = middle(picture), middle(picture, down=150)
    assert np.ptp(avenue) < np.ptp(land) - 10  # stone is grayer than the ground
    # between them lies the kerb, darker than both, and a step of one or two pixels on each side of it
    column = picture[picture.shape[0] // 2 : picture.shape[0] // 2 + 150, picture.shape[1] // 2].sum(axis=1)
    assert column.min() < min(avenue.sum(), land.sum()) - 60
    assert np.abs(np.diff(column)).max() > 30
    assert heard.lines == []


def test_pictured_water_mirrors_the_sun_that_stands_low_behind_it(
    page: Page, city_url: str, heard: Heard
) -> None:
    lon, lat = at(*POND)
    ground = above(page, city_url, POND, 0).split(",")[2]
    seen = {}
    # at half past five the sun stands 22 degrees above the west: 80 m in 200 m
    for heading, side in ((274, 1), (94, -1)):
        view = f"{lon + side * 200 / 88_200},{lat},{float(ground) + 80},{heading},68"
        page.goto(f"{city_url}/?embed=1&quality=plain&at={view}&time=2026-05-01T17:30")
        seen[side] = middle(look(page))
    assert seen[1][0] > seen[-1][0] + 20
    assert heard.lines == []


@pytest.mark.conformance
def test_cesium_lays_the_map_on_the_ground_without_a_word(page: Page, city_url: str, heard: Heard) -> None:
    lon, lat = at(*AVENUE)
    with serve_cesium() as cesium_url:
        page.goto(f"{cesium_url}/?server={city_url}&at={lon},{lat},500,0,-90")
        avenue = middle(look(page))
    assert avenue[0] > avenue[2] + 40
    assert said_by_cesium(heard) == []
