from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from smap.server.app import create_app
from smap.settings import Settings


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
