from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap import errors
from smap.errors import SmapError
from smap.server.app import create_app
from smap.server.errors import STATUS_OF, refuse, status_of
from smap.settings import Settings
from tests.server.city import VERSION


def family(kind: type[SmapError]) -> Iterator[type[SmapError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def made(kind: type[SmapError]) -> SmapError:
    error = kind.__new__(kind)
    Exception.__init__(error, "why")
    return error


@pytest.mark.parametrize("kind", list(family(SmapError)))
def test_every_error_of_ours_has_a_status(kind: type[SmapError]) -> None:
    assert 400 <= status_of(made(kind)) <= 599


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.ValidationError, 422),
        (errors.NotFoundError, 404),
        (errors.ConflictError, 412),
        (errors.AccessError, 403),
        (errors.TooManyAttemptsError, 429),
        (errors.FormatError, 400),
        (errors.StorageError, 503),
        (errors.MissingExtraError, 501),
    ],
)
def test_the_nearest_class_in_the_table_decides(kind: type[SmapError], status: int) -> None:
    assert status_of(made(kind)) == status


def test_the_table_names_errors_of_the_tree_only() -> None:
    assert set(STATUS_OF) <= set(family(SmapError))


def test_a_refusal_is_kept_by_no_cache() -> None:
    answer = refuse(STATUS_OF[errors.NotFoundError], "골목이 없습니다")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == '{"code":"not_found","message":"골목이 없습니다"}'.encode()


def test_a_refusal_is_a_line_and_no_book() -> None:
    assert len(refuse(STATUS_OF[errors.NotFoundError], "가" * 100_000).body) < 10_000


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/collections/heritage/items", "GET, HEAD, POST"),
        ("/api/collections/heritage/items/sungnyemun", "GET, HEAD, PUT"),
        ("/catalog.json", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_every_right_one(client: TestClient, path: str, methods: str) -> None:
    answer = client.request("PATCH", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_where_files_lie_is_for_the_log_only(
    client: TestClient, workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = workspace / "builds" / "seoul-buildings" / VERSION / "seoul-buildings.3tz"
    archive.write_bytes(b"PK" * 100)
    (workspace / "content.db").write_bytes(b"no database" * 1000)
    for path in (f"/tiles/seoul-buildings/{VERSION}/tileset.json", "/api/collections", "/readyz"):
        caplog.clear()
        answer = client.get(path)
        assert answer.status_code == 503
        assert str(workspace) not in answer.text
        assert str(workspace) in caplog.text


def test_a_server_without_content_does_not_tell_where_it_would_lie(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(workspace=tmp_path)), base_url="http://localhost") as client:
        answers = [client.get("/api/collections/wall/items"), client.get("/place/wall/x")]
        answers.append(client.post("/session", json={"name": "a", "password": "b"}))
    assert not any(str(tmp_path) in answer.text for answer in answers)


def test_a_line_break_in_a_path_forges_no_line_of_the_log(
    client: TestClient, workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (workspace / "content.db").write_bytes(b"no database" * 1000)
    client.get("/api/collections/a%0AERROR%20forged")
    assert "a%0AERROR%20forged" in caplog.text
    assert "\nERROR forged" not in caplog.text
