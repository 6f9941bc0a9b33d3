"""Base maps under the addresses that any map client asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.server.basemap import basemap_key
from smap.store import write_archive
from smap.store.release import Release, ReleasedTileset, write_release
from tests.server.city import TILESET, VERSION

URL = f"/basemap/seoul-basemap/{VERSION}"


@pytest.fixture
def released(workspace: Path) -> None:
    """A release of one base map with one tile of each look."""
    item = ReleasedTileset(
        name="seoul-basemap",
        kind="basemap",
        version=VERSION,
        path=f"builds/seoul-basemap/{VERSION}/seoul-basemap.3tz",
        title={"ko": "바탕지도", "en": "Base map"},
        attribution="",
        bbox=(126.7, 37.4, 127.2, 37.7),
        access="public",
        terrain=None,
        entry="tile.json",
    )
    path = workspace / item.path
    path.parent.mkdir(parents=True)
    entries = {
        "tileset.json": TILESET,
        "tile.json": b"{}",
        "day/10/1/2.webp": b"by day",
        "night/10/1/2.webp": b"by night",
    }
    write_archive(path, entries.items())
    write_release(workspace, Release(id="second", tilesets=(item,), content=None))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("10/1/2", b"by day"),
        ("10/1/2.webp", b"by day"),
        ("day/10/1/2", b"by day"),
        ("night/10/1/2", b"by night"),
        ("night/10/1/2.webp", b"by night"),
    ],
)
@pytest.mark.usefixtures("released")
def test_a_tile_is_had_by_its_level_column_and_row(client: TestClient, path: str, body: bytes) -> None:
    answer = client.get(f"{URL}/{path}")
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["10/1/3", "dusk/10/1/2", "10/1", "night", "10/1/2.png", "../tile.json", ""])
@pytest.mark.usefixtures("released")
def test_what_is_no_tile_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(f"{URL}/{path}").status_code == 404


@pytest.mark.usefixtures("released")
def test_the_catalog_leads_to_the_tile_json(client: TestClient) -> None:
    (entry,) = client.get("/catalog.json").json()["tilesets"]
    assert (entry["kind"], entry["url"]) == ("basemap", f"{URL}/tile.json")
    assert client.get(entry["url"]).headers["content-type"] == "application/json"


@pytest.mark.usefixtures("released")
def test_a_base_map_is_under_its_own_address_only(client: TestClient) -> None:
    assert client.get(f"/tiles/seoul-basemap/{VERSION}/tile.json").status_code == 404


def test_the_plain_address_is_the_day() -> None:
    assert basemap_key("16/55880/25379") == "day/16/55880/25379.webp"
    assert basemap_key("tile.json") == "tile.json"
