"""The content database changes hands while the server runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.content.access import User
from smap.content.database import back_up, open_database, writing
from smap.content.service import create_record, publish_record
from smap.errors import StorageError
from smap.server.app import create_app
from smap.settings import Settings
from tests.server.city import SUNGNYEMUN, place
from tests.server.conftest import NOW

ITEM = "/api/collections/heritage/items/sungnyemun"


def test_a_database_that_is_taken_away_is_503_and_not_an_old_answer(
    client: TestClient, workspace: Path
) -> None:
    assert client.get(ITEM).status_code == 200
    (workspace / "content.db").rename(workspace / "away.db")
    assert client.get(ITEM).status_code == 503
    assert client.get("/readyz").status_code == 503


def test_a_database_put_in_its_place_is_what_is_served(client: TestClient, workspace: Path) -> None:
    other = open_database(workspace / "other.db", create=True)
    create_record(
        other, User("a", "admin"), "heritage", place("new-gate", "새문", "New Gate", 127, 37.5), now=NOW
    )
    back_up(other, workspace / "backup.db")
    other.dispose()
    assert client.get(ITEM).status_code == 200
    for left in ("content.db-wal", "content.db-shm"):
        (workspace / left).unlink(missing_ok=True)
    (workspace / "backup.db").rename(workspace / "content.db")
    assert client.get(ITEM).status_code == 404
    assert client.get("/readyz").status_code == 200


def test_a_write_into_a_file_that_was_taken_away_is_refused(workspace: Path) -> None:
    engine = open_database(workspace / "content.db")

    def write() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE records SET revision = 9")
            (workspace / "content.db").unlink()

    with pytest.raises(StorageError, match="taken away"):
        write()
    engine.dispose()


def test_an_empty_file_is_damage_and_is_never_filled(tmp_path: Path) -> None:
    (tmp_path / "content.db").touch()
    with TestClient(create_app(Settings(workspace=tmp_path)), base_url="http://localhost") as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/api/collections").status_code == 503
    assert (tmp_path / "content.db").stat().st_size == 0


def test_the_etag_tells_one_content_from_another_of_the_same_revision(
    client: TestClient, workspace: Path
) -> None:
    before = client.get(ITEM).headers["etag"]
    engine, actor = open_database(workspace / "other.db", create=True), User("a", "admin")
    other = place("sungnyemun", "숭례문", "Namdaemun", 126.9753, 37.56)
    create_record(engine, actor, "heritage", other, now=NOW)
    publish_record(engine, actor, "heritage", "sungnyemun", expected_revision=1, now=NOW)
    back_up(engine, workspace / "restored.db")
    engine.dispose()
    for left in ("content.db-wal", "content.db-shm"):
        (workspace / left).unlink(missing_ok=True)
    (workspace / "restored.db").rename(workspace / "content.db")
    after = client.get(ITEM, headers={"if-none-match": before})
    assert after.status_code == 200
    assert after.json()["revision"] == 1
    assert after.json()["properties"]["name_en"] == "Namdaemun"
    assert after.headers["etag"] != before


def test_the_etag_tells_the_links_of_one_host_from_those_of_another(client: TestClient) -> None:
    etag = client.get(ITEM).headers["etag"]
    other = client.get(ITEM, headers={"if-none-match": etag, "host": "127.0.0.1"})
    assert other.status_code == 200
    assert SUNGNYEMUN["id"] in other.text
