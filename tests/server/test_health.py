from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.server.app import create_app
from smap.settings import Settings
from tests.server.city import VERSION


def test_a_sound_workspace_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "release": "first", "layers": 4}


def test_a_damaged_release_makes_it_unready_but_alive(client: TestClient, workspace: Path) -> None:
    (workspace / "releases" / "first.json").write_text("{", encoding="utf-8")
    (workspace / "current").write_text("first\n\n", encoding="utf-8")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/catalog.json").json()["code"] == "service_unavailable"


def test_a_release_that_is_not_there_is_damage_and_not_a_wrong_address(
    client: TestClient, workspace: Path
) -> None:
    (workspace / "current").write_text("9999\n", encoding="utf-8")
    assert client.get("/catalog.json").status_code == 503


def test_a_damaged_content_database_makes_it_unready(tmp_path: Path) -> None:
    (tmp_path / "content.db").write_bytes(b"no database" * 100)
    with TestClient(create_app(Settings(workspace=tmp_path)), base_url="http://localhost") as client:
        assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("opened_before", [True, False])
@pytest.mark.parametrize("left", [None, 100])
def test_an_archive_that_is_gone_or_cut_makes_it_unready(
    client: TestClient, workspace: Path, opened_before: bool, left: int | None
) -> None:
    if opened_before:
        assert client.get("/readyz").status_code == 200
    archive = workspace / "builds" / "seoul-terrain" / VERSION / "seoul-terrain.3tz"
    if left is None:
        archive.unlink()
    else:
        os.truncate(archive, left)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_current_that_is_no_file_makes_it_unready(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("current")
    with TestClient(create_app(Settings(workspace=tmp_path)), base_url="http://localhost") as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/catalog.json").status_code == 503


def test_a_release_damaged_later_leaves_the_last_good_one_in_use(
    client: TestClient, workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tile = f"/tiles/seoul-buildings/{VERSION}/tileset.json"
    assert client.get(tile).status_code == 200
    (workspace / "current").write_text("9999\n", encoding="utf-8")
    caplog.clear()
    assert [client.get(tile).status_code for _ in range(3)] == [200, 200, 200]
    assert client.get("/catalog.json").json()["release"] == "first"
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    assert client.get("/readyz").status_code == 503
    (workspace / "current").write_text("first\n", encoding="utf-8")
    assert client.get("/readyz").status_code == 200
