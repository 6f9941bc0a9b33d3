from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from smap.server.app import create_app
from smap.settings import Settings
from smap.store.release import read_current, write_release
from tests.server.city import VERSION, publish_city


def test_the_catalog_names_what_is_public_and_where_it_begins(client: TestClient) -> None:
    answer = client.get("/catalog.json")
    catalog = answer.json()
    assert catalog["release"] == "first"
    assert [item["name"] for item in catalog["tilesets"]] == ["seoul-buildings", "seoul-terrain"]
    buildings, terrain = catalog["tilesets"]
    assert set(buildings) == {
        "name",
        "kind",
        "title",
        "attribution",
        "version",
        "url",
        "bbox",
        "era",
        "depicts",
    }
    assert buildings["era"] is None
    assert buildings["depicts"] is None
    assert buildings["url"] == f"/tiles/seoul-buildings/{VERSION}/tileset.json"
    assert terrain["url"] == f"/terrain/seoul-terrain/{VERSION}/layer.json"
    assert catalog["layers"][0] == {
        "id": "heritage",
        "title": {"ko": "문화유산", "en": "Heritage", "ja": "文化遺産", "zh": "文化遗产"},
        "count": 2,
    }
    assert "문화유산".encode() in answer.content


def test_the_catalog_is_asked_for_again_soon_and_cheaply(client: TestClient) -> None:
    first = client.get("/catalog.json")
    assert "must-revalidate" in first.headers["cache-control"]
    assert client.get("/catalog.json", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_a_new_release_shows_without_a_restart(client: TestClient, workspace: Path) -> None:
    client.get("/catalog.json")
    publish_city(workspace, release="second", version="ba9876543210")
    catalog = client.get("/catalog.json").json()
    assert catalog["release"] == "second"
    assert {item["version"] for item in catalog["tilesets"]} == {"ba9876543210"}


def test_the_catalog_says_in_which_era_a_tileset_is_shown(client: TestClient, workspace: Path) -> None:
    release = read_current(workspace)
    assert release is not None
    first, *others = release.tilesets
    write_release(workspace, replace(release, id="second", tilesets=(replace(first, era="hanyang"), *others)))
    eras = {item["name"]: item["era"] for item in client.get("/catalog.json").json()["tilesets"]}
    assert eras == {"seoul-buildings": "hanyang", "seoul-terrain": None}


def test_an_empty_workspace_has_an_empty_catalog_and_is_ready(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(workspace=tmp_path)), base_url="http://localhost") as client:
        assert client.get("/catalog.json").json() == {"release": None, "tilesets": [], "layers": []}
        assert client.get("/readyz").json() == {"status": "ready", "release": None, "layers": 0}
        assert client.get("/api/search?q=문").json()["features"] == []
        assert client.get("/api/collections/heritage/items").status_code == 404
        assert client.get("/session").json()["name"] is None
    assert list(tmp_path.iterdir()) == []
